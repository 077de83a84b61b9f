// SPDX-License-Identifier: Apache-2.0
// `llmc eval`: its options, and how results are shown.
#include "tools/llmc/Eval.h"
#include "runtime/core/Escape.h"
#include "runtime/text/Utf8.h"
#include "tools/llmc/Format.h"
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace llmc::cli {

using nlohmann::json;

static std::string textOf(const Side &side, double value) {
  switch (side.kind) {
  case Side::Number:
    return fmt::format("{:.6g}", value);
  case Side::Share:
    return fmt::format("{:.3f}%", 100 * value);
  case Side::Bytes:
    return formatBytes(static_cast<uint64_t>(value));
  case Side::Speed:
    return fmt::format("{:.1f} {}/s", value, side.unit);
  }
  return {};
}

void printLine(const Shell &shell, const std::string &name,
               const std::string &text) {
  if (!shell.json)
    fmt::print("{:<11} {}\n", name, text);
}

static std::string fileName(const std::string &path) {
  return escapeText(std::filesystem::path(path).filename().string());
}

static double fileBytes(const std::string &path) {
  std::error_code ignored;
  return static_cast<double>(std::filesystem::file_size(path, ignored));
}

void reportSides(const EvalOptions &options, Evaluated &evaluated,
                 std::vector<Side> sides, Shell &shell) {
  bool both = evaluated.baseline != nullptr;
  sides.push_back({"size", Side::Bytes, fileBytes(options.artifact),
                   both ? fileBytes(options.baseline) : 0, "", "size"});
  auto line = [&](const std::string &name, const std::string &ours,
                  const std::string &baseline) {
    printLine(shell, name,
              both ? fmt::format("{:<24} {}", ours, baseline) : ours);
  };
  line("artifact", fileName(options.artifact),
       fileName(options.baseline) + " (baseline)");
  json ours = {{"file", options.artifact}},
       baseline = {{"file", options.baseline}};
  for (const Side &side : sides) {
    line(side.name, textOf(side, side.ours), textOf(side, side.baseline));
    std::string key = side.name;
    std::replace(key.begin(), key.end(), ' ', '_');
    ours[key] = side.ours;
    baseline[key] = side.baseline;
    if (side.measure)
      evaluated.measured.push_back(
          {side.measure, side.ours,
           both ? std::optional(side.baseline) : std::nullopt});
  }
  shell.document["artifact"] = ours;
  if (both)
    shell.document["baseline"] = baseline;
}

void reportDivergence(Evaluated &evaluated, const eval::ScoreSums &sums,
                      const char *unit, Shell &shell) {
  double mean = sums.meanDivergence(), most = sums.largestDivergence(),
         same = sums.agreement();
  shell.document["kl"] = {{"mean", mean}, {"max", most}};
  shell.document["top1_agreement"] = same;
  evaluated.measured.insert(
      evaluated.measured.end(),
      {{"kl", mean, {}}, {"kl-max", most, {}}, {"top1", same, {}}});
  printLine(shell, "KL",
            fmt::format("{:.6g} nats a {}, at most {:.6g}", mean, unit, most));
  printLine(shell, "same top",
            fmt::format("{:.3f}% of the {}s", 100 * same, unit));
}

std::string tailOf(const std::string &text, size_t most) {
  size_t begin = text.size();
  for (size_t left = most; left > 0 && begin > 0; --left)
    begin -= text::decodeBefore(text, begin).size;
  return escapeText(text.substr(begin));
}

Status addToLayers(Evaluated &evaluated, std::span<const int64_t> tokens) {
  return evaluated.layers ? evaluated.layers->add(tokens) : Status();
}

Status addToLayers(Evaluated &evaluated, const TextEncoder &encoder,
                   std::string_view text) {
  if (!evaluated.layers)
    return Status();
  auto tokens = encoder.tokensOf(text);
  return tokens ? addToLayers(evaluated, *tokens) : tokens.takeStatus();
}

static Status openModels(const EvalOptions &options, Evaluated &evaluated) {
  auto model = openModel(options.artifact, options.flags);
  if (!model)
    return model.takeStatus();
  evaluated.model = std::move(*model);
  if (options.baseline.empty())
    return Status();
  auto baseline = openModel(options.baseline, options.flags);
  if (!baseline)
    return baseline.takeStatus();
  evaluated.baseline = std::move(*baseline);
  if (!options.layers)
    return Status();
  auto layers = LayerErrors::create(evaluated.model, evaluated.baseline,
                                    options.flags.model);
  if (!layers)
    return layers.takeStatus();
  evaluated.layers = std::move(*layers);
  return Status();
}

namespace {
/// What a run of one of the forms will measure.
struct Form {
  const std::string &file;
  Status (*run)(const EvalOptions &, Evaluated &, Shell &);
  std::vector<std::string> measures;
};
} // namespace

static Status evaluate(const EvalOptions &options, Shell &shell) {
  const Form forms[] = {
      {options.text,
       evalText,
       {"ppl", "accuracy", "kl", "kl-max", "top1", "size"}},
      {options.pairs,
       evalPairs,
       {"pearson", "spearman", "ranking", "cosine", "cosine-min", "size"}},
      {options.labels,
       evalLabels,
       {"accuracy", "kl", "kl-max", "top1", "size"}},
  };
  auto isGiven = [](const Form &form) { return !form.file.empty(); };
  if (std::count_if(std::begin(forms), std::end(forms), isGiven) != 1)
    return Error{.code = Code::BadInput,
                 .what = "eval takes one of --text, --pairs and --labels",
                 .file = options.artifact};
  if (options.layers && options.baseline.empty())
    return Error{.code = Code::BadInput,
                 .what = "--layers needs a --baseline",
                 .file = options.artifact};
  const Form &form = *std::find_if(std::begin(forms), std::end(forms), isGiven);
  Evaluated evaluated;
  auto budgets = parseBudgets(options.budget);
  if (!budgets)
    return budgets.takeStatus();
  evaluated.budgets = std::move(*budgets);
  if (Status status = requireMeasured(evaluated.budgets, form.measures,
                                      !options.baseline.empty());
      !status)
    return status;
  if (Status status = openModels(options, evaluated); !status)
    return status;
  shell.document = json::object();
  if (Status status = form.run(options, evaluated, shell); !status)
    return status;
  if (evaluated.layers)
    evaluated.layers->report(shell);
  return checkBudgets(evaluated.budgets, evaluated.measured, shell)
      .inFile(options.artifact);
}

void addEval(CLI::App &app, Shell &shell) {
  CLI::App *verb = addVerb(
      app, shell, "eval",
      "Measure how well an artifact predicts, alone or against a baseline");
  auto options = std::make_shared<EvalOptions>();
  verb->add_option("ARTIFACT", options->artifact, "The artifact")->required();
  verb->add_option("--text", options->text,
                   "A text file for a decoder: perplexity, and the KL "
                   "divergence of the baseline's predictions to its own");
  verb->add_option("--pairs", options->pairs,
                   "For embeddings: a file of lines TEXT<tab>TEXT<tab>SCORE; "
                   "do the cosines of the pairs go with the scores?");
  verb->add_option("--labels", options->labels,
                   "For a classifier: a file of lines TEXT<tab>CLASS, by "
                   "number or by name");
  verb->add_option("--baseline", options->baseline,
                   "The artifact to compare with, as the same model in f32");
  verb->add_flag_callback(
      "--no-special", [options] { options->special = false; },
      "Leave out the special tokens that surround --text");
  constexpr size_t most = size_t(1) << 24;
  verb->add_option("--window", options->window,
                   "Tokens of --text that the model sees at once (default 512, "
                   "or the model's context if that is shorter)")
      ->check(CLI::Range(size_t(1), most));
  verb->add_option("--stride", options->stride,
                   "Tokens from one window to the next; fewer than a window: "
                   "each token is predicted from more before it (default: the "
                   "window)")
      ->check(CLI::Range(size_t(1), most));
  verb->add_option("--windows", options->windows,
                   "Stop after so many windows (default: the whole text)")
      ->check(CLI::Range(size_t(1), most));
  verb->add_option("--worst", options->worst,
                   "With a baseline: list so many of the predictions that are "
                   "furthest from it (default 10)")
      ->check(CLI::Range(size_t(0), size_t(10000)));
  verb->add_flag("--layers", options->layers,
                 "With a baseline: how far each layer is from the baseline's; "
                 "both compiled with --layers");
  verb->add_option("--budget", options->budget, describeBudgets());
  addModelFlags(verb, options->flags);
  verb->callback([options, &shell] {
    shell.action = [options, &shell] { return evaluate(*options, shell); };
  });
}

} // namespace llmc::cli
