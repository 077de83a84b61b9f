// SPDX-License-Identifier: Apache-2.0
// Writes the fuzzer's first inputs: the schemas of the tests and some grammars,
// each with a text that begins as they ask.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

namespace fs = std::filesystem;

static const std::pair<const char *, const char *> grammars[] = {
    {"root ::= \"(\" root \")\" root | \"\"", "(()())"},
    {"root ::= word (\" \" word){0,5} \".\"\nword ::= [a-z]+ | \"\\u00e9\" "
     "word | \"\\\"\" [^\"]* \"\\\"\" # words",
     "ab \"x\"."},
    {"root ::= [^a]{3,9} | .* \"b\" | \"a\" [\\x00-\\x7f\\]]+", "aaab"},
    {"root ::= a b?\na ::= (\"x\" | b)* \"y\"{2}\nb ::= \"z\" a", "xzyyyy"}};

int main(int count, char **arguments) {
  fs::path folder = count > 1 ? arguments[1] : "seeds";
  fs::create_directories(folder);
  int number = 0;
  auto write = [&](const std::string &source, const std::string &text) {
    std::ofstream out(folder / std::to_string(number++), std::ios::binary);
    out << source << '\0' << text;
  };
  for (auto [source, text] : grammars)
    write(source, text);
  std::ifstream in(GRAMMAR_TESTS "/schemas.json", std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  auto schemas = nlohmann::ordered_json::parse(text, nullptr, false);
  if (!schemas.is_object()) {
    std::cerr << "the tests' schemas are not there\n";
    return 1;
  }
  for (const auto &[name, schema] : schemas.items()) {
    write(schema.dump(), "{\"name\": \"ab\", \"x\": [1]}");
    for (const auto &[key, part] : schema.items())
      if (part.is_object())
        for (const auto &[inner, small] : part.items())
          write(small.dump(), "\"a\"");
  }
  return 0;
}
