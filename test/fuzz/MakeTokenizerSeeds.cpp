// SPDX-License-Identifier: Apache-2.0
// Writes the fuzzer's first inputs: a tokenizer of every family and small ones
// around every component, each with a text.
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

using nlohmann::json;

static json bytePieces() {
  json vocabulary = {{"<unk>", 0}, {"▁", 1}, {"a", 2}, {"▁a", 3}, {"##a", 4}};
  for (int b = 0; b < 256; ++b) {
    char code[8];
    std::snprintf(code, sizeof code, "<0x%02X>", b);
    vocabulary[code] = 5 + b;
  }
  return vocabulary;
}

static json models() {
  json bpe = {{"type", "BPE"},
              {"vocab", {{"a", 0}, {"b", 1}, {"ab", 2}, {"Ġ", 3}, {"Ġab", 4}}},
              {"merges", {{"a", "b"}, {"Ġ", "ab"}}}};
  json fallback = {{"type", "BPE"},         {"unk_token", "<unk>"},
                   {"byte_fallback", true}, {"fuse_unk", true},
                   {"vocab", bytePieces()}, {"merges", {"▁ a"}}};
  json clip = {{"type", "BPE"},
               {"unk_token", "a"},
               {"end_of_word_suffix", "</w>"},
               {"continuing_subword_prefix", "##"},
               {"ignore_merges", true},
               {"vocab", {{"a", 0}, {"##b</w>", 1}, {"ab</w>", 2}}},
               {"merges", {{"a", "##b</w>"}}}};
  json pieces = {{"type", "WordPiece"},
                 {"unk_token", "<unk>"},
                 {"continuing_subword_prefix", "##"},
                 {"max_input_chars_per_word", 9},
                 {"vocab", {{"<unk>", 0}, {"a", 1}, {"##b", 2}, {"é", 3}}}};
  json words = {{"type", "WordLevel"},
                {"unk_token", "<unk>"},
                {"vocab", {{"<unk>", 0}, {"the", 7}, {"a", 90}}}};
  json unigram = {{"type", "Unigram"},
                  {"unk_id", 0},
                  {"byte_fallback", true},
                  {"vocab",
                   {{"<unk>", 0},
                    {"▁", -1.5},
                    {"a", -2.25},
                    {"ab", -3e0},
                    {"<0xC3>", -4}}}};
  return {bpe, fallback, clip, pieces, words, unigram};
}

static json byText(const char *kind, const char *text) {
  return {{kind, text}};
}

static json normalizers() {
  json list = json::array();
  for (const char *type : {"NFC", "NFD", "NFKC", "NFKD", "Lowercase", "Nmt",
                           "StripAccents", "ByteLevel"})
    list.push_back({{"type", type}});
  list.push_back({{"type", "BertNormalizer"},
                  {"clean_text", true},
                  {"handle_chinese_chars", true},
                  {"strip_accents", nullptr},
                  {"lowercase", true}});
  list.push_back(
      {{"type", "Strip"}, {"strip_left", true}, {"strip_right", true}});
  list.push_back({{"type", "Replace"},
                  {"pattern", byText("Regex", "[a-c]+\\s?")},
                  {"content", "xy"}});
  list.push_back({{"type", "Prepend"}, {"prepend", "▁"}});
  list.push_back(
      {{"type", "Precompiled"}, {"precompiled_charsmap", "BAAAAAAAAAABYQA="}});
  return list;
}

static json preTokenizers() {
  json list = json::array();
  for (const char *type :
       {"BertPreTokenizer", "Whitespace", "WhitespaceSplit", "UnicodeScripts"})
    list.push_back({{"type", type}});
  list.push_back(
      {{"type", "ByteLevel"}, {"add_prefix_space", true}, {"use_regex", true}});
  list.push_back({{"type", "Metaspace"},
                  {"replacement", "▁"},
                  {"prepend_scheme", "first"},
                  {"split", true}});
  list.push_back({{"type", "Digits"}, {"individual_digits", false}});
  list.push_back({{"type", "FixedLength"}, {"length", 2}});
  list.push_back({{"type", "CharDelimiterSplit"}, {"delimiter", "e"}});
  for (const char *behavior : {"Removed", "Isolated", "MergedWithPrevious",
                               "MergedWithNext", "Contiguous"}) {
    list.push_back({{"type", "Punctuation"}, {"behavior", behavior}});
    list.push_back({{"type", "Split"},
                    {"pattern", byText("Regex", "(?i:'s)|\\p{L}+|[^\\w\\s]")},
                    {"behavior", behavior},
                    {"invert", true}});
  }
  return list;
}

