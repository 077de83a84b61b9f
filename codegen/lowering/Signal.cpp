// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/Math.h"
#include "codegen/ref/PlainKernel.h"

#include <numbers>

using namespace mlir;

namespace llmc {

/// cos and sin of 2 pi i / length, i < length, as f64 [length, 2].
static MemTensor unitRoots(EntryLowering &e, llm::Dim length) {
  CodeBuilder &h = e.host();
  MLIRContext *ctx = h.builder().getContext();
  llm::Dims dims = {length, llm::constantDim(ctx, 2)};
  llm::Dim bytes =
      llm::productOf(ctx, {length, llm::constantDim(ctx, 2 * sizeof(double))});
  MemTensor table =
      e.makeTensor(e.scratch(bytes), llm::tensorType(ctx, dims, h.f64()));
  launchPlain(
      e, "unit_roots", "", {{table, true}}, {}, 0, 1, [&](PlainBody &b) {
        CodeBuilder &k = b.k;
        b.forTiles(0, 1, [&](Values at) {
          Value turn =
              k.div(k.convert(at[0], k.f64()), k.convert(b.dim(0, 0), k.f64()));
          auto [sine, cosine] = emitSinCos(
              k, k.mul(turn, k.constant(k.f64(), 2 * std::numbers::pi)));
          b.store(cosine, 0, {at[0], k.ci(0)});
          b.store(sine, 0, {at[0], k.ci(1)});
        });
      });
  return table;
}

namespace {
/// One element of a transform: the sum over the signal.
class DftElement {
public:
  DftElement(PlainBody &b, llm::DftOp op, ArrayRef<Value> index, bool complex)
      : b(b), k(b.k), op(op), index(index), complex(complex),
        length(b.extra(0)), axis(index.size() - 1) {}

  void emit() {
    bool inverse = op.getInverse(), half = inverse && op.getOnesided();
    Value out = index[axis];
    Value count = half ? k.add(k.divSize(length, 2), 1) : length;
    count = k.min(count, b.dim(0, axis));
    Value zero = k.zero(k.f64());
    Values sums =
        k.forLoop(k.ci(0), count, k.ci(1), {zero, zero, k.ci(0)},
                  [&](Value i, ValueRange c) -> Values {
                    auto [x, y] = load(i);
                    Value cosine = b.load(2, {c[2], k.ci(0)}),
                          sine = b.load(2, {c[2], k.ci(1)});
                    if (!inverse)
                      sine = k.neg(sine);
                    if (half) { // what the other half would add
                      Value twice =
                          k.bitAnd(k.cmp(CmpI::ne, i, k.ci(0)),
                                   k.cmp(CmpI::ne, k.mul(i, 2), length));
                      Value weight = k.select(twice, f(2), f(1));
                      x = k.mul(x, weight);
                      y = k.mul(y, k.select(twice, weight, zero));
                    }
                    Value re = k.sub(k.mul(x, cosine), k.mul(y, sine)),
                          im = k.add(k.mul(x, sine), k.mul(y, cosine));
                    Value next = k.add(c[2], out); // i * out mod length
                    next = k.select(k.cmp(CmpI::sge, next, length),
                                    k.sub(next, length), next);
                    return {k.add(c[0], re), k.add(c[1], im), next};
                  });
    for (int part = 0; part < (half ? 1 : 2); ++part) {
      Value v = sums[part];
      if (inverse)
        v = k.div(v, k.convert(length, k.f64()));
      Values to(index);
      to.push_back(k.ci(part));
      b.store(k.convert(v, computeType(b.element(1))), 1, to);
    }
  }

private:
  Value f(double v) { return k.constant(k.f64(), v); }
  std::pair<Value, Value> load(Value i) {
    Values from(index);
    from[axis] = i;
    from.push_back(k.ci(0));
    Value x = k.convert(b.load(0, from), k.f64());
    if (!complex)
      return {x, f(0)};
    from.back() = k.ci(1);
    return {x, k.convert(b.load(0, from), k.f64())};
  }

  PlainBody &b;
  CodeBuilder &k;
  llm::DftOp op;
  ArrayRef<Value> index;
  bool complex;
  Value length;
  size_t axis;
};
} // namespace

static LogicalResult lowerDft(Operation *op, EntryLowering &e) {
  auto dft = cast<llm::DftOp>(op);
  MemTensor x = e.get(dft.getX()), out = e.result(dft.getResult());
  llm::Dim length = dft.getLength().getResult(0);
  bool complex = llm::fixedDim(x.shape.back()) == 2;
  std::string key = std::string(complex ? "c" : "r") +
                    (dft.getInverse() ? "i" : "") +
                    (dft.getOnesided() ? "o" : "");
  int64_t outer = out.rank() - 1;
  launchPlain(e, "dft", key, {{x}, {out, true}, {unitRoots(e, length)}},
              e.size(length), 1, outer, [&](PlainBody &b) {
                b.forTiles(1, outer, [&](Values at) {
                  DftElement(b, dft, at, complex).emit();
                });
              });
  return success();
}

void addSignalLowerings(LoweringTable &table) { table["llm.dft"] = lowerDft; }

} // namespace llmc
