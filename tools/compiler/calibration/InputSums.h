// SPDX-License-Identifier: Apache-2.0
// Statistics of one value as samples come in: what makeSums() gives of each,
// added up. One thread at a time.
#pragma once

#include "passes/Evaluator.h"
#include "runtime/include/llmc/abi.h"

#include <span>

namespace llmc::compiler {

class InputSums {
public:
  InputSums(int64_t size, const passes::ObserveOptions &options)
      : size(size), products(options.hessian ? size * size : 0),
        original(options.original ? size * size : 0), sum(size), largest(size) {
  }

  /// Rows of the value, and the program's outputs for them.
  void add(int64_t rows, std::span<const LlmcTensor> outputs);
  bool isFinite() const;
  passes::InputStatistics take() &&;

private:
  int64_t size, count = 0;
  std::vector<double> products, original; ///< [size, size]
  std::vector<double> sum;                ///< [size]
  std::vector<float> largest;             ///< [size]
};

} // namespace llmc::compiler
