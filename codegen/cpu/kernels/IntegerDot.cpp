// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/IntegerDot.h"
#include "llvm/ADT/bit.h"

using namespace mlir;

namespace llmc {

static bool isX86(const CpuTarget &target) {
  return StringRef(target.triple).starts_with("x86_64");
}

static bool has(const CpuTarget &target, StringRef feature) {
  return StringRef(target.features).contains(("+" + feature).str());
}

/// An instruction that multiplies quads of unsigned bytes by signed ones.
static bool dotsBytes(const CpuTarget &target) {
  if (!isX86(target))
    return true; // or by steps
  return has(target, target.lanes == 16 ? "avx512vnni" : "avxvnni");
}

DotForm dotForm(const CpuTarget &target, unsigned bits) {
  if (dotsBytes(target))
    return DotForm::Bytes;
  return bits < 8 ? DotForm::Pairs : DotForm::Halves;
}

bool dotsUnsigned(const CpuTarget &target, unsigned bits) {
  if (bits < 8)
    return true;
  if (isX86(target))
    return dotsBytes(target);
  return has(target, "i8mm") || !has(target, "dotprod");
}

bool dotsSquares(const CpuTarget &target) { return has(target, "i8mm"); }

int64_t dotQuads(unsigned bits) {
  int64_t largest = 2 * 127 * ((int64_t(1) << bits) - 1); // of a pair
  return llvm::bit_floor<uint64_t>(INT16_MAX / largest);
}

/// The same bits as `count` elements of another width, for the operands of
/// intrinsics.
static Value asLanes(CodeBuilder &k, Value v, unsigned width) {
  int64_t bits =
      laneCount(v.getType()) * elementType(v.getType()).getIntOrFloatBitWidth();
  Type type = k.vec(bits / width, k.builder().getIntegerType(width));
  return LLVM::BitcastOp::create(k.builder(), k.location(), type, v);
}

DotOperand dotWeights(CodeBuilder &k, DotForm form, Value quads) {
  if (form != DotForm::Halves)
    return {quads};
  Value halves = asLanes(k, quads, 16);
  Value eight = k.constantInt(halves.getType(), 8);
  return {k.shrSigned(k.shl(halves, eight), eight), k.shrSigned(halves, eight)};
}

DotOperand dotRow(CodeBuilder &k, DotForm form, Value quads, Value index) {
  auto word = [&](Value at, int64_t offset) {
    return k.broadcast(k.load(k.i32(), quads, at, offset, 1), k.lanes());
  };
  if (form != DotForm::Halves)
    return {word(index, 0)};
  Value at = k.mul(index, 2);
  return {word(at, 0), word(at, 1)};
}

Value dotWiden(CodeBuilder &k, Value pairs) {
  Value ones = k.constantInt(pairs.getType(), 1);
  StringRef name = k.lanes() == 16 ? "llvm.x86.avx512.pmaddw.d.512"
                                   : "llvm.x86.avx2.pmadd.wd";
  return k.intrinsic(name, k.vec(k.lanes(), k.i32()), {pairs, ones});
}

Value dotAdd(CodeBuilder &k, DotForm form, Value sum, const DotOperand &weights,
             const DotOperand &row) {
  if (form == DotForm::Bytes)
    return emitDot4(k, sum, weights[0], row[0]);
  bool isWide = k.lanes() == 16;
  if (form == DotForm::Pairs) {
    StringRef name =
        isWide ? "llvm.x86.avx512.pmaddubs.w.512" : "llvm.x86.avx2.pmadd.ub.sw";
    return k.add(
        sum, k.intrinsic(name, sum.getType(),
                         {asLanes(k, weights[0], 8), asLanes(k, row[0], 8)}));
  }
  StringRef name =
      isWide ? "llvm.x86.avx512.pmaddw.d.512" : "llvm.x86.avx2.pmadd.wd";
  for (auto [w, x] : llvm::zip(weights, row))
    sum = k.add(sum, k.intrinsic(name, sum.getType(),
                                 {asLanes(k, w, 16), asLanes(k, x, 16)}));
  return sum;
}

Value emitSquare(CodeBuilder &k, Value sum, Value columns, Value rows) {
  return k.intrinsic("llvm.aarch64.neon.usmmla.v4i32.v16i8", sum.getType(),
                     {sum, asLanes(k, columns, 8), asLanes(k, rows, 8)});
}

Value emitDot4(CodeBuilder &k, Value sum, Value weights, Value bytes) {
  const CpuTarget &target = k.target();
  Type type = sum.getType();
  auto call = [&](StringRef name) {
    return k.intrinsic(name, type,
                       {sum, asLanes(k, weights, 8), asLanes(k, bytes, 8)});
  };
  if (isX86(target) && dotsBytes(target) && laneCount(type) == k.lanes())
    return call(k.lanes() == 16 ? "llvm.x86.avx512.vpdpbusd.512"
                                : "llvm.x86.avx512.vpdpbusd.256");
  if (isX86(target) && laneCount(type) == k.lanes())
    return dotAdd(k, DotForm::Halves, sum,
                  dotWeights(k, DotForm::Halves, weights),
                  dotWeights(k, DotForm::Halves, bytes));
  if (has(target, "i8mm"))
    return call("llvm.aarch64.neon.usdot.v4i32.v16i8");
  if (has(target, "dotprod"))
    return call("llvm.aarch64.neon.sdot.v4i32.v16i8");
  for (int64_t j = 0; j < 4; ++j) {
    Value by = k.constantInt(type, 8 * j), up = k.constantInt(type, 24 - 8 * j),
          down = k.constantInt(type, 24);
    Value x = k.bitAnd(k.shrUnsigned(weights, by), k.constantInt(type, 255)),
          y = k.shrSigned(k.shl(bytes, up), down);
    sum = k.add(sum, k.mul(x, y));
  }
  return sum;
}

} // namespace llmc
