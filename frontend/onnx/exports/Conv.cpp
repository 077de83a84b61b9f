// SPDX-License-Identifier: Apache-2.0
// Convolutions. ONNX's Conv is of floats: those of integers become ConvInteger
// where their operands are bytes, else a sum of matrix products.
#include "frontend/onnx/exports/Activation.h"
#include "frontend/onnx/exports/Window.h"
#include "ir/llm/Weights.h"

using namespace mlir;

namespace llmc::onnx {

using Name = GraphExporter::Name;

namespace {
/// An operand as bytes less a zero point; `q` is empty for others.
struct Bytes {
  Name q, zero;
  Type type;
};
} // namespace

static bool isByte(Type t) {
  return t.isSignlessInteger(8) || t.isUnsignedInteger(8);
}

static Bytes bytesOfRecipe(llm::RecipeAttr recipe, GraphExporter &e) {
  auto input = [&] { return cast<llm::RecipeAttr>(recipe.getInputs()[0]); };
  if (recipe.getKind() == "cast" && isByte(input().getType().getElementType()))
    return {e.weight(input()), "", input().getType().getElementType()};
  if (recipe.getKind() != "dense")
    return {};
  auto value = cast<DenseElementsAttr>(recipe.getParams().get("value"));
  auto fits = [&](int64_t least, int64_t most) {
    return value.getElementType().isSignlessInteger() &&
           llvm::all_of(value.getValues<APInt>(), [&](const APInt &v) {
             return v.sge(least) && v.sle(most);
           });
  };
  bool isSigned = fits(-128, 127);
  if (!isSigned && !fits(0, 255))
    return {};
  Type byte = IntegerType::get(
      e.context(), 8, isSigned ? IntegerType::Signless : IntegerType::Unsigned);
  SmallVector<APInt> bytes;
  for (const APInt &v : value.getValues<APInt>())
    bytes.push_back(v.trunc(8));
  auto type = cast<RankedTensorType>(value.getType()).clone(byte);
  return {e.initializer(DenseElementsAttr::get(type, bytes)), "", byte};
}

static Bytes bytesOf(Value v, GraphExporter &e) {
  if (llm::RecipeAttr recipe = llm::recipeOf(v))
    return bytesOfRecipe(recipe, e);
  if (auto cast = v.getDefiningOp<llm::CastOp>();
      cast && isByte(llm::elementOf(cast.getX())))
    return {e.name(cast.getX()), "", llm::elementOf(cast.getX())};
  auto sub = v.getDefiningOp<llm::SubOp>();
  if (!sub)
    return {};
  // One zero point for all: onnxruntime takes no others.
  Value zero = sub.getY();
  auto type = cast<RankedTensorType>(zero.getType());
  if (!type.hasStaticShape() || type.getNumElements() != 1)
    return {};
  Bytes x = bytesOf(sub.getX(), e), z = bytesOf(zero, e);
  if (x.q.empty() || z.q.empty() || !x.zero.empty() || !z.zero.empty() ||
      x.type != z.type)
    return {};
  x.zero = type.getRank() == 0 ? z.q : e.reshape(z.q, e.ints({}));
  return x;
}

/// The sum over the kernel of products of what its elements see.
static Name sumOfProducts(llm::ConvOp conv, GraphExporter &e) {
  llm::Dims filters = llm::dimsOf(conv.getFilters()),
            out = llm::dimsOf(conv.getResult());
  size_t axes = conv.getStrides().size();
  llm::Dim group = llm::constantDim(e.context(), conv.getGroup()),
           positions = llm::constantDim(e.context(), 1),
           each = llm::simplified(filters[0].floorDiv(group));
  SmallVector<int64_t> kernel;
  for (size_t i = 0; i < axes; ++i) {
    positions = llm::simplified(positions * out[2 + i]);
    kernel.push_back(*llm::fixedDim(filters[2 + i]));
  }
  std::vector<int64_t> spatial, strides(conv.getStrides());
  for (size_t i = 0; i < axes; ++i)
    spatial.push_back(2 + i);
  Name x = padded(conv, conv.getX(), e), w = e.name(conv.getFilters()), sum;
  SmallVector<int64_t> at(axes, 0);
  for (int64_t n = 0, count = llvm::product_of(kernel); n < count; ++n) {
    llm::Dims ends;
    std::vector<int64_t> starts, next;
    for (size_t i = 0; i < axes; ++i) {
      starts.push_back(at[i] * conv.getDilations()[i]);
      ends.push_back(llm::simplified(out[2 + i] * strides[i] + starts[i]));
      next.push_back(at[i] + 1);
    }
    Name seen = e.node("Slice", {x, e.ints(starts), e.shape(ends),
                                 e.ints(spatial), e.ints(strides)}),
         factor =
             e.node("Slice", {w, e.ints(at), e.ints(next), e.ints(spatial)});
    seen = e.reshape(seen, e.shape({out[0], group, filters[1], positions}));
    factor = e.reshape(factor, e.shape({group, each, filters[1]}));
    Name product = e.node("MatMul", {factor, seen});
    sum = sum.empty() ? product : e.node("Add", {sum, product});
    for (int64_t i = axes - 1; i >= 0 && ++at[i] == kernel[i]; --i)
      at[i] = 0;
  }
  return e.reshape(sum, e.shape(out));
}

static Name withBias(Name y, llm::ConvOp conv, GraphExporter &e) {
  if (!conv.getBias())
    return y;
  std::vector<int64_t> axes;
  for (size_t i = 0; i < conv.getStrides().size(); ++i)
    axes.push_back(1 + i);
  return e.node("Add", {y, e.unsqueeze(e.name(conv.getBias()), axes)});
}

static Name integerConv(llm::ConvOp conv, GraphExporter &e) {
  auto pads = fixedPads(conv);
  Bytes x, w;
  if (pads && llm::elementOf(conv.getX()).isInteger(32)) {
    x = bytesOf(conv.getX(), e);
    w = x.q.empty() ? Bytes() : bytesOf(conv.getFilters(), e);
  }
  if (w.q.empty())
    return withBias(sumOfProducts(conv, e), conv, e);
  GraphExporter::Names inputs = {x.q, w.q};
  if (!x.zero.empty() || !w.zero.empty())
    inputs.push_back(x.zero);
  if (!w.zero.empty())
    inputs.push_back(w.zero);
  auto attributes = windowAttributes(conv, *pads);
  attributes.push_back({"group", static_cast<int64_t>(conv.getGroup())});
  return withBias(e.node("ConvInteger", inputs, attributes), conv, e);
}

static Name floatConv(llm::ConvOp conv, GraphExporter &e) {
  auto pads = fixedPads(conv);
  GraphExporter::Names inputs = {pads ? e.name(conv.getX())
                                      : padded(conv, conv.getX(), e),
                                 e.name(conv.getFilters())};
  if (!pads)
    pads = std::vector<int64_t>(2 * conv.getStrides().size(), 0);
  if (conv.getBias())
    inputs.push_back(e.name(conv.getBias()));
  auto attributes = windowAttributes(conv, *pads);
  attributes.push_back({"group", static_cast<int64_t>(conv.getGroup())});
  return e.node("Conv", inputs, attributes);
}

static void exportConv(Operation *op, GraphExporter &e) {
  auto conv = cast<llm::ConvOp>(op);
  Type element = llm::elementOf(conv.getX());
  bool isFloat = isa<FloatType>(element);
  if (!isFloat && element.getIntOrFloatBitWidth() < 32)
    return e.refuse("sums of " +
                    std::to_string(element.getIntOrFloatBitWidth()) + " bits");
  if (element.isBF16())
    e.needOpset(22);
  Name y = isFloat ? floatConv(conv, e) : integerConv(conv, e);
  e.set(conv.getResult(), activated(e, conv.getActivation(), y, element));
}

void addConvExports(ExportTable &table) { table["llm.conv"] = exportConv; }

} // namespace llmc::onnx
