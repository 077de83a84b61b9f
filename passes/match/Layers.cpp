// SPDX-License-Identifier: Apache-2.0
#include "passes/match/Layers.h"

#include "ir/llm/Shape.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::match {

/// The product that a query comes from, below rotations, norms and layouts.
static Operation *productBelow(Value v) {
  for (int depth = 0; depth < 16; ++depth) {
    Operation *op = v.getDefiningOp();
    if (!op || isa<LinearOp, MatmulOp>(op))
      return op;
    if (!isa<RopeOp, RmsNormOp, LayerNormOp, ReshapeOp, TransposeOp, SliceOp,
             ElementwiseOp, MapOp>(op) ||
        op->getNumOperands() == 0)
      return nullptr;
    v = op->getOperand(0);
  }
  return nullptr;
}

/// Where the layer of an attention begins.
static Operation *startOf(AttentionOp attention) {
  Operation *product = productBelow(attention.getQ());
  if (!product)
    return nullptr;
  Value x = product->getOperand(0);
  Operation *norm = x.getDefiningOp();
  if (norm && isa<RmsNormOp, LayerNormOp, AddNormOp>(norm) &&
      llvm::hasSingleElement(x.getUsers()))
    return norm;
  return product;
}

SmallVector<Operation *> layerStarts(func::FuncOp f) {
  SmallVector<Operation *> starts;
  f.walk([&](AttentionOp a) {
    if (Operation *start = startOf(a);
        start && !llvm::is_contained(starts, start))
      starts.push_back(start);
  });
  return starts;
}

/// The last value of the type of hidden states: what the head reads.
static Value lastHidden(func::FuncOp f, Value like) {
  Value last;
  for (Operation &op : f.front())
    for (Value v : op.getResults())
      if (v.getType() == like.getType())
        last = v;
  return last;
}

SmallVector<Value> layerResults(func::FuncOp f) {
  SmallVector<Operation *> starts = layerStarts(f);
  llvm::erase_if(starts, [&](Operation *start) {
    return start->getBlock() != &f.front();
  });
  SmallVector<Value> results;
  if (starts.empty())
    return results;
  for (Operation *start : llvm::drop_begin(starts))
    results.push_back(start->getOperand(0));
  Value like = starts.back()->getOperand(0), last = lastHidden(f, like);
  // A norm in front of the head, where layers begin with one.
  if (isa<RmsNormOp, LayerNormOp>(starts.back()))
    if (Operation *norm = last.getDefiningOp();
        norm && isa<RmsNormOp, LayerNormOp>(norm))
      last = norm->getOperand(0);
  results.push_back(last);
  return results;
}

} // namespace llmc::match
