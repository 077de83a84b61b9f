// SPDX-License-Identifier: Apache-2.0
// What a product's kernel depends on, and how a host program cuts its work.
#include "codegen/cpu/Panels.h"
#include "codegen/cpu/kernels/Lanes.h"
#include "codegen/cpu/kernels/Matmul.h"
#include "codegen/cpu/kernels/MatmulTile.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace llmc {

int64_t MatmulSpec::panels() const { return llvm::divideCeil(n, panelColumns); }

bool MatmulSpec::readsInPlace() const {
  if (pairs) // the last one of an odd row is half of the next row
    return lda && lda % 2 == 0 && k % 2 == 0;
  return lda && (!typeA || typeA.isF32());
}

/// Panels of a tile, whole groups of a register tile's: the more, the fewer
/// times rows of A are packed or, where they are long, come from beyond the L2.
static int64_t widthOfTiles(const MatmulSpec &spec) {
  return (spec.readsInPlace() || spec.rounding) && spec.k <= 4 * matmulBlockK
             ? matmulMostPanels / 2
             : matmulMostPanels;
}

std::string MatmulSpec::key() const {
  std::string key =
      llvm::formatv("n{0} k{1} a{2} {3}{4}{5}{6} {7}", n, k, lda,
                    bias ? "b" : "", residual ? "r" : "", gated ? "g" : "",
                    pairs ? "p" : "", activationName(activation));
  key += factorsKey(scale, gain);
  if (rounding)
    key += " rounded" + std::to_string(rounding);
  for (const QuantizedFormat &format : {weight, up})
    key += format ? " " + format.key() : "";
  return key + laneKey({typeA, typeW, typeBias, typeResidual, typeC});
}

MatmulGrid matmulGrid(CodeBuilder &b, const MatmulSpec &spec, Value m,
                      Value workers) {
  if (b.target().isReference())
    return {m, b.ci(1), b.ci(1), b.ci(spec.panels())};
  // Few blocks of rows, so that the weight is read few times, as long as every
  // worker gets as many tiles, three at least; else eight for each, down to two
  // register tiles of rows.
  int64_t panels = spec.panels(), width = std::min(panels, widthOfTiles(spec)),
          across = llvm::divideCeil(panels, width);
  Value tilePanels = b.ci(width), one = b.ci(1);
  Value fewest = b.max(b.ceilDiv(m, matmulMostRows), one),
        count = b.mul(fewest, across);
  Value isEven = b.bitAnd(b.eq(b.remSize(count, workers), b.ci(0)),
                          b.cmp(CmpI::sge, count, b.mul(workers, 3)));
  Value many = b.min(b.ceilDiv(b.mul(workers, 8), across),
                     b.ceilDiv(m, 2 * b.target().tileRows));
  Value blocks = b.select(isEven, fewest, b.max(fewest, many));
  Value rows = b.max(b.ceilDiv(m, blocks), one);
  Value tall = b.mul(b.ceilDiv(m, rows), across);
  Value thin = b.cmp(CmpI::sle, m, b.ci(matmulThinRows));
  Value thinCount =
      b.select(b.cmp(CmpI::sgt, m, b.ci(0)), b.ci(panels), b.ci(0));
  // A thin range under about 16 K steps is not worth waking a thread for.
  int64_t thinGrain =
      std::clamp<int64_t>(16384 / std::max<int64_t>(spec.k, 1), 1, 64);
  return {b.select(thin, thinCount, tall),
          b.select(thin, b.ci(thinGrain), b.ci(1)), rows, tilePanels};
}

} // namespace llmc
