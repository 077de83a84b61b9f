// SPDX-License-Identifier: Apache-2.0
// What a model is calibrated with: its inputs, sample by sample. Throws
// CompileError and InputError.
#pragma once

#include "frontend/package/Package.h"
#include "frontend/tensorfile/TensorFile.h"
#include "runtime/model/Manifest.h"
#include "runtime/text/Tokenizer.h"
#include "tools/compiler/Options.h"

namespace llmc::compiler {

/// A value of each input of the model's own signature, in its order.
struct Sample {
  std::vector<HostTensor> inputs;
  std::string file = {}; ///< for messages
};
using Tokens = std::vector<int64_t>;

/// What the model and the files beside it say that samples depend on.
struct SampleSource {
  const Package &package;
  const EntryInfo &raw;              ///< the model's own signature
  std::span<const StateInfo> caches; ///< inputs of it that stand for caches
  bool isCausal;                     ///< it predicts each token of those before

  /// The longest text that the model takes, at most `tokens`.
  size_t longest(size_t tokens) const;
};

/// The files of a path with tensors: an .npz, or a folder of some.
bool hasTensors(const std::string &path);
std::vector<Sample> loadSamples(const SampleSource &, const std::string &path);

/// Texts of at most options.tokens tokens each out of a file: pieces of all of
/// it for a causal model, spread evenly, and else lines.
std::vector<Tokens> cutTexts(const SampleSource &, const CalibrationOptions &);

/// Inputs for one text by their roles.
Sample sampleOf(const SampleSource &, const Tokens &);

} // namespace llmc::compiler
