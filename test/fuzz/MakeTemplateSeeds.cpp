// SPDX-License-Identifier: Apache-2.0
// Writes the fuzzer's first inputs: the templates of the tests, each with the
// variables they are about.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

namespace fs = std::filesystem;

static const char *const variables =
    R"({"s": "Ab c", "t": "x-y\n<Z>'é漢\"", "n": 3, "m": -7, "f": 2.5, "y": true,
 "o": null, "l": [3, 1, 2], "w": ["b", "A"], "d": {"k": 1, "b": [1, "x"]},
 "bos_token": "<s>", "eos_token": "</s>", "add_generation_prompt": true,
 "r": [{"role": "user", "n": 2}, {"role": "Bot", "n": 1}],
 "messages": [{"role": "system", "content": "Be brief."},
 {"role": "user", "content": "Hi"}, {"role": "assistant", "content": null,
 "tool_calls": [{"id": "call12345", "function": {"name": "f", "arguments":
 {"a": 1}}}]}, {"role": "tool", "content": "1"}], "tools": [{"function":
 {"name": "f", "description": "d", "parameters": {"type": "object",
 "properties": {"a": {"type": "integer"}}}}}]})";

static std::string read(const fs::path &path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

int main(int count, char **arguments) {
  fs::path folder = count > 1 ? arguments[1] : "seeds";
  fs::create_directories(folder);
  fs::path tests = TEMPLATE_TESTS;
  int number = 0;
  auto write = [&](const std::string &source) {
    std::ofstream out(folder / std::to_string(number++), std::ios::binary);
    out << source << '\0' << variables;
  };
  for (const auto &entry : fs::directory_iterator(tests / "families"))
    write(read(entry.path()));
  std::ifstream cases(tests / "cases.txt");
  for (std::string line; std::getline(cases, line);)
    if (!line.empty() && line[0] != '#')
      write(line[0] == '"' ? nlohmann::json::parse(line).get<std::string>()
                           : line);
  if (number < 100)
    std::cerr << "the tests' templates are not there\n";
  return number < 100 ? 1 : 0;
}
