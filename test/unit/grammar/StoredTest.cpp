// SPDX-License-Identifier: Apache-2.0
// Constraints as bytes: the same masks after a round trip, and damage.
#include "runtime/grammar/StoredConstraint.h"
#include "test/unit/grammar/Harness.h"

using namespace llmc::grammar;
using namespace llmc::grammar::test;

static std::shared_ptr<const TokenTexts> vocabulary() {
  std::vector<std::string> texts = byteTokens();
  texts.insert(texts.end(), {"{\"", "a\":", "\", \"", "\"}", "ab", "]}", "12"});
  return textsOf(texts);
}

static const ConstraintSource source = schemaSource(
    R"({"type":"object","properties":{"a":{"type":"string"},"b":{"items":{}}}})");

TEST_CASE("a stored constraint allows what the constraint does") {
  auto tokens = vocabulary();
  auto bytes = storeConstraint(source, tokens);
  REQUIRE(bytes);
  CHECK(*bytes == *storeConstraint(source, tokens));
  auto stored = loadConstraint(*bytes, tokens);
  REQUIRE(stored);
  auto made = makeConstraint(source, tokens);
  ConstrainedText one, other;
  for (char byte : std::string(R"({"a":"xy\"", "b": [12, {"c":null}]})")) {
    auto want = (*made)->allowed(one);
    std::vector<uint64_t> bits(want->tokens.begin(), want->tokens.end());
    auto got = (*stored)->allowed(other);
    REQUIRE(got);
    CHECK(std::ranges::equal(got->tokens, bits));
    CHECK(got->end == want->end);
    uint32_t token = 1 + static_cast<uint8_t>(byte);
    REQUIRE((*made)->add(one, token).ok());
    REQUIRE((*stored)->add(other, token).ok());
  }
}

TEST_CASE("damaged bytes and other tokens are refused") {
  auto tokens = vocabulary();
  std::string bytes = *storeConstraint(source, tokens);
  auto codeOf = [&](std::string_view damaged,
                    std::shared_ptr<const TokenTexts> texts) {
    auto loaded = loadConstraint(damaged, std::move(texts));
    return loaded ? llmc::Code::Ok : loaded.error().code;
  };
  CHECK(codeOf(bytes, textsOf(byteTokens())) == llmc::Code::Integrity);
  CHECK(codeOf("", tokens) == llmc::Code::Integrity);
  // Cut between two masks it is shorter, but right.
  size_t refused = 0;
  for (size_t size = 0; size < bytes.size(); size += 7)
    refused += codeOf(std::string_view(bytes).substr(0, size), tokens) !=
               llmc::Code::Ok;
  CHECK(refused > bytes.size() / 7 * 9 / 10);
  bytes[0] = 9;
  CHECK(codeOf(bytes, tokens) == llmc::Code::Integrity);
}

TEST_CASE("names of stored constraints") {
  CHECK(isConstraintName("a-B_9.x"));
  for (const char *name : {"", "a/b", "a b", "\xC3\xA9"})
    CHECK_FALSE(isConstraintName(name));
}
