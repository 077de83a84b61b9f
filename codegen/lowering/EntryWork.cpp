// SPDX-License-Identifier: Apache-2.0
// What an op computes and moves, as values of the host program; profiles show
// it. Products, attention and the like count their multiplications and
// additions, other computation one operation for each element, and what only
// moves elements none. Bytes are the operands as they are stored and the
// results, each once, whatever caches hold.
#include "codegen/cpu/Elements.h"
#include "codegen/lowering/EntryLowering.h"
#include "codegen/weights/Recipe.h"
#include "ir/llm/QuantOps.h"
#include "ir/llm/Quantized.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace llmc {

static int64_t storedBytes(llm::RecipeAttr weight) {
  auto m = llm::quantizedMatrix(weight);
  if (!m)
    return RecipeEvaluator::storedBytes(weight);
  int64_t bits = m->q.getType().getNumElements() *
                 static_cast<int64_t>(m->q.getType().getElementTypeBitWidth());
  int64_t bytes = bits / 8 + RecipeEvaluator::storedBytes(m->scales);
  return m->zeros ? bytes + RecipeEvaluator::storedBytes(m->zeros) : bytes;
}

EntryLowering::Work EntryLowering::takeWork() {
  Work work = {code->ci(0), code->ci(0)};
  if (nextWork)
    work = *nextWork;
  else if (!counted)
    work = workOf(current);
  counted |= !nextWork;
  nextWork.reset();
  return work;
}

void EntryLowering::setTensors(ArrayRef<MemTensor> all, const MemTensor &made) {
  if (!counted || nextWork)
    return;
  Value bytes = code->ci(0);
  for (const MemTensor &t : all)
    bytes = code->add(bytes, bytesMoved(t));
  nextWork = {product(made.dims), bytes};
}

/// Elements of a tensor; 0 where its sizes are not known here.
Value EntryLowering::countOf(Value v) {
  if (auto known = tensors.find(v); known != tensors.end())
    return product(known->second.dims);
  auto type = dyn_cast<RankedTensorType>(v.getType());
  return code->ci(type && type.hasStaticShape() ? type.getNumElements() : 0);
}

/// A broadcast repeats no byte.
Value EntryLowering::bytesMoved(const MemTensor &t) {
  SmallVector<Value> factors = {code->ci(memoryBytes(t.element))};
  for (int64_t i = 0; i < t.rank(); ++i)
    if (!matchPattern(t.strides[i], m_Zero()))
      factors.push_back(t.dims[i]);
  return product(factors);
}

Value EntryLowering::bytesMoved(Value v) {
  if (auto known = tensors.find(v);
      known != tensors.end() && isa<RankedTensorType>(v.getType()))
    return bytesMoved(known->second);
  llm::RecipeAttr weight = llm::recipeOf(v);
  return code->ci(weight ? storedBytes(weight) : 0);
}

/// Pairs of a query and a key that it keeps, by position alone: what masks and
/// lengths of rows hide counts as well.
Value EntryLowering::attentionPairs(llm::AttentionOp op) {
  Value queries = size(llm::dimsOf(op.getQ())[1]),
        keys = size(llm::dimsOf(op.getK())[2]);
  int64_t window = op.getWindow();
  if (!op.getCausal())
    return code->mul(queries,
                     window ? code->min(keys, code->ci(2 * window - 1)) : keys);
  // Of the queries at positions [0, n).
  auto before = [&](Value n) {
    Value m = window ? code->min(n, code->ci(window)) : n;
    Value pairs = code->divSize(code->mul(m, code->add(m, 1)), 2);
    return window ? code->add(pairs, code->mul(code->sub(n, m), window))
                  : pairs;
  };
  Value first = size(op.getOffset().getResult(0));
  return code->sub(before(code->add(first, queries)), before(first));
}

