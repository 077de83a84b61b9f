// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/Math.h"
#include "codegen/lowering/SlidingWindow.h"

using namespace mlir;

namespace llmc {

using llm::PoolKind;

namespace {
/// One window of a pool while its kernel is written.
class PoolWindow {
public:
  PoolWindow(PlainBody &b, llm::PoolOp op, Type sum, ArrayRef<Value> index)
      : b(b), k(b.k), op(op), sum(sum), index(index),
        rank(op.getKernel().size()) {
    for (int64_t i = 0; i < rank; ++i) {
      starts.push_back(
          k.sub(k.mul(index[i + 2], op.getStrides()[i]), b.extra(i)));
      ranges.push_back(kernelInside(k, starts[i], b.dim(0, i + 2),
                                    op.getKernel()[i], op.getDilations()[i]));
    }
  }

  void emit() {
    if (op.getKind() == PoolKind::Max)
      return maximum();
    bool norm = op.getKind() == PoolKind::Lp;
    Value total =
        nestRanges(k, ranges, {k.zero(sum)},
                   [&](Values &at, ValueRange carried) -> Values {
                     Value x = k.convert(load(at), sum);
                     return {k.add(carried[0], norm ? power(k.abs(x)) : x)};
                   })[0];
    total = norm ? root(total) : k.div(total, k.convert(count(), sum));
    b.store(k.convert(total, computeType(b.element(1))), 1, index);
  }

private:
  Values place(const Values &at) {
    Values from = {index[0], index[1]};
    for (int64_t i = 0; i < rank; ++i)
      from.push_back(k.add(starts[i], k.mul(at[i], op.getDilations()[i])));
    return from;
  }
  Value load(const Values &at) { return b.load(0, place(at)); }

  void maximum() {
    Type element = b.element(0), type = computeType(element);
    bool isUnsigned = element.isUnsignedInteger();
    Value least = isa<FloatType>(type) ? k.constant(type, -INFINITY)
                  : isUnsigned
                      ? k.zero(type)
                      : k.constantInt(type, APInt::getSignedMinValue(
                                                type.getIntOrFloatBitWidth())
                                                .getSExtValue());
    bool positions = bool(op.getIndices());
    Values inits = {least};
    if (positions)
      inits.push_back(k.ci(-1));
    Values best = nestRanges(
        k, ranges, inits, [&](Values &at, ValueRange carried) -> Values {
          Value x = load(at);
          Value better =
              isa<FloatType>(type) // the first NaN stays
                  ? k.bitOr(k.cmp(CmpF::OGT, x, carried[0]),
                            k.cmp(CmpF::UNO, x, x))
                  : k.cmp(isUnsigned ? CmpI::ugt : CmpI::sgt, x, carried[0]);
          if (!positions)
            return {k.select(better, x, carried[0])};
          better = k.bitOr(better, k.lt(carried[1], k.ci(0)));
          return {k.select(better, x, carried[0]),
                  k.select(better, position(place(at)), carried[1])};
        });
    b.store(best[0], 1, index);
    if (positions)
      b.store(best[1], 2, index);
  }

  /// Of an element in x, over all dims.
  Value position(const Values &at) {
    Value flat = k.add(k.mul(at[0], b.dim(0, 1)), at[1]);
    if (!op.getColumnMajor()) {
      for (int64_t i = 0; i < rank; ++i)
        flat = k.add(k.mul(flat, b.dim(0, i + 2)), at[i + 2]);
      return flat;
    }
    for (int64_t i = rank; i-- > 0;)
      flat = k.add(k.mul(flat, b.dim(0, i + 2)), at[i + 2]);
    return flat;
  }

  /// The number of elements that the mean is over.
  Value count() {
    Value n = k.ci(1);
    for (int64_t i = 0; i < rank; ++i) {
      KernelRange r = ranges[i];
      if (op.getKind() == PoolKind::AveragePadded) {
        Value end = k.add(b.dim(0, i + 2), b.extra(rank + i));
        r = kernelInside(k, starts[i], end, op.getKernel()[i],
                         op.getDilations()[i]);
        r.first = k.ci(0);
      }
      n = k.mul(n, k.sub(r.last, r.first));
    }
    return n;
  }

  Value power(Value x) {
    int64_t p = op.getP();
    if (p <= 2)
      return p == 1 ? x : k.mul(x, x);
    return k.convert(emitPow(k, k.convert(x, k.f64()), k.constant(k.f64(), p)),
                     sum);
  }
  Value root(Value x) {
    int64_t p = op.getP();
    if (p <= 2)
      return p == 1 ? x : k.sqrt(x);
    return k.convert(
        emitPow(k, k.convert(x, k.f64()), k.constant(k.f64(), 1.0 / p)), sum);
  }

  PlainBody &b;
  CodeBuilder &k;
  llm::PoolOp op;
  Type sum;
  ArrayRef<Value> index;
  int64_t rank;
  Values starts;
  SmallVector<KernelRange> ranges;
};
} // namespace

static LogicalResult lowerPool(Operation *op, EntryLowering &e) {
  auto pool = cast<llm::PoolOp>(op);
  MemTensor x = e.get(pool.getX()), out = e.result(pool.getResult());
  failIfTooShort(e, x, pool.getBefore(), pool.getAfter(), pool.getKernel(),
                 pool.getDilations());
  SmallVector<PlainTensor> tensors = {{x}, {out, true}};
  if (pool.getIndices())
    tensors.push_back({e.result(pool.getIndices()), true});
  SmallVector<Value> pads;
  for (AffineMap map : {pool.getBefore(), pool.getAfter()})
    for (llm::Dim d : map.getResults())
      pads.push_back(e.size(d));
  std::string key =
      stringifyPoolKind(pool.getKind()).str() +
      (pool.getColumnMajor() ? "c" : "") + std::to_string(pool.getP()) + ";" +
      numbersKey(pool.getKernel()) + numbersKey(pool.getStrides()) +
      numbersKey(pool.getDilations());
  launchPlain(e, "pool", key, tensors, pads, 1, [&](PlainBody &b) {
    Type sum = computeType(b.element(0));
    if (e.target().isReference() && isa<FloatType>(sum))
      sum = b.k.f64();
    b.forElements(
        1, [&](Values index) { PoolWindow(b, pool, sum, index).emit(); });
  });
  return success();
}

void addPoolLowerings(LoweringTable &table) { table["llm.pool"] = lowerPool; }

} // namespace llmc
