// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/Quantized.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

namespace llmc::llm {

Type integerType(MLIRContext *ctx, const IntegerGrid &grid) {
  if (grid.codes == Codes::E4M3)
    return Float8E4M3FNType::get(ctx);
  if (grid.codes == Codes::E5M2)
    return Float8E5M2Type::get(ctx);
  return IntegerType::get(ctx, grid.bits,
                          grid.isSigned() ? IntegerType::Signless
                                          : IntegerType::Unsigned);
}

Type scaleElement(MLIRContext *ctx, ScaleType type) {
  switch (type) {
  case ScaleType::F32:
    return Float32Type::get(ctx);
  case ScaleType::F16:
    return Float16Type::get(ctx);
  case ScaleType::BF16:
    return BFloat16Type::get(ctx);
  case ScaleType::E8M0:
    return Float8E8M0FNUType::get(ctx);
  }
  llvm_unreachable("a type of scales");
}

RecipeAttr middleZeros(MLIRContext *ctx, const IntegerGrid &grid) {
  if (!grid.middle())
    return {};
  return denseRecipe(DenseElementsAttr::get(
      RankedTensorType::get({1, 1}, integerType(ctx, grid)),
      APInt(grid.bits, grid.middle())));
}

static ScaleType scaleType(Type element) {
  return element.isF32()    ? ScaleType::F32
         : element.isF16()  ? ScaleType::F16
         : element.isBF16() ? ScaleType::BF16
                            : ScaleType::E8M0;
}

static constexpr StringRef kParts[] = {"q", "scales", "zeros"};

static RecipeAttr partOf(ArrayRef<Attribute> inputs, QuantizedPart part,
                         const QuantizeFormat &format, RankedTensorType type) {
  MLIRContext *ctx = type.getContext();
  Builder b(ctx);
  const IntegerGrid &grid = format.grid;
  auto params = b.getDictionaryAttr({
      b.getNamedAttr("part", b.getStringAttr(kParts[size_t(part)])),
      b.getNamedAttr("bits", b.getI64IntegerAttr(grid.bits)),
      b.getNamedAttr("group", b.getI64IntegerAttr(format.group)),
      b.getNamedAttr("symmetric", b.getBoolAttr(grid.symmetric)),
      b.getNamedAttr("scale", TypeAttr::get(scaleElement(ctx, grid.scale))),
      b.getNamedAttr("fit", b.getI64IntegerAttr(int64_t(format.fit))),
      b.getNamedAttr("codes", b.getI64IntegerAttr(int64_t(grid.codes))),
  });
  return RecipeAttr::get(ctx, b.getStringAttr("quantize"),
                         b.getArrayAttr(inputs), params, type);
}

RecipeAttr quantizeRecipe(RecipeAttr matrix, RecipeAttr importance,
                          const QuantizeFormat &format) {
  MLIRContext *ctx = matrix.getContext();
  RankedTensorType type = matrix.getType();
  int64_t k = type.getDimSize(0), n = type.getDimSize(1),
          group = std::max<int64_t>(1, format.groupOf(k));
  SmallVector<Attribute> inputs{matrix};
  if (importance)
    inputs.push_back(importance);
  SmallVector<int64_t> groups{static_cast<int64_t>(llvm::divideCeil(k, group)),
                              n};
  Type q = integerType(ctx, format.grid),
       scale = scaleElement(ctx, format.grid.scale);
  auto part = [&](QuantizedPart p, ArrayRef<int64_t> dims, Type element) {
    return partOf(inputs, p, format, RankedTensorType::get(dims, element));
  };
  RecipeAttr zeros = format.grid.symmetric
                         ? middleZeros(ctx, format.grid)
                         : part(QuantizedPart::Zeros, groups, q);
  return dequantizeRecipe(part(QuantizedPart::Integers, {k, n}, q),
                          part(QuantizedPart::Scales, groups, scale), zeros,
                          format.grid, {group, 1}, type.getElementType());
}

RecipeAttr dequantizeRecipe(RecipeAttr q, RecipeAttr scales, RecipeAttr zeros,
                            const IntegerGrid &grid, ArrayRef<int64_t> blocks,
                            Type element) {
  if (!grid.hasCodes() || grid.bits == 8)
    return dequantizeRecipe(q, scales, zeros, blocks, element);
  return codebookRecipe(q, scales, codebookAttr(q.getContext(), grid.codes),
                        blocks, element);
}

DenseF32ArrayAttr codebookAttr(MLIRContext *ctx, Codes codes) {
  std::span<const float> numbers = codebook(codes);
  return DenseF32ArrayAttr::get(ctx, ArrayRef(numbers.data(), numbers.size()));
}

QuantizedPart quantizedPart(RecipeAttr recipe) {
  auto name = cast<StringAttr>(recipe.getParams().get("part")).getValue();
  return static_cast<QuantizedPart>(llvm::find(kParts, name) -
                                    std::begin(kParts));
}

QuantizeFormat quantizeFormat(RecipeAttr recipe) {
  DictionaryAttr params = recipe.getParams();
  auto integer = [&](StringRef name) {
    return cast<IntegerAttr>(params.get(name)).getInt();
  };
  auto flag = [&](StringRef name) {
    return cast<BoolAttr>(params.get(name)).getValue();
  };
  QuantizeFormat format;
  format.grid.bits = static_cast<unsigned>(integer("bits"));
  format.grid.symmetric = flag("symmetric");
  format.grid.codes = static_cast<Codes>(integer("codes"));
  format.grid.scale = scaleType(cast<TypeAttr>(params.get("scale")).getValue());
  format.group = integer("group");
  format.fit = static_cast<Fit>(integer("fit"));
  return format;
}

int64_t quantizedChunk(Type q) {
  unsigned bits = q.getIntOrFloatBitWidth();
  return bits == 3 ? 32 : 32 / bits;
}

int64_t quantizedWords(Type q) {
  return q.getIntOrFloatBitWidth() == 3 ? 3 : 1;
}

uint64_t storedBits(const QuantizedMatrix &m) {
  auto bits = [](RecipeAttr r) {
    return static_cast<uint64_t>(r.getType().getNumElements()) *
           r.getType().getElementTypeBitWidth();
  };
  return bits(m.q) + bits(m.scales) + (m.zeros ? bits(m.zeros) : 0);
}

} // namespace llmc::llm
