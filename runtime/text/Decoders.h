// SPDX-License-Identifier: Apache-2.0
// The decoders of tokenizer.json, each a stage of a stream: tokens go in,
// text comes out as soon as it cannot change any more. A Decoder is immutable
// after load; the stages it starts belong to one stream.
#ifndef LLMC_RUNTIME_TEXT_DECODERS_H
#define LLMC_RUNTIME_TEXT_DECODERS_H

#include "runtime/core/Status.h"
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace llmc::text {

/// Takes a sequence of tokens; each arrives as pieces and an end.
class DecodeStage {
public:
  virtual ~DecodeStage() = default;
  virtual void piece(std::string_view text) = 0;
  virtual void endToken() = 0;
  /// After the last token.
  virtual void finish() { next->finish(); }

  DecodeStage *next = nullptr;
  Status *failure = nullptr; // of the stream; the first one counts
};

/// A stage that needs a token as a whole.
class TokenStage : public DecodeStage {
public:
  void piece(std::string_view text) override { token_ += text; }
  void endToken() override {
    whole(token_);
    token_.clear();
    ++index_;
  }

protected:
  virtual void whole(std::string &token) = 0;
  void send(std::string_view token) {
    next->piece(token);
    next->endToken();
  }
  size_t index_ = 0;

private:
  std::string token_;
};

/// What a decoder makes of one token, beside others.
struct DecoderTraits {
  /// The first token of a text becomes another text than it would later.
  bool firstDiffers = false;
  /// A token's text depends on its neighbours.
  bool readsNeighbours = false;
  /// The bytes of a token that may have only a part of a character, where the
  /// decoder knows such ones; else nothing.
  std::optional<std::string> (*bytesOf)(std::string_view token) = nullptr;
};

class Decoder {
public:
  explicit Decoder(DecoderTraits traits) : traits_(traits) {}
  virtual ~Decoder() = default;
  virtual std::unique_ptr<DecodeStage> start() const = 0;
  const DecoderTraits &traits() const { return traits_; }

private:
  DecoderTraits traits_;
};

using DecoderList = std::vector<std::unique_ptr<Decoder>>;

Status loadDecoder(const nlohmann::json &json, const std::string &where,
                   DecoderList &out);

/// The stages of one stream, ending in a string.
class DecodeChain {
public:
  /// With `spaced`, tokens are joined by spaces.
  DecodeChain(const DecoderList &decoders, bool spaced);
  void token(std::string_view text) {
    stages_.front()->piece(text);
    stages_.front()->endToken();
  }
  void finish() { stages_.front()->finish(); }
  std::string &output() { return output_; }
  Status takeFailure() { return std::move(failure_); }

private:
  std::string output_;
  Status failure_;
  std::vector<std::unique_ptr<DecodeStage>> stages_;
};

} // namespace llmc::text

#endif
