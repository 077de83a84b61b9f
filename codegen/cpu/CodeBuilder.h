// SPDX-License-Identifier: Apache-2.0
// Short names for the ops that kernels and compiled host code are made of:
// arithmetic on scalars and vectors alike, memory through !llvm.ptr, structured
// control flow. Borrows the OpBuilder; one thread at a time.
#ifndef LLMC_CODEGEN_CPU_CODEBUILDER_H
#define LLMC_CODEGEN_CPU_CODEBUILDER_H

#include "codegen/cpu/Isa.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace llmc {

using Values = llvm::SmallVector<mlir::Value>;
using CmpI = mlir::arith::CmpIPredicate;
using CmpF = mlir::arith::CmpFPredicate;

class CodeBuilder {
public:
  using Value = mlir::Value;
  using Type = mlir::Type;

  CodeBuilder(mlir::OpBuilder &builder, mlir::Location loc,
              const CpuTarget &target)
      : b(builder), loc(loc), cpu(target) {}

  mlir::OpBuilder &builder() { return b; }
  mlir::Location location() const { return loc; }
  const CpuTarget &target() const { return cpu; }
  unsigned lanes() const { return cpu.lanes; }

  // Types. vec(1) is the scalar type itself, so that one emitter body serves
  // the scalar case.
  Type f32() { return b.getF32Type(); }
  Type f64() { return b.getF64Type(); }
  Type i1() { return b.getI1Type(); }
  Type i8() { return b.getIntegerType(8); }
  Type i32() { return b.getI32Type(); }
  Type i64() { return b.getI64Type(); }
  Type ptr() { return mlir::LLVM::LLVMPointerType::get(b.getContext()); }
  Type vec(int64_t count, Type element);
  Type vecF32(int64_t count) { return vec(count, f32()); }
  /// `shape`'s number of elements (a scalar has one) with another element type.
  Type like(Type shape, Type element);

  // Constants; on a vector type all elements are `value`.
  Value constant(Type type, double value);
  Value constantInt(Type type, int64_t value);
  Value ci(int64_t value) { return constantInt(i64(), value); }
  Value ci32(int64_t value) { return constantInt(i32(), value); }
  Value cf(double value) { return constant(f32(), value); }
  Value zero(Type type);
  Value iota(int64_t count, Type element); ///< 0, 1, 2, ... of an integer type

  // Arithmetic by the element type of the operands, signed for integers.
  Value add(Value x, Value y);
  Value sub(Value x, Value y);
  Value mul(Value x, Value y);
  Value div(Value x, Value y);
  Value rem(Value x, Value y);
  Value neg(Value x);
  Value add(Value x, int64_t y) { return add(x, constantInt(x.getType(), y)); }
  Value sub(Value x, int64_t y) { return sub(x, constantInt(x.getType(), y)); }
  Value mul(Value x, int64_t y) { return mul(x, constantInt(x.getType(), y)); }
  /// Unsigned division of sizes by a positive constant or value; ceilDiv rounds
  /// up.
  Value divSize(Value x, Value y);
  Value divSize(Value x, int64_t y) { return divSize(x, ci(y)); }
  Value remSize(Value x, Value y);
  Value remSize(Value x, int64_t y) { return remSize(x, ci(y)); }
  Value ceilDiv(Value x, Value y) { return divSize(sub(add(x, y), 1), y); }
  Value ceilDiv(Value x, int64_t y) { return divSize(add(x, y - 1), y); }
  /// x > y ? x : y, one instruction; with a NaN the result is y.
  Value max(Value x, Value y);
  Value min(Value x, Value y);
  /// With a NaN the result is NaN.
  Value maximum(Value x, Value y);
  Value minimum(Value x, Value y);
  /// x * y + z, rounded once where the target has FMA and twice elsewhere.
  Value fma(Value x, Value y, Value z);
  /// z + x0 * y0 + x1 * y1, of vectors of pairs of bf16 (i32 words, the first
  /// in the low half) and of f32. By two steps of fma, but for targets with
  /// pairDot: their instruction has an order and a rounding of its own and
  /// flushes subnormals.
  Value dotPairs(Value x, Value y, Value z);
  /// Of targets with pairSquares: products of two vectors of x with two of y,
  /// of two pairs each, [x0.y0, x0.y1, x1.y0, x1.y1] + z. Each sum is what
  /// dotPairs gives for the first pair and then the second one.
  Value dotPairSquares(Value x, Value y, Value z);
  /// One element of each pair, as f32.
  Value pairElement(Value pairs, bool second);
  Value sqrt(Value x);
  Value abs(Value x);
  Value floor(Value x);
  Value ceil(Value x);
  Value roundEven(Value x);
  Value trunc(Value x);
  Value copySign(Value magnitude, Value sign);

