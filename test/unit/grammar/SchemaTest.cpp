// SPDX-License-Identifier: Apache-2.0
// JSON schemas: the texts that are made for them, and what is refused where.
// That all these texts are valid, draws against jsonschema show.
#include "test/unit/grammar/Harness.h"

using namespace llmc::grammar;
using namespace llmc::grammar::test;

namespace {

void check(const std::string &schema, const std::vector<std::string> &made,
           const std::vector<std::string> &others) {
  INFO(schema);
  Matcher match(schemaSource(schema));
  for (const std::string &text : made) {
    INFO(text);
    CHECK(match(text));
  }
  for (const std::string &text : others) {
    INFO(text);
    CHECK_FALSE(match(text));
  }
}

} // namespace

TEST_CASE("any JSON") {
  check("{}",
        {R"({"a": [1, -2.5e+10, true, {"b": null}],"c":""})", "[]", "[ ]", "{}",
         R"("\u00e9\n\"é")", "0", "-0.5", "[\n  1,\n  2\n]"},
        {"", " 1", "01", "1.", "+1", "nul", R"("\x")", "\"\n\"", "[1,]",
         "{1:2}", R"({"a" :1})", R"("\ud800")", "[1  ]", R"({"a":1},)"});
}

TEST_CASE("objects have their properties in order") {
  const std::string properties =
      R"({"type":"object","properties":{"a":{"type":"integer"},)"
      R"("b":{"type":"boolean"},"c":{"type":"null"}},"required":["b"])";
  check(properties + "}",
        {R"({"a":1,"b":true,"c":null})", R"({"b":false})", R"({ "b": false })",
         R"({"b":true,"c":null})", "{\n\t\"a\": 1,\n\t\"b\": true\n}"},
        {"{}", R"({"a":1})", R"({"b":true,"a":1})", R"({"b":true,})",
         R"({"b":true,"d":1})", R"({,"b":true})", R"({"b":true "c":null})"});
  check(properties + R"(,"additionalProperties":{"type":"string"}})",
        {R"({"b":true,"d":"x"})", R"({"b":true,"c":null,"ab":"","bb":""})",
         R"({"b":true,"":"x"})"},
        {R"({"b":true,"a":"x"})", R"({"b":true,"c":"x"})", R"({"d":"x"})",
         R"({"b":true,"d":1})", R"({"b":true,"\u0061":"x"})"});
  check(R"({"type":"object","additionalProperties":{"type":"integer"}})",
        {"{}", R"({"x":1, "y":2})"}, {R"({"x":true})", R"({"x":1,})"});
  check(R"({"type":"object","required":["q"],"additionalProperties":false,)"
        R"("properties":{"p":false,"q":{}}})",
        {R"({"q":[]})"}, {"{}", R"({"p":1,"q":1})", R"({"q":1,"r":1})"});
  check(R"({"required":["q"]})", {R"({"q":1})"}, {"{}", "1", R"({"r":1})"});
}

TEST_CASE("arrays") {
  check(
      R"({"type":"array","items":{"type":"boolean"},"minItems":2,"maxItems":3})",
      {"[true,false]", "[true, true, true]"},
      {"[]", "[true]", "[true,true,true,true]", "[true,1]", "[true,]"});
  check(R"({"items":{"enum":[1]},"maxItems":1})", {"[]", "[1]"}, {"[1,1]"});
  check(R"({"prefixItems":[{"const":1},{"const":2},{"const":3}],"minItems":2})",
        {"[1,2]", "[1,2,3]"}, {"[1]", "[1,2,3,4]", "[2,1]"});
  check(R"({"prefixItems":[{"const":1}],"items":{"const":0},"maxItems":3})",
        {"[]", "[1]", "[1,0]", "[1,0,0]"}, {"[0]", "[1,0,0,0]"});
  check(R"({"prefixItems":[{"const":1}],"minItems":3})", {"[1,2,{}]"},
        {"[1,2]"});
  check(R"({"type":"array","maxItems":0})", {"[]"}, {"[1]"});
  check(R"({"type":"array","items":false})", {"[]"}, {"[1]"});
}