static json decoders() {
  json list = json::array();
  for (const char *type : {"ByteLevel", "ByteFallback", "Fuse"})
    list.push_back({{"type", type}});
  list.push_back({{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}});
  list.push_back({{"type", "BPEDecoder"}, {"suffix", "</w>"}});
  list.push_back({{"type", "Metaspace"},
                  {"replacement", "▁"},
                  {"prepend_scheme", "always"}});
  list.push_back({{"type", "CTC"},
                  {"pad_token", "a"},
                  {"word_delimiter_token", "|"},
                  {"cleanup", true}});
  list.push_back(
      {{"type", "Strip"}, {"content", "a"}, {"start", 1}, {"stop", 2}});
  list.push_back({{"type", "Replace"},
                  {"pattern", byText("String", "▁")},
                  {"content", " "}});
  return list;
}

static json postProcessors() {
  json cls = json::array({"a", 1}), sep = json::array({"b", 2});
  json special = {{"SpecialToken", {{"id", "a"}, {"type_id", 0}}}};
  json first = {{"Sequence", {{"id", "A"}, {"type_id", 0}}}};
  json second = {{"Sequence", {{"id", "B"}, {"type_id", 1}}}};
  return {{{"type", "BertProcessing"}, {"sep", sep}, {"cls", cls}},
          {{"type", "RobertaProcessing"},
           {"sep", sep},
           {"cls", cls},
           {"trim_offsets", true},
           {"add_prefix_space", true}},
          {{"type", "ByteLevel"}, {"trim_offsets", true}},
          {{"type", "TemplateProcessing"},
           {"single", {special, first}},
           {"pair", {first, special, second}},
           {"special_tokens",
            {{"a", {{"id", "a"}, {"ids", {1}}, {"tokens", {"a"}}}}}}}};
}

static json sequence(const char *key, json list) {
  return {{"type", "Sequence"}, {key, std::move(list)}};
}

int main(int count, char **arguments) {
  std::filesystem::path folder = count > 1 ? arguments[1] : "seeds";
  std::filesystem::create_directories(folder);
  int number = 0;
  auto write = [&](const json &file) {
    std::ofstream out(folder / std::to_string(number++), std::ios::binary);
    out << file.dump() << '\0' << "a the  ab's É漢😀 x12, \xE2\x82 <s>\n\tA";
  };
  json added = {{{"content", "<s>"}, {"lstrip", true}, {"rstrip", true}},
                {{"content", "ab"}, {"single_word", true}},
                {{"content", "É"}, {"normalized", true}, {"special", true}}};
  for (const json &model : models()) {
    write({{"model", model}, {"added_tokens", added}});
    for (const json &part : preTokenizers())
      write({{"model", model}, {"pre_tokenizer", part}});
  }
  json model = models()[1];
  for (const json &part : normalizers())
    write({{"model", model}, {"normalizer", part}, {"added_tokens", added}});
  for (const json &part : decoders())
    write({{"model", model}, {"decoder", part}});
  for (const json &part : postProcessors())
    write({{"model", model}, {"post_processor", part}});
  write({{"model", model},
         {"normalizer", sequence("normalizers", normalizers())},
         {"decoder", sequence("decoders", decoders())},
         {"truncation",
          {{"max_length", 5},
           {"stride", 2},
           {"strategy", "LongestFirst"},
           {"direction", "Left"}}},
         {"padding",
          {{"strategy", {{"Fixed", 9}}},
           {"direction", "Right"},
           {"pad_to_multiple_of", 4},
           {"pad_id", 3},
           {"pad_type_id", 0},
           {"pad_token", "a"}}}});
}
