// SPDX-License-Identifier: Apache-2.0
#include "passes/recognise/KeepTokens.h"

#include "passes/match/Match.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::recognise {

Dim LastToken::count() const { return constantDim(seq.getContext(), 1); }

Value LastToken::choose(OpBuilder &builder, Value v) const {
  return match::sliceOf(builder, v.getLoc(), v, 1, simplified(seq - 1),
                        count());
}

bool LastToken::isChoice(Operation *op, Value v) const {
  auto slice = dyn_cast<SliceOp>(op);
  if (!slice || slice.getX() != v ||
      slice.getStarts().getResult(1) != simplified(seq - 1))
    return false;
  Dims want = dimsOf(v);
  want[1] = count();
  return dimsOf(slice) == want;
}

Value NamedTokens::choose(OpBuilder &builder, Value v) const {
  return GatherOp::create(builder, v.getLoc(), v, indices, 1);
}

bool NamedTokens::isChoice(Operation *op, Value v) const {
  auto gather = dyn_cast<GatherOp>(op);
  return gather && gather.getData() == v && gather.getIndices() == indices &&
         gather.getAxis() == 1;
}

bool isPerToken(Operation *op) {
  if (isa<LinearOp, GatedLinearOp, GatedMlpOp, RmsNormOp, LayerNormOp,
          ElementwiseOp, MapOp, ReshapeOp, SliceOp, RopeOp>(op))
    return op->getNumResults() == 1;
  return false;
}

bool hasTokens(Value v, Dim seq) {
  auto type = dyn_cast<RankedTensorType>(v.getType());
  return type && type.getRank() >= 2 && dimsOf(v)[1] == seq;
}

bool keepsTokens(Operation *op, Dim seq) {
  if (auto slice = dyn_cast<SliceOp>(op))
    return hasTokens(slice.getX(), seq) &&
           fixedDim(slice.getStarts().getResult(1)) == 0 &&
           slice.getSteps()[1] == 1;
  if (auto reshape = dyn_cast<ReshapeOp>(op))
    return hasTokens(reshape.getX(), seq) &&
           dimsOf(reshape.getX())[0] == dimsOf(reshape)[0];
  return true;
}

OpOperand *tokenLogits(func::FuncOp f, Dim seq) {
  for (OpOperand &result : f.front().getTerminator()->getOpOperands()) {
    auto name = f.getResultAttrOfType<StringAttr>(result.getOperandNumber(),
                                                  "llm.name");
    if (name && name.getValue() == "logits" && hasTokens(result.get(), seq) &&
        rankOf(result.get()) == 3)
      return &result;
  }
  return nullptr;
}

namespace {
class Narrowing {
public:
  Narrowing(func::FuncOp f, Dim seq, const TokenChoice &choice)
      : f(f), seq(seq), choice(choice), builder(f) {}

  /// From the end of the block to its start.
  void run(OpOperand &result) {
    builder.setInsertionPoint(result.getOwner());
    result.set(choice.choose(builder, result.get()));
    SmallVector<Operation *> ops;
    for (Operation &op : f.front())
      ops.push_back(&op);
    for (Operation *op : llvm::reverse(ops))
      if (isPerToken(op) && onlyChosenAreUsed(op->getResult(0)) &&
          keepsTokens(op, seq))
        narrow(op);
  }

private:
  bool onlyChosenAreUsed(Value v) {
    return hasTokens(v, seq) && !v.use_empty() &&
           llvm::all_of(v.getUsers(), [&](Operation *user) {
             return choice.isChoice(user, v);
           });
  }

  void narrow(Operation *op) {
    Value result = op->getResult(0);
    builder.setInsertionPoint(op);
    for (OpOperand &operand : op->getOpOperands()) {
      Value v = operand.get();
      // A lower rank broadcasts over tokens, and weights have none.
      bool aligned =
          isa<ReshapeOp, SliceOp>(op) ||
          (isa<RankedTensorType>(v.getType()) && rankOf(v) == rankOf(result)) ||
          (isa<RopeOp>(op) && operand.getOperandNumber() == 1);
      if (aligned && hasTokens(v, seq) && !v.getDefiningOp<WeightOp>())
        operand.set(choice.choose(builder, v));
    }
    Dims dims = dimsOf(result);
    dims[1] = choice.count();
    result.setType(tensorType(result.getContext(), dims, elementOf(result)));
    for (Operation *user : llvm::make_early_inc_range(result.getUsers())) {
      user->getResult(0).replaceAllUsesWith(result);
      user->erase();
    }
  }

  func::FuncOp f;
  Dim seq;
  const TokenChoice &choice;
  OpBuilder builder;
};
} // namespace

void keepTokens(func::FuncOp f, OpOperand &result, Dim seq,
                const TokenChoice &choice) {
  Operation *ret = result.getOwner();
  Narrowing(f, seq, choice).run(result);
  f.setFunctionType(
      FunctionType::get(f.getContext(), f.getArgumentTypes(),
                        SmallVector<Type>(ret->getOperandTypes())));
}

} // namespace llmc::recognise
