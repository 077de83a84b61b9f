// SPDX-License-Identifier: Apache-2.0
#include "codegen/lowering/EntryLowering.h"
#include "codegen/ref/PlainKernel.h"

using namespace mlir;

namespace llmc {

/// Gaussian elimination with the largest pivot of each column, on a copy in
/// double; one tile per matrix.
static void eliminate(PlainBody &b, const Values &batch) {
  CodeBuilder &k = b.k;
  Value n = b.dim(0, batch.size());
  auto at = [&](Value i, Value j) {
    Values all = batch;
    all.append({i, j});
    return all;
  };
  auto entry = [&](Value i, Value j) { return b.load(2, at(i, j)); };
  k.forLoop(n, [&](Value i) {
    k.forLoop(n, [&](Value j) {
      b.store(k.convert(b.load(0, at(i, j)), k.f64()), 2, at(i, j));
    });
  });
  Values det = k.forLoop(
      k.ci(0), n, k.ci(1), k.constant(k.f64(), 1),
      [&](Value c, ValueRange carried) -> Values {
        Values top = k.forLoop(k.add(c, 1), n, k.ci(1), {k.abs(entry(c, c)), c},
                               [&](Value i, ValueRange best) -> Values {
                                 Value size = k.abs(entry(i, c));
                                 Value isLarger =
                                     k.cmp(CmpF::OGT, size, best[0]);
                                 return {k.select(isLarger, size, best[0]),
                                         k.select(isLarger, i, best[1])};
                               });
        k.forLoop(n, [&](Value j) {
          Value upper = entry(c, j), lower = entry(top[1], j);
          b.store(lower, 2, at(c, j));
          b.store(upper, 2, at(top[1], j));
        });
        Value pivot = entry(c, c), one = k.constant(k.f64(), 1);
        Value divisor = k.select(k.eq(pivot, k.zero(k.f64())), one, pivot);
        k.forLoop(k.add(c, 1), n, k.ci(1), [&](Value i) {
          Value factor = k.div(entry(i, c), divisor);
          k.forLoop(c, n, k.ci(1), [&](Value j) {
            b.store(k.sub(entry(i, j), k.mul(factor, entry(c, j))), 2,
                    at(i, j));
          });
        });
        Value swapped = k.cmp(CmpI::ne, top[1], c);
        return {k.mul(carried[0], k.select(swapped, k.neg(pivot), pivot))};
      });
  b.store(k.convert(det[0], computeType(b.element(1))), 1, batch);
}

static LogicalResult lowerDet(Operation *op, EntryLowering &e) {
  auto det = cast<llm::DetOp>(op);
  CodeBuilder &h = e.host();
  MemTensor x = e.get(det.getX()), out = e.result(det.getResult());
  Value rows = x.dims[x.rank() - 2], columns = x.dims[x.rank() - 1];
  e.failIf(h.cmp(CmpI::ne, rows, columns), LLMC_FAIL_SHAPE, rows, columns);
  Type copyType = llm::withElement(det.getX().getType(), h.f64());
  llm::Dims bytes = x.shape;
  bytes.push_back(llm::constantDim(op->getContext(), 8));
  MemTensor copy = e.makeTensor(
      e.scratch(llm::productOf(op->getContext(), bytes)), copyType);
  int64_t batch = out.rank();
  launchPlain(e, "det", "", {{x}, {out, true}, {copy, true}}, {}, 1, batch,
              [&](PlainBody &b) {
                b.forTiles(1, batch, [&](Values at) { eliminate(b, at); });
              });
  return success();
}

void addDetLowerings(LoweringTable &table) { table["llm.det"] = lowerDet; }

} // namespace llmc
