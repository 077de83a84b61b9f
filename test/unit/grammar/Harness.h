// SPDX-License-Identifier: Apache-2.0
// Small vocabularies and constraints for the tests of the room.
#ifndef LLMC_TEST_UNIT_GRAMMAR_HARNESS_H
#define LLMC_TEST_UNIT_GRAMMAR_HARNESS_H

#include "runtime/grammar/ConstraintSource.h"
#include <catch2/catch.hpp>

namespace llmc::grammar::test {

inline std::shared_ptr<const TokenTexts>
textsOf(const std::vector<std::string> &texts) {
  return std::make_shared<const TokenTexts>(
      TokenTexts{TokenTrie(texts), TokenTrie(std::span<std::string>()), false});
}

/// One token for each byte, token 0 for none.
inline std::vector<std::string> byteTokens() {
  std::vector<std::string> texts = {""};
  for (int byte = 0; byte < 256; ++byte)
    texts.emplace_back(1, static_cast<char>(byte));
  return texts;
}

inline ConstraintSource grammarSource(std::string text) {
  return {ConstraintKind::Grammar, std::move(text)};
}
inline ConstraintSource schemaSource(std::string text) {
  return {ConstraintKind::JsonSchema, std::move(text)};
}

/// Whether a text matches, byte by byte.
class Matcher {
public:
  explicit Matcher(const ConstraintSource &source)
      : automaton_(require(buildAutomaton(source))), sets_(automaton_) {}

  bool operator()(std::string_view text) {
    SetId set = sets_.step(sets_.start(), text);
    return set != StateSets::dead && sets_.isEnd(set);
  }
  bool begins(std::string_view text) {
    return sets_.step(sets_.start(), text) != StateSets::dead;
  }
  StateSets &sets() { return sets_; }
  const Automaton &automaton() const { return automaton_; }

private:
  static Automaton require(Result<Automaton> built) {
    if (!built)
      FAIL(built.error().where << ": " << built.error().what);
    return std::move(*built);
  }
  Automaton automaton_;
  StateSets sets_;
};

/// "WHERE: WHAT" of a source that is refused.
inline std::string refusal(const ConstraintSource &source) {
  auto built = buildAutomaton(source);
  REQUIRE_FALSE(built.ok());
  const Error &error = built.error();
  return error.where.empty() ? error.what : error.where + ": " + error.what;
}

} // namespace llmc::grammar::test

#endif
