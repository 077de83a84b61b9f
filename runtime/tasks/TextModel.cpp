// SPDX-License-Identifier: Apache-2.0
#include "runtime/tasks/TextModel.h"
#include "runtime/session/FloatTensor.h"
#include "runtime/session/Roles.h"
#include "runtime/session/Scores.h"
#include "runtime/text/Utf8.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>

namespace llmc {

Result<std::unique_ptr<TextModel>>
TextModel::create(std::shared_ptr<const Model> model, const std::string &name,
                  std::shared_ptr<const text::Tokenizer> tokenizer) {
  std::unique_ptr<TextModel> made(new TextModel(model->artifact()));
  made->tokenizer_ = std::move(tokenizer);
  made->contextLength_ = model->manifest().generation.contextLength.value_or(0);
  auto encoder = Encoder::create(model, name);
  if (!encoder)
    return encoder.takeStatus();
  made->encoder_ = std::move(*encoder);
  return made;
}

Result<text::Encoding> TextModel::encode(std::string_view text) const {
  auto encoding = tokenizer_->encodeWholeText(text);
  if (!encoding)
    return encoding;
  auto count = static_cast<int64_t>(encoding->size());
  if (count == 0)
    return Status(Code::BadInput, "the text has no token");
  if (contextLength_ > 0 && count > contextLength_)
    return Status(Code::BadInput,
                  fmt::format("the text has {} tokens, and the model takes {}",
                              count, contextLength_));
  return encoding;
}

Result<Logits> TextModel::run(std::span<const int64_t> tokens,
                              std::span<const int64_t> types) {
  tokens_ = tokens.size();
  auto outputs = encoder_->run(tokens, types);
  if (!outputs)
    return outputs.takeStatus();
  auto index = findOutput(encoder_->info(), "logits");
  if (!index)
    return Logits();
  const LlmcTensor &tensor = (*outputs)[*index];
  bool fits = isFloat(tensor) && (tensor.rank == 2 || tensor.rank == 3) &&
              tensor.dims[0] == 1 && tensor.dims[tensor.rank - 1] > 0;
  Logits logits;
  logits.rows =
      fits && tensor.rank == 3 ? static_cast<size_t>(tensor.dims[1]) : 1;
  if (!fits || (tensor.rank == 3 && logits.rows != tokens.size()))
    return Status(Code::Unsupported, "the model's logits have an unknown form");
  logits.classes = static_cast<size_t>(tensor.dims[tensor.rank - 1]);
  auto values = floatsOf(tensor, 0, logits.rows * logits.classes, room_);
  if (!values)
    return values.takeStatus();
  if (!areUsable(*values))
    return Status(Code::BadInput, "the logits hold NaN or infinity");
  logits.values = *values;
  return logits;
}

Result<std::span<const float>> TextModel::perToken(std::string_view output,
                                                   Buffer &room) const {
  const EntryInfo &info = encoder_->info();
  for (size_t i = 0; i < info.outputs.size(); ++i) {
    if (info.outputs[i].name != output)
      continue;
    const LlmcTensor &tensor = encoder_->outputs()[i];
    if (!isFloat(tensor) || tensor.rank != 2 || tensor.dims[0] != 1 ||
        static_cast<size_t>(tensor.dims[1]) != tokens_)
      return Status(Code::Unsupported,
                    fmt::format("'{}' has an unknown form", output));
    auto values = floatsOf(tensor, 0, tokens_, room);
    if (values && !areUsable(*values))
      return Status(Code::BadInput,
                    fmt::format("'{}' holds NaN or infinity", output));
    return values;
  }
  return Status(Code::Unsupported,
                fmt::format("the model has no output '{}'", output));
}

std::vector<double> scoresOf(std::span<const float> logits, Scoring scoring) {
  std::vector<double> scores(logits.begin(), logits.end());
  double largest = *std::max_element(scores.begin(), scores.end());
  for (double &score : scores)
    if (scoring != Scoring::None)
      score = scoring == Scoring::Softmax ? std::exp(score - largest)
                                          : 1 / (1 + std::exp(-score));
  double sum = std::accumulate(scores.begin(), scores.end(), 0.0);
  for (double &score : scores)
    if (scoring == Scoring::Softmax)
      score /= sum;
  return scores;
}

std::vector<size_t> bestOf(std::span<const double> scores, size_t count) {
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  count = std::min(count, order.size());
  std::partial_sort(
      order.begin(), order.begin() + static_cast<ptrdiff_t>(count), order.end(),
      [&](size_t a, size_t b) {
        return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
      });
  order.resize(count);
  return order;
}

std::string_view charactersOf(std::string_view text, uint32_t begin,
                              uint32_t end) {
  auto byteOf = [&](uint32_t character) {
    size_t at = 0;
    for (uint32_t i = 0; i < character && at < text.size(); ++i)
      at += text::sequenceLength(static_cast<unsigned char>(text[at]));
    return std::min(at, text.size());
  };
  size_t first = byteOf(begin);
  return text.substr(first, std::max(first, byteOf(end)) - first);
}

std::string readable(std::string_view text) {
  std::string out;
  text::appendRepaired(out, text);
  return out;
}

} // namespace llmc
