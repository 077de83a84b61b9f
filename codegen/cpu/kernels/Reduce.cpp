// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Reduce.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace mlir;

namespace llmc {
namespace {

constexpr int64_t chains = 4;    // independent folds of one row
constexpr int64_t columns = 256; // of the inner dimension in one tile

class ReduceEmitter {
public:
  ReduceEmitter(KernelBuilder &k, const ReduceSpec &spec)
      : k(k), spec(spec), sum(spec.sum) {
    if (k.target().isReference() && sum.isF32())
      sum = k.f64();
  }

  void row(Value tile) {
    Value reduced = k.arg(ReduceReduced);
    Value x = k.address(k.arg(ReduceX), spec.input, k.mul(tile, reduced));
    Type vector = k.vec(k.lanes(), spec.input);
    Value neutral = start(k.vec(k.lanes(), sum));
    Values parts = k.forVectors(
        reduced, chains, Values(chains, neutral),
        [&](Value i, Value mask, Values set) {
          Value term = before(k.maskedLoad(vector, mask, x, i));
          return Values{
              fold(set[0], mask ? k.select(mask, term, neutral) : term)};
        });
    Value total = fold(fold(parts[0], parts[1]), fold(parts[2], parts[3]));
    total = k.reduce(total, [&](Value a, Value b) { return fold(a, b); });
    k.store(after(total), k.arg(ReduceY), tile);
  }

  void block(Value tile) {
    Value inner = k.arg(ReduceInner), reduced = k.arg(ReduceReduced),
          across = k.ceilDiv(inner, columns);
    Value outer = k.divSize(tile, across),
          first = k.mul(k.remSize(tile, across), columns);
    Value x = k.address(k.arg(ReduceX), spec.input,
                        k.add(k.mul(k.mul(outer, reduced), inner), first));
    Value y = k.address(k.arg(ReduceY), spec.output,
                        k.add(k.mul(outer, inner), first));
    Type vector = k.vec(k.lanes(), spec.input);
    k.forVectors(
        k.min(k.sub(inner, first), k.ci(columns)), [&](Value i, Value mask) {
          Value total =
              k.forLoop(k.ci(0), reduced, k.ci(1), start(k.vec(k.lanes(), sum)),
                        [&](Value r, ValueRange c) {
                          Value term = before(k.maskedLoad(
                              vector, mask, x, k.add(k.mul(r, inner), i)));
                          return Values{fold(c[0], term)};
                        })[0];
          k.maskedStore(after(total), mask, y, i);
        });
  }

private:
  Value start(Type type) {
    bool isFloat = isa<FloatType>(sum);
    unsigned bits = sum.getIntOrFloatBitWidth();
    switch (spec.kind) {
    case ReduceSpec::Add:
      return k.zero(type);
    case ReduceSpec::Mul:
      return k.constantInt(type, 1);
    case ReduceSpec::Max:
      return isFloat ? k.constant(type, -INFINITY)
                     : k.constantInt(type, llvm::minIntN(bits));
    case ReduceSpec::Min:
      return isFloat ? k.constant(type, INFINITY)
                     : k.constantInt(type, llvm::maxIntN(bits));
    }
    return {};
  }

  Value fold(Value a, Value b) {
    switch (spec.kind) {
    case ReduceSpec::Add:
      return k.add(a, b);
    case ReduceSpec::Mul:
      return k.mul(a, b);
    case ReduceSpec::Max:
      return k.maximum(a, b);
    case ReduceSpec::Min:
      return k.minimum(a, b);
    }
    return {};
  }

  Value before(Value value) {
    return k.convert(spec.pre ? spec.pre(k, value) : value, sum);
  }

  Value after(Value total) {
    total = k.convert(total, spec.sum);
    if (!spec.post)
      return k.convert(total, spec.output);
    Value count = k.convert(k.arg(ReduceReduced), spec.sum);
    return k.convert(
        spec.post(k, total, k.broadcast(count, laneCount(total.getType()))),
        spec.output);
  }

  KernelBuilder &k;
  const ReduceSpec &spec;
  Type sum;
};

} // namespace

TileCount reduceTiles(CodeBuilder &b, const ReduceSpec &spec, Value outer,
                      Value reduced, Value inner) {
  Value count = spec.rows ? outer : b.mul(outer, b.ceilDiv(inner, columns));
  Value width =
      spec.rows ? reduced : b.mul(reduced, b.min(inner, b.ci(columns)));
  return {count, b.max(b.divSize(b.ci(16384), b.max(width, b.ci(1))), b.ci(1))};
}

std::string emitReduce(KernelModule &kernels, const ReduceSpec &spec) {
  std::string key;
  llvm::raw_string_ostream(key)
      << static_cast<int>(spec.kind) << " " << spec.input << " " << spec.sum
      << " " << spec.output << (spec.rows ? " rows " : " columns ") << spec.key;
  return kernels.get("reduce", key, [&](StringRef symbol) {
    KernelBuilder k(kernels, symbol,
                    {{KernelArg::Read, "x"},
                     {KernelArg::Write, "y"},
                     {KernelArg::Int, "outer"},
                     {KernelArg::Int, "reduced"},
                     {KernelArg::Int, "inner"}});
    ReduceEmitter emitter(k, spec);
    k.forTiles([&](Value tile) {
      spec.rows ? emitter.row(tile) : emitter.block(tile);
    });
    k.finish();
  });
}

} // namespace llmc
