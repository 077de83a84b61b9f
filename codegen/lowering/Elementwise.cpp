// SPDX-License-Identifier: Apache-2.0
#include "codegen/lowering/Loops.h"
#include "codegen/lowering/Scalar.h"
#include "codegen/ref/PlainKernel.h"

#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace llmc {

/// What a body computes, without its locations and operand names.
static std::string bodyKey(Block &body) {
  std::string key;
  llvm::raw_string_ostream os(key);
  for (Operation &op : body)
    op.print(
        os,
        OpPrintingFlags().useLocalScope().skipRegions().elideLargeElementsAttrs(
            64));
  return key;
}

/// The body's values for scalars or vectors of the operands in their compute
/// types.
static Values emitBody(CodeBuilder &k, Block &body, ValueRange arguments,
                       llvm::function_ref<void(Value)> fail) {
  IRMapping values;
  for (auto [arg, v] : llvm::zip(body.getArguments(), arguments))
    values.map(arg, v);
  for (Operation &op : body.without_terminator()) {
    SmallVector<Value> operands;
    for (Value v : op.getOperands())
      operands.push_back(values.lookup(v));
    values.map(op.getResult(0), emitScalar(k, &op, operands, fail));
  }
  Values out;
  for (Value v : body.getTerminator()->getOperands())
    out.push_back(values.lookup(v));
  return out;
}

/// Integer division fails the call on zero, which the map kernel cannot report;
/// the remainder of floats has a loop of its own for each element.
static bool isPlain(Operation &op) {
  return isa<llm::ModOp>(op) ||
         (isa<llm::DivOp>(op) &&
          isa<IntegerType>(getElementTypeOrSelf(op.getOperand(0).getType())));
}

using EmitElement = std::function<Values(CodeBuilder &, ValueRange,
                                         llvm::function_ref<void(Value)>)>;

/// A loop nest whose body is made by `emit`: `plain`, and on the reference
/// target, element by element.
static void lowerNest(EntryLowering &e, StringRef key, ArrayRef<Value> operands,
                      ArrayRef<Value> results, bool plain,
                      const EmitElement &emit) {
  SmallVector<MemTensor> outputs, inputs;
  for (Value v : results)
    outputs.push_back(e.result(v));
  for (Value v : operands)
    inputs.push_back(broadcastTo(e, e.get(v), outputs[0]));
  if (!plain && !e.target().isReference()) {
    SmallVector<Type> from, to;
    for (const MemTensor &t : inputs)
      from.push_back(t.element);
    for (const MemTensor &t : outputs)
      to.push_back(t.element);
    launchMap(e, key, inputs, outputs, [=](CodeBuilder &k, ValueRange values) {
      Values arguments;
      for (auto [v, type] : llvm::zip(values, from))
        arguments.push_back(fromMemory(k, v, type));
      Values out = emit(k, arguments, {});
      for (auto [v, type] : llvm::zip(out, to))
        v = toMemory(k, v, type);
      return out;
    });
    return;
  }
  SmallVector<PlainTensor> tensors;
  for (MemTensor &t : inputs)
    tensors.push_back({t});
  for (MemTensor &t : outputs)
    tensors.push_back({t, true});
  unsigned count = inputs.size();
  launchPlain(e, "map", key, tensors, {}, count, [&](PlainBody &b) {
    auto fail = [&](Value condition) {
      b.k.ifThen(condition, [&] { b.fail(LLMC_FAIL_DIVIDE); });
    };
    b.forElements(count, [&](Values index) {
      Values arguments;
      for (unsigned i = 0; i < count; ++i)
        arguments.push_back(b.load(i, index));
      for (auto [i, v] : llvm::enumerate(emit(b.k, arguments, fail)))
        b.store(v, count + i, index);
    });
  });
}

static LogicalResult lowerMap(Operation *op, EntryLowering &e) {
  auto map = cast<llm::MapOp>(op);
  Block &body = map.getBody().front();
  bool plain = llvm::any_of(body, isPlain);
  lowerNest(e, bodyKey(body), SmallVector<Value>(map.getInputs()),
            SmallVector<Value>(map.getOutputs()), plain,
            [&body](CodeBuilder &k, ValueRange values,
                    llvm::function_ref<void(Value)> fail) {
              return emitBody(k, body, values, fail);
            });
  return success();
}

/// An op by itself is a map of one op.
static LogicalResult lowerSingle(Operation *op, EntryLowering &e) {
  std::string key;
  llvm::raw_string_ostream os(key);
  os << op->getName() << op->getAttrDictionary();
  for (Value v : op->getOperands())
    os << "," << llm::elementOf(v);
  os << "->" << llm::elementOf(op->getResult(0)); // more than its width
  lowerNest(e, key, SmallVector<Value>(op->getOperands()), {op->getResult(0)},
            isPlain(*op),
            [op](CodeBuilder &k, ValueRange values,
                 llvm::function_ref<void(Value)> fail) -> Values {
              return {emitScalar(k, op, values, fail)};
            });
  return success();
}

void addElementwiseLowerings(LoweringTable &table) {
  for (const char *name :
       {"neg",           "abs",        "exp",        "log",        "sqrt",
        "rsqrt",         "reciprocal", "erf",        "tanh",       "sigmoid",
        "relu",          "silu",       "gelu_erf",   "gelu_tanh",  "sin",
        "cos",           "floor",      "ceil",       "round",      "sign",
        "not",           "is_nan",     "is_inf",     "softplus",   "cast",
        "add",           "sub",        "mul",        "div",        "mod",
        "pow",           "min",        "max",        "and",        "or",
        "xor",           "equal",      "less",       "less_equal", "greater",
        "greater_equal", "where",      "tan",        "asin",       "acos",
        "atan",          "sinh",       "cosh",       "asinh",      "acosh",
        "atanh",         "shift_left", "shift_right"})
    table[std::string("llm.") + name] = lowerSingle;
  table["llm.map"] = lowerMap;
}

} // namespace llmc
