// SPDX-License-Identifier: Apache-2.0
// Products of two activations.
#include "codegen/cpu/kernels/BatchMatmul.h"
#include "codegen/cpu/kernels/Lanes.h"
#include "codegen/lowering/Loops.h"
#include "codegen/ref/PlainKernel.h"

using namespace mlir;

namespace llmc {

/// On the tiled kernel, where it covers the operands, which have one batch
/// shape.
static bool launchTiled(EntryLowering &e, const MemTensor &a,
                        const MemTensor &b, const MemTensor &out) {
  if (e.target().isReference() || !hasLanes(out.element))
    return false;
  CodeBuilder &h = e.host();
  int64_t rank = out.rank();
  BatchMatmulSpec spec;
  spec.element = out.element;
  SmallVector<Value> args(BatchLists);
  args[BatchA] = a.base, args[BatchB] = b.base, args[BatchC] = out.base;
  args[BatchM] = out.dims[rank - 2], args[BatchN] = out.dims[rank - 1];
  args[BatchK] = a.dims[rank - 1];
  args[BatchARow] = a.strides[rank - 2], args[BatchAStep] = a.strides[rank - 1];
  args[BatchBStep] = b.strides[rank - 2],
  args[BatchBColumn] = b.strides[rank - 1];
  args[BatchCRow] = out.strides[rank - 2];
  for (int64_t i = 0; i + 2 < rank; ++i) {
    if (llm::fixedDim(out.shape[i]) == 1)
      continue;
    ++spec.batchDims;
    args.append({out.dims[i], a.strides[i], b.strides[i], out.strides[i]});
  }
  MatmulGrid grid =
      batchMatmulGrid(h, e.product(ArrayRef(out.dims).drop_back(2)),
                      args[BatchM], args[BatchN], args[BatchK], e.workers());
  args[BatchTileRows] = grid.tileRows, args[BatchTilePanels] = grid.tilePanels;
  e.launch(emitBatchMatmul(e.kernels(), spec), args, grid.count, grid.grain);
  return true;
}

/// The operands with one batch shape; ranks of 1 become matrices as NumPy says.
static LogicalResult lowerMatmul(Operation *op, EntryLowering &e) {
  auto matmul = cast<llm::MatmulOp>(op);
  MemTensor a = e.get(matmul.getA()), b = e.get(matmul.getB()),
            out = e.result(matmul.getResult());
  CodeBuilder &h = e.host();
  if (a.rank() == 1)
    insertUnit(h, a, 0),
        insertUnit(h, out, out.rank() - (b.rank() == 1 ? 0 : 1));
  if (b.rank() == 1)
    insertUnit(h, b, 1), insertUnit(h, out, out.rank());
  Value k1 = a.dims.back(), k2 = b.dims[b.rank() - 2];
  if (a.shape.back() != b.shape[b.rank() - 2])
    e.failIf(h.cmp(CmpI::ne, k1, k2), LLMC_FAIL_SHAPE, k1, k2);
  auto alignBatch = [&](MemTensor &t) {
    while (t.rank() < out.rank())
      insertUnit(h, t, 0);
    for (int64_t i = 0; i + 2 < out.rank(); ++i)
      if (t.shape[i] != out.shape[i])
        t.strides[i] =
            llm::fixedDim(t.shape[i]) == 1
                ? h.ci(0)
                : h.select(h.eq(t.dims[i], h.ci(1)), h.ci(0), t.strides[i]);
  };
  alignBatch(a), alignBatch(b);
  if (launchTiled(e, a, b, out))
    return success();
  int64_t rank = out.rank();
  launchPlain(
      e, "matmul", "", {{a}, {b}, {out, true}}, {}, 2, [&](PlainBody &p) {
        bool whole = !isa<FloatType>(p.element(0));
        Type acc = whole                  ? computeType(p.element(0))
                   : p.element(0).isF64() ? p.k.f64()
                                          : sumType(e);
        p.forElements(2, [&](Values at) {
          Values sum = p.k.forLoop(
              p.k.ci(0), p.dim(0, rank - 1), p.k.ci(1), {p.k.zero(acc)},
              [&](Value iv, ValueRange carried) -> Values {
                Values left(at), right(at);
                left[rank - 1] = iv, right[rank - 2] = iv;
                Value x = p.k.convert(p.load(0, left), acc),
                      y = p.k.convert(p.load(1, right), acc);
                return {whole ? p.k.add(carried[0], p.k.mul(x, y))
                              : p.k.fma(x, y, carried[0])};
              });
          p.store(p.k.convert(sum[0], computeType(p.element(2))), 2, at);
        });
      });
  return success();
}

void addMatmulLowerings(LoweringTable &table) {
  table["llm.matmul"] = lowerMatmul;
}

} // namespace llmc
