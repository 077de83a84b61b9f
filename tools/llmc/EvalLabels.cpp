// SPDX-License-Identifier: Apache-2.0
// `llmc eval --labels`: how often a classifier is right, and how far its
// probabilities are from a baseline's.
#include "runtime/core/Escape.h"
#include "runtime/tasks/Labels.h"
#include "tools/llmc/Eval.h"
#include "tools/llmc/LabelledFile.h"
#include "tools/llmc/Progress.h"
#include "tools/llmc/TextEncoder.h"
#include <fmt/format.h>

namespace llmc::cli {

using nlohmann::json;

/// The scores of one line; the file's line is its position.
static Result<eval::ScoredPrediction>
score(const LabelledFile &file, const LabelledLine &line, const Labels &names,
      TextEncoder &ours, TextEncoder *baseline) {
  auto logits = ours.classify(line.fields[0]);
  if (!logits)
    return logits.takeStatus();
  auto label = names.find(line.fields[1]);
  if (!label || static_cast<size_t>(*label) >= logits->size())
    return file.badLine(line, fmt::format("'{}' is none of the {} classes",
                                          line.fields[1], logits->size()));
  auto right = static_cast<uint32_t>(*label);
  eval::ScoredPrediction scored = {line.number, {}};
  if (!baseline) {
    scored.scores.ours = eval::scorePrediction(*logits, right);
    return scored;
  }
  auto theirs = baseline->classify(line.fields[0]);
  if (!theirs)
    return theirs.takeStatus();
  if (theirs->size() != logits->size())
    return Status(Code::BadInput,
                  fmt::format("there are {} classes, and the baseline has {}: "
                              "they cannot be compared",
                              logits->size(), theirs->size()));
  scored.scores = eval::comparePredictions(*logits, *theirs, right);
  return scored;
}

static json worstJson(const eval::ScoredPrediction &scored,
                      const Labels &names) {
  auto top = [&](const eval::Prediction &score) {
    return json{{"class", score.top},
                {"name", names.nameOf(score.top)},
                {"probability", score.probability}};
  };
  return {{"line", scored.position},
          {"kl", scored.scores.divergence},
          {"top", top(scored.scores.ours)},
          {"baseline_top", top(scored.scores.baseline)}};
}

static void printWorst(const json &worst, const Shell &shell) {
  auto top = [](const json &score) {
    return fmt::format("{} {:.3f}",
                       escapeText(score["name"].get<std::string>()),
                       score["probability"].get<double>());
  };
  for (const json &row : worst)
    printLine(shell, "worst",
              fmt::format("line {}, KL {:.3g}: {}, the baseline's {}",
                          row["line"].get<size_t>(), row["kl"].get<double>(),
                          top(row["top"]), top(row["baseline_top"])));
}

static void report(const EvalOptions &options, Evaluated &evaluated,
                   const eval::ScoreSums &sums, const Labels &names,
                   double seconds, double baselineSeconds, Shell &shell) {
  auto count = static_cast<double>(sums.count());
  shell.document["labels"] = {{"file", options.labels},
                              {"count", sums.count()}};
  printLine(shell, "labels",
            fmt::format("{}, {}", escapeText(options.labels), sums.count()));
  reportSides(options, evaluated,
              {{"accuracy", Side::Share, sums.accuracy(),
                sums.baselineAccuracy(), "", "accuracy"},
               {"speed", Side::Speed, count / seconds, count / baselineSeconds,
                "texts"}},
              shell);
  if (!evaluated.baseline)
    return;
  reportDivergence(evaluated, sums, "text", shell);
  json worst = json::array();
  for (const eval::ScoredPrediction &scored : sums.worst())
    worst.push_back(worstJson(scored, names));
  if (!shell.json && !shell.quiet)
    printWorst(worst, shell);
  shell.document["worst"] = std::move(worst);
}

Status evalLabels(const EvalOptions &options, Evaluated &evaluated,
                  Shell &shell) {
  auto file = LabelledFile::open(options.labels, 2);
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
  Labels names(evaluated.model->artifact());
  eval::ScoreSums sums(baseline.has_value(), options.worst);
  Progress progress(shell.quiet, shell.verbose);
  progress.phase("evaluating");
  for (size_t i = 0; i < file->lines().size(); ++i) {
    auto scored = score(*file, file->lines()[i], names, *ours,
                        baseline ? &*baseline : nullptr);
    Status status = scored ? sums.add(*scored) : scored.takeStatus();
    if (status)
      status = addToLayers(evaluated, *ours, file->lines()[i].fields[0]);
    if (!status)
      return std::move(status).inFile(options.labels);
    progress.step(i + 1, file->lines().size());
  }
  progress.finish();
  report(options, evaluated, sums, names, ours->seconds(),
         baseline ? baseline->seconds() : 0, shell);
  return Status();
}

} // namespace llmc::cli
