// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Norm.h"
#include "codegen/cpu/Math.h"
#include "codegen/cpu/kernels/Lanes.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace mlir;

namespace llmc {
namespace {

constexpr int64_t chains = 4; // independent sums of one row

constexpr KernelArg normArguments[] = {
    {KernelArg::Pointer, "x"},   {KernelArg::Read, "weight"},
    {KernelArg::Read, "bias"},   {KernelArg::Pointer, "residual"},
    {KernelArg::Pointer, "y"},   {KernelArg::Int, "rows"},
    {KernelArg::Int, "inner"},   {KernelArg::Int, "x_outer"},
    {KernelArg::Int, "x_inner"}, {KernelArg::Int, "y_outer"},
    {KernelArg::Int, "y_inner"}, {KernelArg::Pointer, "addend"},
    {KernelArg::Pointer, "sum"},
};
static_assert(std::size(normArguments) == NormArgCount);

Type floatOf(CodeBuilder &k, Type type) { return type ? type : k.f32(); }

int64_t rowsPerTile(const NormSpec &spec) {
  return std::clamp<int64_t>(4096 / std::max<int64_t>(spec.n, 1), 1, 64);
}

/// Sums over a row are in double on the reference target.
Type sumType(CodeBuilder &k) {
  return k.target().isReference() ? k.f64() : k.vecF32(k.lanes());
}

/// The sums over a row of what terms(i, mask) gives, where masked-out lanes are
/// 0; scalars of sumType's element.
Values sumsOfRow(CodeBuilder &k, Value n, int64_t count,
                 llvm::function_ref<Values(Value, Value)> terms) {
  Values zeros(chains * count, k.zero(sumType(k)));
  Values sums =
      k.forVectors(n, chains, zeros, [&](Value i, Value mask, Values set) {
        for (auto [sum, term] : llvm::zip(set, terms(i, mask)))
          sum = k.add(sum, k.convert(term, elementType(sumType(k))));
        return set;
      });
  Values out;
  for (int64_t i = 0; i < count; ++i)
    out.push_back(
        k.reduceAdd(k.add(k.add(sums[i], sums[count + i]),
                          k.add(sums[2 * count + i], sums[3 * count + i]))));
  return out;
}

Value sumRow(CodeBuilder &k, Value n,
             llvm::function_ref<Value(Value, Value)> term) {
  return sumsOfRow(
      k, n, 1, [&](Value i, Value mask) { return Values{term(i, mask)}; })[0];
}

Value square(CodeBuilder &k, Value value) {
  value = k.convert(value, elementType(sumType(k)));
  return k.mul(value, value);
}

/// 1 / sqrt(total / n + epsilon) as f32.
Value scaleOf(CodeBuilder &k, Value total, int64_t n, double epsilon) {
  Type type = total.getType();
  Value mean = k.div(total, k.constant(type, std::max<int64_t>(n, 1)));
  Value root = k.sqrt(k.add(mean, k.constant(type, epsilon)));
  return k.convert(k.div(k.constant(type, 1), root), k.f32());
}

class NormEmitter {
public:
  NormEmitter(KernelBuilder &k, const NormSpec &spec)
      : k(k), spec(spec), element(floatOf(k, spec.element)),
        resultElement(floatOf(k, spec.resultElement)), n(k.ci(spec.n)) {}

  void row(Value r) {
    Value outer = k.divSize(r, k.arg(NormInner)),
          inner = k.remSize(r, k.arg(NormInner));
    auto at = [&](Type type, unsigned base, unsigned outerStride,
                  unsigned innerStride) {
      return laneAddress(k, type, k.arg(base),
                         k.add(k.mul(outer, k.arg(outerStride)),
                               k.mul(inner, k.arg(innerStride))));
    };
    x = at(element, NormX, NormXOuter, NormXInner);
    y = at(resultElement, NormY, NormYOuter, NormYInner);
    auto denseRow = [&](unsigned base) {
      return laneAddress(k, element, k.arg(base), k.mul(r, n));
    };
    if (spec.residual)
      residual = denseRow(NormResidual);
    if (spec.addend)
      addTo(spec.sum ? denseRow(NormSum) : y, denseRow(NormAddend));
    spec.kind == NormSpec::Rms ? rms() : layer();
  }

private:
  Value lanesAt(Type type, Value base, Value i, Value mask) {
    return loadLanes(k, type, k.lanes(), mask, base, i);
  }
  /// The sum is stored, in y where nobody asks for it, and is x from here on.
  void addTo(Value sum, Value addend) {
    k.forVectors(n, [&](Value i, Value mask) {
      Value value = k.add(input(i, mask), lanesAt(element, addend, i, mask));
      storeLanes(k, value, element, mask, sum, i);
    });
    x = sum;
  }

  Value input(Value i, Value mask) { return lanesAt(element, x, i, mask); }

  void rms() {
    Value scale =
        emitRmsScale(k, spec.n, spec.epsilon,
                     [&](Value i, Value mask) { return input(i, mask); });
    scale = k.broadcast(scale, k.lanes());
    finish([&](Value i, Value mask) { return k.mul(input(i, mask), scale); });
  }

