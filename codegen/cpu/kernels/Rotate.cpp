// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Rotate.h"
#include "codegen/cpu/kernels/Lanes.h"
#include "ir/llm/RotationSigns.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <cmath>

using namespace mlir;

namespace llmc {

/// A vector of 1 and -1.
static Value signs(CodeBuilder &k, llvm::function_ref<bool(int64_t)> negates) {
  SmallVector<float> values;
  for (int64_t i = 0; i < int64_t(k.lanes()); ++i)
    values.push_back(negates(i) ? -1 : 1);
  auto type = cast<ShapedType>(k.vecF32(k.lanes()));
  return arith::ConstantOp::create(
      k.builder(), k.location(),
      DenseElementsAttr::get(type, ArrayRef<float>(values)));
}

/// Sums and differences of numbers that are `half` apart.
static void addHalves(CodeBuilder &k, int64_t half, Values &x) {
  int64_t lanes = k.lanes(), count = static_cast<int64_t>(x.size());
  if (half >= lanes) {
    int64_t step = half / lanes;
    for (int64_t i = 0; i < count; ++i)
      if (!(i & step)) {
        Value a = x[i], b = x[i + step];
        x[i] = k.add(a, b), x[i + step] = k.sub(a, b);
      }
    return;
  }
  SmallVector<int64_t> others;
  for (int64_t i = 0; i < lanes; ++i)
    others.push_back(i ^ half);
  Value sign = signs(k, [&](int64_t i) { return (i & half) != 0; });
  for (Value &v : x)
    v = k.add(k.shuffle(v, v, others), k.mul(v, sign));
}

void emitRotateBlock(CodeBuilder &k, Type element, int64_t block, Value from,
                     Value to) {
  int64_t lanes = k.lanes();
  Values x;
  for (int64_t i = 0; i < block; i += lanes)
    x.push_back(k.mul(
        loadLanes(k, element, lanes, Value(), from, Value(), i),
        signs(k, [&](int64_t j) { return llm::rotationNegates(i + j); })));
  for (int64_t half = 1; half < block; half *= 2)
    addHalves(k, half, x);
  Value norm =
      k.constant(k.vecF32(lanes), 1 / std::sqrt(static_cast<double>(block)));
  for (auto [i, v] : llvm::enumerate(x))
    k.store(k.mul(v, norm), to, Value(), int64_t(i) * lanes);
}

} // namespace llmc
