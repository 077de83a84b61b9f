// SPDX-License-Identifier: Apache-2.0
// Sizes that a node's data says, and what is known or required of sizes.
#include "frontend/onnx/Rule.h"

#include "frontend/onnx/ConversionErrors.h"

using namespace mlir;

namespace llmc::onnx {

llm::Dim Binder::bindDim(Value tensor, int64_t index, StringRef hint,
                         const llm::DataRange &range) {
  llm::Dim symbol = sizes.table().data(hint, range);
  auto position = mlir::cast<AffineSymbolExpr>(symbol).getPosition();
  check(llm::BindDimOp::create(builder, loc, tensor, position, index));
  return symbol;
}

llm::Dim Binder::boundSymbol(StringRef hint) {
  return sizes.table().data(hint, {.least = 0});
}

llm::Dims Binder::sizesOf(size_t i, StringRef hint,
                          const llm::DataRange &range) {
  if (const Content *c = content(i); c && !c->isFloat) {
    for (llm::Dim d : c->ints) {
      if ((range.least && sizes.less(d, constantDim(*range.least)) == true) ||
          (range.most && sizes.less(constantDim(*range.most), d) == true) ||
          (range.nonZero && llm::fixedDim(d) == 0))
        fail(hint + " " + sizes.table().print(d) + " is not possible");
    }
    return c->ints;
  }
  RankedTensorType t = type(i);
  if (!isa<IntegerType>(t.getElementType()))
    fail("input " + Twine(i) + " needs integers, not " + describe(t));
  if (!t.hasStaticShape() || t.getNumElements() > kMaxContent)
    unsupported("needs a known, small number of elements in input " + Twine(i));
  llm::Dims dims;
  for (int64_t k = 0; k < t.getNumElements(); ++k)
    dims.push_back(bindDim(in(i), k, hint, range));
  return dims;
}

llm::Dim Binder::sizeOf(size_t i, StringRef hint, const llm::DataRange &range) {
  RankedTensorType t = type(i);
  bool isList = t.getRank() == 1 && !t.hasStaticShape();
  if (!isList && (!t.hasStaticShape() || t.getNumElements() != 1))
    fail("input " + Twine(i) + " needs one integer");
  if (!isList)
    return sizesOf(i, hint, range)[0];
  if (!isa<IntegerType>(t.getElementType()))
    fail("input " + Twine(i) + " needs integers, not " + describe(t));
  learnEqual(dims(i)[0], constantDim(1));
  return bindDim(reshape(in(i), {}), 0, hint, range);
}

void Binder::requireEqual(llm::Dim a, llm::Dim b) {
  auto known = sizes.equal(a, b);
  if (known == false)
    fail("sizes do not fit: " + sizes.table().print(a) + " against " +
         sizes.table().print(b));
  if (!known)
    llm::CheckSizesOp::create(builder, loc, llm::dimsMap(ctx, {a, b}), false);
}

void Binder::requireAtMost(llm::Dim a, llm::Dim b) {
  auto known = sizes.lessEqual(a, b);
  if (known == false)
    fail("sizes do not fit: " + sizes.table().print(a) + " is above " +
         sizes.table().print(b));
  if (!known)
    llm::CheckSizesOp::create(builder, loc, llm::dimsMap(ctx, {a, b}), true);
}

bool Binder::learnEqual(llm::Dim size, llm::Dim value) {
  auto symbol = dyn_cast<AffineSymbolExpr>(llm::simplified(size));
  value = llm::simplified(value);
  if (symbol == value)
    return true;
  // What data binds has no value before its place in the program.
  if (!symbol || !sizes.table().followsFromInputs(value))
    return false;
  bool uses = false;
  value.walk([&](AffineExpr e) { uses |= e == symbol; });
  if (uses || !isa<StringAttr>(sizes.table().row(symbol.getPosition())))
    return false;
  auto [entry, isNew] =
      state.equalities.known.try_emplace(symbol.getPosition(), value);
  return isNew || entry->second == value;
}

} // namespace llmc::onnx
