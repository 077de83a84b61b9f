// SPDX-License-Identifier: Apache-2.0
// What is asked of a row of scores, one per token of the vocabulary: the best,
// the best few, their logarithmic sum. Scores are no NaN; a score of minus
// infinity rules its token out. Stateless functions.
#ifndef LLMC_RUNTIME_SESSION_SCORES_H
#define LLMC_RUNTIME_SESSION_SCORES_H

#include "runtime/core/Status.h"
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace llmc {

struct TokenScore {
  uint32_t token;
  float score;
};

/// The higher score first, of equal ones the lower token.
inline bool better(const TokenScore &a, const TokenScore &b) {
  return a.score != b.score ? a.score > b.score : a.token < b.token;
}

/// Whether nothing is NaN or infinite, which nothing could follow; minus
/// infinity rules its token out.
bool areUsable(std::span<const float> scores);
/// What to say where they are not.
Status unusableLogits(int64_t position);

/// The first of the largest scores.
uint32_t argmax(std::span<const float> scores);

/// The best `count` tokens that are not ruled out, sorted. One pass that sorts
/// only what may be among them; `best` keeps its memory.
void selectBest(std::span<const float> scores, size_t count,
                std::vector<TokenScore> &best);

/// log(sum(exp(scores))), shifted by the largest, which must be finite: what a
/// log softmax takes from each score.
double logSumExp(std::span<const float> scores);

} // namespace llmc

#endif
