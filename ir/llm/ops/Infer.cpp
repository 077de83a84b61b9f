// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/ops/Infer.h"

using namespace mlir;

namespace llmc::llm {

ModuleOp moduleOf(Value v) {
  Region *region = v.getParentRegion();
  return region ? region->getParentOfType<ModuleOp>() : ModuleOp();
}

FailureOr<Dims> broadcastOperands(std::optional<Location> loc,
                                  ValueRange operands) {
  ModuleOp module = operands.empty() ? ModuleOp() : moduleOf(operands[0]);
  std::optional<Symbols> symbols;
  if (module)
    symbols.emplace(module);
  Dims dims;
  for (Value v : operands) {
    if (!isa<RankedTensorType>(v.getType()))
      continue;
    auto next = broadcastDims(dims, dimsOf(v), symbols ? &*symbols : nullptr);
    if (failed(next))
      return emitOptionalError(loc, "operands of shapes that don't broadcast");
    dims = *next;
  }
  return dims;
}

bool compatibleTypes(TypeRange inferred, TypeRange actual) {
  if (inferred.size() != actual.size())
    return false;
  for (auto [x, y] : llvm::zip(inferred, actual)) {
    if (x == y)
      continue;
    auto a = dyn_cast<RankedTensorType>(x), b = dyn_cast<RankedTensorType>(y);
    if (!a || !b || a.getElementType() != b.getElementType() ||
        a.getRank() != b.getRank())
      return false;
    for (auto [m, n] : llvm::zip(a.getShape(), b.getShape()))
      if (!ShapedType::isDynamic(m) && !ShapedType::isDynamic(n) && m != n)
        return false;
  }
  return true;
}

} // namespace llmc::llm
