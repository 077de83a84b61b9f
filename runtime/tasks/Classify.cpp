// SPDX-License-Identifier: Apache-2.0
#include "runtime/tasks/Classify.h"

namespace llmc {

/// Runs the model on a text; `perToken` is what its logits have to be.
static Result<Logits> logitsOf(TextModel &model, const text::Encoding &encoding,
                               bool perToken) {
  std::vector<int64_t> tokens(encoding.ids.begin(), encoding.ids.end());
  auto logits = model.run(tokens);
  if (logits &&
      (logits->classes == 0 || perToken != (logits->rows == tokens.size())))
    return Status(Code::Unsupported,
                  perToken ? "the model has no logits of each token"
                           : "the model is no classifier of texts");
  return logits;
}

Result<std::vector<Finding>> classify(TextModel &model, std::string_view text,
                                      size_t count) {
  auto encoding = model.encode(text);
  if (!encoding)
    return encoding.takeStatus();
  auto logits = logitsOf(model, *encoding, false);
  if (!logits)
    return logits.takeStatus();
  const Labels &labels = model.labels();
  std::vector<double> scores = scoresOf(
      logits->row(0), labels.scoringOf(static_cast<int64_t>(logits->classes)));
  std::vector<Finding> found;
  for (size_t i : bestOf(scores, count)) {
    auto index = static_cast<int64_t>(i);
    found.push_back(
        {.index = index, .label = labels.nameOf(index), .score = scores[i]});
  }
  return found;
}

static std::optional<uint32_t> maskToken(const text::Tokenizer &tokenizer) {
  for (const char *name : {"[MASK]", "<mask>"})
    if (auto id = tokenizer.idOf(name))
      return id;
  return std::nullopt;
}

Result<std::vector<Mask>> fillMasks(TextModel &model, std::string_view text,
                                    size_t count) {
  auto encoding = model.encode(text);
  if (!encoding)
    return encoding.takeStatus();
  auto logits = logitsOf(model, *encoding, true);
  if (!logits)
    return logits.takeStatus();
  std::optional<uint32_t> mask = maskToken(model.tokenizer());
  std::vector<Mask> masks;
  for (size_t i = 0; i < encoding->size(); ++i) {
    if (!mask || encoding->ids[i] != *mask)
      continue;
    Mask &made = masks.emplace_back();
    made.position = i;
    std::vector<double> scores = scoresOf(logits->row(i), Scoring::Softmax);
    for (size_t token : bestOf(scores, count)) {
      const uint32_t id[] = {static_cast<uint32_t>(token)};
      auto word = model.tokenizer().decode(id);
      auto name = model.tokenizer().tokenOf(id[0]);
      made.words.push_back({.index = id[0],
                            .label = std::string(name.value_or("")),
                            .score = scores[token],
                            .start = encoding->offsets[i].begin,
                            .end = encoding->offsets[i].end,
                            .text = word ? *word : ""});
    }
  }
  if (masks.empty())
    return Error{.code = Code::BadInput,
                 .what = "the text has no mask to fill",
                 .hint = "write [MASK] or <mask>, as the tokenizer has it"};
  return masks;
}

} // namespace llmc
