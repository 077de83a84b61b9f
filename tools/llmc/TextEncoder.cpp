// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/TextEncoder.h"
#include "runtime/session/FloatTensor.h"
#include "runtime/session/Generator.h"
#include "runtime/session/Roles.h"
#include "runtime/session/Scores.h"
#include <chrono>
#include <cmath>

namespace llmc::cli {

namespace {
/// Adds the seconds of its life.
class Timer {
public:
  explicit Timer(double &seconds) : seconds_(seconds) {}
  ~Timer() {
    seconds_ += std::chrono::duration<double>(Clock::now() - start_).count();
  }

private:
  using Clock = std::chrono::steady_clock;
  double &seconds_;
  Clock::time_point start_ = Clock::now();
};
} // namespace

Result<TextEncoder> TextEncoder::create(std::shared_ptr<const Model> model,
                                        const std::string &name) {
  TextEncoder made;
  made.file_ = model->artifact().path();
  auto tokenizer = loadTokenizer(model->artifact());
  if (!tokenizer)
    return tokenizer.takeStatus();
  made.tokenizer_ = std::move(*tokenizer);
  auto encoder = Encoder::create(model, name);
  if (!encoder)
    return encoder.takeStatus();
  made.encoder_ = std::move(*encoder);
  return made;
}

Result<std::vector<int64_t>>
TextEncoder::tokensOf(std::string_view text) const {
  auto ids = tokenizer_->encodeIds(text);
  if (!ids)
    return ids.takeStatus();
  return std::vector<int64_t>(ids->begin(), ids->end());
}

Result<std::vector<float>> TextEncoder::embed(std::string_view text) {
  auto tokens = tokensOf(text);
  if (!tokens)
    return tokens.takeStatus();
  Timer timer(seconds_);
  auto vector = encoder_->embed(*tokens);
  if (!vector)
    return vector.takeStatus().inFile(file_);
  for (float value : *vector)
    if (!std::isfinite(value))
      return Error{Code::BadInput, "an embedding holds NaN or infinity", file_};
  return vector;
}

Result<std::span<const float>> TextEncoder::classify(std::string_view text) {
  auto tokens = tokensOf(text);
  if (!tokens)
    return tokens.takeStatus();
  auto index = findOutput(encoder_->info(), "logits");
  if (!index)
    return Error{Code::Unsupported, "the model gives no logits", file_};
  Timer timer(seconds_);
  auto outputs = encoder_->run(*tokens);
  if (!outputs)
    return outputs.takeStatus().inFile(file_);
  return logitsOf((*outputs)[*index]);
}

Result<std::span<const float>> TextEncoder::logitsOf(const LlmcTensor &tensor) {
  if (!isFloat(tensor) || tensor.rank != 2 || tensor.dims[0] != 1 ||
      tensor.dims[1] == 0)
    return Error{Code::Unsupported, "the model is no classifier of texts",
                 file_};
  auto logits = floatsOf(tensor, 0, static_cast<size_t>(tensor.dims[1]), room_);
  if (logits && !areUsable(*logits))
    return Error{Code::BadInput, "the logits hold NaN or infinity", file_};
  return logits;
}

} // namespace llmc::cli
