// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/Weights.h"

#include "ir/llm/Quantized.h"
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

/// The operands and block sizes of a dequantization; q is null for other
/// recipes.
namespace {
struct Dequantized {
  RecipeAttr q, scales, zeros;
  ArrayRef<int64_t> blocks;
  DenseF32ArrayAttr codebook;
};
} // namespace

static RecipeAttr makeDequantize(const Dequantized &d, Type element) {
  Builder b(element.getContext());
  SmallVector<RecipeAttr> in{d.q, d.scales};
  if (d.zeros)
    in.push_back(d.zeros);
  SmallVector<NamedAttribute> params{
      b.getNamedAttr("blocks", b.getDenseI64ArrayAttr(d.blocks))};
  if (d.codebook)
    params.push_back(b.getNamedAttr("codebook", d.codebook));
  return make("dequantize", in, params,
              RankedTensorType::get(d.q.getType().getShape(), element));
}

static Dequantized dequantized(RecipeAttr r) {
  if (r.getKind() != "dequantize")
    return {};
  ArrayAttr in = r.getInputs();
  return {cast<RecipeAttr>(in[0]), cast<RecipeAttr>(in[1]),
          in.size() > 2 ? cast<RecipeAttr>(in[2]) : RecipeAttr(),
          cast<DenseI64ArrayAttr>(r.getParams().get("blocks")).asArrayRef(),
          dyn_cast_or_null<DenseF32ArrayAttr>(r.getParams().get("codebook"))};
}

/// A constant of one value with other dims, or null.
static RecipeAttr splatOf(RecipeAttr in, ArrayRef<int64_t> dims) {
  if (in.getKind() != "dense")
    return {};
  auto value = cast<DenseElementsAttr>(in.getParams().get("value"));
  if (!value.isSplat())
    return {};
  return denseRecipe(value.resizeSplat(
      RankedTensorType::get(dims, in.getType().getElementType())));
}

