// SPDX-License-Identifier: Apache-2.0
// The hand-written matchers against PCRE2 with the same pattern.
#include "runtime/text/Regex.h"
#include "runtime/text/RegexSyntax.h"
#include "test/unit/text/Harness.h"

using namespace llmc;
using namespace llmc::test;
using text::Pattern;

static const char *const patterns[] = {
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
    R"('(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
    R"(\p{N}{1,3})",
};

using Matches = std::vector<std::pair<size_t, size_t>>;

static Matches matches(const Pattern &pattern, std::string_view text) {
  Matches found;
  Status status = pattern.forEachMatch(
      text, [&](size_t begin, size_t end) { found.push_back({begin, end}); });
  REQUIRE(status.ok());
  return found;
}

static Pattern regex(const std::string &source) {
  auto pattern = Pattern::regex(source, "here");
  REQUIRE(pattern);
  return *pattern;
}

TEST_CASE("the matchers of well-known patterns match as the patterns do") {
  for (const std::string source : patterns) {
    INFO(source);
    Pattern known = regex(source), general = regex("(?:" + source + ")");
    REQUIRE(known.word() != text::WordPattern::None);
    REQUIRE(general.word() == text::WordPattern::None);
    std::mt19937 random(4);
    for (int i = 0; i < 2000; ++i) {
      std::string text = randomText(random, random() % 24);
      INFO(text);
      REQUIRE(matches(known, text) == matches(general, text));
    }
  }
}

static std::string firstMatch(const std::string &pattern,
                              const std::string &text) {
  Matches found = matches(regex(pattern), text);
  return found.empty()
             ? "none"
             : text.substr(found[0].first, found[0].second - found[0].first);
}

TEST_CASE("patterns mean what they mean in Oniguruma") {
  // U+13460 is a letter since Unicode 16, U+31350 since 15; U+3001 is no Han
  // but shared by scripts.
  CHECK(firstMatch(R"(\p{L}+)", "1\U00013460\U00031350a") ==
        "\U00013460\U00031350a");
  CHECK(firstMatch(R"([^\s\p{L}]+)", "\U00013460-+a") == "-+");
  CHECK(firstMatch(R"(\P{L}+)", "\U00013460--") == "--");
  CHECK(firstMatch(R"(\p{^L}+)", "a--") == "--");
  CHECK(firstMatch(R"(\p{Han}+)", "\u3001\u4e00") == "\u4e00");
  CHECK(firstMatch(R"(\w+)", "-\u00bda\u00b2") == "\u00bda\u00b2");
  CHECK(firstMatch(R"([\w]+)", "\u00bda\u00b2") == "a");
  CHECK(firstMatch(R"(\d+)", "x\u0663\U00016130") == "\u0663\U00016130");
  CHECK(firstMatch(R"(\h+)", "xyzAf0g") == "Af0");
  CHECK(firstMatch("(?m:a.b)", "a\nb") == "a\nb");
  CHECK(firstMatch("[a[bc]]+", "xcab") == "cab");
  auto refused = Pattern::regex("[a&&b]", "here");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::Unsupported);
}

TEST_CASE("literals are found without overlaps") {
  CHECK(matches(Pattern::literal("aa"), "aaaaba") == Matches{{0, 2}, {2, 4}});
}
