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

  LlmcTensor view(size_t input);
  std::vector<LlmcTensor> views();
  /// Throws a failure with the sample's file.
  void check(Status) const;
};
using Tokens = std::vector<int64_t>;

/// What a model is run on: texts, or tensors as they are.
struct SampleSet {
  std::vector<Sample> samples;
  std::vector<Tokens> texts = {}; ///< of each sample, or none

  /// The text of a sample; empty where there is none.
  std::span<const int64_t> text(size_t sample) const;
  /// Tokens of all texts.
  size_t tokens() const;
};

/// What the model and the files beside it say that samples depend on.
struct SampleSource {
  const Package &package;
  const EntryInfo &raw;              ///< the model's own signature
  std::span<const StateInfo> caches; ///< inputs of it that stand for caches
  bool isCausal;                     ///< it predicts each token of those before

  /// The longest text that the model takes, at most `tokens`.
  size_t longest(size_t tokens) const;
};

/// Of options.file: tensors of an .npz or of a folder of some, or texts of at
/// most options.tokens tokens each: pieces of all of it for a causal model,
/// spread evenly, and else lines.
SampleSet loadSamples(const SampleSource &, const CalibrationOptions &);

/// Inputs for each text by their roles.
SampleSet samplesOf(const SampleSource &, std::vector<Tokens> texts);

} // namespace llmc::compiler
