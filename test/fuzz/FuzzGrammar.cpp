// SPDX-License-Identifier: Apache-2.0
// Fuzzes grammars and JSON schemas: an input is one of them, a 0 byte, and a
// text. Every input must be refused with a reason or become an automaton; each
// mask on the way through the text must be what the tokens say one by one.
#include "runtime/grammar/ConstraintSource.h"
#include "test/fuzz/Require.h"

using namespace llmc;
using namespace llmc::fuzz;
using namespace llmc::grammar;

/// Every byte, and some longer texts.
static std::shared_ptr<const TokenTexts> makeTokens() {
  std::vector<std::string> texts;
  for (int byte = 0; byte < 256; ++byte)
    texts.emplace_back(1, static_cast<char>(byte));
  for (const char *text : {"ab", "\": \"", "\", \"", "{\"", "\"}", "]}", "123",
                           "true", "\xC3\xA9", "aaaa", "\n  ", "\\u00"})
    texts.emplace_back(text);
  return std::make_shared<const TokenTexts>(
      TokenTexts{TokenTrie(texts), TokenTrie(std::span<std::string>()), false});
}

/// False: the text failed.
static bool compareMask(Constraint &constraint, ConstrainedText &text,
                        const TokenTexts &tokens) {
  auto allowed = constraint.allowed(text);
  if (!allowed) {
    requireReason(allowed.error());
    return false;
  }
  std::vector<uint64_t> mask(allowed->tokens.begin(), allowed->tokens.end());
  for (uint32_t token = 0; token < tokens.later.idLimit(); ++token) {
    ConstrainedText next = text;
    Status added = constraint.add(next, token);
    require(added.ok() == isAllowed(mask, token) ||
                added.code() == Code::Resource,
            "a mask is what each token says");
  }
  return true;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const std::shared_ptr<const TokenTexts> tokens = makeTokens();
  std::string_view input(reinterpret_cast<const char *>(data), size);
  size_t end = std::min(input.find('\0'), input.size());
  std::string_view source = input.substr(0, end);
  bool isGrammar = source.find("::=") != std::string_view::npos;
  auto constraint = makeConstraint(
      {isGrammar ? ConstraintKind::Grammar : ConstraintKind::JsonSchema,
       std::string(source)},
      tokens);
  if (!constraint) {
    requireReason(constraint.error());
    return 0;
  }
  ConstrainedText text;
  std::string_view bytes = input.substr(std::min(end + 1, size)).substr(0, 16);
  for (char byte : bytes)
    if (!compareMask(**constraint, text, *tokens) ||
        !(*constraint)->add(text, static_cast<uint8_t>(byte)).ok())
      break;
  return 0;
}
