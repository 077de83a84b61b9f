// SPDX-License-Identifier: Apache-2.0
#include "codegen/lowering/Scalar.h"
#include "codegen/ref/PlainKernel.h"

#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace llmc {

/// An operand with the strides of its broadcast to `shape`: 0 where it has one element. Dims that are 1 only at run
/// time get their stride there.
static MemTensor broadcastTo(EntryLowering &e, MemTensor t, const MemTensor &shape) {
  CodeBuilder &h = e.host();
  MemTensor out = t;
  out.dims = shape.dims;
  out.shape = shape.shape;
  out.strides.assign(shape.rank(), h.ci(0));
  int64_t shift = shape.rank() - t.rank();
  for (int64_t i = 0; i < t.rank(); ++i) {
    if (llm::fixedDim(t.shape[i]) == 1)
      continue;
    bool same = t.shape[i] == shape.shape[shift + i];
    out.strides[shift + i] = same ? t.strides[i] : h.select(h.eq(t.dims[i], h.ci(1)), h.ci(0), t.strides[i]);
  }
  out.contiguous = t.contiguous && t.shape == shape.shape;
  return out;
}

/// What a body computes, without its locations and operand names.
static std::string bodyKey(Block &body) {
  std::string key;
  llvm::raw_string_ostream os(key);
  for (Operation &op : body)
    op.print(os, OpPrintingFlags().useLocalScope().skipRegions().elideLargeElementsAttrs(64));
  return key;
}

/// Emits the body of a map for one element.
static Values emitBody(PlainBody &b, Block &body, ValueRange arguments) {
  IRMapping values;
  auto fail = [&](Value condition) { b.k.ifThen(condition, [&] { b.fail(LLMC_FAIL_DIVIDE); }); };
  for (auto [arg, v] : llvm::zip(body.getArguments(), arguments))
    values.map(arg, v);
  for (Operation &op : body.without_terminator()) {
    SmallVector<Value> operands;
    for (Value v : op.getOperands())
      operands.push_back(values.lookup(v));
    values.map(op.getResult(0), emitScalar(b.k, &op, operands, fail));
  }
  Values out;
  for (Value v : body.getTerminator()->getOperands())
    out.push_back(values.lookup(v));
  return out;
}

static LogicalResult lowerMap(Operation *op, EntryLowering &e) {
  auto map = cast<llm::MapOp>(op);
  SmallVector<PlainTensor> tensors;
  SmallVector<MemTensor> outputs;
  for (Value v : map.getOutputs())
    outputs.push_back(e.result(v));
  for (Value v : map.getInputs())
    tensors.push_back({broadcastTo(e, e.get(v), outputs[0])});
  for (MemTensor &t : outputs)
    tensors.push_back({t, true});
  unsigned inputs = map.getInputs().size();
  Block &body = map.getBody().front();
  launchPlain(e, "map", bodyKey(body), tensors, {}, inputs, [&](PlainBody &b) {
    b.forElements(inputs, [&](Values index) {
      Values arguments;
      for (unsigned i = 0; i < inputs; ++i)
        arguments.push_back(b.load(i, index));
      for (auto [i, v] : llvm::enumerate(emitBody(b, body, arguments)))
        b.store(v, inputs + i, index);
    });
  });
  return success();
}

/// An op by itself is a map of one op.
static LogicalResult lowerSingle(Operation *op, EntryLowering &e) {
  SmallVector<PlainTensor> tensors;
  MemTensor out = e.result(op->getResult(0));
  for (Value v : op->getOperands())
    tensors.push_back({broadcastTo(e, e.get(v), out)});
  tensors.push_back({out, true});
  unsigned inputs = op->getNumOperands();
  std::string key;
  llvm::raw_string_ostream(key) << op->getName() << op->getAttrDictionary();
  launchPlain(e, "map", key, tensors, {}, inputs, [&](PlainBody &b) {
    auto fail = [&](Value condition) { b.k.ifThen(condition, [&] { b.fail(LLMC_FAIL_DIVIDE); }); };
    b.forElements(inputs, [&](Values index) {
      Values operands;
      for (unsigned i = 0; i < inputs; ++i)
        operands.push_back(b.load(i, index));
      b.store(emitScalar(b.k, op, operands, fail), inputs, index);
    });
  });
  return success();
}

void addElementwiseLowerings(LoweringTable &table) {
  for (const char *name : {"neg", "abs", "exp", "log", "sqrt", "rsqrt", "reciprocal", "erf", "tanh", "sigmoid", "relu", "silu", "gelu_erf", "gelu_tanh",
                           "sin", "cos", "floor", "ceil", "round", "sign", "not", "is_nan", "is_inf", "softplus", "cast", "add", "sub", "mul", "div",
                           "mod", "pow", "min", "max", "and", "or", "xor", "equal", "less", "less_equal", "greater", "greater_equal", "where"})
    table[std::string("llm.") + name] = lowerSingle;
  table["llm.map"] = lowerMap;
}

} // namespace llmc
