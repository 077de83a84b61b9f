// SPDX-License-Identifier: Apache-2.0
// `llmc eval --text`: a decoder's perplexity on a text, and how far its
// predictions are from a baseline's.
#include "runtime/core/Escape.h"
#include "runtime/session/Generator.h"
#include "runtime/text/TextFile.h"
#include "tools/llmc/Eval.h"
#include "tools/llmc/Progress.h"
#include <algorithm>
#include <fmt/format.h>

namespace llmc::cli {

using eval::ScoredPrediction;
using eval::TextEvaluation;
using nlohmann::json;
using Tokens = std::vector<int64_t>;

/// The text as the model's tokenizer has it; the baseline's, if it has one, has
/// to agree.
static Result<Tokens> tokenize(const EvalOptions &options,
                               const Evaluated &evaluated,
                               const text::Tokenizer &tokenizer) {
  auto file = text::TextFile::open(options.text);
  if (!file)
    return file.takeStatus();
  auto ids = tokenizer.encodeWhole(file->text(), options.special);
  if (!ids)
    return ids.takeStatus().inFile(options.text);
  if (evaluated.baseline &&
      evaluated.baseline->artifact().file("tokenizer.json")) {
    auto other = loadTokenizer(evaluated.baseline->artifact());
    if (!other)
      return other.takeStatus();
    auto theirs = (*other)->encodeWhole(file->text(), options.special);
    if (!theirs)
      return theirs.takeStatus().inFile(options.text);
    if (*theirs != *ids)
      return Error{Code::BadInput,
                   "its tokenizer makes other tokens of the text than the "
                   "artifact's, so that predictions cannot be compared",
                   options.baseline};
  }
  return Tokens(ids->begin(), ids->end());
}

/// The windows as asked for, within what both models can take.
static Result<std::vector<eval::Window>> windowsOf(const EvalOptions &options,
                                                   const Evaluated &evaluated,
                                                   size_t tokens) {
  eval::Windowing windowing;
  windowing.window = options.window.value_or(windowing.window);
  windowing.stride = options.stride;
  windowing.most = options.windows;
  for (const auto &model : {evaluated.model, evaluated.baseline}) {
    if (!model)
      continue;
    int64_t length = model->manifest().generation.contextLength.value_or(0);
    auto context = static_cast<size_t>(length);
    if (length <= 0 || windowing.window <= context)
      continue;
    if (options.window)
      return Error{Code::BadInput,
                   fmt::format("--window {} is longer than the model's context "
                               "of {} tokens",
                               windowing.window, context),
                   model->artifact().path()};
    windowing.window = context;
  }
  if (windowing.stride > windowing.window)
    return Error{.code = Code::BadInput,
                 .what = fmt::format("--stride {} would skip tokens between "
                                     "windows of {}",
                                     windowing.stride, windowing.window)};
  auto windows = eval::cutWindows(tokens, windowing);
  if (!windows)
    return windows.takeStatus().inFile(options.text);
  return windows;
}

namespace {
struct Sources {
  std::unique_ptr<eval::LogitSource> model, baseline;
};
} // namespace

static Status openSources(const EvalOptions &options,
                          const Evaluated &evaluated, size_t longest,
                          Sources &sources) {
  auto open = [&](const std::shared_ptr<const Model> &model,
                  std::unique_ptr<eval::LogitSource> &into) -> Status {
    auto source =
        eval::LogitSource::create(model, options.flags.model, longest);
    if (!source)
      return source.takeStatus();
    into = std::move(*source);
    return Status();
  };
  Status status = open(evaluated.model, sources.model);
  if (!status || !evaluated.baseline)
    return status;
  status = open(evaluated.baseline, sources.baseline);
  if (!status)
    return status;
  auto ours = sources.model->vocabulary(),
       theirs = sources.baseline->vocabulary();
  if (ours && theirs && *ours != *theirs)
    return Error{Code::BadInput,
                 fmt::format("its vocabulary has {} tokens, and the artifact's "
                             "{}: they cannot be compared",
                             *theirs, *ours),
                 options.baseline};
  return Status();
}

static std::string decoded(const text::Tokenizer &tokenizer,
                           std::span<const int64_t> tokens) {
  std::vector<uint32_t> ids(tokens.begin(), tokens.end());
  auto text = tokenizer.decode(ids, /*skipSpecial=*/false);
  return text ? *text : "";
}

static json tokenJson(const text::Tokenizer &tokenizer, int64_t token) {
  return {{"id", token}, {"text", decoded(tokenizer, {&token, 1})}};
}

static json worstJson(const ScoredPrediction &scored, const Tokens &text,
                      const text::Tokenizer &tokenizer) {
  constexpr size_t most = 16; // tokens before it
  size_t begin = scored.position - std::min(scored.position, most);
  const eval::Comparison &s = scored.scores;
  auto top = [&](const eval::Prediction &score) {
    json token = tokenJson(tokenizer, score.top);
    token["probability"] = score.probability;
    return token;
  };
  return {{"position", scored.position},
          {"kl", s.divergence},
          {"context", decoded(tokenizer, std::span(text).subspan(
                                             begin, scored.position - begin))},
          {"next", tokenJson(tokenizer, text[scored.position])},
          {"top", top(s.ours)},
          {"baseline_top", top(s.baseline)}};
}

static void printWorst(const json &worst) {
  if (worst.empty())
    return;
  fmt::print("worst tokens: place, KL, likeliest and the baseline's, what was "
             "there\n");
  auto top = [](const json &token) {
    return fmt::format("'{}' {:.3f}",
                       escapeText(token["text"].get<std::string>()),
                       token["probability"].get<double>());
  };
  for (const json &row : worst)
    fmt::print("{:>9}  {:<9.3g} {:<20} {:<20} ...{} -> '{}'\n",
               row["position"].get<size_t>(), row["kl"].get<double>(),
               top(row["top"]), top(row["baseline_top"]),
               tailOf(row["context"].get<std::string>(), 40),
               escapeText(row["next"]["text"].get<std::string>()));
}

static void report(const EvalOptions &options, Evaluated &evaluated,
                   const TextEvaluation &evaluation, Shell &shell) {
  const eval::ScoreSums &sums = evaluation.sums();
  auto run = static_cast<double>(evaluation.tokensRun());
  reportSides(options, evaluated,
              {{"perplexity", Side::Number, sums.perplexity(),
                sums.baselinePerplexity(), "", "ppl"},
               {"accuracy", Side::Share, sums.accuracy(),
                sums.baselineAccuracy(), "", "accuracy"},
               {"speed", Side::Speed, run / evaluation.seconds(),
                run / evaluation.baselineSeconds(), "tokens"}},
              shell);
  if (evaluated.baseline)
    reportDivergence(evaluated, sums, "token", shell);
}

Status evalText(const EvalOptions &options, Evaluated &evaluated,
                Shell &shell) {
  auto tokenizer = loadTokenizer(evaluated.model->artifact());
  if (!tokenizer)
    return tokenizer.takeStatus();
  auto text = tokenize(options, evaluated, **tokenizer);
  if (!text)
    return text.takeStatus();
  auto windows = windowsOf(options, evaluated, text->size());
  if (!windows)
    return windows.takeStatus();
  size_t longest = windows->front().count;
  Sources sources;
  if (Status status = openSources(options, evaluated, longest, sources);
      !status)
    return status;
  TextEvaluation evaluation(*sources.model, sources.baseline.get(),
                            evaluated.model->pool(), options.worst);
  Progress progress(shell.quiet, shell.verbose);
  progress.phase("evaluating");
  for (size_t i = 0; i < windows->size(); ++i) {
    if (Status status = evaluation.add(*text, (*windows)[i]); !status)
      return std::move(status).inFile(options.text);
    auto window = std::span<const int64_t>(*text).subspan((*windows)[i].begin,
                                                          (*windows)[i].count);
    if (Status status = addToLayers(evaluated, window); !status)
      return status;
    progress.step(i + 1, windows->size());
  }
  progress.finish();
  shell.document["text"] = {{"file", options.text},
                            {"tokens", text->size()},
                            {"windows", windows->size()},
                            {"window", longest},
                            {"predicted", evaluation.sums().count()}};
  printLine(shell, "text",
            fmt::format("{}, {} tokens, {} windows of {}",
                        escapeText(options.text), text->size(), windows->size(),
                        longest));
  report(options, evaluated, evaluation, shell);
  json worst = json::array();
  for (const ScoredPrediction &scored : evaluation.sums().worst())
    worst.push_back(worstJson(scored, *text, **tokenizer));
  if (!shell.json && !shell.quiet)
    printWorst(worst);
  if (evaluated.baseline)
    shell.document["worst"] = std::move(worst);
  return Status();
}

} // namespace llmc::cli
