// SPDX-License-Identifier: Apache-2.0
// Encodings, look-ups, and what is said of broken files.
#include "test/unit/text/Harness.h"

using namespace llmc;
using namespace llmc::test;
using Ids = std::vector<uint32_t>;

TEST_CASE("an encoding has the special tokens, masks and types") {
  TokenizerPointer words = load(wordsFile());
  auto one = words->encode("t0 ?  t4");
  REQUIRE(one);
  CHECK(one->ids == Ids{1, 3, 0, 7, 2});
  CHECK(one->specialMask == std::vector<uint8_t>{1, 0, 0, 0, 1});
  CHECK(one->attentionMask == std::vector<uint8_t>{1, 1, 1, 1, 1});
  CHECK(one->offsets[3].begin == 6);
  CHECK(one->offsets[3].end == 8);
  auto pair = words->encodePair("t1", "t2 t3");
  REQUIRE(pair);
  CHECK(pair->ids == Ids{1, 4, 2, 5, 6, 2});
  CHECK(pair->typeIds == Ids{0, 0, 0, 1, 1, 1});
  CHECK(words->encode("t0", false)->ids == Ids{3});
  CHECK(words->encode("")->ids == Ids{1, 2});
}

TEST_CASE("ids alone are the ids of the encoding") {
  std::mt19937 random(1);
  TokenizerPointer tokenizers[] = {bundled(), load(wordsFile())};
  for (const TokenizerPointer &tokenizer : tokenizers)
    for (int i = 0; i < 300; ++i) {
      std::string text = randomText(random, random() % 200);
      if (random() % 8 == 0)
        text.insert(random() % (text.size() + 1), "\xE2\x82");
      REQUIRE(*tokenizer->encodeIds(text) == tokenizer->encode(text)->ids);
    }
}

TEST_CASE("a whole text is not cut to the file's length") {
  json file = wordsFile();
  file["truncation"] = {{"direction", "Right"},
                        {"max_length", 4},
                        {"strategy", "LongestFirst"},
                        {"stride", 0}};
  TokenizerPointer words = load(file);
  CHECK(words->encodeIds("t0 t1 t2 t3")->size() == 4);
  CHECK(*words->encodeWhole("t0 t1 t2 t3") == Ids{1, 3, 4, 5, 6, 2});
  CHECK(*words->encodeWhole("t0 t1 t2 t3", false) == Ids{3, 4, 5, 6});
}

TEST_CASE("tokens are found by id and by text") {
  TokenizerPointer words = load(wordsFile());
  CHECK(words->idOf("t5") == 8);
  CHECK_FALSE(words->idOf("t20"));
  CHECK(words->tokenOf(8) == "t5");
  CHECK_FALSE(words->tokenOf(23));
  CHECK(words->isSpecial(1));
  CHECK_FALSE(words->isSpecial(3));
  CHECK(words->size() == 23);
  CHECK(words->idLimit() == 23);
  CHECK(*words->decode(Ids{1, 3, 99, 4, 2}) == "t0 t1");
  CHECK(*words->decode(Ids{1, 3, 99, 4, 2}, false) == "[CLS] t0 t1 [SEP]");
}

TEST_CASE("byte-level BPE gives back every text") {
  TokenizerPointer tales = bundled();
  std::mt19937 random(2);
  for (int i = 0; i < 200; ++i) {
    std::string text = randomText(random, random() % 100);
    REQUIRE(*tales->decode(*tales->encodeIds(text)) == text);
  }
}

TEST_CASE("a broken tokenizer.json is refused with the place") {
  CHECK(refusal(std::string("{")) ==
        ": not valid JSON: cannot parse at byte 2, near '{'");
  CHECK(refusal(std::string("[]")) == ": not a JSON object");
  auto with = [](auto change) {
    json file = wordsFile();
    change(file);
    return refusal(file);
  };
  CHECK(with([](json &f) { f.erase("model"); }) == "model: missing");
  CHECK(with([](json &f) { f["model"]["type"] = "Oracle"; }) ==
        "model: unknown model 'Oracle'");
  CHECK(with([](json &f) { f["model"]["vocab"]["t0"] = -1; }) ==
        "model.vocab: piece 't0' has the id -1, which is no integer from 0 to "
        "2147483647");
  CHECK(with([](json &f) { f["pre_tokenizer"]["type"] = "Cut"; }) ==
        "pre_tokenizer: unknown pre_tokenizer 'Cut'");
  CHECK(with([](json &f) {
          f["pre_tokenizer"] = {{"type", "Split"},
                                {"pattern", {{"Regex", "(a"}}},
                                {"behavior", "Isolated"}};
        }) == "pre_tokenizer Split: the regex pattern '(a' is invalid: missing "
              "closing parenthesis");
  CHECK(with([](json &f) { f["decoder"] = {{"type", "Strip"}}; }) ==
        "decoder Strip: content is missing");
  CHECK(with([](json &f) { f["normalizer"] = 7; }) ==
        "normalizer: not an object");
  CHECK(with([](json &f) { f["added_tokens"][0]["content"] = 3; }) ==
        "added_tokens[0]: content is not a string");
}

TEST_CASE("a pattern that never ends is an error, not a hang") {
  json file = wordsFile();
  file["pre_tokenizer"] = {{"type", "Split"},
                           {"pattern", {{"Regex", "(a+)+[0-9]"}}},
                           {"behavior", "Isolated"}};
  TokenizerPointer tokenizer = load(file);
  auto encoding = tokenizer->encode(std::string(64, 'a'));
  REQUIRE_FALSE(encoding);
  CHECK(encoding.error().code == Code::BadInput);
  CHECK(encoding.error().where == "pattern '(a+)+[0-9]'");
}
