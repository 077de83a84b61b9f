// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/ops/Infer.h"

using namespace mlir;
using namespace llmc::llm;

static Type boolLike(Type like) {
  return withElement(like, IntegerType::get(like.getContext(), 1));
}

/// Broadcast of the operands from `first` on, with the given element type
/// (scalars stay scalars).
static LogicalResult inferBroadcast(MLIRContext *ctx,
                                    std::optional<Location> loc,
                                    ValueRange operands, Type element,
                                    SmallVectorImpl<Type> &out) {
  if (llvm::none_of(operands, [](Value v) {
        return isa<RankedTensorType>(v.getType());
      })) {
    out.push_back(element);
    return success();
  }
  auto dims = broadcastOperands(loc, operands);
  if (failed(dims))
    return failure();
  out.push_back(tensorType(ctx, *dims, element));
  return success();
}

static LogicalResult inferBinary(MLIRContext *ctx, std::optional<Location> loc,
                                 ValueRange operands, bool compares,
                                 SmallVectorImpl<Type> &out) {
  Type element = elementOf(operands[0]);
  if (element != elementOf(operands[1]))
    return emitOptionalError(loc,
                             "operands of different element types: ", element,
                             " and ", elementOf(operands[1]));
  return inferBroadcast(ctx, loc, operands,
                        compares ? IntegerType::get(ctx, 1) : element, out);
}

#define LLMC_UNARY(OP)                                                         \
  LLMC_INFER(OP, {                                                             \
    out.push_back(op.getX().getType());                                        \
    return success();                                                          \
  })
#define LLMC_TEST(OP)                                                          \
  LLMC_INFER(OP, {                                                             \
    out.push_back(boolLike(op.getX().getType()));                              \
    return success();                                                          \
  })
#define LLMC_BINARY(OP)                                                        \
  LLMC_INFER(OP, { return inferBinary(ctx, loc, operands, false, out); })
#define LLMC_COMPARE(OP)                                                       \
  LLMC_INFER(OP, { return inferBinary(ctx, loc, operands, true, out); })

LLMC_UNARY(NegOp)
LLMC_UNARY(AbsOp)
LLMC_UNARY(ExpOp)
LLMC_UNARY(LogOp)
LLMC_UNARY(SqrtOp)
LLMC_UNARY(RsqrtOp)
LLMC_UNARY(ReciprocalOp)
LLMC_UNARY(ErfOp)
LLMC_UNARY(TanhOp)
LLMC_UNARY(SigmoidOp)
LLMC_UNARY(ReluOp)
LLMC_UNARY(SiluOp)
LLMC_UNARY(GeluErfOp)
LLMC_UNARY(GeluTanhOp)
LLMC_UNARY(SinOp)
LLMC_UNARY(CosOp)
LLMC_UNARY(TanOp)
LLMC_UNARY(AsinOp)
LLMC_UNARY(AcosOp)
LLMC_UNARY(AtanOp)
LLMC_UNARY(SinhOp)
LLMC_UNARY(CoshOp)
LLMC_UNARY(AsinhOp)
LLMC_UNARY(AcoshOp)
LLMC_UNARY(AtanhOp)
LLMC_UNARY(FloorOp)
LLMC_UNARY(CeilOp)
LLMC_UNARY(RoundOp)
LLMC_UNARY(SignOp)
LLMC_UNARY(NotOp)
LLMC_UNARY(SoftplusOp)
LLMC_TEST(IsNaNOp)
LLMC_TEST(IsInfOp)
LLMC_BINARY(AddOp)
LLMC_BINARY(SubOp)
LLMC_BINARY(MulOp)
LLMC_BINARY(DivOp)
LLMC_BINARY(PowOp)
LLMC_BINARY(MinOp)
LLMC_BINARY(MaxOp)
LLMC_BINARY(AndOp)
LLMC_BINARY(OrOp)
LLMC_BINARY(XorOp)
LLMC_BINARY(ModOp)
LLMC_BINARY(ShiftLeftOp)
LLMC_BINARY(ShiftRightOp)
LLMC_COMPARE(EqualOp)
LLMC_COMPARE(LessOp)
LLMC_COMPARE(LessEqualOp)
LLMC_COMPARE(GreaterOp)
LLMC_COMPARE(GreaterEqualOp)

LLMC_INFER(WhereOp, {
  if (elementOf(operands[1]) != elementOf(operands[2]))
    return emitOptionalError(loc, "branches of different element types");
  return inferBroadcast(ctx, loc, operands, elementOf(operands[1]), out);
})

LogicalResult MapOp::verify() {
  Block &block = getBody().front();
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  if (block.getNumArguments() != getInputs().size() || !yield ||
      yield.getValues().size() != getOutputs().size())
    return emitOpError(
        "body needs one argument per input and one yielded scalar per output");
  for (auto [arg, input] : llvm::zip(block.getArguments(), getInputs()))
    if (arg.getType() != elementOf(input)) // C1
      return emitOpError("body argument ")
             << arg.getType() << " for an input of " << elementOf(input);
  for (auto [value, output] : llvm::zip(yield.getValues(), getOutputs()))
    if (value.getType() != elementOf(output)) // C2
      return emitOpError("yields ")
             << value.getType() << " for an output of " << elementOf(output);
  return success();
}
