// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/MatmulFinish.h"
#include "codegen/cpu/Elements.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace llmc {
namespace {

class FinishEmitter {
public:
  FinishEmitter(CodeBuilder &k, LLVM::LLVMFuncOp func, const MatmulSpec &spec,
                int64_t sumStride, int64_t width)
      : k(k), spec(spec), sumStride(sumStride), width(width), lanes(k.lanes()) {
    unsigned next = 0;
    auto take = [&] { return func.getArgument(next++); };
    rows = take(), columns = take(), c = take(), ldc = take();
    for (int i = 0; i < (spec.gated ? 2 : 1); ++i) {
      sums.push_back(take());
      biases.push_back(spec.bias ? take() : Value());
    }
    if (spec.residual)
      residual = take(), ldr = take();
  }

  static SmallVector<Type> types(CodeBuilder &k, const MatmulSpec &spec) {
    SmallVector<Type> types = {k.i64(), k.i64(), k.ptr(), k.i64()};
    types.append((spec.gated ? 2 : 1) * (spec.bias ? 2 : 1), k.ptr());
    if (spec.residual)
      types.append({k.ptr(), k.i64()});
    return types;
  }

  void emit() {
    // Most tiles are whole, and their vectors independent work for the core.
    k.ifElseDo(
        k.eq(columns, k.ci(width)),
        [&] {
          k.forLoop(rows, [&](Value r) {
            startRow(r);
            for (int64_t i = 0; i < width; i += lanes)
              vectorAt(k.ci(i), Value());
          });
        },
        [&] {
          k.forLoop(rows, [&](Value r) {
            startRow(r);
            k.forVectors(columns,
                         [&](Value i, Value mask) { vectorAt(i, mask); });
          });
        });
  }

private:
  void startRow(Value r) {
    sumRow = k.mul(r, sumStride), cRow = k.mul(r, ldc);
    if (residual)
      residualRow = k.mul(r, ldr);
  }

  Value read(Value base, Type element, Value index, Value mask) {
    Type type = element ? element : k.f32();
    Value stored =
        k.maskedLoad(k.vec(lanes, memoryType(type)), mask, base, index);
    return fromMemory(k, stored, type);
  }

  void vectorAt(Value column, Value mask) {
    Values terms;
    for (auto [sum, bias] : llvm::zip(sums, biases)) {
      Value term = k.load(k.vecF32(lanes), sum, k.add(sumRow, column));
      if (bias)
        term = k.add(term, read(bias, spec.typeBias, column, mask));
      terms.push_back(term);
    }
    Value value =
        emitActivation(k, spec.activation, terms[0], spec.scale, spec.gain);
    if (spec.gated)
      value = k.mul(value, terms[1]);
    if (residual)
      value = k.add(value, read(residual, spec.typeResidual,
                                k.add(residualRow, column), mask));
    Type type = spec.typeC ? spec.typeC : k.f32();
    k.maskedStore(toMemory(k, value, type), mask, c, k.add(cRow, column));
  }

  CodeBuilder &k;
  const MatmulSpec &spec;
  int64_t sumStride, width, lanes;
  Value rows, columns, c, ldc, residual, ldr, sumRow, cRow, residualRow;
  Values sums, biases;
};

} // namespace

void emitMatmulFinish(KernelModule &kernels, KernelBuilder &k,
                      const MatmulSpec &spec, const FinishedTile &tile) {
  auto typeOf = [&](Type element) { return element ? element : k.f32(); };
  auto addressOf = [&](MatmulArg base, MatmulArg stride, Type element) {
    return k.address(k.arg(base), memoryType(typeOf(element)),
                     k.add(k.mul(tile.row, k.arg(stride)), tile.column));
  };
  Values operands = {tile.rows, tile.columns,
                     addressOf(MatmulC, MatmulLdc, spec.typeC),
                     k.arg(MatmulLdc)};
  for (auto [i, sum] : llvm::enumerate(tile.sums)) {
    operands.push_back(sum);
    if (spec.bias)
      operands.push_back(k.address(k.arg(i ? MatmulBiasUp : MatmulBias),
                                   memoryType(typeOf(spec.typeBias)),
                                   tile.column));
  }
  if (spec.residual)
    operands.append({addressOf(MatmulResidual, MatmulLdr, spec.typeResidual),
                     k.arg(MatmulLdr)});
  std::string key =
      llvm::formatv("{0} s{1} w{2}", spec.key(), tile.sumStride, tile.width);
  LLVM::LLVMFuncOp finish = emitSharedFunction(
      kernels, "matmul_finish", key,
      [&](CodeBuilder &c) { return FinishEmitter::types(c, spec); },
      [&](CodeBuilder &c, LLVM::LLVMFuncOp func) {
        FinishEmitter(c, func, spec, tile.sumStride, tile.width).emit();
      });
  LLVM::CallOp::create(k.builder(), k.location(), finish, operands);
}

} // namespace llmc
