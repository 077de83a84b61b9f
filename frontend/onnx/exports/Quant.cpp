// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/ElementTypes.h"
#include "frontend/onnx/exports/Weight.h"
#include "ir/llm/QuantOps.h"
#include "ir/llm/Rotation.h"

using namespace mlir;

namespace llmc::onnx {

using Name = GraphExporter::Name;

/// Where a scale's elements belong.
template <typename OpTy>
static GraphExporter::Attributes scaleAttributes(OpTy op) {
  if (llm::rankOf(op.getScale()) == 0)
    return {};
  GraphExporter::Attributes attributes = {
      {"axis", static_cast<int64_t>(op.getAxis())}};
  if (int64_t block = op.getBlockSize())
    attributes.push_back({"block_size", block});
  return attributes;
}

static void exportQuantize(Operation *op, GraphExporter &e) {
  auto quantize = cast<llm::QuantizeOp>(op);
  Type from = llm::elementOf(quantize.getX()),
       scale = llm::elementOf(quantize.getScale()),
       to = llm::elementOf(quantize.getResult()),
       f32 = Float32Type::get(e.context());
  GraphExporter::Attributes attributes = scaleAttributes(quantize);
  // Without more said, opset 21 computes in the type that both have.
  Type compute = from == scale && !quantize.getPrecision() ? from : f32;
  Name x = e.castTo(e.name(quantize.getX()), from, compute),
       s = e.castTo(e.name(quantize.getScale()), scale, compute);
  if (auto precision = quantize.getPrecision()) {
    e.needOpset(23);
    attributes.push_back({"precision", int64_t(dataTypeOf(*precision))});
  }
  GraphExporter::Names inputs = {x, s};
  if (quantize.getZeroPoint())
    inputs.push_back(e.name(quantize.getZeroPoint()));
  else
    attributes.push_back({"output_dtype", int64_t(dataTypeOf(to))});
  if (!quantize.getSaturate())
    attributes.push_back({"saturate", int64_t(0)});
  e.set(quantize.getResult(), e.node("QuantizeLinear", inputs, attributes));
}

static void exportDequantize(Operation *op, GraphExporter &e) {
  auto dequantize = cast<llm::DequantizeOp>(op);
  Type from = llm::elementOf(dequantize.getX()),
       scale = llm::elementOf(dequantize.getScale()),
       to = llm::elementOf(dequantize.getResult());
  Name x = e.name(dequantize.getX()), zero;
  if (isa<Float8E8M0FNUType>(from))
    return e.refuse("DequantizeLinear takes no powers of two");
  if (dequantize.getZeroPoint())
    zero = e.name(dequantize.getZeroPoint());
  // Integers of 32 bits have no zero point in ONNX.
  if (!zero.empty() && from.isInteger(32)) {
    if (llm::rankOf(dequantize.getScale()) != 0)
      return e.refuse("zero points of 32 bits per slice");
    x = e.node("Sub", {x, zero}), zero.clear();
  }
  GraphExporter::Names inputs = {x, e.name(dequantize.getScale())};
  if (!zero.empty())
    inputs.push_back(zero);
  auto y = e.node("DequantizeLinear", inputs, scaleAttributes(dequantize));
  e.set(dequantize.getResult(), e.castTo(y, scale, to));
}

static void exportDynamicQuantize(Operation *op, GraphExporter &e) {
  auto quantize = cast<llm::DynamicQuantizeOp>(op);
  Type element = llm::elementOf(quantize.getX()),
       f32 = Float32Type::get(e.context());
  auto results =
      e.nodes("DynamicQuantizeLinear",
              {e.castTo(e.name(quantize.getX()), element, f32)}, {}, 3);
  e.set(quantize.getResult(), results[0]);
  e.set(quantize.getScale(), e.castTo(results[1], f32, element));
  e.set(quantize.getZeroPoint(), results[2]);
}

/// Rows of `a` with zero points of their own, and columns of a `b` of several
/// matrices: not what all tools take, so the operands come without them.
static void exportIntegerMatmul(Operation *op, GraphExporter &e) {
  auto matmul = cast<llm::IntegerMatmulOp>(op);
  auto isOne = [](Value zero) { return llm::rankOf(zero) == 0; };
  Value aZero = matmul.getAZero(), bZero = matmul.getBZero();
  bool direct = (!aZero || isOne(aZero)) &&
                (!bZero || isOne(bZero) || llm::rankOf(bZero) == 1);
  if (direct) {
    GraphExporter::Names inputs = {e.name(matmul.getA()),
                                   e.name(matmul.getB())};
    if (aZero || bZero)
      inputs.push_back(aZero ? e.name(aZero) : Name());
    if (bZero)
      inputs.push_back(e.name(bZero));
    return e.set(matmul.getResult(), e.node("MatMulInteger", inputs));
  }
  Type i32 = IntegerType::get(e.context(), 32);
  auto wide = [&](Value x, Value zero) {
    Name y = e.cast(e.name(x), i32);
    return zero ? e.node("Sub", {y, e.cast(e.name(zero), i32)}) : y;
  };
  e.set(matmul.getResult(), e.node("MatMul", {wide(matmul.getA(), aZero),
                                              wide(matmul.getB(), bZero)}));
}

Name roundedValue(Value value, llm::IntegerRoundingAttr rounding,
                  GraphExporter &e) {
  Type element = llm::elementOf(value), f32 = Float32Type::get(e.context());
  Name x = e.castTo(e.name(value), element, f32);
  if (rounding.mixesRows()) {
    auto q = e.nodes("DynamicQuantizeLinear", {x}, {}, 3);
    return e.castTo(e.node("DequantizeLinear", {q[0], q[1], q[2]}), f32,
                    element);
  }
  if (int64_t block = rounding.getRotation()) {
    llm::Dims dims = llm::dimsOf(value), blocks = dims;
    blocks.back() = llm::simplified(dims.back().floorDiv(block));
    blocks.push_back(llm::constantDim(e.context(), block));
    Name rotation = e.weight(llm::rotationRecipe(block, f32));
    x = e.node("MatMul", {e.reshape(x, e.shape(blocks)), rotation});
    x = e.reshape(x, e.shape(dims));
  }
  if (float scale = rounding.fixedScale()) {
    auto byte = IntegerType::get(
        e.context(), 8,
        rounding.isPerTensor() ? IntegerType::Unsigned : IntegerType::Signless);
    if (!rounding.isPerTensor()) // without the clip there would be -128 as well
      x = e.node("Clip",
                 {x, e.scalar(f32, -127 * scale), e.scalar(f32, 127 * scale)});
    Name by = e.scalar(f32, scale), zero = e.scalar(byte, rounding.getZero());
    Name q = e.node("QuantizeLinear", {x, by, zero});
    return e.castTo(e.node("DequantizeLinear", {q, by, zero}), f32, element);
  }
  int64_t group = rounding.getGroup();
  llm::Dims dims = llm::dimsOf(value);
  llm::Dim groups = llm::simplified(dims.back().ceilDiv(group)),
           padded = llm::simplified(groups * group);
  if (padded != dims.back()) {
    llm::Dims pads(2 * dims.size(), llm::constantDim(e.context(), 0));
    pads.back() = llm::simplified(padded - dims.back());
    x = e.node("Pad", {x, e.shape(pads)});
  }
  llm::Dims split = dims;
  split.back() = groups;
  split.push_back(llm::constantDim(e.context(), group));
  x = e.reshape(x, e.shape(split));
  Name most = e.node("ReduceMax", {e.node("Abs", {x}), e.ints({-1})},
                     {{"keepdims", int64_t(1)}});
  Name limit = e.scalar(f32, 127);
  Name q = e.node("Round", {e.node("Mul", {x, e.node("Div", {limit, most})})});
  Name y = e.node("Mul", {q, e.node("Div", {most, limit})});
  // A group of zeros: 0 / 0 above.
  y = e.node("Where", {e.node("Equal", {x, e.scalar(f32, 0)}), x, y});
  split.pop_back(), split.back() = padded;
  y = e.reshape(y, e.shape(split));
  if (padded != dims.back())
    y = e.node("Slice", {y, e.ints({0}), e.size(dims.back()), e.ints({-1})});
  return e.castTo(y, f32, element);
}

static void exportFakeQuantize(Operation *op, GraphExporter &e) {
  auto quantize = cast<llm::FakeQuantizeOp>(op);
  e.set(quantize.getResult(),
        roundedValue(quantize.getX(), quantize.getRounding(), e));
}

void addQuantExports(ExportTable &table) {
  table["llm.quantize"] = exportQuantize;
  table["llm.dequantize"] = exportDequantize;
  table["llm.dynamic_quantize"] = exportDynamicQuantize;
  table["llm.integer_matmul"] = exportIntegerMatmul;
  table["llm.fake_quantize"] = exportFakeQuantize;
}

} // namespace llmc::onnx
