// SPDX-License-Identifier: Apache-2.0
// A value of every sample, kept in a file of its own, whose room is free when
// nothing needs the value any more. One thread at a time.
#pragma once

#include "runtime/include/llmc/abi.h"
#include "tools/compiler/Spill.h"

#include <vector>

namespace llmc::compiler {

class HeldTensors {
public:
  /// The next sample's. Throws CompileError (resource).
  void add(const LlmcTensor &tensor);
  const LlmcTensor &of(size_t sample) const { return tensors[sample]; }

private:
  std::shared_ptr<SpillFile> file;
  std::vector<SpilledBytes> bytes;
  std::vector<LlmcTensor> tensors; ///< of `bytes`
};

} // namespace llmc::compiler