RecipeAttr transposeRecipe(RecipeAttr in, ArrayRef<int64_t> perm) {
  if (llvm::equal(perm, llvm::seq<int64_t>(perm.size())))
    return in;
  SmallVector<int64_t> whole(perm), dims;
  for (int64_t p : perm)
    dims.push_back(in.getType().getDimSize(p));
  if (RecipeAttr same = splatOf(in, dims))
    return same;
  // A transposed quantized matrix is still one.
  if (Dequantized d = dequantized(in); d.q) {
    SmallVector<int64_t> blocks;
    for (int64_t p : perm)
      blocks.push_back(d.blocks[p]);
    return makeDequantize({transposeRecipe(d.q, perm),
                           transposeRecipe(d.scales, perm),
                           d.zeros ? transposeRecipe(d.zeros, perm) : d.zeros,
                           blocks, d.codebook},
                          in.getType().getElementType());
  }
  // Two transposes in a row are one.
  if (in.getKind() == "transpose") {
    auto inner =
        cast<DenseI64ArrayAttr>(in.getParams().get("perm")).asArrayRef();
    for (auto [i, p] : llvm::enumerate(perm))
      whole[i] = inner[p];
    return transposeRecipe(cast<RecipeAttr>(in.getInputs()[0]), whole);
  }
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
  if (RecipeAttr same = splatOf(in, dims))
    return same;
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

static RecipeAttr splatRecipe(Type element, int64_t value);

/// Quantized matrices beside each other as one, or null.
static RecipeAttr concatQuantized(ArrayRef<RecipeAttr> in, int64_t axis) {
  auto first = quantizedMatrix(in[0]);
  if (!first || axis != 1)
    return {};
  SmallVector<RecipeAttr> q, scales, zeros;
  auto element = [](RecipeAttr r) { return r.getType().getElementType(); };
  for (RecipeAttr r : in) {
    if (quantizationKey(r) != quantizationKey(in[0]) ||
        element(r) != element(in[0]))
      return {};
    auto m = quantizedMatrix(r);
    q.push_back(m->q), scales.push_back(m->scales), zeros.push_back(m->zeros);
  }
  RecipeAttr zero;
  if (first->zeros)
    zero = concatRecipe(zeros, 1);
  else if (first->zero)
    zero = splatRecipe(element(first->q), first->zero);
  return makeDequantize({concatRecipe(q, 1),
                         concatRecipe(scales, 1),
                         zero,
                         {first->group, 1},
                         first->codebook},
                        element(in[0]));
}

RecipeAttr concatRecipe(ArrayRef<RecipeAttr> in, int64_t axis) {
  if (in.size() == 1)
    return in[0];
  if (RecipeAttr one = concatQuantized(in, axis))
    return one;
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
  // Below transposes: a table and the weight that is its transpose stay so.
  if (in.getKind() == "transpose")
    return transposeRecipe(
        castRecipe(cast<RecipeAttr>(in.getInputs()[0]), element),
        cast<DenseI64ArrayAttr>(in.getParams().get("perm")).asArrayRef());
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

RecipeAttr unpackRecipe(RecipeAttr bytes, Type element) {
  SmallVector<int64_t> dims(bytes.getType().getShape());
  int64_t perByte = 8 / element.getIntOrFloatBitWidth();
  if (perByte > 1)
    dims.back() *= perByte;
  // Below reshapes, so that one stored tensor is unpacked in one way only.
  if (bytes.getKind() == "reshape")
    return reshapeRecipe(
        unpackRecipe(cast<RecipeAttr>(bytes.getInputs()[0]), element), dims);
  if (bytes.getType().getElementType() == element)
    return bytes;
  return make("unpack", {bytes}, {}, RankedTensorType::get(dims, element));
}

RecipeAttr takeRecipe(RecipeAttr in, int64_t axis, ArrayRef<int64_t> which) {
  SmallVector<int64_t> dims(in.getType().getShape());
  dims[axis] = which.size();
  Builder b(in.getContext());
  return make("take", {in},
              {b.getNamedAttr("axis", b.getI64IntegerAttr(axis)),
               b.getNamedAttr("which", b.getDenseI64ArrayAttr(which))},
              RankedTensorType::get(dims, in.getType().getElementType()));
}

RecipeAttr broadcastRecipe(RecipeAttr in, ArrayRef<int64_t> dims) {
  if (in.getType().getShape() == dims)
    return in;
  return make("broadcast", {in}, {},
              RankedTensorType::get(dims, in.getType().getElementType()));
}

RecipeAttr dequantizeRecipe(RecipeAttr q, RecipeAttr scales, RecipeAttr zeros,
                            ArrayRef<int64_t> blocks, Type element) {
  return makeDequantize({q, scales, zeros, blocks, {}}, element);
}

RecipeAttr codebookRecipe(RecipeAttr q, RecipeAttr scales,
                          DenseF32ArrayAttr codebook, ArrayRef<int64_t> blocks,
                          Type element) {
  assert(codebook.size() == 16 && "a codebook of 4 bits");
  return makeDequantize({q, scales, {}, blocks, codebook}, element);
}

/// The one integer that a small constant holds.
static std::optional<int64_t> splatInteger(RecipeAttr r) {
  if (!r || r.getKind() != "dense")
    return std::nullopt;
  auto value = cast<DenseElementsAttr>(r.getParams().get("value"));
  auto type = dyn_cast<IntegerType>(value.getElementType());
  if (!type || !value.isSplat())
    return std::nullopt;
  APInt v = value.getSplatValue<APInt>();
  return type.isUnsigned() ? static_cast<int64_t>(v.getZExtValue())
                           : v.getSExtValue();
}

/// Whether it is a small constant of floats that are all 0.
static bool isZero(RecipeAttr r) {
  if (r.getKind() != "dense")
    return false;
  auto value = cast<DenseElementsAttr>(r.getParams().get("value"));
  return isa<FloatType>(value.getElementType()) && value.isSplat() &&
         value.getSplatValue<APFloat>().isZero();
}

static RecipeAttr splatRecipe(Type element, int64_t value) {
  auto type = RankedTensorType::get({1, 1}, element);
  unsigned bits = element.getIntOrFloatBitWidth();
  return denseRecipe(DenseElementsAttr::get(
      type, APInt(64, value, /*isSigned=*/true).trunc(bits)));
}

std::optional<QuantizedMatrix> quantizedMatrix(RecipeAttr recipe) {
  Dequantized d = dequantized(recipe);
  if (!d.q || d.q.getType().getRank() != 2)
    return std::nullopt;
  int64_t k = d.q.getType().getDimSize(0), n = d.q.getType().getDimSize(1);
  Type type = d.q.getType().getElementType();
  bool known = isa<Float8E4M3FNType, Float8E5M2Type>(type) ||
               type.isUnsignedInteger(3) ||
               (isa<IntegerType>(type) &&
                llvm::is_contained({2, 4, 8}, type.getIntOrFloatBitWidth()));
  if (!known || k == 0 || n == 0)
    return std::nullopt;
  int64_t group = std::min(d.blocks[0], k), columns = d.blocks[1];
  Type scale = d.scales.getType().getElementType();
  bool knownScale = scale.isF32() || scale.isF16() || scale.isBF16() ||
                    isa<Float8E8M0FNUType>(scale);
  if (!knownScale || (columns != 1 && columns < n) ||
      (group != k && group % quantizedChunk(type)))
    return std::nullopt;
  SmallVector<int64_t> dims{(k + group - 1) / group, n};
  QuantizedMatrix m{d.q, broadcastRecipe(d.scales, dims), {}, group};
  m.codebook = d.codebook;
  if (isa<FloatType>(type)) {
    if (d.zeros && !isZero(d.zeros))
      return std::nullopt;
    return m;
  }
  if (auto zero = splatInteger(d.zeros))
    m.zero = *zero;
  else if (d.zeros)
    m.zeros = broadcastRecipe(d.zeros, dims);
  return m;
}

Attribute quantizationKey(RecipeAttr recipe) {
  auto m = quantizedMatrix(recipe);
  if (!m)
    return {};
  Builder b(recipe.getContext());
  auto type = [](RecipeAttr r) {
    return TypeAttr::get(r.getType().getElementType());
  };
  Attribute zeros = m->zeros ? Attribute(type(m->zeros))
                             : Attribute(b.getI64IntegerAttr(m->zero));
  Attribute codebook = m->codebook ? Attribute(m->codebook) : b.getUnitAttr();
  return b.getArrayAttr({type(m->q), type(m->scales), zeros,
                         b.getI64IntegerAttr(m->group), codebook});
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
