// SPDX-License-Identifier: Apache-2.0
// Grammars in GBNF: what matches, and what is refused where.
#include "test/unit/grammar/Harness.h"

using namespace llmc::grammar;
using namespace llmc::grammar::test;

TEST_CASE("literals, classes, groups and repetitions") {
  Matcher match(grammarSource(R"(
# an assignment
root ::= name " "? "=" [ \t]* (number | "nil") ";"{1,2} # comment
  | "skip" .
name ::= [a-z_] [a-z0-9_]{,3}
number ::= "-"? [0-9]+ ("." [0-9]{2})?
)"));
  for (const char *text : {"a=1;", "_x9 = \t-12.50;;", "abcd=nil;", "skip.",
                           "skip\xC3\xA9", "skip\xF0\x9F\x98\x80"})
    CHECK(match(text));
  for (const char *text : {"", "a=1", "a=1;;;", "abcde=1;", "a=1.5;", "A=1;",
                           "skip", "skip\xC3", "skip..", "a  =1;"})
    CHECK_FALSE(match(text));
}

TEST_CASE("escapes and characters beyond ASCII") {
  Matcher match(grammarSource(
      R"(root ::= "\"\\\n\x41\u00e9\U0001F600é" [^\]\-a-cé\u0400-\u04FF]+)"));
  CHECK(match("\"\\\nA\u00e9\U0001F600\u00e9zZ\u00ea"));
  CHECK(match("\"\\\nA\u00e9\U0001F600\u00e9\uFFFF\U0010FFFF"));
  for (const char *end :
       {"]", "-", "b", "\u00e9", "\u0400", "\u0451", "\xED\xA0\x80"})
    CHECK_FALSE(match(std::string("\"\\\nA\u00e9\U0001F600\u00e9") + end));
}

TEST_CASE("recursion in the middle and on the right") {
  Matcher nested(grammarSource(R"g(root ::= "(" root ")" root | "")g"));
  CHECK(nested(""));
  CHECK(nested("(()())()"));
  CHECK_FALSE(nested("(()"));
  CHECK_FALSE(nested("())"));
  // A stack that grows with the text would be refused.
  Matcher right(grammarSource(R"g(root ::= item | item "," root
item ::= [a-z] item | [a-z])g"));
  std::string text = "a";
  for (int i = 0; i < 5000; ++i)
    text += ",b";
  CHECK(right(text));
}

TEST_CASE("what nests too deep fails, and others still match") {
  Matcher nested(grammarSource(R"g(root ::= "(" root ")" | "x")g"));
  CHECK_FALSE(nested.begins(std::string(limits::stackDepth + 1, '(')));
  CHECK(nested.sets().failure().error().what ==
        "the text nests deeper in the grammar than 1000 rules");
  nested.sets().clear();
  CHECK(nested(std::string(500, '(') + "x" + std::string(500, ')')));
}

TEST_CASE("what is too ambiguous fails") {
  // After n letters any number of them may be the first part's.
  Matcher match(grammarSource(R"(root ::= "a" pair pair "b" | "a"
pair ::= root root | root "c")"));
  CHECK_FALSE(match.begins(std::string(5000, 'a')));
  CHECK(match.sets().failure().code() == llmc::Code::Resource);
}

TEST_CASE("messages name the place") {
  auto of = [](const char *text) { return refusal(grammarSource(text)); };
  CHECK(of("") == "there is no rule 'root'");
  CHECK(of("x ::= \"a\"") == "there is no rule 'root'");
  CHECK(of("root ::= \"a\n\"") == "line 1, column 10: this literal has no end");
  CHECK(of("root ::= \"a\"\nroot ::= \"b\"") ==
        "line 2, column 1: rule 'root' is defined twice");
  CHECK(of("root ::= \"a\" word\n") ==
        "line 1, column 14: rule 'word' is not defined");
  CHECK(of("root ::= (\"a\" | [b]") ==
        "line 1, column 10: this '(' has no ')'");
  CHECK(of("root ::= \"a\")") == "line 1, column 13: ')' without '('");
  CHECK(of("root ::= [a") == "line 1, column 10: this class has no ']'");
  CHECK(of("root ::= [z-a]") ==
        "line 1, column 11: this range ends before it begins");
  CHECK(
      of("root ::= \"\\q\"").starts_with("line 1, column 11: unknown escape"));
  CHECK(of("root ::= \"\\ud800\"").starts_with("line 1, column 11: unknown"));
  CHECK(of("root ::= \"é\" {2,1}") ==
        "line 1, column 14: the most repetitions are fewer than the least");
  CHECK(of("root ::= \"a\"{,}") ==
        "line 1, column 13: expected {m}, {m,}, {m,n} or {,n}");
  CHECK(of("root ::= \"a\"{10001}") ==
        "line 1, column 13: at most 10000 repetitions can be asked for");
  CHECK(of("root ::= \"a\"?*+?*+?*+") ==
        "line 1, column 21: more than 8 repetitions of one another");
  CHECK(of("root \"a\"") ==
        "line 1, column 6: expected '::=' after the rule's name 'root'");
  CHECK(of("root ::= *") ==
        "line 1, column 10: expected a literal, a class, a name or a group");
  CHECK(of("root ::= \"\xFF\"") == "the grammar is not UTF-8");
  std::string deep(200, '(');
  CHECK(of(("root ::= " + deep).c_str()) ==
        "line 1, column 111: parentheses nest deeper than 100");
}

TEST_CASE("rules that an automaton cannot follow are refused") {
  auto of = [](const char *text) { return refusal(grammarSource(text)); };
  CHECK(of("root ::= root \"a\" | \"b\"") ==
        "rule root: this rule begins with itself");
  CHECK(of("root ::= \"x\"? a\na ::= b? c\nb ::= \"y\"\nc ::= a \"z\" | \"\"")
            .ends_with(": this rule begins with itself"));
  CHECK(of("root ::= \"a\" root") ==
        "rule root: no text that ends matches this rule");
  CHECK(of("root ::= []") == "rule root: no text that ends matches this rule");
  CHECK(of("root ::= ((((.{1000}){1000}){1000}){1000})")
            .starts_with("the grammar needs more than 1000000 states"));
  // A part that nothing matches leads nowhere.
  Matcher match(grammarSource("root ::= \"a\" [] | \"b\""));
  CHECK_FALSE(match.begins("a"));
  CHECK(match("b"));
}
