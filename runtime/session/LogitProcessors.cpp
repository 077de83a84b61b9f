// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/LogitProcessors.h"
#include "runtime/session/Timestamps.h"
#include <algorithm>
#include <limits>

namespace llmc {

static constexpr float never = -std::numeric_limits<float>::infinity();

static void ban(std::span<float> scores, std::span<const int64_t> tokens) {
  for (int64_t token : tokens)
    if (static_cast<size_t>(token) < scores.size())
      scores[static_cast<size_t>(token)] = never;
}

bool LogitProcessors::isActive() const {
  return !options_.logitBias.empty() || *options_.repetitionPenalty != 1 ||
         options_.presencePenalty != 0 || options_.frequencyPenalty != 0 ||
         *options_.noRepeatNgram > 0 || *options_.minTokens > 0 ||
         options_.forcedBos || options_.forcedEos ||
         !options_.suppressed->empty() || !options_.firstSuppressed->empty() ||
         options_.timestamps;
}

void LogitProcessors::apply(std::span<float> scores,
                            std::span<const int64_t> history,
                            size_t promptTokens, bool mustEnd) {
  counts_.resize(scores.size());
  auto text = history.subspan(promptTokens);
  addBias(scores);
  if (*options_.repetitionPenalty != 1)
    penalizeRepetition(scores, history);
  if (options_.presencePenalty != 0 || options_.frequencyPenalty != 0)
    penalizeUse(scores, text);
  if (*options_.noRepeatNgram > 0)
    banRepeatedRuns(scores, history);
  if (!mustEnd && text.size() < static_cast<size_t>(*options_.minTokens))
    banEnds(scores);
  force(scores, text.size());
  ban(scores, *options_.suppressed);
  if (text.empty())
    ban(scores, *options_.firstSuppressed);
  if (options_.timestamps)
    applyTimestampRules(*options_.timestamps, scores, text);
}

/// Nothing else may come: what is forced has a score of 0, which is certain
/// where scores are log probabilities.
void LogitProcessors::force(std::span<float> scores, size_t made) const {
  bool isLast = made + 1 == static_cast<size_t>(*options_.maxTokens);
  auto forced = made == 0 && options_.forcedBos ? options_.forcedBos
                : isLast                        ? options_.forcedEos
                                                : std::nullopt;
  if (!forced)
    return;
  std::fill(scores.begin(), scores.end(), never);
  scores[*forced] = 0;
}

void LogitProcessors::addBias(std::span<float> scores) const {
  for (const LogitBias &bias : options_.logitBias)
    if (bias.token < scores.size())
      scores[bias.token] += static_cast<float>(bias.bias);
}

void LogitProcessors::penalizeRepetition(std::span<float> scores,
                                         std::span<const int64_t> history) {
  auto penalty = static_cast<float>(*options_.repetitionPenalty);
  auto isKnown = [&](int64_t token) {
    return static_cast<size_t>(token) < scores.size();
  };
  for (int64_t token : history)
    if (isKnown(token) && counts_[static_cast<size_t>(token)]++ == 0) {
      float &score = scores[static_cast<size_t>(token)];
      score = score < 0 ? score * penalty : score / penalty;
    }
  for (int64_t token : history)
    if (isKnown(token))
      counts_[static_cast<size_t>(token)] = 0;
}

/// OpenAI's: score - count * frequency - (count > 0) * presence.
void LogitProcessors::penalizeUse(std::span<float> scores,
                                  std::span<const int64_t> text) {
  for (int64_t token : text)
    ++counts_[static_cast<size_t>(token)];
  for (int64_t token : text) {
    uint32_t &count = counts_[static_cast<size_t>(token)];
    if (count > 0)
      scores[static_cast<size_t>(token)] -= static_cast<float>(
          options_.presencePenalty + options_.frequencyPenalty * count);
    count = 0;
  }
}

/// What followed the last n - 1 tokens before would make a run of n again.
void LogitProcessors::banRepeatedRuns(std::span<float> scores,
                                      std::span<const int64_t> history) const {
  auto before = static_cast<size_t>(*options_.noRepeatNgram - 1);
  if (history.size() <= before)
    return;
  auto end = history.last(before);
  for (size_t i = 0; i + before < history.size(); ++i) {
    auto next = static_cast<size_t>(history[i + before]);
    if (next < scores.size() &&
        std::equal(end.begin(), end.end(),
                   history.begin() + static_cast<ptrdiff_t>(i)))
      scores[next] = never;
  }
}

void LogitProcessors::banEnds(std::span<float> scores) const {
  for (uint32_t token : options_.stopTokens)
    if (token < scores.size())
      scores[token] = never;
}

} // namespace llmc