TEST_CASE("strings") {
  check(R"({"type":"string","minLength":2,"maxLength":3})",
        {R"("ab")", R"("é\n\u00e9")", "\"\U0001F600\U0001F600\""},
        {R"("a")", R"("abcd")", R"("")"});
  check(R"({"pattern":"^[A-Z]{2}-\\d+$"})", {R"("AB-1")", R"("ZZ-007")"},
        {R"("AB-")", R"("xAB-1")", R"("AB-1x")"});
  check(R"({"pattern":"b+|^c"})", {R"("aabba")", R"("b")", R"("cx")"},
        {R"("a")", R"("xc")"});
  check(R"({"pattern":"^(?:a|b)?(?<n>[^\\w\\s\"]|\\\\|\"|\\n)*?$"})",
        {R"("a-\\\"\n")", R"("")"}, {R"("-a")", R"("a"")", R"("\t")"});
  check(R"({"pattern":"^.$"})", {R"("x")", R"("\t")"}, {R"("\n")", R"("")"});
  check(R"({"format":"date"})",
        {R"("2024-02-29")", R"("1999-12-31")", R"("2000-02-29")",
         R"("2023-04-30")"},
        {R"("2023-02-29")", R"("1900-02-29")", R"("2023-04-31")",
         R"("2023-13-01")", R"("2023-00-10")", R"("2023-1-1")"});
  check(R"({"format":"date-time"})", {R"("2024-02-29T23:59:59.5+01:00")"},
        {R"("2024-02-29")", R"("2024-02-29T24:00:00Z")"});
  check(R"({"format":"uuid"})", {R"("123e4567-e89b-12d3-a456-426614174000")"},
        {R"("123e4567e89b12d3a456426614174000")"});
  check(R"({"format":"email"})", {R"("a.b@example.org")"},
        {R"("a@b")", R"("@example.org")", R"("a..b@example.org")"});
  check(R"({"format":"ipv4"})", {R"("255.0.10.99")"},
        {R"("256.1.1.1")", R"("1.1.1")", R"("01.1.1.1")"});
}

TEST_CASE("all integers of a range and no others") {
  struct Range {
    int least, most;
  };
  for (auto [least, most] : {Range{-25, 130},
                             {0, 0},
                             {7, 9},
                             {95, 1205},
                             {-1300, -87},
                             {-9, 0},
                             {100, 199},
                             {999, 1000}}) {
    Matcher match(schemaSource(R"({"type":"integer","minimum":)" +
                               std::to_string(least) + R"(,"maximum":)" +
                               std::to_string(most) + "}"));
    for (int i = -1500; i <= 1500; ++i)
      if (match(std::to_string(i)) != (least <= i && i <= most))
        FAIL(least << ".." << most << ": " << i);
    CHECK_FALSE(match("-0"));
    CHECK_FALSE(match("007"));
    CHECK_FALSE(match("7.0"));
  }
  check(R"({"type":"integer","exclusiveMinimum":3,"maximum":5.5})", {"4", "5"},
        {"3", "6", "40"});
  check(R"({"type":"integer","minimum":10})", {"10", "999999999999999999"},
        {"9", "-10", "1000000000000000000"});
  check(R"({"type":"integer"})", {"0", "-1", "9999999999999999"},
        {"-0", "10000000000000000", "1e2", "1.0"});
}

TEST_CASE("numbers within whole bounds") {
  check(R"({"type":"number","minimum":-2,"exclusiveMaximum":10})",
        {"-2", "-2.00", "-1.99", "0", "0.5", "9.999", "-0.25"},
        {"-2.01", "10", "10.0", "11", "1e0"});
  check(R"({"type":"number","exclusiveMinimum":0,"maximum":1})",
        {"0.001", "1", "1.0", "0.5"}, {"0", "0.0", "1.1", "-0.5"});
  check(R"({"type":"number","minimum":-5,"maximum":-3})",
        {"-5", "-4.5", "-3", "-3.0"}, {"-2.9", "-5.1", "3", "-0"});
  check(R"({"type":"number","exclusiveMaximum":0})", {"-0.1", "-7"},
        {"0", "-0", "-0.0", "1"});
}

