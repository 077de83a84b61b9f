// SPDX-License-Identifier: Apache-2.0
// `llmc run --text`: what an encoder's outputs allow: a vector, classes, or
// words for the masks.
#include "runtime/core/Escape.h"
#include "runtime/session/Encoder.h"
#include "runtime/session/FloatTensor.h"
#include "runtime/session/Generator.h"
#include "runtime/session/Roles.h"
#include "tools/llmc/ClassNames.h"
#include "tools/llmc/Run.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>

namespace llmc::cli {

using nlohmann::json;

/// The best `count` of `size` logits from `first` on: index and probability.
static std::vector<std::pair<int64_t, double>>
best(const LlmcTensor &logits, int64_t first, int64_t size, int64_t count) {
  std::vector<int64_t> order(static_cast<size_t>(size));
  std::iota(order.begin(), order.end(), int64_t(0));
  auto value = [&](int64_t i) {
    return static_cast<double>(elementAt(logits, first + i));
  };
  count = std::min(count, size);
  std::partial_sort(order.begin(), order.begin() + count, order.end(),
                    [&](int64_t a, int64_t b) {
                      return value(a) != value(b) ? value(a) > value(b) : a < b;
                    });
  double sum = 0;
  for (int64_t i = 0; i < size; ++i)
    sum += std::exp(value(i) - value(order[0]));
  std::vector<std::pair<int64_t, double>> chosen;
  for (int64_t i = 0; i < count; ++i)
    chosen.push_back(
        {order[static_cast<size_t>(i)],
         std::exp(value(order[static_cast<size_t>(i)]) - value(order[0])) /
             sum});
  return chosen;
}

static void embed(const std::vector<float> &vector, Shell &shell) {
  if (shell.json) {
    shell.document = {{"embedding", vector}};
    return;
  }
  std::string line;
  for (float value : vector)
    line += fmt::format("{}{:.8g}", line.empty() ? "" : " ", value);
  fmt::print("{}\n", line);
}

static void classify(const LlmcTensor &logits, const Artifact &artifact,
                     Shell &shell) {
  ClassNames names(artifact);
  json classes = json::array();
  for (auto [index, probability] : best(logits, 0, logits.dims[1], 20)) {
    std::string name = names.nameOf(index);
    classes.push_back(
        {{"class", index}, {"name", name}, {"probability", probability}});
    if (!shell.json)
      fmt::print("{:.4f}  {}\n", probability, escapeText(name));
  }
  if (shell.json)
    shell.document = {{"classes", classes}};
}

static std::optional<uint32_t> maskToken(const text::Tokenizer &tokenizer) {
  for (const char *name : {"[MASK]", "<mask>"})
    if (auto id = tokenizer.idOf(name))
      return id;
  return std::nullopt;
}

static Status fillMasks(const LlmcTensor &logits,
                        std::span<const int64_t> tokens,
                        const text::Tokenizer &tokenizer, Shell &shell) {
  std::optional<uint32_t> mask = maskToken(tokenizer);
  json masks = json::array();
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (!mask || tokens[i] != *mask)
      continue;
    json words = json::array();
    for (auto [token, probability] :
         best(logits, static_cast<int64_t>(i) * logits.dims[2], logits.dims[2],
              5)) {
      const uint32_t id[] = {static_cast<uint32_t>(token)};
      auto word = tokenizer.decode(id);
      words.push_back({{"token", token},
                       {"text", word ? *word : ""},
                       {"probability", probability}});
      if (!shell.json)
        fmt::print("{:.4f}  {}\n", probability, escapeText(word ? *word : ""));
    }
    masks.push_back({{"position", i}, {"words", words}});
  }
  if (masks.empty())
    return Error{.code = Code::BadInput,
                 .what = "the text has no mask to fill",
                 .hint = "write [MASK] or <mask>, as the tokenizer has it"};
  if (shell.json)
    shell.document = {{"masks", masks}};
  return Status();
}

Status runText(const RunOptions &options, std::shared_ptr<const Model> model,
               Profile *profile, Shell &shell) {
  auto tokenizer = loadTokenizer(model->artifact());
  if (!tokenizer)
    return tokenizer.takeStatus();
  auto encoder = Encoder::create(model, options.flags.model);
  if (!encoder)
    return encoder.takeStatus();
  (*encoder)->call().setProfile(profile);
  auto ids = (*tokenizer)->encodeIds(*options.text);
  if (!ids)
    return ids.takeStatus();
  std::vector<int64_t> tokens(ids->begin(), ids->end());
  const EntryInfo &info = (*encoder)->info();
  if (findOutput(info, "embedding") || findOutput(info, "hidden")) {
    auto vector = (*encoder)->embed(tokens, poolingFromName(options.pooling),
                                    options.normalize);
    if (!vector)
      return vector.takeStatus().inFile(options.artifact);
    embed(*vector, shell);
    return Status();
  }
  auto logits = findOutput(info, "logits");
  if (!logits)
    return Error{Code::Unsupported,
                 "the model has neither an embedding nor logits",
                 options.artifact};
  auto outputs = (*encoder)->run(tokens);
  if (!outputs)
    return outputs.takeStatus().inFile(options.artifact);
  const LlmcTensor &tensor = (*outputs)[*logits];
  bool fits = isFloat(tensor) && tensor.rank >= 2 && tensor.rank <= 3 &&
              tensor.dims[0] == 1 && tensor.dims[tensor.rank - 1] > 0;
  if (!fits || (tensor.rank == 3 &&
                tensor.dims[1] != static_cast<int64_t>(tokens.size())))
    return Error{Code::Unsupported, "the model's logits have an unknown form",
                 options.artifact};
  if (tensor.rank == 3)
    return fillMasks(tensor, tokens, **tokenizer, shell);
  classify(tensor, model->artifact(), shell);
  return Status();
}

} // namespace llmc::cli
