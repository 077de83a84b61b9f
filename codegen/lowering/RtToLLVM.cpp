// SPDX-License-Identifier: Apache-2.0
// rt ops -> loads of LlmcContext's fields and calls through them. Offsets are
// those of abi.h on 64-bit targets, asserted against the header below.
#include "codegen/lowering/EntryLowering.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"

#include <cstddef>

using namespace mlir;

namespace llmc {

static_assert(sizeof(void *) == 8,
              "the ABI's layout is that of 64-bit targets");

namespace {

class RtLowering {
public:
  explicit RtLowering(LLVM::LLVMFuncOp function)
      : function(function), builder(function.getContext()),
        ptr(LLVM::LLVMPointerType::get(function.getContext())),
        i32(builder.getI32Type()), i64(builder.getI64Type()) {}

  void run() {
    SmallVector<Operation *> ops;
    int64_t words = 1, dims = 1;
    function.walk([&](Operation *op) {
      if (isa_and_nonnull<rt::RtDialect>(op->getDialect()))
        ops.push_back(op);
      if (auto p = dyn_cast<rt::ParallelOp>(op))
        words = std::max<int64_t>(words, p.getArgs().size());
      if (auto o = dyn_cast<rt::OutputOp>(op))
        dims = std::max<int64_t>(dims, o.getDims().size());
    });
    builder.setInsertionPointToStart(&function.front());
    loc = function.getLoc();
    wordBuffer =
        LLVM::AllocaOp::create(builder, loc, ptr, i64, constant(words), 64);
    dimBuffer =
        LLVM::AllocaOp::create(builder, loc, ptr, i64, constant(dims), 64);
    for (Operation *op : ops) {
      builder.setInsertionPoint(op);
      loc = op->getLoc();
      lower(op);
      op->erase();
    }
  }

private:
  Value constant(int64_t v) {
    return LLVM::ConstantOp::create(builder, loc, i64, v);
  }
  Value constant32(int64_t v) {
    return LLVM::ConstantOp::create(builder, loc, i32, v);
  }
  Value at(Value base, int64_t bytes) {
    return LLVM::GEPOp::create(
        builder, loc, ptr, builder.getI8Type(), base,
        ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(bytes)});
  }
  Value load(Type t, Value base, int64_t bytes) {
    return LLVM::LoadOp::create(builder, loc, t, at(base, bytes));
  }
  Value call(Value ctx, int64_t field, Type result, ValueRange args) {
    SmallVector<Value> operands = {load(ptr, ctx, field), ctx};
    operands.append(args.begin(), args.end());
    SmallVector<Type> types(ValueRange(operands).drop_front().getTypes());
    Type returned =
        result ? result : LLVM::LLVMVoidType::get(builder.getContext());
    auto c = LLVM::CallOp::create(
        builder, loc, LLVM::LLVMFunctionType::get(returned, types), operands);
    return result ? c.getResult() : Value();
  }
  Value isNull(Value p) {
    return LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::eq, p,
                                LLVM::ZeroOp::create(builder, loc, ptr));
  }
  /// Returns `status` from here where the condition holds; building goes on
  /// behind.
  void returnIf(Value condition, llvm::function_ref<Value()> status) {
    Block *block = builder.getInsertionBlock();
    Block *next = block->splitBlock(builder.getInsertionPoint());
    Block *out = new Block;
    function.getBody().push_back(out); // cold code at the end
    builder.setInsertionPointToEnd(out);
    LLVM::ReturnOp::create(builder, loc, status());
    builder.setInsertionPointToEnd(block);
    LLVM::CondBrOp::create(builder, loc, condition, next, out);
    auto branch = cast<LLVM::CondBrOp>(block->getTerminator());
    branch.setSuccessor(out, 0), branch.setSuccessor(next, 1);
    builder.setInsertionPointToStart(next);
  }
  void memoryOr(Value p) {
    returnIf(isNull(p), [&] { return constant32(LLMC_FAIL_MEMORY); });
  }
  /// The runtime has said why; this adds where.
  void memoryOr(Value p, Value ctx, int64_t site) {
    returnIf(isNull(p), [&] {
      Value zero = constant(0);
      return call(
          ctx, offsetof(LlmcContext, fail), i32,
          {constant32(LLMC_FAIL_MEMORY), constant32(site), zero, zero, zero});
    });
  }

  void lower(Operation *op);

  LLVM::LLVMFuncOp function;
  OpBuilder builder;
  Type ptr, i32, i64;
  Location loc = builder.getUnknownLoc();
  Value wordBuffer, dimBuffer;
};

constexpr int64_t dimsOffset = offsetof(LlmcTensor, dims),
                  tensorBytes = sizeof(LlmcTensor);

