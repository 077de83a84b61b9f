// SPDX-License-Identifier: Apache-2.0
#include "passes/quantize/Calibrated.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "passes/quantize/Gptq.h"
#include "passes/quantize/Products.h"
#include "passes/quantize/Propagate.h"
#include "llvm/ADT/APFloat.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::quantize {

/// Integers of the type as ONNX packs them.
static std::vector<std::byte> packed(std::span<const uint8_t> q,
                                     unsigned bits) {
  unsigned perByte = 8 / bits;
  std::vector<std::byte> out((q.size() + perByte - 1) / perByte);
  for (size_t i = 0; i < q.size(); ++i)
    out[i / perByte] |= static_cast<std::byte>(q[i] << (i % perByte * bits));
  return out;
}

/// Numbers that the type has exactly.
static std::vector<std::byte> asElements(std::span<const float> values,
                                         FloatType type) {
  unsigned bytes = type.getWidth() / 8;
  std::vector<std::byte> out(values.size() * bytes);
  for (size_t i = 0; i < values.size(); ++i) {
    llvm::APFloat x(values[i]);
    bool lost;
    x.convert(type.getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven,
              &lost);
    uint64_t bits = x.bitcastToAPInt().getZExtValue();
    std::memcpy(out.data() + i * bytes, &bits, bytes);
  }
  return out;
}

/// Dequantization of what was computed.
static RecipeAttr stored(const IntegerMatrix &m, const IntegerGrid &grid,
                         Type element, const std::string &name,
                         passes::WeightStore &store) {
  MLIRContext *ctx = element.getContext();
  Type q = integerType(ctx, grid);
  auto scale = cast<FloatType>(scaleElement(ctx, grid.scale));
  int64_t groups = static_cast<int64_t>(m.scales.size()) / m.n;
  auto integers = store.spill(RankedTensorType::get({m.k, m.n}, q),
                              packed(m.q, grid.bits), name);
  auto scales = store.spill(RankedTensorType::get({groups, m.n}, scale),
                            asElements(m.scales, scale), name);
  RecipeAttr zeros;
  if (!grid.symmetric) {
    std::vector<uint8_t> bytes(m.zeros.begin(), m.zeros.end());
    zeros = store.spill(RankedTensorType::get({groups, m.n}, q),
                        packed(bytes, grid.bits), name);
  } else {
    zeros = middleZeros(ctx, grid);
  }
  return dequantizeRecipe(integers, scales, zeros, grid, {m.group, 1}, element);
}

RecipeAttr calibrated(RecipeAttr matrix, const WeightType &type,
                      const passes::InputStatistics &statistics,
                      passes::WeightStore &store, unsigned jobs) {
  std::vector<float> weights = store.read(matrix);
  int64_t n = matrix.getType().getDimSize(1);
  if (type.propagate)
    propagateError(weights, statistics.hessian, statistics.original, n, jobs);
  GptqOptions options;
  options.actOrder = type.actOrder, options.jobs = jobs;
  options.descents = type.refine ? 3 : 0;
  IntegerMatrix m = gptq(weights, statistics.hessian, n, type.format, options);
  std::vector<std::string> names;
  addNames(matrix, &store, names);
  return stored(m, type.format.grid, matrix.getType().getElementType(),
                names.empty() ? "" : names.front(), store);
}

} // namespace llmc::quantize
