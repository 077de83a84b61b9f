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
  Name x = padded(conv, e.name(conv.getX()), e), w = e.name(conv.getFilters()),
       sum;
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
                                      : padded(conv, e.name(conv.getX()), e),
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

/// Col2Im to the elements that the windows span, which pads and what no window
/// reaches then cut or fill: its own pads tell the number of windows.
static void exportCol2Im(Operation *o, GraphExporter &e) {
  auto op = cast<llm::Col2ImOp>(o);
  llm::Dims x = llm::dimsOf(op.getX()), result = llm::dimsOf(op.getResult());
  llm::Dim zero = llm::constantDim(e.context(), 0);
  llm::Dims spanned, before(2, zero), after(2, zero);
  for (size_t i = 0; i < op.getStrides().size(); ++i) {
    llm::Dim span = llm::simplified(
        (op.getWindows().getResult(i) - 1) * op.getStrides()[i] +
        (op.getKernel().getResult(i) - 1) * op.getDilations()[i] + 1);
    llm::Dim cut = op.getBefore().getResult(i);
    spanned.push_back(span);
    before.push_back(llm::simplified(zero - cut));
    after.push_back(llm::simplified(result[2 + i] - span + cut));
  }
  Name columns = e.reshape(e.name(op.getX()),
                           e.shape({x[0], llm::simplified(x[1] * x[2]), x[3]}));
  Name y =
      e.node("Col2Im",
             {columns, e.shape(spanned), e.shape(op.getKernel().getResults())},
             {{"strides", std::vector<int64_t>(op.getStrides())},
              {"dilations", std::vector<int64_t>(op.getDilations())}});
  llvm::append_range(before, after);
  bool isSame = llvm::all_of(before, [&](llm::Dim d) { return d == zero; });
  e.set(op.getResult(), isSame ? y : e.node("Pad", {y, e.shape(before)}));
}

/// A deformable convolution whose filters each pick one element of a window.
static void exportDeformColumns(Operation *o, GraphExporter &e) {
  auto op = cast<llm::DeformColumnsOp>(o);
  Type element = llm::elementOf(op.getX());
  llm::Dims x = llm::dimsOf(op.getX()), result = llm::dimsOf(op.getResult());
  auto channels = llm::fixedDim(x[1]);
  std::vector<int64_t> pads(4);
  for (size_t i = 0; i < 2; ++i) {
    auto before = llm::fixedDim(op.getBefore().getResult(i));
    auto span = (op.getKernel()[i] - 1) * op.getDilations()[i] + 1;
    auto missing = before ? llm::fixedDim(llm::simplified(
                                (result[3 + i] - 1) * op.getStrides()[i] +
                                span - x[2 + i] - *before))
                          : std::nullopt;
    if (!channels || !missing)
      return e.refuse("channels or pads are not fixed");
    pads[i] = *before, pads[2 + i] = std::max<int64_t>(*missing, 0);
  }
  int64_t size = op.getKernel()[0] * op.getKernel()[1];
  auto picks =
      RankedTensorType::get({size, 1, op.getKernel()[0], op.getKernel()[1]},
                            Float32Type::get(e.context()));
  std::vector<float> one(size * size);
  for (int64_t i = 0; i < size; ++i)
    one[i * size + i] = 1;
  Name filters = e.initializer(DenseElementsAttr::get(picks, ArrayRef(one)));
  filters = e.castTo(e.node("Tile", {filters, e.ints({*channels, 1, 1, 1})}),
                     picks.getElementType(), element);
  GraphExporter::Names inputs = {e.name(op.getX()), filters,
                                 e.name(op.getOffsets())};
  if (op.getMask())
    inputs.insert(inputs.end(), {Name(), e.name(op.getMask())});
  Name y = e.node("DeformConv", inputs,
                  {{"strides", std::vector<int64_t>(op.getStrides())},
                   {"dilations", std::vector<int64_t>(op.getDilations())},
                   {"pads", pads},
                   {"group", *channels},
                   {"offset_group", static_cast<int64_t>(op.getGroups())}});
  e.set(op.getResult(), e.reshape(y, e.shape(result)));
}

void addConvExports(ExportTable &table) {
  table["llm.conv"] = exportConv;
  table["llm.col2im"] = exportCol2Im;
  table["llm.deform_columns"] = exportDeformColumns;
}

} // namespace llmc::onnx