void RtLowering::lower(Operation *op) {
  Value ctx = op->getOperand(0), result;
  if (isa<rt::WorkersOp>(op)) {
    result = load(i64, ctx, offsetof(LlmcContext, workers));
  } else if (auto o = dyn_cast<rt::InputDimOp>(op)) {
    result = load(i64, load(ptr, ctx, offsetof(LlmcContext, inputs)),
                  o.getInput() * tensorBytes + dimsOffset + 8 * o.getDim());
  } else if (auto o = dyn_cast<rt::InputOp>(op)) {
    result = load(ptr, load(ptr, ctx, offsetof(LlmcContext, inputs)),
                  o.getInput() * tensorBytes);
  } else if (auto o = dyn_cast<rt::StateOp>(op)) {
    Value states = load(ptr, ctx, offsetof(LlmcContext, states));
    if (o.getFirst())
      states = LLVM::GEPOp::create(
          builder, loc, ptr,
          LLVM::LLVMArrayType::get(builder.getI8Type(), sizeof(LlmcState)),
          states, ArrayRef<LLVM::GEPArg>{o.getFirst()});
    int64_t base = o.getState() * sizeof(LlmcState);
    o.getData().replaceAllUsesWith(
        load(ptr, states, base + offsetof(LlmcState, data)));
    o.getCapacity().replaceAllUsesWith(
        load(i64, states, base + offsetof(LlmcState, capacity)));
    o.getLength().replaceAllUsesWith(
        load(i64, states, base + offsetof(LlmcState, length)));
  } else if (auto o = dyn_cast<rt::OutputOp>(op)) {
    for (auto [i, d] : llvm::enumerate(o.getDims()))
      LLVM::StoreOp::create(builder, loc, d, at(dimBuffer, 8 * i));
    result = call(
        ctx, offsetof(LlmcContext, output), ptr,
        {constant32(o.getOutput()), constant32(o.getDims().size()), dimBuffer});
    memoryOr(result, ctx, o.getSite());
  } else if (auto o = dyn_cast<rt::OutputSequenceOp>(op)) {
    LLVM::StoreOp::create(builder, loc, o.getCount(), dimBuffer);
    Value made =
        call(ctx, offsetof(LlmcContext, output), ptr,
             {constant32(o.getOutput()), constant32(LLMC_SEQUENCE), dimBuffer});
    memoryOr(made, ctx, o.getSite());
  } else if (auto o = dyn_cast<rt::OutputItemOp>(op)) {
    Value rank = LLVM::TruncOp::create(builder, loc, i32, o.getRank());
    result =
        call(ctx, offsetof(LlmcContext, item), ptr,
             {constant32(o.getOutput()), o.getPosition(), rank, o.getDims()});
    memoryOr(result, ctx, o.getSite());
  } else if (auto o = dyn_cast<rt::ArenaOp>(op)) {
    result = call(ctx, offsetof(LlmcContext, arena), ptr, {o.getBytes()});
    memoryOr(result);
  } else if (auto o = dyn_cast<rt::WeightOp>(op)) {
    result =
        call(ctx, offsetof(LlmcContext, weight), ptr, {constant32(o.getId())});
    memoryOr(result);
  } else if (auto o = dyn_cast<rt::AllocOp>(op)) {
    result = call(ctx, offsetof(LlmcContext, alloc), ptr, {o.getBytes()});
    memoryOr(result, ctx, o.getSite());
  } else if (auto o = dyn_cast<rt::ReleaseOp>(op)) {
    call(ctx, offsetof(LlmcContext, release), {}, {o.getBuffer()});
  } else if (auto o = dyn_cast<rt::ParallelOp>(op)) {
    for (auto [i, a] : llvm::enumerate(o.getArgs()))
      LLVM::StoreOp::create(builder, loc, a, at(wordBuffer, 8 * i));
    Value kernel = LLVM::AddressOfOp::create(builder, loc, ptr, o.getKernel());
    Value status = call(ctx, offsetof(LlmcContext, parallel), i32,
                        {kernel, wordBuffer, o.getCount(), o.getGrain(),
                         constant32(o.getSite()), o.getFlops(), o.getBytes()});
    returnIf(LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::ne, status,
                                  constant32(0)),
             [&] {
               Value zero = constant(0);
               return call(ctx, offsetof(LlmcContext, fail), i32,
                           {status, constant32(o.getSite()), zero, zero, zero});
             });
  } else if (auto o = dyn_cast<rt::FailIfOp>(op)) {
    returnIf(o.getCondition(), [&] {
      return call(ctx, offsetof(LlmcContext, fail), i32,
                  {constant32(o.getKind()), constant32(o.getSite()), o.getA(),
                   o.getB(), o.getC()});
    });
  } else if (isa<rt::PollOp>(op)) {
    Value stop = call(ctx, offsetof(LlmcContext, poll), i32, {});
    returnIf(LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::ne, stop,
                                  constant32(0)),
             [&] { return constant32(LLMC_FAIL_CANCELLED); });
  }
  if (result)
    op->getResult(0).replaceAllUsesWith(result);
}

} // namespace

void lowerRtToLLVM(ModuleOp module) {
  SmallVector<LLVM::LLVMFuncOp> entries;
  module.walk([&](LLVM::LLVMFuncOp f) {
    if (f->hasAttr("llmc.entry"))
      entries.push_back(f);
  });
  for (LLVM::LLVMFuncOp f : entries)
    RtLowering(f).run();
}

} // namespace llmc
