// SPDX-License-Identifier: Apache-2.0
// Runs an algorithm of passes/quantize on a matrix from a file, for
// reference_test.py, which says what is in the files.
#include "passes/quantize/Balance.h"
#include "passes/quantize/Gptq.h"

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

using namespace llmc;
using namespace llmc::quantize;

namespace {
/// Numbers behind each other; ends the program where one is missing.
class Input {
public:
  explicit Input(const char *path) {
    std::ifstream file(path, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(file), {});
  }
  template <class T> std::vector<T> take(size_t count) {
    if (bytes.size() - at < count * sizeof(T))
      std::exit(2);
    std::vector<T> out(count);
    std::memcpy(out.data(), bytes.data() + at, count * sizeof(T));
    at += count * sizeof(T);
    return out;
  }

private:
  std::vector<char> bytes;
  size_t at = 0;
};
} // namespace

template <class T> static void put(const std::vector<T> &values) {
  std::fwrite(values.data(), sizeof(T), values.size(), stdout);
}

int main(int argc, char **argv) {
  if (argc != 3)
    return 2;
  Input input(argv[2]);
  std::vector<int32_t> head = input.take<int32_t>(6);
  int64_t k = head[0], n = head[1];
  llm::QuantizeFormat format{
      {static_cast<unsigned>(head[3]), head[4] != 0, llm::ScaleType::F32},
      head[2],
      llm::Fit::Range};
  std::vector<float> weights = input.take<float>(k * n);
  std::string method = argv[1];
  if (method == "smooth") {
    WeightMatrix matrix{weights, n};
    put(smoothFactors({&matrix, 1}, input.take<float>(k)));
    return 0;
  }
  std::vector<float> hessian = input.take<float>(k * k);
  if (method == "awq") {
    WeightMatrix matrix{weights, n};
    put(awqFactors({&matrix, 1}, hessian, format, 2));
    return 0;
  }
  IntegerMatrix m =
      gptq(weights, hessian, n, format, {.actOrder = head[5] != 0, .jobs = 2});
  put(m.q), put(m.scales), put(m.zeros);
  return 0;
}
