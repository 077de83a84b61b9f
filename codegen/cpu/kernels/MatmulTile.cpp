// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/MatmulTile.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace llmc {

int64_t matmulThinPanels(const CpuTarget &target, int64_t rows) {
  int64_t vectors = panelColumns / target.lanes,
          sums = target.registers * 3 / 4;
  int64_t panels = 8;
  while (panels > 1 && rows * panels * vectors > sums)
    panels /= 2;
  return panels;
}

namespace {

constexpr int64_t unroll = 4; // steps of K per trip

/// Emits the tile's body; one object per function.
class TileEmitter {
public:
  TileEmitter(CodeBuilder &k, LLVM::LLVMFuncOp func, const MatmulTile &tile)
      : k(k), tile(tile), vectors(panelColumns / k.lanes()),
        vector(k.vecF32(k.lanes())), a(func.getArgument(0)),
        lda(func.getArgument(1)), w(func.getArgument(2)),
        panelStride(func.getArgument(3)), sums(func.getArgument(4)),
        steps(func.getArgument(5)), accumulate(func.getArgument(6)),
        stepStride(tile.strided ? func.getArgument(7) : Value()) {}

  void emit() {
    for (int64_t r = 0; r < tile.rows; ++r)
      rowBase.push_back(tile.strideA
                            ? k.address(a, k.f32(), Value(), r * tile.strideA)
                            : k.address(a, k.f32(), k.mul(lda, r)));
    for (int64_t p = 0; p < tile.panels; ++p)
      panelBase.push_back(k.address(w, k.f32(), k.mul(panelStride, p)));
    Values chains(tile.rows * tile.panels * vectors, k.zero(vector));
    Value whole = k.mul(k.divSize(steps, unroll), unroll);
    chains = loop(k.ci(0), whole, unroll, chains);
    chains = loop(whole, steps, 1, chains);
    k.ifElseDo(
        accumulate, [&] { writeSums(chains, true); },
        [&] { writeSums(chains, false); });
  }

private:
  Values loop(Value from, Value to, int64_t count, ValueRange inits) {
    return k.forLoop(from, to, k.ci(count), inits,
                     [&](Value step, ValueRange carried) {
                       Values chains(carried);
                       for (int64_t u = 0; u < count; ++u)
                         oneStep(step, u, chains);
                       return chains;
                     });
  }

  void oneStep(Value step, int64_t u, Values &chains) {
    Value at = tile.strided ? k.mul(k.add(step, u), stepStride)
                            : k.mul(step, panelColumns);
    int64_t offset = tile.strided ? 0 : u * panelColumns;
    Values weights;
    for (Value base : panelBase) {
      for (int64_t v = 0; v < vectors; ++v)
        weights.push_back(k.load(vector, base, at, offset + v * k.lanes()));
      if (k.target().prefetchBytes && !tile.strided)
        k.prefetch(base, k.f32(), at,
                   k.target().prefetchBytes + offset * sizeof(float));
    }
    for (int64_t r = 0; r < tile.rows; ++r) {
      Value x = k.broadcast(k.load(k.f32(), rowBase[r], step, u), k.lanes());
      for (auto [i, weight] : llvm::enumerate(weights)) {
        Value &chain = chains[r * weights.size() + i];
        chain = k.fma(x, weight, chain);
      }
    }
  }

  void writeSums(const Values &chains, bool add) {
    for (int64_t r = 0; r < tile.rows; ++r)
      for (int64_t c = 0; c < tile.panels * vectors; ++c) {
        Value value = chains[r * tile.panels * vectors + c];
        int64_t offset = r * tile.strideSum + c * k.lanes();
        if (add)
          value = k.add(k.load(vector, sums, Value(), offset), value);
        k.store(value, sums, Value(), offset);
      }
  }

  CodeBuilder &k;
  const MatmulTile &tile;
  int64_t vectors;
  Type vector;
  Value a, lda, w, panelStride, sums, steps, accumulate, stepStride;
  Values rowBase, panelBase;
};

} // namespace

LLVM::LLVMFuncOp emitMatmulTile(KernelModule &kernels, const MatmulTile &tile) {
  std::string key = llvm::formatv("{0}x{1} a{2} s{3}{4}", tile.rows,
                                  tile.panels, tile.strideA, tile.strideSum,
                                  tile.strided ? " strided" : "");
  std::string symbol = kernels.get("matmul_tile", key, [&](StringRef name) {
    OpBuilder b(kernels.module().getContext());
    b.setInsertionPointToEnd(kernels.module().getBody());
    CodeBuilder k(b, NameLoc::get(b.getStringAttr(name)), kernels.target());
    SmallVector<Type> types = {k.ptr(), k.i64(), k.ptr(), k.i64(),
                               k.ptr(), k.i64(), k.i1()};
    if (tile.strided)
      types.push_back(k.i64());
    auto type = LLVM::LLVMFunctionType::get(
        LLVM::LLVMVoidType::get(b.getContext()), types);
    auto func = LLVM::LLVMFuncOp::create(b, k.location(), name, type,
                                         LLVM::Linkage::Internal);
    func.setNoInline(true); // shared by all kernels
    for (unsigned pointer : {0, 2, 4})
      func.setArgAttr(pointer, LLVM::LLVMDialect::getNoAliasAttrName(),
                      b.getUnitAttr());
    b.setInsertionPointToStart(func.addEntryBlock(b));
    TileEmitter(k, func, tile).emit();
    LLVM::ReturnOp::create(b, k.location(), ValueRange());
  });
  return kernels.module().lookupSymbol<LLVM::LLVMFuncOp>(symbol);
}

} // namespace llmc
