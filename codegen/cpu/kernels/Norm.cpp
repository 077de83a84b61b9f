// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Norm.h"
#include "codegen/cpu/Math.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;

namespace llmc {
namespace {

constexpr int64_t chains = 4; // independent sums of one row

constexpr KernelArg normArguments[] = {
    {KernelArg::Pointer, "x"},      {KernelArg::Pointer, "skip"},
    {KernelArg::Read, "skip_bias"}, {KernelArg::Read, "weight"},
    {KernelArg::Read, "bias"},      {KernelArg::Pointer, "y"},
    {KernelArg::Pointer, "sum"},    {KernelArg::Int, "rows"},
    {KernelArg::Int, "inner"},      {KernelArg::Int, "x_outer"},
    {KernelArg::Int, "x_inner"},    {KernelArg::Int, "y_outer"},
    {KernelArg::Int, "y_inner"},    {KernelArg::Int, "skip_stride"},
    {KernelArg::Int, "sum_stride"},
};
static_assert(std::size(normArguments) == NormArgCount);

int64_t rowsPerTile(const NormSpec &spec) {
  return std::clamp<int64_t>(4096 / std::max<int64_t>(spec.n, 1), 1, 64);
}

/// Sums over a row are in double on the reference target.
Type sumType(CodeBuilder &k) {
  return k.target().isReference() ? k.f64() : k.vecF32(k.lanes());
}

/// The sum of term(i, mask) over a row, where masked-out lanes are 0; a scalar
/// of sumType's element.
Value sumRow(CodeBuilder &k, Value n,
             llvm::function_ref<Value(Value, Value)> term) {
  Values zeros(chains, k.zero(sumType(k)));
  Values sums =
      k.forVectors(n, chains, zeros, [&](Value i, Value mask, Values set) {
        Value value = k.convert(term(i, mask), elementType(sumType(k)));
        return Values{k.add(set[0], value)};
      });
  return k.reduceAdd(k.add(k.add(sums[0], sums[1]), k.add(sums[2], sums[3])));
}

class NormEmitter {
public:
  NormEmitter(KernelBuilder &k, const NormSpec &spec)
      : k(k), spec(spec), vector(k.vecF32(k.lanes())), n(k.ci(spec.n)) {}

  void row(Value r) {
    Value outer = k.divSize(r, k.arg(NormInner)),
          inner = k.remSize(r, k.arg(NormInner));
    auto at = [&](unsigned base, unsigned outerStride, unsigned innerStride) {
      return k.address(k.arg(base), k.f32(),
                       k.add(k.mul(outer, k.arg(outerStride)),
                             k.mul(inner, k.arg(innerStride))));
    };
    x = at(NormX, NormXOuter, NormXInner);
    y = at(NormY, NormYOuter, NormYInner);
    if (spec.skip)
      skip =
          k.address(k.arg(NormSkip), k.f32(), k.mul(r, k.arg(NormSkipStride)));
    if (spec.writeSum) {
      sum = k.address(k.arg(NormSum), k.f32(), k.mul(r, k.arg(NormSumStride)));
      k.forVectors(n, [&](Value i, Value mask) {
        k.maskedStore(input(i, mask), mask, sum, i);
      });
      x = sum;
    }
    spec.kind == NormSpec::Rms ? rms() : layer();
  }

private:
  Value input(Value i, Value mask) {
    Value value = k.maskedLoad(vector, mask, x, i);
    if (spec.skip)
      value = k.add(value, k.maskedLoad(vector, mask, skip, i));
    if (spec.skipBias)
      value = k.add(value, k.maskedLoad(vector, mask, k.arg(NormSkipBias), i));
    return value;
  }
  /// s[i]; already stored where the sum is an output.
  Value summed(Value i, Value mask) {
    return spec.writeSum ? k.maskedLoad(vector, mask, sum, i) : input(i, mask);
  }

  /// 1 / sqrt(total / n + epsilon) as f32.
  Value scaleOf(Value total) {
    Value mean =
        k.div(total, k.constant(total.getType(), std::max<int64_t>(spec.n, 1)));
    Value root = k.sqrt(k.add(mean, k.constant(total.getType(), spec.epsilon)));
    return k.convert(k.div(k.constant(total.getType(), 1), root), k.f32());
  }

  void rms() {
    Value total = sumRow(
        k, n, [&](Value i, Value mask) { return square(summed(i, mask)); });
    Value scale = k.broadcast(scaleOf(total), k.lanes());
    finish([&](Value i, Value mask) { return k.mul(summed(i, mask), scale); });
  }

  void layer() {
    Value total =
        sumRow(k, n, [&](Value i, Value mask) { return summed(i, mask); });
    Value mean =
        k.div(total, k.constant(total.getType(), std::max<int64_t>(spec.n, 1)));
    mean = k.broadcast(k.convert(mean, k.f32()), k.lanes());
    auto centered = [&](Value i, Value mask) {
      return k.sub(summed(i, mask), mean);
    };
    Value spread = sumRow(k, n, [&](Value i, Value mask) {
      Value term = square(centered(i, mask));
      return mask ? k.select(mask, term, k.zero(term.getType())) : term;
    });
    Value scale = k.broadcast(scaleOf(spread), k.lanes());
    finish(
        [&](Value i, Value mask) { return k.mul(centered(i, mask), scale); });
  }

  Value square(Value value) {
    value = k.convert(value, elementType(sumType(k)));
    return k.mul(value, value);
  }

  void finish(llvm::function_ref<Value(Value, Value)> normalized) {
    k.forVectors(n, [&](Value i, Value mask) {
      Value value = normalized(i, mask);
      if (spec.weight)
        value = k.mul(value, k.maskedLoad(vector, mask, k.arg(NormWeight), i));
      if (spec.bias)
        value = k.add(value, k.maskedLoad(vector, mask, k.arg(NormBias), i));
      k.maskedStore(value, mask, y, i);
    });
  }

  KernelBuilder &k;
  const NormSpec &spec;
  Type vector;
  Value n, x, y, skip, sum;
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
  return llvm::formatv(
      "{0} n{1} e{2} {3}{4}{5}{6}{7}", kind == Rms ? "rms" : "layer", n,
      llvm::bit_cast<uint64_t>(epsilon), weight ? "w" : "", bias ? "b" : "",
      skip ? "s" : "", skipBias ? "k" : "", writeSum ? "o" : "");
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
