// SPDX-License-Identifier: Apache-2.0
#include "tools/compiler/calibration/InputSums.h"

#include "passes/quantize/Parallel.h"
#include "tools/compiler/CompileError.h"
#include "tools/compiler/calibration/Stretch.h"

#include <algorithm>
#include <cmath>

namespace llmc::compiler {

void InputSums::add(const LlmcTensor &rows, const LlmcTensor *wanted) {
  // No more than there are sums of products.
  int64_t most = products.empty() ? 1 : std::min<int64_t>(2048, 4 * size);
  const LlmcTensor *tensors[] = {&rows, wanted};
  for (size_t i = 0; i < waiting.size(); ++i) {
    const auto *data = static_cast<const float *>(tensors[i]->data);
    waiting[i].insert(waiting[i].end(), data, data + rows.dims[0] * size);
  }
  count += rows.dims[0];
  if (static_cast<int64_t>(waiting[0].size()) >= most * size)
    addWaiting();
}

void InputSums::addBlock(const float *more, int64_t first) {
  int64_t end = std::min(first + kSumColumns, size);
  for (int64_t i = 0; i < end; ++i)
    for (int64_t j = first; j < end; ++j)
      products[i * size + j] += *more++;
}

void InputSums::finish() {
  if (!waiting[0].empty())
    addWaiting();
}

void InputSums::addWaiting() {
  std::vector<LlmcTensor> inputs;
  for (std::vector<float> &rows : waiting) {
    LlmcTensor &t = inputs.emplace_back();
    t.data = rows.data(), t.dtype = LLMC_F32, t.rank = 2;
    t.dims[0] = static_cast<int64_t>(rows.size()) / size, t.dims[1] = size;
  }
  check(program.run(inputs));
  for (std::vector<float> &rows : waiting)
    rows.clear();
  auto next = [at = size_t(0), outputs = program.outputs()]() mutable {
    return static_cast<const float *>(outputs[at++].data);
  };
  if (!products.empty()) {
    int64_t blocks = (size + kSumColumns - 1) / kSumColumns;
    std::vector<const float *> results(blocks);
    for (const float *&result : results)
      result = next();
    // The last blocks, which have the most rows, first.
    quantize::parallelFor(blocks, jobs, [&](int64_t i) {
      addBlock(results[blocks - 1 - i], (blocks - 1 - i) * kSumColumns);
    });
  }
  if (!original.empty()) {
    const float *more = next();
    for (double &x : original)
      x += *more++;
  }
  const float *most = next(), *sums = next();
  for (int64_t i = 0; i < size; ++i) {
    largest[i] = std::max(largest[i], most[i]);
    sum[i] += sums[i];
  }
}

bool InputSums::isFinite() const {
  return std::ranges::all_of(sum, [](double x) { return std::isfinite(x); }) &&
         std::ranges::all_of(largest, [](float x) { return std::isfinite(x); });
}

passes::InputStatistics InputSums::take() && {
  passes::InputStatistics s{size,
                            count,
                            {products.begin(), products.end()},
                            {original.begin(), original.end()},
                            std::move(largest),
                            std::move(sum)};
  // What lies below the diagonal, in blocks that stay in a cache.
  constexpr int64_t block = 64;
  int64_t side = products.empty() ? 0 : size;
  for (int64_t top = 0; top < side; top += block)
    for (int64_t left = 0; left <= top; left += block)
      for (int64_t i = top; i < std::min(top + block, side); ++i)
        for (int64_t j = left; j < std::min(left + block, i); ++j)
          s.hessian[i * side + j] = s.hessian[j * side + i];
  return s;
}

} // namespace llmc::compiler
