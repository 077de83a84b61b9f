// SPDX-License-Identifier: Apache-2.0
// Statistics of one value as samples come in. One thread at a time; throws
// CompileError.
#pragma once

#include "passes/Evaluator.h"
#include "runtime/session/Call.h"

#include <span>

namespace llmc::compiler {

class InputSums {
public:
  /// `program` is what makeSums() makes of both; `jobs` threads add its
  /// results.
  InputSums(int64_t size, const passes::ObserveOptions &options, Call &program,
            unsigned jobs)
      : size(size), jobs(jobs), program(program),
        products(options.hessian ? size * size : 0),
        original(options.original ? size * size : 0), sum(size), largest(size),
        waiting(options.original ? 2 : 1) {}

  /// Rows of the value, and what the original model has (null: not needed).
  void add(const LlmcTensor &rows, const LlmcTensor *wanted);
  /// Behind the last rows, before the others.
  void finish();
  bool isFinite() const;
  passes::InputStatistics take() &&;

private:
  void addWaiting();
  /// Columns from `first` on, down to the diagonal.
  void addBlock(const float *more, int64_t first);

  int64_t size, count = 0;
  unsigned jobs;
  Call &program;
  std::vector<double> products, original; ///< [size, size]
  std::vector<double> sum;                ///< [size]
  std::vector<float> largest;             ///< [size]
  /// Rows that are not summed yet, of the value and of the original's: a
  /// product of many is worth what its result takes to be added.
  std::vector<std::vector<float>> waiting;
};

} // namespace llmc::compiler