  Value bitAnd(Value x, Value y);
  Value bitOr(Value x, Value y);
  Value bitXor(Value x, Value y);
  Value shl(Value x, Value y);
  Value shrSigned(Value x, Value y);
  Value shrUnsigned(Value x, Value y);
  Value bitcast(Value x, Type element);
  /// To another element type, with C's rules: float to integer truncates
  /// (saturating, or wrapping below 8 bits; NaN gives 0), `isUnsigned` says how
  /// an integer side is read; i1 from a number is "not zero".
  Value convert(Value x, Type element, bool isUnsigned = false);
  Value cmp(CmpI predicate, Value x, Value y);
  Value cmp(CmpF predicate, Value x, Value y);
  Value lt(Value x, Value y); ///< signed or ordered
  Value eq(Value x, Value y);
  Value select(Value condition, Value yes, Value no);

  // Vectors. A count of 1 is a scalar and gives its argument back.
  Value broadcast(Value scalar, int64_t count);
  Value extract(Value vector, int64_t lane);
  Value shuffle(Value x, Value y, llvm::ArrayRef<int64_t> lanes);
  /// Halves are folded onto each other until one element is left: a fixed tree.
  Value reduce(Value vector, llvm::function_ref<Value(Value, Value)> fold);
  Value reduceAdd(Value vector);
  Value reduceMax(Value vector);

  /// A call of an LLVM intrinsic with a result.
  Value intrinsic(llvm::StringRef name, Type type, mlir::ValueRange operands);

  // Memory. `index` counts elements of the access's scalar type and may be null
  // (0); `offset` is added to it.
  Value address(Value base, Type element, Value index, int64_t offset = 0);
  Value load(Type type, Value base, Value index = {}, int64_t offset = 0,
             unsigned align = 0);
  void store(Value value, Value base, Value index = {}, int64_t offset = 0,
             unsigned align = 0);
  /// The first `count` (i64, may exceed the lanes or be negative) lanes.
  Value tailMask(Value count, int64_t lanes);
  /// Lanes outside the mask are `fill`, or 0. Without a mask (null) these are
  /// load and store.
  Value maskedLoad(Type vector, Value mask, Value base, Value index = {},
                   int64_t offset = 0, Value fill = {});
  void maskedStore(Value value, Value mask, Value base, Value index = {},
                   int64_t offset = 0);
  /// Brings the line at base + bytes into the cache; the address need not be
  /// valid. level 3 = L1 .. 1 = L3.
  void prefetch(Value base, Type element, Value index, int64_t offsetBytes = 0,
                int level = 3);
  /// Uninitialized memory of this call, `count` elements; emit it in the entry
  /// block only.
  Value stackBuffer(Type element, int64_t count, unsigned align = 64);

  // Control flow. Bodies return what they yield.
  using LoopBody =
      llvm::function_ref<Values(Value iv, mlir::ValueRange carried)>;
  Values forLoop(Value lower, Value upper, Value step, mlir::ValueRange inits,
                 LoopBody body);
  void forLoop(Value lower, Value upper, Value step,
               llvm::function_ref<void(Value iv)> body);
  void forLoop(Value upper, llvm::function_ref<void(Value iv)> body) {
    forLoop(ci(0), upper, ci(1), body);
  }
  /// A loop over `count` elements by whole vectors of the target, then one
  /// masked vector; on a scalar target by elements, without a mask. Carries
  /// `unroll` sets of values (inits = all sets, one after the other), so that
  /// sums have several chains: set u takes vectors u, u + unroll, ..., the rest
  /// goes to set 0. body(first element, mask or null, its set) returns the
  /// set's new values.
  using VectorBody =
      llvm::function_ref<Values(Value i, Value mask, Values set)>;
  Values forVectors(Value count, int64_t unroll, mlir::ValueRange inits,
                    VectorBody body);
  void forVectors(Value count,
                  llvm::function_ref<void(Value i, Value mask)> body);
  Values ifElse(Value condition, llvm::function_ref<Values()> yes,
                llvm::function_ref<Values()> no);
  void ifThen(Value condition, llvm::function_ref<void()> yes);
  void ifElseDo(Value condition, llvm::function_ref<void()> yes,
                llvm::function_ref<void()> no);
  /// Runs cases[i] for value == i, and the last one for everything else.
  void switchOn(Value value, llvm::ArrayRef<std::function<void()>> cases);

protected:
  mlir::OpBuilder &b;
  mlir::Location loc;
  const CpuTarget &cpu;

private:
  /// An intrinsic of sums z and vectors of pairs of bf16.
  Value onPairs(llvm::StringRef name, Value x, Value y, Value z);
};

/// Number of elements of a vector, 1 of a scalar.
int64_t laneCount(mlir::Type type);
mlir::Type elementType(mlir::Type type);
unsigned elementBytes(mlir::Type type);

} // namespace llmc

#endif
