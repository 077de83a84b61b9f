// SPDX-License-Identifier: Apache-2.0
// Masks of tokens against brute force: every token of a vocabulary, byte by
// byte, after many beginnings of texts.
#include "runtime/core/File.h"
#include "runtime/text/Tokenizer.h"
#include "test/unit/grammar/Harness.h"
#include <random>

using namespace llmc::grammar;
using namespace llmc::grammar::test;

namespace {

std::shared_ptr<const TokenTexts> talesTexts() {
  auto file = llmc::MappedFile::open(MODELS_DIR "/tales/tokenizer.json");
  REQUIRE(file);
  auto bytes = (*file)->bytes();
  auto tokenizer = llmc::text::Tokenizer::load(
      {reinterpret_cast<const char *>(bytes.data()), bytes.size()});
  REQUIRE(tokenizer);
  return *tokenTexts(**tokenizer);
}

/// Texts that begin and end in all kinds of ways: strings of bytes that
/// grammars use, several tokens with the same text, parts of characters.
std::vector<std::string> randomTexts(std::mt19937 &random) {
  constexpr std::string_view pieces[] = {
      "{",    "}", "[",    "]",    "\"",   ":",     ",",        " ",
      "\n",   "a", "b",    "\\",   "n",    "u00",   "1",        "0",
      ".",    "-", "true", "\xC3", "\xA9", "é",     "\xF0\x9F", "\x98\x80",
      "null", "x", "()",   "(",    ")",    "\", \""};
  std::vector<std::string> texts = byteTokens();
  for (int i = 0; i < 1500; ++i) {
    std::string text;
    for (size_t n = 1 + random() % 5; n > 0; --n)
      text += pieces[random() % std::size(pieces)];
    texts.push_back(text);
  }
  texts.insert(texts.end(), {"", "a", "a", "}}"});
  return texts;
}

/// Draws tokens under the constraint, and holds each mask against brute force.
void compare(const ConstraintSource &source,
             std::shared_ptr<const TokenTexts> tokens, std::mt19937 &random) {
  INFO(source.text);
  Matcher match(source);
  auto constraint = makeConstraint(source, tokens);
  REQUIRE(constraint);
  for (int round = 0; round < 3; ++round) {
    ConstrainedText text;
    std::string bytes;
    for (int step = 0; step < 25; ++step) {
      const TokenTrie &trie =
          step == 0 && tokens->firstDiffers ? tokens->first : tokens->later;
      auto allowed = (*constraint)->allowed(text);
      REQUIRE(allowed);
      SetId set = match.sets().step(match.sets().start(), bytes);
      std::vector<uint32_t> want;
      size_t wrong = 0;
      for (uint32_t token = 0; token < trie.idLimit(); ++token) {
        std::string_view piece = trie.textOf(token);
        bool fits =
            !piece.empty() && match.sets().step(set, piece) != StateSets::dead;
        if (fits)
          want.push_back(token);
        wrong += fits != isAllowed(allowed->tokens, token);
      }
      INFO(bytes);
      REQUIRE(wrong == 0);
      REQUIRE(allowed->end == match(bytes));
      REQUIRE(allowed->any == !want.empty());
      if (want.empty())
        break;
      uint32_t token = want[random() % want.size()];
      REQUIRE((*constraint)->add(text, token).ok());
      bytes += trie.textOf(token);
    }
  }
}

const char *const grammars[] = {
    R"g(root ::= "(" root ")" root | "a"?)g",
    R"(root ::= word (" " word){0,5} "."
word ::= [a-z]+ | "é" word | "\"" [^"]* "\"")",
    R"(root ::= [^a]{3,9} | .* "b" | "a" [\x00-\x7f]* )",
    R"(root ::= list
list ::= "[" (list ("," list)*)? "]" | "1" | "10" | "1.0")",
    R"g(root ::= a b c
a ::= "x"? "\n"?
b ::= a a | "()" b
c ::= "\\" . c | "null" | "")g"};

const char *const schemas[] = {
    "{}",
    R"({"type":"object","properties":{"a":{"type":"string","maxLength":4},
"b":{"type":"array","items":{"type":"integer","minimum":-10,"maximum":110}},
"x":{"$ref":"#"}},"additionalProperties":{"type":"null"}})",
    R"({"type":"array","items":{"anyOf":[{"enum":["a","aé",1,10,true,null]},
{"type":"number","minimum":0}]}})",
    R"({"type":"string","pattern":"^(a|\"|\\n|é)+x?$"})"};

} // namespace

TEST_CASE("masks are what every token alone says") {
  std::mt19937 random(3);
  auto made = textsOf(randomTexts(random)), tales = talesTexts();
  for (const char *text : grammars) {
    compare(grammarSource(text), made, random);
    compare(grammarSource(text), tales, random);
  }
  for (const char *text : schemas) {
    compare(schemaSource(text), made, random);
    compare(schemaSource(text), tales, random);
  }
}

TEST_CASE("the first token may have another text") {
  std::vector<std::string> later = {" a", "a", " b", "b"},
                           first = {"a", "a", "b", "b"};
  auto tokens = std::make_shared<const TokenTexts>(
      TokenTexts{TokenTrie(later), TokenTrie(first), true});
  std::mt19937 random(5);
  compare(grammarSource(R"(root ::= "a" (" " [ab])* )"), tokens, random);
}

TEST_CASE(
    "a text that the vocabulary cannot spell is an error with its bytes") {
  auto constraint = makeConstraint(grammarSource(R"(root ::= "a" [xyz\n] )"),
                                   textsOf({"a", "b"}));
  REQUIRE(constraint);
  ConstrainedText text;
  REQUIRE((*constraint)->allowed(text));
  REQUIRE((*constraint)->add(text, 0).ok());
  auto allowed = (*constraint)->allowed(text);
  REQUIRE_FALSE(allowed.ok());
  CHECK(allowed.error().what ==
        "no token of the vocabulary goes on as the constraint asks: with 0x0A, "
        "'x', 'y', 'z'");
  CHECK((*constraint)->add(text, 1).error().what ==
        "token 1 does not go on in the constraint");
}

TEST_CASE("copies of a text go on by themselves, and failures end one text") {
  auto constraint =
      makeConstraint(grammarSource(R"g(root ::= "(" root ")" | "x")g"),
                     textsOf({"(", ")", "x", std::string(999, '(')}));
  ConstrainedText text;
  REQUIRE((*constraint)->add(text, 0).ok());
  ConstrainedText other = text;
  REQUIRE((*constraint)->add(other, 2).ok());
  REQUIRE((*constraint)->add(text, 3).ok());
  llmc::Status deeper = (*constraint)->add(text, 0);
  REQUIRE_FALSE(deeper.ok());
  CHECK(deeper.error().what ==
        "the text nests deeper in the grammar than 1000 rules");
  // What was known is forgotten; the other text is read again.
  auto allowed = (*constraint)->allowed(other);
  REQUIRE(allowed);
  CHECK_FALSE(isAllowed(allowed->tokens, 0));
  CHECK(isAllowed(allowed->tokens, 1));
  CHECK_FALSE(allowed->end);
  REQUIRE((*constraint)->add(other, 1).ok());
  allowed = (*constraint)->allowed(other);
  REQUIRE(allowed);
  CHECK(allowed->end);
  CHECK_FALSE(allowed->any);
}
