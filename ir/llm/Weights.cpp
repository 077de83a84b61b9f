// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/Weights.h"

#include "ir/llm/Shape.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace llmc::llm {

static RecipeAttr make(StringRef kind, ArrayRef<RecipeAttr> inputs,
                       ArrayRef<NamedAttribute> params, RankedTensorType type) {
  MLIRContext *ctx = type.getContext();
  SmallVector<Attribute> ins(inputs.begin(), inputs.end());
  return RecipeAttr::get(ctx, StringAttr::get(ctx, kind),
                         ArrayAttr::get(ctx, ins),
                         DictionaryAttr::get(ctx, params), type);
}

bool fitsConstant(RankedTensorType type) {
  constexpr int64_t maxBytes = 4096;
  return type.hasStaticShape() &&
         type.getNumElements() * ((type.getElementTypeBitWidth() + 7) / 8) <=
             maxBytes;
}

RecipeAttr sourceRecipe(RankedTensorType type, int64_t id) {
  Builder b(type.getContext());
  return make("source", {}, {b.getNamedAttr("id", b.getI64IntegerAttr(id))},
              type);
}

RecipeAttr denseRecipe(DenseElementsAttr value) {
  Builder b(value.getContext());
  return make("dense", {}, {b.getNamedAttr("value", value)},
              cast<RankedTensorType>(value.getType()));
}

RecipeAttr transposeRecipe(RecipeAttr in, ArrayRef<int64_t> perm) {
  if (llvm::equal(perm, llvm::seq<int64_t>(perm.size())))
    return in;
  SmallVector<int64_t> whole(perm), dims;
  // Two transposes in a row are one.
  if (in.getKind() == "transpose") {
    auto inner =
        cast<DenseI64ArrayAttr>(in.getParams().get("perm")).asArrayRef();
    for (auto [i, p] : llvm::enumerate(perm))
      whole[i] = inner[p];
    return transposeRecipe(cast<RecipeAttr>(in.getInputs()[0]), whole);
  }
  for (int64_t p : perm)
    dims.push_back(in.getType().getDimSize(p));
  Builder b(in.getContext());
  return make("transpose", {in},
              {b.getNamedAttr("perm", b.getDenseI64ArrayAttr(perm))},
              RankedTensorType::get(dims, in.getType().getElementType()));
}

RecipeAttr reshapeRecipe(RecipeAttr in, ArrayRef<int64_t> dims) {
  if (in.getType().getShape() == dims)
    return in;
  if (in.getKind() == "reshape")
    return reshapeRecipe(cast<RecipeAttr>(in.getInputs()[0]), dims);
  return make("reshape", {in}, {},
              RankedTensorType::get(dims, in.getType().getElementType()));
}

RecipeAttr sliceRecipe(RecipeAttr in, ArrayRef<int64_t> starts,
                       ArrayRef<int64_t> steps, ArrayRef<int64_t> sizes) {
  if (in.getType().getShape() == sizes &&
      llvm::all_of(starts, [](int64_t s) { return s == 0; }))
    return in;
  Builder b(in.getContext());
  return make("slice", {in},
              {b.getNamedAttr("starts", b.getDenseI64ArrayAttr(starts)),
               b.getNamedAttr("steps", b.getDenseI64ArrayAttr(steps))},
              RankedTensorType::get(sizes, in.getType().getElementType()));
}

RecipeAttr concatRecipe(ArrayRef<RecipeAttr> in, int64_t axis) {
  if (in.size() == 1)
    return in[0];
  SmallVector<int64_t> dims(in[0].getType().getShape());
  for (RecipeAttr r : in.drop_front())
    dims[axis] += r.getType().getDimSize(axis);
  Builder b(in[0].getContext());
  return make("concat", in, {b.getNamedAttr("axis", b.getI64IntegerAttr(axis))},
              RankedTensorType::get(dims, in[0].getType().getElementType()));
}

RecipeAttr castRecipe(RecipeAttr in, Type element) {
  if (in.getType().getElementType() == element)
    return in;
  return make("cast", {in}, {},
              RankedTensorType::get(in.getType().getShape(), element));
}

RecipeAttr scaleRecipe(RecipeAttr in, double factor) {
  Builder b(in.getContext());
  return make("scale", {in},
              {b.getNamedAttr("factor", b.getF64FloatAttr(factor))},
              in.getType());
}

RecipeAttr binaryRecipe(StringRef kind, RecipeAttr a, RecipeAttr b) {
  auto dims = broadcastDims(dimsOf(a.getType()), dimsOf(b.getType()));
  assert(succeeded(dims) && "recipes of weights that don't broadcast");
  return make(kind, {a, b}, {},
              tensorType(a.getContext(), *dims, a.getType().getElementType()));
}

RecipeAttr recipeOf(Value value) {
  if (auto w = value.getDefiningOp<WeightOp>())
    return w.getRecipe();
  if (auto c = value.getDefiningOp<ConstantOp>())
    if (auto dense = dyn_cast<DenseElementsAttr>(c.getValue()))
      return denseRecipe(dense);
  return {};
}

} // namespace llmc::llm
