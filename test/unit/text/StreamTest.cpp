// SPDX-License-Identifier: Apache-2.0
// Decoding token by token: pieces are whole characters and join to the text.
#include "test/unit/text/Harness.h"

using namespace llmc;
using namespace llmc::test;

/// Streams the ids and compares with decode(); the largest number of tokens
/// that were held back.
static size_t checkStream(const text::Tokenizer &tokenizer,
                          const std::vector<uint32_t> &ids, bool skipSpecial) {
  text::StreamDecoder stream = tokenizer.stream(skipSpecial);
  std::string joined;
  size_t held = 0, longest = 0;
  for (uint32_t id : ids) {
    auto piece = stream.push(id);
    REQUIRE(piece);
    REQUIRE(text::isValidUtf8(*piece));
    held = piece->empty() ? held + 1 : 0;
    longest = std::max(longest, held);
    joined += *piece;
  }
  auto rest = stream.finish();
  REQUIRE(rest);
  REQUIRE(text::isValidUtf8(*rest));
  REQUIRE(joined + *rest == *tokenizer.decode(ids, skipSpecial));
  return longest;
}

static void checkRandomStreams(const text::Tokenizer &tokenizer) {
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    std::vector<uint32_t> ids(random() % 40);
    for (uint32_t &id : ids)
      id = random() % tokenizer.idLimit();
    checkStream(tokenizer, ids, round % 2 == 0);
    ids = *tokenizer.encodeIds(randomText(random, 60));
    checkStream(tokenizer, ids, round % 2 == 0);
  }
}

/// Characters and bytes, as SentencePiece models have them.
static json bytesFile(json decoder) {
  json vocabulary = {{"<unk>", 0}, {"▁", 1}, {"a", 2}, {"▁a", 3}, {"é", 4}};
  for (int b = 0; b < 256; ++b) {
    char code[8];
    std::snprintf(code, sizeof code, "<0x%02X>", b);
    vocabulary[code] = 5 + b;
  }
  return {{"decoder", decoder},
          {"model",
           {{"type", "BPE"},
            {"unk_token", "<unk>"},
            {"byte_fallback", true},
            {"vocab", vocabulary},
            {"merges", json::array()}}}};
}

static json sequence(json steps) {
  return {{"type", "Sequence"}, {"decoders", steps}};
}

TEST_CASE("streams of every decoder join to the decoded text") {
  checkRandomStreams(*bundled());
  json bytes = {{"type", "ByteFallback"}}, fuse = {{"type", "Fuse"}};
  json spaces = {
      {"type", "Replace"}, {"pattern", {{"String", "▁"}}}, {"content", " "}};
  json strip = {{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}};
  json strips = {
      {"type", "Strip"}, {"content", "a"}, {"start", 2}, {"stop", 3}};
  json metaspace = {{"type", "Metaspace"}, {"replacement", "▁"}};
  json decoders[] = {sequence({spaces, bytes, fuse, strip}),
                     sequence({spaces, bytes, fuse, strips}),
                     sequence({bytes, metaspace}),
                     strips,
                     {{"type", "WordPiece"}, {"cleanup", true}},
                     {{"type", "BPEDecoder"}, {"suffix", "a"}},
                     {{"type", "CTC"}},
                     nullptr};
  for (const json &decoder : decoders)
    checkRandomStreams(*load(bytesFile(decoder)));
  checkRandomStreams(*load(wordsFile()));
}

TEST_CASE("a character comes with its last byte") {
  TokenizerPointer bytes = load(
      bytesFile(sequence({{{"type", "ByteFallback"}}, {{"type", "Fuse"}}})));
  text::StreamDecoder stream = bytes->stream();
  auto byte = [&](int value) {
    return *stream.push(5 + static_cast<uint32_t>(value));
  };
  std::string text;
  for (int value : {0xF0, 0x9F, 0x98})
    text += byte(value);
  CHECK(text.empty());
  text += byte(0x80);
  text += *stream.push(2);
  CHECK(text == "😀a");
}

TEST_CASE("a stream holds back no more than a character of byte-level text") {
  TokenizerPointer tales = bundled();
  auto ids = tales->encodeIds("Once upon a time 😀😀 there was a naïve fox.");
  CHECK(checkStream(*tales, *ids, true) < 4);
}
