// SPDX-License-Identifier: Apache-2.0
// Small tokenizers and random text for the tests of the room.
#ifndef LLMC_TEST_UNIT_TEXT_HARNESS_H
#define LLMC_TEST_UNIT_TEXT_HARNESS_H

#include "runtime/text/ByteLevel.h"
#include "runtime/text/Tokenizer.h"
#include "runtime/text/Utf8.h"
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>

namespace llmc::test {

using nlohmann::json;
using TokenizerPointer = std::shared_ptr<const text::Tokenizer>;

inline TokenizerPointer load(const json &file) {
  auto tokenizer = text::Tokenizer::load(file.dump());
  if (!tokenizer)
    FAIL(tokenizer.error().where << ": " << tokenizer.error().what);
  return *tokenizer;
}

/// What load says of a broken file, "WHERE: WHAT".
inline std::string refusal(const std::string &file) {
  auto tokenizer = text::Tokenizer::load(file);
  if (tokenizer)
    return "accepted";
  return tokenizer.error().where + ": " + tokenizer.error().what;
}
inline std::string refusal(const json &file) { return refusal(file.dump()); }

/// The bundled model's tokenizer: byte-level BPE.
inline TokenizerPointer bundled() {
  std::ifstream file(MODELS_DIR "/tales/tokenizer.json", std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), {});
  auto tokenizer = text::Tokenizer::load(bytes);
  REQUIRE(tokenizer);
  return *tokenizer;
}

/// Words with special tokens around them: [CLS] is 1, [SEP] 2, t<i> is 3 + i.
inline json wordsFile() {
  json vocabulary = {{"[UNK]", 0}, {"[CLS]", 1}, {"[SEP]", 2}};
  for (int i = 0; i < 20; ++i)
    vocabulary["t" + std::to_string(i)] = 3 + i;
  json special;
  for (const char *token : {"[CLS]", "[SEP]"})
    special[token] = {
        {"id", token}, {"ids", {vocabulary[token]}}, {"tokens", {token}}};
  auto token = [](const char *id, int type) {
    return json{{"SpecialToken", {{"id", id}, {"type_id", type}}}};
  };
  auto sequence = [](const char *id, int type) {
    return json{{"Sequence", {{"id", id}, {"type_id", type}}}};
  };
  json added = json::array();
  for (int id : {1, 2})
    added.push_back({{"id", id},
                     {"content", id == 1 ? "[CLS]" : "[SEP]"},
                     {"special", true}});
  return {
      {"version", "1.0"},
      {"added_tokens", added},
      {"pre_tokenizer", {{"type", "WhitespaceSplit"}}},
      {"post_processor",
       {{"type", "TemplateProcessing"},
        {"single", {token("[CLS]", 0), sequence("A", 0), token("[SEP]", 0)}},
        {"pair",
         {token("[CLS]", 0), sequence("A", 0), token("[SEP]", 0),
          sequence("B", 1), token("[SEP]", 1)}},
        {"special_tokens", special}}},
      {"model",
       {{"type", "WordLevel"}, {"unk_token", "[UNK]"}, {"vocab", vocabulary}}}};
}

/// Valid text of random characters, most of them ASCII.
inline std::string randomText(std::mt19937 &random, size_t count) {
  static const char32_t others[] = {0xE9,   0x17F,  0x301,   0x3B1,   0x416,
                                    0x5D0,  0x661,  0x915,   0x1C5,   0x2028,
                                    0x3000, 0x4E00, 0xAC00,  0xFB01,  0xFFFD,
                                    0x2460, 0x2B0,  0x10400, 0x1F600, 0x1D7CE};
  static const std::string_view ascii =
      "aabcdeimrstvlABSTLM'''    \t\r\n\n019.,!/-_(";
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    if (random() % 5)
      text += ascii[random() % ascii.size()];
    else
      text::appendUtf8(text, others[random() % std::size(others)]);
  }
  return text;
}

} // namespace llmc::test

#endif
