// SPDX-License-Identifier: Apache-2.0
// Text to token ids and back, as a published tokenizer.json says. Used by
// sessions, the C API and `llmc tokenize`. A Tokenizer is immutable after
// load, owns its data, and may be used by any number of threads at once.
#ifndef LLMC_RUNTIME_TEXT_TOKENIZER_H
#define LLMC_RUNTIME_TEXT_TOKENIZER_H

#include "runtime/core/Status.h"
#include "runtime/text/Encoding.h"
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace llmc::text {

class StreamDecoder;

/// The largest text that encode takes, in bytes.
constexpr size_t maxTextBytes = size_t(256) << 20;

/// What tokens add to a text, by id. A token's bytes may be a part of a
/// character; those of special tokens, and of ids without a token, are none.
struct TokenBytes {
  std::vector<std::string> later;
  std::vector<std::string> first; // as the first of a text; empty: the same
};

class Tokenizer {
public:
  /// Reads the bytes of a tokenizer.json. What is wrong with it is BadInput,
  /// with the component as `where`; the caller adds the file.
  static Result<std::shared_ptr<const Tokenizer>> load(std::string_view json);
  ~Tokenizer();

  /// Invalid UTF-8 counts as U+FFFD, one per maximal subpart. Truncation and
  /// padding are done if the file says so.
  Result<Encoding> encode(std::string_view text, bool addSpecial = true) const;
  /// Two texts, as BERT takes them.
  Result<Encoding> encodePair(std::string_view first, std::string_view second,
                              bool addSpecial = true) const;
  /// Ids alone, which is quicker, and without padding: what a model runs on one
  /// sequence.
  Result<std::vector<uint32_t>> encodeIds(std::string_view text,
                                          bool addSpecial = true) const;
  /// All of a text, or of two, whatever their lengths: without truncation and
  /// padding.
  Result<Encoding> encodeWholeText(std::string_view text) const;
  Result<Encoding> encodeWholePair(std::string_view first,
                                   std::string_view second) const;
  /// Ids of all of a text, whatever its length: without truncation and padding.
  /// What is cut to windows later.
  Result<std::vector<uint32_t>> encodeWhole(std::string_view text,
                                            bool addSpecial = true) const;

  /// Ids without a token are left out.
  Result<std::string> decode(std::span<const uint32_t> ids,
                             bool skipSpecial = true) const;
  StreamDecoder stream(bool skipSpecial = true) const;

  /// Of all tokens. Unsupported where a token's text depends on its neighbours.
  Result<TokenBytes> tokenBytes() const;

  std::optional<uint32_t> idOf(std::string_view token) const;
  /// As the decoder sees it: the normalized form of some added tokens.
  std::optional<std::string_view> tokenOf(uint32_t id) const;
  bool isSpecial(uint32_t id) const;
  /// Whether tokens that go on with a word are spelled so ("##ing").
  bool marksContinuations() const;
  /// All ids are below this.
  uint32_t idLimit() const;
  /// Number of tokens, added ones included.
  size_t size() const;

  struct Impl; // TokenizerImpl.h

private:
  explicit Tokenizer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Decodes a sequence token by token. The texts that `push` and `finish`
/// return are valid UTF-8 and join to what Tokenizer::decode returns for the
/// whole sequence. Refers to the tokenizer; for one thread at a time.
class StreamDecoder {
public:
  StreamDecoder(StreamDecoder &&) noexcept;
  StreamDecoder &operator=(StreamDecoder &&) noexcept;
  ~StreamDecoder();

  /// The text that is now certain; often empty in the middle of a character.
  Result<std::string> push(uint32_t id);
  /// The rest, after the last token.
  Result<std::string> finish();

private:
  friend class Tokenizer;
  struct State;
  explicit StreamDecoder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

} // namespace llmc::text

#endif
