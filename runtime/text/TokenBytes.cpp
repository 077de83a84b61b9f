// SPDX-License-Identifier: Apache-2.0
// Tokenizer::tokenBytes(): what each token adds to a text, by the decoders
// themselves, except for tokens that are a part of a character, which those
// would repair.
#include "runtime/text/TokenizerImpl.h"
#include "runtime/text/Utf8.h"
#include <algorithm>

namespace llmc::text {

namespace {

class TokenSpelling {
public:
  explicit TokenSpelling(const Tokenizer &tokenizer,
                         const Tokenizer::Impl &impl)
      : tokenizer_(tokenizer), impl_(impl), isSpaced_(impl.decoders.empty()),
        firstDiffers_(isSpaced_) {}

  Result<TokenBytes> run() {
    for (const auto &decoder : impl_.decoders) {
      const DecoderTraits &traits = decoder->traits();
      if (traits.readsNeighbours)
        return dependsOnOthers();
      firstDiffers_ |= traits.firstDiffers;
      if (traits.bytesOf)
        bytesOf_ = traits.bytesOf;
    }
    TokenBytes bytes;
    size_t limit = tokenizer_.idLimit();
    bytes.later.resize(limit);
    if (firstDiffers_)
      bytes.first.resize(limit);
    DecodeChain chain(impl_.decoders, isSpaced_);
    chain.token(anchor); // now no token is the first
    chain.token(anchor);
    chain.output().clear();
    chain.token(anchor);
    anchorText_ = take(chain);
    for (uint32_t id = 0; id < limit; ++id) {
      auto token = impl_.tokenOf(id);
      if (!token || impl_.added.isSpecial(*token))
        continue;
      if (auto part = partOfCharacter(*token)) {
        bytes.later[id] = *part;
        if (firstDiffers_)
          bytes.first[id] = std::move(*part);
        continue;
      }
      if (!spell(chain, *token, bytes.later[id]))
        return dependsOnOthers();
      if (firstDiffers_) {
        DecodeChain fresh(impl_.decoders, isSpaced_);
        if (!spell(fresh, *token, bytes.first[id]))
          return dependsOnOthers();
      }
    }
    return bytes;
  }

private:
  /// A token that shows where the one before it ends.
  static constexpr std::string_view anchor = "a";

  static Status dependsOnOthers() {
    return Status(Code::Unsupported,
                  "the text of this tokenizer's tokens depends on their "
                  "neighbours: no constraint can follow it token by token");
  }

  std::optional<std::string> partOfCharacter(std::string_view token) const {
    auto bytes = bytesOf_ ? bytesOf_(token) : std::nullopt;
    return bytes && !isValidUtf8(*bytes) ? bytes : std::nullopt;
  }

  static std::string take(DecodeChain &chain) {
    std::string text;
    text.swap(chain.output());
    return text;
  }

  bool spell(DecodeChain &chain, std::string_view token, std::string &text) {
    chain.token(token);
    chain.token(anchor);
    text = take(chain);
    if (!chain.takeFailure().ok() || !text.ends_with(anchorText_))
      return false;
    text.resize(text.size() - anchorText_.size());
    return true;
  }

  const Tokenizer &tokenizer_;
  const Tokenizer::Impl &impl_;
  bool isSpaced_;
  bool firstDiffers_;
  std::optional<std::string> (*bytesOf_)(std::string_view) = nullptr;
  std::string anchorText_;
};

} // namespace

Result<TokenBytes> Tokenizer::tokenBytes() const {
  return TokenSpelling(*this, *impl_).run();
}

} // namespace llmc::text