TEST_CASE("lists of values and choices") {
  check(R"({"enum":["a\n","é",1,null,{"k":[1,2]}]})",
        {R"("a\n")", "\"é\"", "1", "null", R"({"k":[1,2]})"},
        {R"("a")", R"({"k": [1,2]})", "2"});
  check(R"({"type":"string","enum":["a",1]})", {R"("a")"}, {"1"});
  check(R"({"type":["integer","null"]})", {"4", "null"}, {R"("4")", "true"});
  check(R"({"anyOf":[{"type":"boolean"},{"type":"array","maxItems":0}]})",
        {"true", "[]"}, {"1"});
  check(R"({"type":"object","properties":{"a":{"const":1}},"required":["a"],)"
        R"("anyOf":[{"properties":{"b":{"const":2}},"required":["b"]},)"
        R"({"properties":{"c":{"const":3}}}]})",
        {R"({"a":1,"b":2})", R"({"a":1})", R"({"a":1,"c":3})"},
        {R"({"b":2})", R"({"a":1,"b":2,"c":3})"});
  check(
      R"({"oneOf":[{"type":"object","properties":{"kind":{"const":"x"},"v":{"type":"integer"}},)"
      R"("required":["kind"]},{"type":"object","properties":{"kind":{"const":"y"}},)"
      R"("required":["kind"]},{"type":"string"}]})",
      {R"({"kind":"x","v":1})", R"({"kind":"y"})", R"("z")"},
      {R"({"kind":"y","v":1})", R"({"v":1})"});
}

TEST_CASE("references and allOf") {
  check(
      R"({"$defs":{"list":{"type":"object","properties":{"v":{"type":"integer"},)"
      R"("next":{"$ref":"#/$defs/list"}},"required":["v"]}},"$ref":"#/$defs/list"})",
      {R"({"v":1})", R"({"v":1,"next":{"v":2,"next":{"v":3}}})"},
      {R"({"next":{"v":1}})", R"({"v":1,"next":{}})"});
  check(R"({"anyOf":[{"const":0},{"type":"array","items":{"$ref":"#"}}]})",
        {"0", "[[0],[],[[0,0]]]"}, {"[1]", "[["});
  check(R"({"$defs":{"a/b":{"const":1},"c d":{"const":2}},"prefixItems":[)"
        R"({"$ref":"#/$defs/a~1b"},{"$ref":"#/$defs/c%20d","title":"t"}]})",
        {"[1,2]"}, {"[2,1]"});
  check(
      R"({"$defs":{"base":{"type":"object","properties":{"id":{"type":"integer"}},)"
      R"("required":["id"]}},"allOf":[{"$ref":"#/$defs/base"},{"properties":{)"
      R"("name":{"type":"string"},"id":{"minimum":5}},"required":["name"]}]})",
      {R"({"id":5,"name":""})"}, {R"({"id":4,"name":""})", R"({"id":5})"});
  check(R"({"properties":{"n":{"title":"N","allOf":[{"$ref":"#"}]}}})",
        {R"({"n":{"n":{}}})"}, {R"({"n":1})"});
  check(
      R"({"allOf":[{"type":["integer","string"]},{"type":"number","minimum":3},)"
      R"({"maximum":4}]})",
      {"3", "4"}, {"5", "3.5", R"("a")"});
}

