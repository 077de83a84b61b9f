// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/ops/Effects.h"

using namespace mlir;
using namespace llmc::llm;

void IfOp::getEffects(Effects &effects) { addBindEffects(getBinds(), effects); }
void LoopOp::getEffects(Effects &effects) {
  addBindEffects(getBinds(), effects);
}

static bool isSingle(Value v) {
  auto type = cast<RankedTensorType>(v.getType());
  return type.hasStaticShape() && type.getNumElements() == 1;
}

/// Whether a value can pass for another one of that type: only sizes differ.
static bool fits(Type have, Type want) {
  auto a = dyn_cast<RankedTensorType>(have),
       b = dyn_cast<RankedTensorType>(want);
  auto s = dyn_cast<SequenceType>(have), t = dyn_cast<SequenceType>(want);
  if (s && t)
    return s.fits(t);
  if (!a || !b)
    return have == want;
  return a.getElementType() == b.getElementType() && a.getRank() == b.getRank();
}

static bool isRowOf(Type row, Type result) {
  auto a = dyn_cast<RankedTensorType>(row),
       b = dyn_cast<RankedTensorType>(result);
  return a && b && a.getElementType() == b.getElementType() &&
         a.getRank() + 1 == b.getRank();
}

LogicalResult IfOp::verify() {
  if (!isSingle(getCondition())) // C1
    return emitOpError("needs a condition of one element");
  for (Region *body : {&getThenBody(), &getElseBody()}) {
    Operation *yield = body->front().getTerminator();
    if (!isa<YieldOp>(yield) ||
        yield->getNumOperands() != getNumResults()) // C2
      return emitOpError("needs bodies that yield one value per result");
    for (auto [v, type] : llvm::zip(yield->getOperands(), getResultTypes()))
      if (!fits(v.getType(), type))
        return emitOpError("has a body that yields ")
               << v.getType() << " for a result of " << type;
  }
  return success();
}

Value LoopOp::getGo() {
  return getBody().front().getTerminator()->getOperand(0);
}
OperandRange LoopOp::getNext() {
  return getBody().front().getTerminator()->getOperands().slice(
      1, getInits().size());
}
OperandRange LoopOp::getRows() {
  return getBody().front().getTerminator()->getOperands().drop_front(
      1 + getInits().size());
}

LogicalResult LoopOp::verify() {
  if ((getTrips() && !isSingle(getTrips())) ||
      (getCondition() && !isSingle(getCondition()))) // C1
    return emitOpError("needs trips and a condition of one element");
  if (getIteration().getNumResults() != 1 ||
      !isa<AffineSymbolExpr>(getIteration().getResult(0)))
    return emitOpError("needs one symbol for the iteration");
  Block &body = getBody().front();
  size_t carried = getInits().size();
  if (body.getNumArguments() != carried) // C2
    return emitOpError("needs a body with one argument per init");
  for (auto [arg, init] : llvm::zip(body.getArguments(), getInits()))
    if (!fits(init.getType(), arg.getType()))
      return emitOpError("carries ")
             << init.getType() << " in an argument of " << arg.getType();
  Operation *yield = body.getTerminator();
  if (!isa<YieldOp>(yield) || getNumResults() < carried ||
      yield->getNumOperands() != 1 + getNumResults()) // C3
    return emitOpError(
        "needs a body that yields a condition and one value per result");
  auto go = dyn_cast<RankedTensorType>(getGo().getType());
  if (!go || !go.getElementType().isInteger(1) || !isSingle(getGo()))
    return emitOpError("needs a yielded condition of one boolean");
  for (auto [v, type] : llvm::zip(getNext(), getResultTypes()))
    if (!fits(v.getType(), type))
      return emitOpError("yields ")
             << v.getType() << " for a result of " << type;
  for (auto [v, type] :
       llvm::zip(getRows(), TypeRange(getResultTypes()).drop_front(carried)))
    if (!isRowOf(v.getType(), type))
      return emitOpError("yields a row of ")
             << v.getType() << " for a result of " << type;
  return success();
}
