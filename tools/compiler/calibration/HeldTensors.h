// SPDX-License-Identifier: Apache-2.0
// A value of every sample, kept in a file of its own. One thread at a time.
#pragma once

#include "runtime/include/llmc/abi.h"
#include "tools/compiler/Spill.h"

#include <map>
#include <vector>

namespace llmc::compiler {

/// Files of values that nothing needs any more, by the bytes of their first
/// samples.
using SpareFiles = std::multimap<size_t, std::shared_ptr<SpillFile>>;

class HeldTensors {
public:
  /// The next sample's, in a file of `spare` if one of them fits. Throws
  /// CompileError (resource).
  void add(const LlmcTensor &tensor, SpareFiles *spare = nullptr);
  /// Ends all tensors.
  void giveFile(SpareFiles &spare) &&;
  const LlmcTensor &of(size_t sample) const { return tensors[sample]; }

private:
  std::shared_ptr<SpillFile> file;
  std::vector<SpilledBytes> bytes;
  std::vector<LlmcTensor> tensors; ///< of `bytes`
};

} // namespace llmc::compiler
