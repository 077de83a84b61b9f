// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/TextEvaluation.h"
#include <algorithm>
#include <chrono>
#include <fmt/format.h>

namespace llmc::eval {

Result<std::vector<Window>> cutWindows(size_t tokens,
                                       const Windowing &windowing) {
  if (tokens < 2)
    return Status(Code::BadInput,
                  fmt::format("the text is too short: it has {} token{}, and "
                              "the first one is not predicted",
                              tokens, tokens == 1 ? "" : "s"));
  size_t length = std::min(windowing.window, tokens - 1);
  size_t stride =
      windowing.stride ? std::min(windowing.stride, length) : length;
  std::vector<Window> windows;
  for (size_t begin = 0; begin + length < tokens; begin += stride) {
    if (windowing.most && windows.size() == windowing.most)
      break;
    windows.push_back({begin, length, begin == 0 ? length : stride});
  }
  return windows;
}

Result<LogitRows>
TextEvaluation::TimedSource::run(std::span<const int64_t> tokens) {
  using Clock = std::chrono::steady_clock;
  auto start = Clock::now();
  auto rows = source.run(tokens);
  seconds += std::chrono::duration<double>(Clock::now() - start).count();
  return rows;
}

namespace {
/// The rows of a window, for the threads.
struct Scoring {
  LogitRows ours, baseline; // the second without data: there is none
  std::span<const int64_t> text;
  size_t begin, skipped; // of the window
  std::vector<Comparison> &scores;

  void score(size_t i) const {
    size_t row = skipped + i;
    auto next = static_cast<uint32_t>(text[begin + row + 1]);
    if (baseline.data)
      scores[i] = comparePredictions(ours.row(row), baseline.row(row), next);
    else
      scores[i].ours = scorePrediction(ours.row(row), next);
  }
  static int32_t kernel(const int64_t *args, int64_t begin, int64_t end,
                        int64_t) {
    const auto *scoring = reinterpret_cast<const Scoring *>(args[0]);
    for (int64_t i = begin; i < end; ++i)
      scoring->score(static_cast<size_t>(i));
    return LLMC_OK;
  }
};
} // namespace

static Status checkRows(const LogitRows &ours, const LogitRows &baseline,
                        std::span<const int64_t> tokens) {
  if (baseline.data && baseline.vocabulary != ours.vocabulary)
    return Status(Code::BadInput,
                  fmt::format("the vocabulary has {} tokens, and the "
                              "baseline's {}: they cannot be compared",
                              ours.vocabulary, baseline.vocabulary));
  for (int64_t token : tokens)
    if (token < 0 || static_cast<uint64_t>(token) >= ours.vocabulary)
      return Status(
          Code::BadInput,
          fmt::format("the text has token {}, and the model logits for {}",
                      token, ours.vocabulary));
  return Status();
}

Status TextEvaluation::add(std::span<const int64_t> text,
                           const Window &window) {
  auto tokens = text.subspan(window.begin, window.count);
  auto ours = source_.run(tokens);
  if (!ours)
    return ours.takeStatus();
  LogitRows baseline;
  if (hasBaseline_) {
    auto rows = baseline_.run(tokens);
    if (!rows)
      return rows.takeStatus();
    baseline = *rows;
  }
  Status status =
      checkRows(*ours, baseline, text.subspan(window.begin, window.count + 1));
  if (!status)
    return status;
  size_t skipped = window.count - window.scored;
  scores_.assign(window.scored, {});
  Scoring scoring = {*ours, baseline, text, window.begin, skipped, scores_};
  const int64_t args[] = {reinterpret_cast<int64_t>(&scoring)};
  pool_.run(Scoring::kernel, args, static_cast<int64_t>(window.scored), 1);
  tokensRun_ += window.count;
  for (size_t i = 0; status && i < window.scored; ++i)
    status = sums_.add({window.begin + skipped + i + 1, scores_[i]});
  return status;
}

} // namespace llmc::eval