/// Whether an op only moves elements.
static bool moves(Operation *op) {
  return isa<llm::ReshapeOp, llm::BitcastOp, llm::TransposeOp, llm::ExpandOp,
             llm::SliceOp, llm::ConcatOp, llm::PadOp, llm::TriluOp,
             llm::GatherOp, llm::GatherNDOp, llm::GatherRowsOp,
             llm::GatherElementsOp, llm::ScatterNDOp, llm::ScatterElementsOp,
             llm::EmbeddingOp, llm::ConstantOp, llm::KvAppendOp, llm::CastOp>(
      op);
}

Value EntryLowering::flopsOf(Operation *op) {
  auto dim = [&](Value v, int64_t axis) { // negative: from the end
    llm::Dims dims = llm::dimsOf(v);
    return size(dims[axis < 0 ? axis + dims.size() : axis]);
  };
  // By multiplications with an addition each.
  auto product = [&](Value count, Value depth, int64_t products = 1) {
    return code->mul(code->mul(count, depth), 2 * products);
  };
  if (moves(op))
    return code->ci(0);
  if (auto o = dyn_cast<llm::MatmulOp>(op))
    return product(countOf(o.getResult()), dim(o.getA(), -1));
  if (auto o = dyn_cast<llm::IntegerMatmulOp>(op))
    return product(countOf(o.getResult()), dim(o.getA(), -1));
  if (auto o = dyn_cast<llm::LinearOp>(op))
    return product(countOf(o.getResult()), dim(o.getX(), -1));
  if (auto o = dyn_cast<llm::GatedLinearOp>(op))
    return product(countOf(o.getResult()), dim(o.getX(), -1), 2);
  if (auto o = dyn_cast<llm::ConvOp>(op)) {
    Value depth = code->ci(1);
    llm::Dims filters = llm::dimsOf(o.getFilters());
    for (llm::Dim d : ArrayRef(filters).drop_front())
      depth = code->mul(depth, size(d));
    return product(countOf(o.getResult()), depth);
  }
  if (auto o = dyn_cast<llm::AttentionOp>(op)) {
    Value rows = code->mul(dim(o.getQ(), 0), dim(o.getQ(), 2));
    Value sizes = code->add(dim(o.getQ(), 3), dim(o.getResult(), 3));
    return product(code->mul(rows, attentionPairs(o)), sizes);
  }
  if (auto o = dyn_cast<llm::LinearAttentionOp>(op))
    return product(countOf(o.getResult()), dim(o.getK(), -1), 2);
  if (auto o = dyn_cast<llm::RecurrentOp>(op))
    return product(countOf(o.getGates()), dim(o.getInitialH(), -1));
  if (auto map = dyn_cast<llm::MapOp>(op))
    return code->mul(countOf(map.getOutputs()[0]),
                     map.getBody().front().getOperations().size() - 1);
  Value count = op->getNumResults() ? countOf(op->getResult(0)) : code->ci(0);
  return op->getNumOperands() ? code->max(count, countOf(op->getOperand(0)))
                              : count;
}

EntryLowering::Work EntryLowering::workOf(Operation *op) {
  Value bytes = code->ci(0);
  auto add = [&](Value v) { bytes = code->add(bytes, bytesMoved(v)); };
  for (Value v : op->getResults())
    add(v);
  if (isa<llm::EmbeddingOp, llm::GatherOp, llm::GatherNDOp, llm::GatherRowsOp,
          llm::GatherElementsOp>(op)) { // what is taken of the table
    bytes = code->mul(bytes, 2);
  } else if (auto append = dyn_cast<llm::KvAppendOp>(op);
             append && state(append.getPast())) {
    bytes = code->mul(bytesMoved(append.getUpdate()), 2);
  } else {
    llvm::SmallSetVector<Value, 8> operands;
    operands.insert_range(op->getOperands());
    for (Value v : operands)
      add(v);
  }
  return {flopsOf(op), bytes};
}

} // namespace llmc
