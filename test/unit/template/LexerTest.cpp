// SPDX-License-Identifier: Apache-2.0
// Tokens of templates: whitespace control, literals, and what is refused.
#include "runtime/template/Lexer.h"
#include "runtime/template/Failure.h"
#include <catch2/catch.hpp>

using namespace llmc::jinja;

/// The tokens, separated by spaces: data in brackets, strings in quotes.
static std::string tokensOf(std::string_view source) {
  Lexer lexer(source);
  std::string out;
  for (;;) {
    Token token = lexer.next();
    using Kind = Token::Kind;
    switch (token.kind) {
    case Kind::End:
      return out;
    case Kind::Data:
      out += "[" + token.text + "]";
      break;
    case Kind::VariableBegin:
      out += "{{";
      break;
    case Kind::VariableEnd:
      out += "}}";
      break;
    case Kind::BlockBegin:
      out += "{%";
      break;
    case Kind::BlockEnd:
      out += "%}";
      break;
    case Kind::Text:
      out += "'" + token.text + "'";
      break;
    case Kind::Integer:
      out += std::to_string(token.integer);
      break;
    case Kind::Float:
      out += fmt::format("{}f", token.real);
      break;
    case Kind::Name:
    case Kind::Operator:
      out += token.text;
      break;
    }
    out += ' ';
  }
}

static std::string failureOf(std::string_view source) {
  try {
    tokensOf(source);
  } catch (const Failure &failure) {
    return fmt::format("line {}: {}", failure.line, failure.what);
  }
  return "none";
}

TEST_CASE("spaces around tags") {
  // A newline after a block goes, and so do spaces before one on its line.
  CHECK(tokensOf("a\n  {% x %}\nb") == "[a\n] {% x %} [b] ");
  CHECK(tokensOf("a  {% x %}  b") == "[a  ] {% x %} [  b] ");
  CHECK(tokensOf("  {{ x }}\nb") == "[  ] {{ x }} [\nb] ");
  // Signs.
  CHECK(tokensOf("a \n {%- x -%} \n b") == "[a] {% x %} [b] ");
  CHECK(tokensOf("a\n  {%+ x +%}\nb") == "[a\n  ] {% x %} [\nb] ");
  CHECK(tokensOf("a \n{{- x -}} \n b") == "[a] {{ x }} [b] ");
  CHECK(tokensOf("a\n  {# c #}\nb") == "[a\n] [b] ");
  CHECK(tokensOf("a {#- c -#} b") == "[a] [b] ");
  CHECK(tokensOf("a\n{# c +#}\nb") == "[a\n] [\nb] ");
  // One newline at the end goes, whatever its form.
  CHECK(tokensOf("a\n\n") == "[a\n] ");
  CHECK(tokensOf("a\r\nb\r\n") == "[a\nb] ");
  CHECK(tokensOf("") == "");
  CHECK(tokensOf("{") == "[{] ");
}

TEST_CASE("raw blocks") {
  CHECK(tokensOf("{% raw %}{{ x }}{% endraw %}y") == "[{{ x }}] [y] ");
  CHECK(tokensOf("{%- raw -%} {% x %} {%- endraw -%} y") == "[{% x %}] [y] ");
  CHECK(failureOf("\n{% raw %}{{ x }}") ==
        "line 2: Missing end of raw directive");
}

TEST_CASE("literals") {
  CHECK(tokensOf("{{ 1_000 0x1F 0b11 0o17 1.5 2e3 1.5e-3 }}") ==
        "{{ 1000 31 3 15 1.5f 2000f 0.0015f }} ");
  CHECK(tokensOf("{{ a.1.x 1.x 1..2 }}") == "{{ a . 1 . x 1 . x 1 . . 2 }} ");
  CHECK(tokensOf(R"({{ 'a\n\x41\u00e9\'' "\"\q" }})") ==
        "{{ 'a\nAé'' '\"\\q' }} ");
  CHECK(tokensOf("{{ '}}' }}") == "{{ '}}' }} ");
  CHECK(tokensOf("{{ {'a': {}} }}") == "{{ { 'a' : { } } }} ");
  CHECK(tokensOf("{{ größe }}") == "{{ größe }} ");
}

TEST_CASE("what is no token is named with its line") {
  CHECK(failureOf("a\n{{ 'x }}") == "line 2: unexpected char ''' at 5");
  CHECK(failureOf("{{ a ? b }}") == "line 1: unexpected char '?' at 5");
  CHECK(failureOf("{{ (a] }}") == "line 1: unexpected ']', expected ')'");
  CHECK(failureOf("{{ a) }}") == "line 1: unexpected ')'");
  CHECK(failureOf("{# x") == "line 1: Missing end of comment tag");
  CHECK(failureOf(R"({{ '\x4' }})") == "line 1: truncated escape in a string");
  CHECK(failureOf(R"({{ '\ud800' }})") ==
        "line 1: half of a surrogate pair in a string");
  CHECK(failureOf("{{ 99999999999999999999 }}") ==
        "line 1: an integer beyond 64 bits");
}
