// SPDX-License-Identifier: Apache-2.0
#include "codegen/weights/Views.h"

#include "codegen/cpu/Elements.h"
#include "ir/llm/Rotation.h"

using namespace mlir;

namespace llmc {

/// The blocks along an axis of dense elements, in place. Neighbours of other
/// dims come one after the other: they share the lines of the cache.
static void rotateDense(const WeightView &v, int64_t axis, int64_t block) {
  int64_t bytes = memoryBytes(v.element), inner = v.strides[axis],
          outer = v.elements() / inner / v.dims[axis];
  std::vector<double> x(block);
  auto at = [&](int64_t first, int64_t i) {
    return v.owner->data() + (first + i * inner) * bytes;
  };
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t start = 0; start < v.dims[axis]; start += block)
      for (int64_t i = 0; i < inner; ++i) {
        int64_t first = (o * v.dims[axis] + start) * inner + i;
        for (int64_t j = 0; j < block; ++j)
          x[j] = readNumber(at(first, j), v.element);
        llm::rotateBlock(x);
        for (int64_t j = 0; j < block; ++j)
          writeNumber(at(first, j), v.element, x[j]);
      }
}

WeightView rotateView(const WeightView &v, int64_t axis, int64_t block,
                      RankedTensorType type) {
  WeightView out = copiedView(v, type);
  if (out.elements() > 0)
    rotateDense(out, axis, block);
  return out;
}

WeightView rotationView(RankedTensorType type) {
  WeightView out = allocateView(type);
  int64_t block = type.getDimSize(0), bytes = memoryBytes(out.element);
  std::vector<double> row(block);
  for (int64_t i = 0; i < block; ++i) {
    std::fill(row.begin(), row.end(), 0.0);
    row[i] = 1;
    llm::rotateBlock(row);
    for (int64_t j = 0; j < block; ++j)
      writeNumber(out.owner->data() + (i * block + j) * bytes, out.element,
                  row[j]);
  }
  return out;
}

} // namespace llmc
