// SPDX-License-Identifier: Apache-2.0
// `llmc eval --pairs`: whether the similarity of texts goes with what people
// say of them, and how far embeddings are from a baseline's.
#include "runtime/core/Escape.h"
#include "runtime/eval/Correlation.h"
#include "tools/llmc/Eval.h"
#include "tools/llmc/LabelledFile.h"
#include "tools/llmc/Progress.h"
#include "tools/llmc/TextEncoder.h"
#include <algorithm>
#include <fmt/format.h>

namespace llmc::cli {

using nlohmann::json;
using Vector = std::vector<float>;

namespace {
/// Similarities of the pairs; cosines to the baseline of all texts, two a pair.
struct Similarities {
  std::vector<double> scores, ours, baseline, cosines;
};
} // namespace

/// One pair of texts: both artifacts' vectors side by side.
static Status addPair(const LabelledLine &line, TextEncoder &ours,
                      TextEncoder *baseline, Similarities &s) {
  Vector vectors[2][2]; // [artifact][text]
  for (size_t i = 0; i < 2; ++i)
    for (size_t k = 0; k < 2; ++k) {
      TextEncoder *encoder = i ? baseline : &ours;
      if (!encoder)
        continue;
      auto vector = encoder->embed(line.fields[k]);
      if (!vector)
        return vector.takeStatus();
      vectors[i][k] = std::move(*vector);
    }
  s.ours.push_back(eval::cosine(vectors[0][0], vectors[0][1]));
  if (!baseline)
    return Status();
  s.baseline.push_back(eval::cosine(vectors[1][0], vectors[1][1]));
  for (size_t k = 0; k < 2; ++k) {
    if (vectors[0][k].size() != vectors[1][k].size())
      return Status(Code::BadInput,
                    fmt::format("embeddings have {} numbers, and the "
                                "baseline's {}: they cannot be compared",
                                vectors[0][k].size(), vectors[1][k].size()));
    s.cosines.push_back(eval::cosine(vectors[0][k], vectors[1][k]));
  }
  return Status();
}

/// The texts whose embeddings are furthest from the baseline's.
static json worstTexts(const LabelledFile &file, const Similarities &s,
                       size_t count) {
  std::vector<size_t> order(s.cosines.size());
  for (size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  count = std::min(count, order.size());
  std::partial_sort(order.begin(),
                    order.begin() + static_cast<ptrdiff_t>(count), order.end(),
                    [&](size_t i, size_t k) {
                      return s.cosines[i] != s.cosines[k]
                                 ? s.cosines[i] < s.cosines[k]
                                 : i < k;
                    });
  json worst = json::array();
  for (size_t i = 0; i < count; ++i) {
    const LabelledLine &line = file.lines()[order[i] / 2];
    worst.push_back({{"line", line.number},
                     {"cosine", s.cosines[order[i]]},
                     {"text", line.fields[order[i] % 2]}});
  }
  return worst;
}

static void reportBaseline(Evaluated &evaluated, const Similarities &s,
                           Shell &shell) {
  double sum = 0;
  for (double cosine : s.cosines)
    sum += cosine;
  double mean = sum / static_cast<double>(s.cosines.size()),
         least = *std::min_element(s.cosines.begin(), s.cosines.end()),
         ranking = eval::spearman(s.ours, s.baseline);
  shell.document["cosine"] = {{"mean", mean}, {"min", least}};
  shell.document["ranking"] = ranking;
  evaluated.measured.insert(evaluated.measured.end(),
                            {{"cosine", mean, {}},
                             {"cosine-min", least, {}},
                             {"ranking", ranking, {}}});
  printLine(
      shell, "cosine",
      fmt::format("{:.6f} to the baseline's, at least {:.6f}", mean, least));
  printLine(shell, "ranking",
            fmt::format("{:.6f} Spearman of the pairs' similarities", ranking));
}

static void report(const EvalOptions &options, Evaluated &evaluated,
                   const LabelledFile &file, const Similarities &s,
                   const double *seconds, Shell &shell) {
  shell.document["pairs"] = {{"file", options.pairs}, {"count", s.ours.size()}};
  printLine(shell, "pairs",
            fmt::format("{}, {}", escapeText(options.pairs), s.ours.size()));
  bool both = evaluated.baseline != nullptr;
  auto texts = static_cast<double>(2 * s.ours.size());
  auto correlation = [&](auto f) {
    return std::pair(f(s.ours, s.scores), both ? f(s.baseline, s.scores) : 0);
  };
  auto [pearson, theirPearson] = correlation(eval::pearson);
  auto [spearman, theirSpearman] = correlation(eval::spearman);
  reportSides(
      options, evaluated,
      {{"pearson", Side::Number, pearson, theirPearson, "", "pearson"},
       {"spearman", Side::Number, spearman, theirSpearman, "", "spearman"},
       {"speed", Side::Speed, texts / seconds[0], texts / seconds[1], "texts"}},
      shell);
  if (!both)
    return;
  reportBaseline(evaluated, s, shell);
  json worst = worstTexts(file, s, options.worst);
  if (!shell.json && !shell.quiet)
    for (const json &row : worst)
      printLine(shell, "worst",
                fmt::format("{:.6f} line {}: {}", row["cosine"].get<double>(),
                            row["line"].get<size_t>(),
                            tailOf(row["text"].get<std::string>(), 60)));
  shell.document["worst"] = std::move(worst);
}

Status evalPairs(const EvalOptions &options, Evaluated &evaluated,
                 Shell &shell) {
  auto file = LabelledFile::open(options.pairs, 3);
  if (!file)
    return file.takeStatus();
  auto ours = TextEncoder::create(evaluated.model, options.flags.model);
  if (!ours)
    return ours.takeStatus();
  std::optional<TextEncoder> baseline;
  if (evaluated.baseline) {
    auto theirs = TextEncoder::create(evaluated.baseline, options.flags.model);
    if (!theirs)
      return theirs.takeStatus();
    baseline = std::move(*theirs);
  }
  Similarities similarities;
  for (const LabelledLine &line : file->lines()) {
    auto score = file->numberOf(line);
    if (!score)
      return score.takeStatus();
    similarities.scores.push_back(*score);
  }
  Progress progress(shell.quiet, shell.verbose);
  progress.phase("evaluating");
  for (size_t i = 0; i < file->lines().size(); ++i) {
    Status status = addPair(file->lines()[i], *ours,
                            baseline ? &*baseline : nullptr, similarities);
    for (size_t k = 0; k < 2 && status; ++k)
      status = addToLayers(evaluated, *ours, file->lines()[i].fields[k]);
    if (!status)
      return std::move(status)
          .inFile(options.pairs)
          .at(fmt::format("line {}", file->lines()[i].number));
    progress.step(i + 1, file->lines().size());
  }
  progress.finish();
  const double seconds[] = {ours->seconds(),
                            baseline ? baseline->seconds() : 0};
  report(options, evaluated, *file, similarities, seconds, shell);
  return Status();
}

} // namespace llmc::cli