  /// The mean is rounded, which tells in a row of nearly equal numbers: what is
  /// left of the centered ones corrects it and the variance (Chan, Golub and
  /// LeVeque, Algorithms for Computing the Sample Variance, 1983).
  void layer() {
    Value total =
        sumRow(k, n, [&](Value i, Value mask) { return input(i, mask); });
    Value count = k.constant(total.getType(), std::max<int64_t>(spec.n, 1));
    auto all = [&](Value x) {
      return k.broadcast(k.convert(x, k.f32()), k.lanes());
    };
    Value mean = k.convert(k.div(total, count), k.f32());
    Value meanAll = all(mean);
    Values sums = sumsOfRow(k, n, 2, [&](Value i, Value mask) {
      Value x = k.sub(input(i, mask), meanAll);
      if (mask)
        x = k.select(mask, x, k.zero(x.getType()));
      return Values{x, square(k, x)};
    });
    Value left = k.div(sums[0], count);
    Value spread =
        k.max(k.sub(sums[1], k.mul(sums[0], left)), k.zero(left.getType()));
    meanAll = k.add(meanAll, all(left));
    Value scale = all(scaleOf(k, spread, spec.n, spec.epsilon));
    finish([&](Value i, Value mask) {
      return k.mul(k.sub(input(i, mask), meanAll), scale);
    });
  }

  void finish(llvm::function_ref<Value(Value, Value)> normalized) {
    k.forVectors(n, [&](Value i, Value mask) {
      Value value = normalized(i, mask);
      if (spec.weight)
        value = k.mul(value, lanesAt(floatOf(k, spec.weightElement),
                                     k.arg(NormWeight), i, mask));
      if (spec.bias)
        value = k.add(value, lanesAt(floatOf(k, spec.biasElement),
                                     k.arg(NormBias), i, mask));
      if (spec.residual)
        value = k.add(value, lanesAt(element, residual, i, mask));
      storeLanes(k, value, resultElement, mask, y, i);
    });
  }

  KernelBuilder &k;
  const NormSpec &spec;
  Type element, resultElement;
  Value n, x, y, residual;
};

void softmaxRow(KernelBuilder &k, Value row, bool log) {
  Type vector = k.vecF32(k.lanes());
  Value n = k.arg(SoftmaxN);
  Value x =
      k.address(k.arg(SoftmaxX), k.f32(), k.mul(row, k.arg(SoftmaxXStride)));
  Value y =
      k.address(k.arg(SoftmaxY), k.f32(), k.mul(row, k.arg(SoftmaxYStride)));
  Value least = k.constant(vector, -INFINITY);
  Values tops = k.forVectors(
      n, chains, Values(chains, least), [&](Value i, Value mask, Values set) {
        return Values{
            k.max(set[0], k.maskedLoad(vector, mask, x, i, 0, least))};
      });
  Value top =
      k.reduceMax(k.max(k.max(tops[0], tops[1]), k.max(tops[2], tops[3])));
  Value topAll = k.broadcast(top, k.lanes());
  Value total = sumRow(k, n, [&](Value i, Value mask) {
    Value shifted = k.sub(k.maskedLoad(vector, mask, x, i), topAll);
    Value power = emitExpNonPositive(k, shifted);
    k.maskedStore(log ? shifted : power, mask, y, i);
    return mask ? k.select(mask, power, k.zero(vector)) : power;
  });
  total = k.convert(total, k.f32());
  Value factor = log ? emitLog(k, total) : k.div(k.cf(1), total);
  factor = k.broadcast(factor, k.lanes());
  k.forVectors(n, [&](Value i, Value mask) {
    Value value = k.maskedLoad(vector, mask, y, i);
    k.maskedStore(log ? k.sub(value, factor) : k.mul(value, factor), mask, y,
                  i);
  });
}

} // namespace

std::string NormSpec::key() const {
  std::string key = llvm::formatv(
      "{0} n{1} e{2} {3}{4}{5}{6}{7}", kind == Rms ? "rms" : "layer", n,
      llvm::bit_cast<uint64_t>(epsilon), weight ? "w" : "", bias ? "b" : "",
      residual ? "r" : "", addend ? "a" : "", sum ? "s" : "");
  return key + laneKey({element, weightElement, biasElement, resultElement});
}

Value emitRmsScale(CodeBuilder &b, int64_t n, double epsilon,
                   llvm::function_ref<Value(Value, Value)> load) {
  Value total = sumRow(b, b.ci(n), [&](Value i, Value mask) {
    return square(b, load(i, mask));
  });
  return scaleOf(b, total, n, epsilon);
}

std::string emitNorm(KernelModule &kernels, const NormSpec &spec) {
  return kernels.get("norm", spec.key(), [&](StringRef symbol) {
    KernelBuilder k(kernels, symbol, normArguments);
    NormEmitter emitter(k, spec);
    Value first = k.mul(k.begin(), rowsPerTile(spec));
    Value last = k.min(k.mul(k.end(), rowsPerTile(spec)), k.arg(NormRows));
    k.forLoop(first, last, k.ci(1), [&](Value r) { emitter.row(r); });
    k.finish();
  });
}

Value normTiles(CodeBuilder &b, const NormSpec &spec, Value rows) {
  return b.ceilDiv(rows, rowsPerTile(spec));
}

std::string emitSoftmax(KernelModule &kernels, bool log) {
  return kernels.get("softmax", log ? "log" : "plain", [&](StringRef symbol) {
    KernelBuilder k(kernels, symbol,
                    {{KernelArg::Pointer, "x"},
                     {KernelArg::Pointer, "y"},
                     {KernelArg::Int, "rows"},
                     {KernelArg::Int, "n"},
                     {KernelArg::Int, "x_stride"},
                     {KernelArg::Int, "y_stride"}});
    k.forTiles([&](Value row) { softmaxRow(k, row, log); });
    k.finish();
  });
}

} // namespace llmc
