// SPDX-License-Identifier: Apache-2.0
#include "tools/compiler/calibration/InputSums.h"

#include <algorithm>
#include <cmath>

namespace llmc::compiler {

void InputSums::add(int64_t rows, std::span<const LlmcTensor> outputs) {
  count += rows;
  auto next = [at = size_t(0), outputs]() mutable {
    return static_cast<const float *>(outputs[at++].data);
  };
  for (std::vector<double> *square : {&products, &original})
    if (!square->empty()) {
      const float *more = next();
      for (size_t i = 0; i < square->size(); ++i)
        (*square)[i] += more[i];
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
  return {size,
          count,
          {products.begin(), products.end()},
          {original.begin(), original.end()},
          std::move(largest),
          std::move(sum)};
}

} // namespace llmc::compiler
