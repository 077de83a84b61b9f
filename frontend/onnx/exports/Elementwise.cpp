// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/ElementTypes.h"
#include "frontend/onnx/exports/Activation.h"

using namespace mlir;

namespace llmc::onnx {

static GraphExporter::Names operands(Operation *op, GraphExporter &e) {
  GraphExporter::Names names;
  for (Value v : op->getOperands())
    names.push_back(e.name(v));
  return names;
}

/// Ops that ONNX has under another name.
struct Renamed {
  const char *ours, *onnx;
};
constexpr Renamed renamed[] = {
    {"llm.neg", "Neg"},
    {"llm.abs", "Abs"},
    {"llm.exp", "Exp"},
    {"llm.log", "Log"},
    {"llm.sqrt", "Sqrt"},
    {"llm.reciprocal", "Reciprocal"},
    {"llm.erf", "Erf"},
    {"llm.tanh", "Tanh"},
    {"llm.sigmoid", "Sigmoid"},
    {"llm.relu", "Relu"},
    {"llm.sin", "Sin"},
    {"llm.cos", "Cos"},
    {"llm.tan", "Tan"},
    {"llm.asin", "Asin"},
    {"llm.acos", "Acos"},
    {"llm.atan", "Atan"},
    {"llm.sinh", "Sinh"},
    {"llm.cosh", "Cosh"},
    {"llm.asinh", "Asinh"},
    {"llm.acosh", "Acosh"},
    {"llm.atanh", "Atanh"},
    {"llm.floor", "Floor"},
    {"llm.ceil", "Ceil"},
    {"llm.round", "Round"},
    {"llm.sign", "Sign"},
    {"llm.is_nan", "IsNaN"},
    {"llm.softplus", "Softplus"},
    {"llm.add", "Add"},
    {"llm.sub", "Sub"},
    {"llm.mul", "Mul"},
    {"llm.div", "Div"},
    {"llm.pow", "Pow"},
    {"llm.min", "Min"},
    {"llm.max", "Max"},
    {"llm.equal", "Equal"},
    {"llm.less", "Less"},
    {"llm.less_equal", "LessOrEqual"},
    {"llm.greater", "Greater"},
    {"llm.greater_equal", "GreaterOrEqual"},
    {"llm.where", "Where"},
};

static void exportRenamed(Operation *op, GraphExporter &e) {
  if (llm::elementOf(op->getOperand(0)).isBF16())
    e.needOpset(22); // the first in which all of them take it
  for (const Renamed &r : renamed)
    if (op->getName().getStringRef() == r.ours)
      return e.set(op->getResult(0), e.node(r.onnx, operands(op, e)));
}

/// Of booleans And, of integers BitwiseAnd.
static void exportLogical(Operation *op, GraphExporter &e) {
  bool logical = llm::elementOf(op->getOperand(0)).isInteger(1);
  StringRef name = isa<llm::AndOp>(op)   ? "And"
                   : isa<llm::OrOp>(op)  ? "Or"
                   : isa<llm::XorOp>(op) ? "Xor"
                                         : "Not";
  e.set(
      op->getResult(0),
      e.node(logical ? name.str() : ("Bitwise" + name).str(), operands(op, e)));
}

static void exportActivation(Operation *op, GraphExporter &e) {
  Type element = llm::elementOf(op->getOperand(0));
  auto x = e.name(op->getOperand(0));
  llm::Activation kind = isa<llm::SiluOp>(op)      ? llm::Activation::Silu
                         : isa<llm::GeluErfOp>(op) ? llm::Activation::GeluErf
                                                   : llm::Activation::GeluTanh;
  e.set(op->getResult(0), activated(e, kind, x, element));
}

static void exportRsqrt(Operation *op, GraphExporter &e) {
  e.set(op->getResult(0),
        e.node("Reciprocal", {e.node("Sqrt", operands(op, e))}));
}

static void exportMod(Operation *op, GraphExporter &e) {
  bool fmod = cast<llm::ModOp>(op).getFmod();
  Type element = llm::elementOf(op->getOperand(0));
  bool adjusts = !fmod && isa<FloatType>(element);
  GraphExporter::Names xy = operands(op, e);
  auto rest = e.node("Mod", xy, {{"fmod", int64_t(fmod || adjusts)}});
  if (!adjusts)
    return e.set(op->getResult(0), rest);
  // Floats have the sign of x only.
  auto zero = e.scalar(element, 0);
  auto isNegative = [&](const GraphExporter::Name &v) {
    return e.node("Less", {v, zero});
  };
  auto other =
      e.node("And", {e.node("Not", {e.node("Equal", {rest, zero})}),
                     e.node("Xor", {isNegative(rest), isNegative(xy[1])})});
  e.set(op->getResult(0),
        e.node("Where", {other, e.node("Add", {rest, xy[1]}), rest}));
}

static void exportIsInf(Operation *op, GraphExporter &e) {
  auto isInf = cast<llm::IsInfOp>(op);
  e.set(op->getResult(0),
        e.node("IsInf", operands(op, e),
               {{"detect_positive", int64_t(isInf.getPositive())},
                {"detect_negative", int64_t(isInf.getNegative())}}));
}

/// ONNX shifts unsigned integers, and leaves open what shifts of all bits and
/// more give. No Where: onnxruntime has it for few types.
static void exportShift(Operation *op, GraphExporter &e) {
  bool left = isa<llm::ShiftLeftOp>(op);
  Type element = llm::elementOf(op->getOperand(0));
  unsigned width = element.getIntOrFloatBitWidth();
  Type bits = IntegerType::get(e.context(), width, IntegerType::Unsigned);
  GraphExporter::Names xy = operands(op, e);
  auto x = e.castTo(xy[0], element, bits), y = e.castTo(xy[1], element, bits);
  auto inside = e.cast(e.node("Less", {y, e.scalar(bits, width)}), bits);
  // The complement of negative ones moves right.
  GraphExporter::Name mask;
  if (!left && element.isSignlessInteger()) {
    auto negative = e.node("Less", {xy[0], e.scalar(element, 0)});
    mask = e.node("Sub", {e.scalar(bits, 0), e.cast(negative, bits)});
    x = e.node("BitwiseXor", {x, mask});
  }
  x = e.node("BitShift", {x, e.node("Mul", {y, inside})},
             {{"direction", std::string(left ? "LEFT" : "RIGHT")}});
  x = e.node("Mul", {x, inside});
  if (!mask.empty())
    x = e.node("BitwiseXor", {x, mask});
  e.set(op->getResult(0), e.castTo(x, bits, element));
}

static void exportCast(Operation *op, GraphExporter &e) {
  auto cast = mlir::cast<llm::CastOp>(op);
  auto x = e.name(cast.getX());
  Type element = llm::elementOf(cast.getResult());
  if (!cast.getOverflows())
    return e.set(cast.getResult(), e.cast(x, element));
  e.set(cast.getResult(), e.node("Cast", {x},
                                 {{"to", int64_t(dataTypeOf(element))},
                                  {"saturate", int64_t(0)}}));
}

/// A fused chain: its ops, which broadcast as they stand.
static void exportMap(Operation *op, GraphExporter &e) {
  Block &body = op->getRegion(0).front();
  for (auto [arg, v] : llvm::zip(body.getArguments(), op->getOperands()))
    e.set(arg, e.name(v));
  for (Operation &inner : body.without_terminator())
    e.write(&inner);
  for (auto [result, v] :
       llvm::zip(op->getResults(), body.getTerminator()->getOperands()))
    e.set(result, e.node("Expand", {e.name(v), e.shape(result)}));
}

GraphExporter::Name activated(GraphExporter &e, llm::Activation kind,
                              GraphExporter::Name x, Type element) {
  auto gated = [&](GraphExporter::Name inner) {
    return e.node("Mul", {x, e.node("Sigmoid", {inner})});
  };
  switch (kind) {
  case llm::Activation::None:
    return x;
  case llm::Activation::Relu:
    return e.node("Relu", {x});
  case llm::Activation::GeluErf:
    return e.node("Gelu", {x});
  case llm::Activation::GeluTanh:
    return e.node("Gelu", {x}, {{"approximate", std::string("tanh")}});
  case llm::Activation::Silu:
    return gated(x);
  case llm::Activation::Tanh:
    return e.node("Tanh", {x});
  case llm::Activation::Sigmoid:
    return e.node("Sigmoid", {x});
  case llm::Activation::QuickGelu:
    return gated(e.node("Mul", {x, e.scalar(element, 1.702)}));
  }
  llvm_unreachable("an activation without a form");
}

void addElementwiseExports(ExportTable &table) {
  for (const Renamed &r : renamed)
    table[r.ours] = exportRenamed;
  for (const char *name : {"llm.and", "llm.or", "llm.xor", "llm.not"})
    table[name] = exportLogical;
  for (const char *name : {"llm.silu", "llm.gelu_erf", "llm.gelu_tanh"})
    table[name] = exportActivation;
  table["llm.rsqrt"] = exportRsqrt;
  table["llm.mod"] = exportMod;
  table["llm.is_inf"] = exportIsInf;
  table["llm.cast"] = exportCast;
  for (const char *name : {"llm.shift_left", "llm.shift_right"})
    table[name] = exportShift;
  table["llm.map"] = exportMap;
}

} // namespace llmc::onnx
