// SPDX-License-Identifier: Apache-2.0
// Texts through an encoder and its tokenizer, timed: what `llmc eval` measures
// embeddings and classes with. One thread at a time.
#ifndef LLMC_TOOLS_LLMC_TEXTENCODER_H
#define LLMC_TOOLS_LLMC_TEXTENCODER_H

#include "runtime/session/Encoder.h"
#include "runtime/text/Tokenizer.h"

namespace llmc::cli {

class TextEncoder {
public:
  /// Of the model of that name inside the artifact.
  static Result<TextEncoder> create(std::shared_ptr<const Model> model,
                                    const std::string &name);

  /// The embedding, as the artifact says it is made. BadInput where it is not
  /// finite.
  Result<std::vector<float>> embed(std::string_view text);
  /// The logit of each class, valid until the next call.
  Result<std::span<const float>> classify(std::string_view text);

  Result<std::vector<int64_t>> tokensOf(std::string_view text) const;

  double seconds() const { return seconds_; } // of running the model

private:
  Result<std::span<const float>> logitsOf(const LlmcTensor &tensor);

  std::string file_; // for messages
  std::shared_ptr<const text::Tokenizer> tokenizer_;
  std::unique_ptr<Encoder> encoder_;
  Buffer room_; // of logits that are not f32
  double seconds_ = 0;
};

} // namespace llmc::cli

#endif
