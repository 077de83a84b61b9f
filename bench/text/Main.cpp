// SPDX-License-Identifier: Apache-2.0
// One side of bench/tokenizing.py: encodes the lines of a file once for every
// line of input and prints the seconds of CPU, the number of ids and their
// checksum.
#include "runtime/text/Tokenizer.h"
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>

using namespace llmc;

static std::string contents(const char *path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

static std::vector<std::string_view> linesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  for (size_t at = 0; at <= text.size();) {
    size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

int main(int count, char **arguments) {
  if (count != 3) {
    std::fprintf(stderr, "usage: llmc-tokenizer-bench TOKENIZER.json TEXT\n");
    return 2;
  }
  auto tokenizer = text::Tokenizer::load(contents(arguments[1]));
  if (!tokenizer) {
    std::fprintf(stderr, "error: %s\n", tokenizer.error().what.c_str());
    return 2;
  }
  std::string text = contents(arguments[2]);
  auto lines = linesOf(text);
  for (std::string ignored; std::getline(std::cin, ignored);) {
    std::clock_t start = std::clock();
    size_t total = 0;
    uint64_t sum = 0;
    for (std::string_view line : lines) {
      auto ids = (*tokenizer)->encodeIds(line);
      if (!ids)
        return 1;
      total += ids->size();
      for (uint32_t id : *ids)
        sum += id;
    }
    double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    std::printf("%.6f %zu %llu\n", seconds, total,
                static_cast<unsigned long long>(sum));
    std::fflush(stdout);
  }
}
