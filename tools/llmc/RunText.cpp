// SPDX-License-Identifier: Apache-2.0
// `llmc run --text` and `--question`: what an encoder's outputs allow: a vector
// or a similarity, classes, labels of words, words for the masks, answers.
#include "runtime/core/Escape.h"
#include "runtime/eval/Correlation.h"
#include "runtime/session/Generator.h"
#include "runtime/session/Roles.h"
#include "runtime/tasks/Answer.h"
#include "runtime/tasks/Classify.h"
#include "runtime/tasks/Tag.h"
#include "tools/llmc/Run.h"
#include <cmath>
#include <fmt/format.h>

namespace llmc::cli {

using nlohmann::json;

static Result<std::vector<float>>
vectorOf(TextModel &model, const std::string &text, const TextFlags &flags) {
  auto ids = model.tokenizer().encodeIds(text);
  if (!ids)
    return ids.takeStatus();
  std::vector<int64_t> tokens(ids->begin(), ids->end());
  return model.encoder().embed(tokens, poolingFromName(flags.pooling),
                               flags.normalize);
}

static Status similarity(TextModel &model, const std::vector<float> &a,
                         const TextFlags &flags, Shell &shell) {
  auto b = vectorOf(model, *flags.similar, flags);
  if (!b)
    return b.takeStatus();
  double similarity = eval::cosine(a, *b);
  if (shell.json)
    shell.document = {{"similarity", similarity}};
  else
    fmt::print("{:.6f}\n", similarity);
  return Status();
}

static Status embed(TextModel &model, const TextFlags &flags, Shell &shell) {
  auto vector = vectorOf(model, *flags.text, flags);
  if (!vector)
    return vector.takeStatus();
  if (flags.similar)
    return similarity(model, *vector, flags, shell);
  if (shell.json) {
    shell.document = {{"embedding", *vector}};
    return Status();
  }
  std::string line;
  for (float value : *vector)
    line += fmt::format("{}{:.8g}", line.empty() ? "" : " ", value);
  fmt::print("{}\n", line);
  return Status();
}

static Status showClasses(TextModel &model, const TextFlags &flags,
                          Shell &shell) {
  auto found = classify(model, *flags.text, flags.top.value_or(20));
  if (!found)
    return found.takeStatus();
  json classes = json::array();
  for (const Finding &f : *found) {
    classes.push_back(
        {{"class", f.index}, {"name", f.label}, {"probability", f.score}});
    if (!shell.json)
      fmt::print("{:.4f}  {}\n", f.score, escapeText(f.label));
  }
  if (shell.json)
    shell.document = {{"classes", classes}};
  return Status();
}

static Status showMasks(TextModel &model, const TextFlags &flags,
                        Shell &shell) {
  auto found = fillMasks(model, *flags.text, flags.top.value_or(5));
  if (!found)
    return found.takeStatus();
  json masks = json::array();
  for (const Mask &mask : *found) {
    json words = json::array();
    for (const Finding &f : mask.words) {
      words.push_back(
          {{"token", f.index}, {"text", f.text}, {"probability", f.score}});
      if (!shell.json)
        fmt::print("{:.4f}  {}\n", f.score, escapeText(f.text));
    }
    masks.push_back({{"position", mask.position}, {"words", words}});
  }
  if (shell.json)
    shell.document = {{"masks", masks}};
  return Status();
}

/// Findings with their places.
static void showPlaces(const std::vector<Finding> &found, const char *name,
                       Shell &shell) {
  json list = json::array();
  for (const Finding &f : found) {
    json one = {{"score", f.score},
                {"start", f.start},
                {"end", f.end},
                {"text", f.text}};
    if (f.index >= 0) {
      one["class"] = f.index;
      one["name"] = f.label;
    }
    list.push_back(std::move(one));
    if (!shell.json)
      fmt::print("{:.4f}  {}-{}  {}{}\n", f.score, f.start, f.end,
                 f.index >= 0 ? escapeText(f.label) + "  " : "",
                 escapeText(f.text));
  }
  if (shell.json)
    shell.document = {{name, list}};
}

static Status showEntities(TextModel &model, const TextFlags &flags,
                           Shell &shell) {
  auto found =
      tag(model, *flags.text,
          aggregationFromName(flags.aggregation).value_or(Aggregation::Simple));
  if (!found)
    return found.takeStatus();
  showPlaces(*found, "entities", shell);
  return Status();
}

static Status showAnswers(TextModel &model, const TextFlags &flags,
                          Shell &shell) {
  AnswerOptions options;
  options.count = flags.top.value_or(1);
  options.windowTokens = flags.window.value_or(options.windowTokens);
  options.stride = flags.stride.value_or(options.stride);
  auto found = answer(model, *flags.question, flags.context, options);
  if (!found)
    return found.takeStatus();
  showPlaces(*found, "answers", shell);
  return Status();
}

/// Whether logits of each token are of labels, not of the vocabulary.
static bool labelsTokens(const TextModel &model, const TensorInfo &logits) {
  const Labels &labels = model.labels();
  return labels.areOfTokens() ||
         (labels.count() > 0 &&
          logits.dims.back() == Dim(static_cast<int64_t>(labels.count())));
}

static Status runTask(TextModel &model, const TextFlags &flags, Shell &shell) {
  const EntryInfo &info = model.encoder().info();
  if (flags.question)
    return showAnswers(model, flags, shell);
  if (findOutput(info, "embedding") || findOutput(info, "hidden"))
    return embed(model, flags, shell);
  if (flags.similar)
    return Status(Code::Unsupported, "the model gives no embedding");
  auto logits = findOutput(info, "logits");
  if (!logits)
    return Error{.code = Code::Unsupported,
                 .what = "the model has neither an embedding nor logits",
                 .hint = "a model that answers takes --question and --context"};
  const TensorInfo &tensor = info.outputs[*logits];
  if (tensor.dims.size() == 3)
    return labelsTokens(model, tensor) ? showEntities(model, flags, shell)
                                       : showMasks(model, flags, shell);
  return showClasses(model, flags, shell);
}

Status runText(const RunOptions &options, std::shared_ptr<const Model> model,
               Profile *profile, Shell &shell) {
  auto tokenizer = loadTokenizer(model->artifact());
  if (!tokenizer)
    return tokenizer.takeStatus();
  auto texts =
      TextModel::create(model, options.flags.model, std::move(*tokenizer));
  if (!texts)
    return texts.takeStatus();
  (*texts)->encoder().call().setProfile(profile);
  return runTask(**texts, options.texts, shell).inFile(options.artifact);
}

} // namespace llmc::cli
