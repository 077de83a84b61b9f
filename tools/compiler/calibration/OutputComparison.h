// SPDX-License-Identifier: Apache-2.0
// How far a model's outputs are from what they were, over samples: by the KL
// divergence of logits, or without logits by the cosines of rows. Sums are in
// double and in the samples' order. One thread at a time; throws CompileError.
#pragma once

#include "runtime/eval/ScoreSums.h"
#include "runtime/include/llmc/abi.h"
#include "runtime/model/Manifest.h"
#include "tools/llmc/Budget.h"

namespace llmc::compiler {

class OutputComparison {
public:
  /// Of outputs of this entry, where samples are texts or not; with up to
  /// `jobs` threads.
  OutputComparison(const EntryInfo &entry, bool areTexts, unsigned jobs);

  /// All outputs of one sample. `tokens` are those of its text. Unsupported
  /// where a model that gives logits of tokens lacks those of some.
  void add(std::span<const LlmcTensor> ours, std::span<const LlmcTensor> wanted,
           std::span<const int64_t> tokens);

  /// The mean divergence in nats, or 1 - the mean cosine.
  double loss() const;
  /// What --budget can ask of it; without a sample the names alone count.
  std::vector<cli::Measured> measured() const;

private:
  void addLogits(const LlmcTensor &ours, const LlmcTensor &wanted,
                 std::span<const int64_t> tokens);
  void addRows(const LlmcTensor &ours, const LlmcTensor &wanted);

  std::optional<size_t> logits;
  std::vector<size_t> others; ///< outputs that are compared without logits
  unsigned jobs;
  bool predictsTokens; ///< a row of logits is of the token behind it
  eval::ScoreSums sums{/*hasBaseline=*/true, /*worst=*/0};
  double cosines = 0, least = 1;
  size_t rows = 0;
};

} // namespace llmc::compiler