TEST_CASE("messages name the keyword and its place") {
  auto of = [](const char *text) { return refusal(schemaSource(text)); };
  CHECK(of("{").starts_with("the schema is not JSON: parse error"));
  CHECK(
      of("{\"minimum\":1e999}").starts_with("the schema is not JSON: number"));
  // References one behind the other are no recursion of ours.
  std::string chain = R"({"$ref":"#/$defs/0","$defs":{)";
  for (int i = 0; i < 20000; ++i)
    chain += "\"" + std::to_string(i) + "\":{\"$ref\":\"#/$defs/" +
             std::to_string(i + 1) + "\"},";
  CHECK(buildAutomaton(schemaSource(chain + R"("20000":{"const":1}}})")).ok());
  CHECK(of("[]") == "#: a schema is an object or a boolean");
  CHECK(of("false") == "#: no value matches the schema false");
  CHECK(of(R"({"properties":{"a/b":{"not":{}}}})") ==
        "#/properties/a~1b/not: not is not supported");
  CHECK(of(R"({"items":{"uniqueItems":true}})") ==
        "#/items/uniqueItems: uniqueItems is not supported");
  CHECK(of(R"({"items":[{}]})") ==
        "#/items: items is an array: since draft 2020-12 that is prefixItems");
  CHECK(of(R"({"type":"text"})") == "#/type: unknown type 'text'");
  CHECK(of(R"({"type":7})") ==
        "#/type: type is neither a name nor a list of names");
  CHECK(of(R"({"minLength":-1})") == "#/minLength: minLength is not a count");
  CHECK(of(R"({"maxLength":20000})") ==
        "#/maxLength: maxLength is larger than 10000");
  CHECK(of(R"({"minLength":3,"maxLength":2})") ==
        "#: minLength is larger than maxLength");
  CHECK(of(R"({"minItems":3,"maxItems":2})") ==
        "#: at least 3 items and at most 2 do not go together");
  CHECK(of(R"({"minimum":3,"exclusiveMaximum":3})") ==
        "#: no number is within the bounds");
  CHECK(of(R"({"type":"integer","minimum":3,"exclusiveMaximum":4,)"
           R"("maximum":2})") == "#: no number is within the bounds");
  CHECK(of(R"({"minimum":0.5})") ==
        "#/minimum: minimum of a number is not whole");
  CHECK(of(R"({"minimum":1e20})") ==
        "#/minimum: minimum has more than 16 digits");
  CHECK(of(R"g({"pattern":"(?=a)"})g") ==
        "#/pattern: character 3: looking around is not supported");
  CHECK(of(R"g({"pattern":"a(b"})g") ==
        "#/pattern: character 4: '(' without ')'");
  CHECK(of(R"g({"pattern":"(a)\\1"})g") ==
        "#/pattern: character 6: this escape is not supported");
  CHECK(of(R"({"pattern":"a","minLength":1})") ==
        "#: of pattern, format and the lengths of a string one is supported at "
        "a time");
  CHECK(of(R"({"format":"iri"})")
            .starts_with("#/format: format 'iri' is not supported"));
  CHECK(of(R"({"$ref":"#/$defs/x"})") ==
        "#/$ref: $ref '#/$defs/x' points at nothing");
  CHECK(of(R"({"$ref":"http://x"})")
            .starts_with("#/$ref: $ref 'http://x': only"));
  CHECK(of(R"({"$ref":"#"})") == "#: no text that ends matches this rule");
  CHECK(of(R"({"properties":{"a":{"$ref":"#"}},"required":["a"]})")
            .ends_with("no text that ends matches this rule"));
  CHECK(of(R"({"anyOf":[]})") == "#/anyOf: anyOf is empty");
  CHECK(of(R"({"oneOf":[{"type":"integer"},{"minimum":3}]})")
            .starts_with(
                "#/oneOf: a value may match both branch 0 and branch 1"));
  CHECK(of(R"({"enum":[1],"type":"string"})") ==
        "#: no value of enum or const matches the schema");
  CHECK(of(R"({"enum":[1],"minimum":0})") ==
        "#/minimum: minimum beside enum or const is not supported");
  CHECK(of(R"({"allOf":[{"pattern":"a"},{"pattern":"b"}]})")
            .starts_with("#/allOf/1: allOf, or keywords beside"));
  CHECK(
      of(R"({"properties":{"a":{}},"allOf":[{"additionalProperties":false}]})")
          .starts_with("#/allOf/0: allOf, or keywords beside a reference: "
                       "additionalProperties"));
  CHECK(
      of(R"({"$defs":{"a":{"allOf":[{"$ref":"#/$defs/a"},{}]}},"$ref":"#/$defs/a"})")
          .ends_with("references and allOf nest deeper than 100"));
  std::string deep;
  for (int i = 0; i < 150; ++i)
    deep += R"({"items":)";
  CHECK(of((deep + "{}" + std::string(150, '}')).c_str())
            .ends_with("subschemas nest deeper than 100"));
  CHECK(of((std::string(100000, '[')).c_str()) ==
        "the schema nests deeper than 300");
}
