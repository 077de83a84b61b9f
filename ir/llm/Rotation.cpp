// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/Rotation.h"

#include "ir/llm/RotationSigns.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/bit.h"

#include <cmath>

using namespace mlir;

namespace llmc::llm {

int64_t rotationBlock(int64_t size) {
  // Where R is a product of its own, a block costs block^2 operations.
  constexpr int64_t fewest = 16, most = 256;
  if (size <= 0)
    return 0;
  int64_t block = std::min(
      most, int64_t(1) << llvm::countr_zero(static_cast<uint64_t>(size)));
  return block < fewest ? 0 : block;
}

void rotateBlock(std::span<double> block) {
  size_t size = block.size();
  for (size_t i = 0; i < size; ++i)
    if (rotationNegates(i))
      block[i] = -block[i];
  for (size_t half = 1; half < size; half *= 2)
    for (size_t first = 0; first < size; first += 2 * half)
      for (size_t i = first; i < first + half; ++i) {
        double a = block[i], b = block[i + half];
        block[i] = a + b, block[i + half] = a - b;
      }
  double norm = 1 / std::sqrt(static_cast<double>(size));
  for (double &x : block)
    x *= norm;
}

RecipeAttr rotateRecipe(RecipeAttr in, int64_t axis, int64_t block) {
  Builder b(in.getContext());
  return RecipeAttr::get(
      in.getContext(), b.getStringAttr("rotate"), b.getArrayAttr({in}),
      b.getDictionaryAttr(
          {b.getNamedAttr("axis", b.getI64IntegerAttr(axis)),
           b.getNamedAttr("block", b.getI64IntegerAttr(block))}),
      in.getType());
}

RecipeAttr rotationRecipe(int64_t block, Type element) {
  Builder b(element.getContext());
  return RecipeAttr::get(element.getContext(), b.getStringAttr("rotation"),
                         b.getArrayAttr({}), b.getDictionaryAttr({}),
                         RankedTensorType::get({block, block}, element));
}

bool isRotation(RecipeAttr recipe) {
  if (recipe.getKind() == "transpose")
    recipe = cast<RecipeAttr>(recipe.getInputs()[0]);
  return recipe.getKind() == "rotation";
}

} // namespace llmc::llm
