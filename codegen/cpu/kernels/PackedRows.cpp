// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/PackedRows.h"
#include "codegen/cpu/Elements.h"
#include "codegen/cpu/kernels/Lanes.h"
#include "codegen/cpu/kernels/RoundRows.h"
#include "codegen/cpu/kernels/Transpose.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;

namespace llmc {

using llm::packedUnit;

std::string packedKey(const PackedRows &rows) {
  return llvm::formatv(" i{0}/{1}/{2}", rows.bits, rows.block, rows.size);
}

// ---- reading ----

/// Integers to numbers.
static Value number(CodeBuilder &k, const PackedRows &rows, Value q,
                    Value scale, Value minimum) {
  q = k.convert(q, k.f32());
  return rows.hasMinima() ? k.fma(q, scale, minimum) : k.mul(q, scale);
}

static Value asFloats(CodeBuilder &k, Value bits) {
  return fromMemory(k, bits, k.builder().getF16Type());
}

Value loadPacked(CodeBuilder &k, const PackedRows &rows, Value base,
                 int64_t first) {
  int64_t lanes = k.lanes(), in = first % packedUnit, half = packedUnit / 2;
  Type halfBits = k.builder().getIntegerType(16);
  auto scaleAt = [&](int64_t i) {
    int64_t at = rows.integerBytes() + first / rows.block * rows.scaleBytes();
    Value bits = k.load(halfBits, base, Value(), at / 2 + i);
    return k.broadcast(asFloats(k, bits), lanes);
  };
  auto bytesAt = [&](int64_t at, bool isUnsigned) {
    Value bytes = k.load(k.vec(lanes, k.i8()), base, Value(), at);
    return k.convert(bytes, k.i32(), isUnsigned);
  };
  if (!rows.hasMinima())
    return number(k, rows, bytesAt(first, false), scaleAt(0), {});
  Value q = bytesAt(first / packedUnit * half + in % half, true);
  q = in < half ? k.bitAnd(q, k.constantInt(q.getType(), 15))
                : k.shrUnsigned(q, k.constantInt(q.getType(), 4));
  return number(k, rows, q, scaleAt(0), scaleAt(1));
}

/// One element of each place, at element `index` + `offset`.
static Value gather(CodeBuilder &k, Type element, ArrayRef<PackedPlace> places,
                    Value index, int64_t offset) {
  int64_t bytes = elementBytes(element);
  Value all = k.zero(k.vec(places.size(), element));
  for (auto [i, place] : llvm::enumerate(places)) {
    Value one =
        k.load(element, place.base, index, place.offset / bytes + offset);
    all = LLVM::InsertElementOp::create(k.builder(), k.location(), all, one,
                                        k.ci32(i));
  }
  return all;
}

/// `count` words of each place, a power of two, from word `index` + `offset`
/// on, as vectors whose lanes are the places.
static Values wordSquares(CodeBuilder &k, ArrayRef<PackedPlace> places,
                          Value index, int64_t offset, int64_t count) {
  if (count == 1)
    return {gather(k, k.i32(), places, index, offset)};
  // Vector i has the words of places i, i + count, ...: squares side by side.
  Values all;
  for (int64_t i = 0; i < count; ++i) {
    Values parts;
    for (size_t r = i; r < places.size(); r += count)
      parts.push_back(k.load(k.vec(count, k.i32()), places[r].base, index,
                             places[r].offset / 4 + offset));
    for (int64_t width = count; parts.size() > 1; width *= 2) {
      Values joined;
      for (size_t p = 0; p < parts.size(); p += 2)
        joined.push_back(
            k.shuffle(parts[p], parts[p + 1],
                      llvm::to_vector(llvm::seq<int64_t>(0, 2 * width))));
      parts = joined;
    }
    all.push_back(parts[0]);
  }
  emitTranspose(k, all);
  return all;
}

void forPackedColumns(CodeBuilder &k, const PackedRows &rows,
                      ArrayRef<PackedPlace> places, Value unit, int64_t count,
                      llvm::function_ref<void(int64_t i, Value x)> each) {
  int64_t lanes = places.size(), half = packedUnit / 2, perWord = 4;
  int64_t bytes = rows.hasMinima() ? std::min(count, half) : count;
  Values words;
  for (int64_t all = llvm::divideCeil(bytes, perWord), at = 0; at < all;) {
    int64_t some =
        std::min<int64_t>(llvm::bit_floor<uint64_t>(all - at), lanes);
    words.append(
        wordSquares(k, places, k.mul(unit, rows.unitBytes() / 4), at, some));
    at += some;
  }
  Value block = k.divSize(unit, rows.block / packedUnit), scale, minimum;
  Type halfBits = k.builder().getIntegerType(16);
  if (rows.hasMinima()) {
    Value both = gather(k, k.i32(), places, block, rows.integerBytes() / 4);
    Value high = k.shrUnsigned(both, k.constantInt(both.getType(), 16));
    scale = asFloats(k, k.convert(both, halfBits));
    minimum = asFloats(k, k.convert(high, halfBits));
  } else {
    scale = asFloats(
        k, gather(k, halfBits, places, block, rows.integerBytes() / 2));
  }
  for (int64_t i = 0; i < count; ++i) {
    int64_t byte = rows.hasMinima() ? i % half : i;
    Value q = words[byte / perWord];
    auto by = [&](int64_t n) { return k.constantInt(q.getType(), n); };
    int64_t low = byte % perWord * 8;
    if (rows.hasMinima())
      q = k.bitAnd(k.shrUnsigned(q, by(low + i / half * 4)), by(15));
    else
      q = k.shrSigned(k.shl(q, by(24 - low)), by(24));
    each(i, number(k, rows, q, scale, minimum));
  }
}

// ---- writing ----

BlockScale blockScale(CodeBuilder &k, const PackedRows &rows, Value low,
                      Value high) {
  Type f16 = k.builder().getF16Type();
  auto rounded = [&](Value x) {
    return fromMemory(k, toMemory(k, x, f16), f16);
  };
  auto isFinite = [&](Value x) { return k.lt(k.abs(x), k.cf(INFINITY)); };
  BlockScale s;
  s.scale = rounded(rows.hasMinima() ? k.div(k.sub(high, low), k.cf(15))
                                     : k.div(high, k.cf(127)));
  Value finite = isFinite(s.scale);
  if (rows.hasMinima()) {
    s.minimum = rounded(low);
    finite = k.bitAnd(finite, isFinite(s.minimum));
  }
  s.scale = k.select(finite, s.scale, k.cf(NAN));
  s.inverse = k.select(k.cmp(CmpF::OGT, s.scale, k.cf(0)),
                       k.div(k.cf(1), s.scale), k.cf(0));
  return s;
}

Value packedInteger(CodeBuilder &k, const PackedRows &rows, Value x,
                    const BlockScale &s) {
  auto all = [&](Value v) { return k.broadcast(v, laneCount(x.getType())); };
  if (rows.hasMinima())
    x = k.sub(x, all(s.minimum));
  Value q = roundedToByte(k, x, all(s.inverse));
  auto bound = [&](int64_t n) { return k.constantInt(q.getType(), n); };
  return rows.hasMinima() ? k.max(k.min(q, bound(15)), bound(0))
                          : k.max(k.min(q, bound(127)), bound(-127));
}

namespace {

constexpr KernelArg arguments[] = {
    {KernelArg::Read, "x"},           {KernelArg::Write, "out"},
    {KernelArg::Int, "inner"},        {KernelArg::Int, "outer_stride"},
    {KernelArg::Int, "inner_stride"},
};
static_assert(std::size(arguments) == PackArgCount);

class PackEmitter {
public:
  PackEmitter(KernelBuilder &k, const PackedRows &rows, Type element)
      : k(k), rows(rows), element(element), lanes(k.lanes()),
        vector(k.vecF32(k.lanes())) {}

  void row(Value r) {
    Value inner = k.arg(PackInner);
    Value at = k.add(k.mul(k.divSize(r, inner), k.arg(PackOuterStride)),
                     k.mul(k.remSize(r, inner), k.arg(PackInnerStride)));
    x = laneAddress(k, element, k.arg(PackX), at);
    out = k.address(k.arg(PackOut), k.i8(), k.mul(r, rows.bytes()));
    int64_t whole = rows.size / rows.block;
    k.forLoop(k.ci(whole), [&](Value b) { block(b, rows.block); });
    if (int64_t left = rows.size - whole * rows.block)
      block(k.ci(whole), left);
    int64_t used = rows.integerBytes() + rows.blocks() * rows.scaleBytes();
    for (int64_t i = used; i < rows.bytes(); ++i)
      k.store(k.zero(k.i8()), out, Value(), i);
  }

private:
  void block(Value b, int64_t count) {
    from = laneAddress(k, element, x, k.mul(b, rows.block));
    scale = scaleOf(count);
    Value scales = k.address(out, k.i8(), k.mul(b, rows.scaleBytes()),
                             rows.integerBytes());
    storeLanes(k, scale.scale, k.builder().getF16Type(), Value(), scales);
    if (rows.hasMinima())
      storeLanes(k, scale.minimum, k.builder().getF16Type(), Value(), scales,
                 Value(), 1);
    Value to = k.address(out, k.i8(), k.mul(b, rows.block * rows.bits / 8));
    int64_t whole = count / packedUnit;
    k.forLoop(k.ci(whole), [&](Value u) { unit(to, u, packedUnit); });
    if (int64_t left = count % packedUnit)
      unit(to, k.ci(whole), left);
  }

  BlockScale scaleOf(int64_t count) {
    auto load = [&](Value i, Value mask) {
      return loadLanes(k, element, lanes, mask, from, i);
    };
    auto most = [&](Value a, Value b) { return k.maximum(a, b); };
    auto least = [&](Value a, Value b) { return k.minimum(a, b); };
    if (!rows.hasMinima()) {
      Values ends =
          k.forVectors(k.ci(count), 1, {k.zero(vector)},
                       [&](Value i, Value mask, Values set) -> Values {
                         return {most(k.abs(load(i, mask)), set[0])};
                       });
      Value high = k.reduce(ends[0], most);
      return blockScale(k, rows, k.neg(high), high);
    }
    Value low = k.constant(vector, INFINITY),
          high = k.constant(vector, -INFINITY);
    Values ends = k.forVectors(k.ci(count), 1, {low, high},
                               [&](Value i, Value mask, Values set) -> Values {
                                 Value v = load(i, mask), w = v;
                                 if (mask)
                                   v = k.select(mask, v, low),
                                   w = k.select(mask, w, high);
                                 return {least(v, set[0]), most(w, set[1])};
                               });
    return blockScale(k, rows, k.reduce(ends[0], least),
                      k.reduce(ends[1], most));
  }

  /// Integers of `count` numbers; 0 behind them.
  void unit(Value to, Value u, int64_t count) {
    int64_t half = packedUnit / 2;
    auto integers = [&](int64_t first) {
      int64_t left = count - first;
      Value mask = left < lanes
                       ? k.tailMask(k.ci(std::max<int64_t>(left, 0)), lanes)
                       : Value();
      Value v =
          loadLanes(k, element, lanes, mask, from, k.mul(u, packedUnit), first);
      Value q = packedInteger(k, rows, v, scale);
      return mask ? k.select(mask, q, k.zero(q.getType())) : q;
    };
    auto store = [&](Value q, int64_t at) {
      k.store(k.convert(q, k.i8()), to, k.mul(u, rows.unitBytes()), at);
    };
    if (rows.hasMinima()) {
      for (int64_t i = 0; i < half; i += lanes) {
        Value low = integers(i), high = integers(i + half);
        Value four = k.constantInt(high.getType(), 4);
        store(k.bitOr(low, k.shl(high, four)), i);
      }
      return;
    }
    int64_t stored = llvm::alignTo(count, half);
    for (int64_t i = 0; i < stored; i += lanes)
      store(integers(i), i);
  }

  KernelBuilder &k;
  const PackedRows &rows;
  Type element;
  int64_t lanes;
  Type vector;
  Value x, out, from;
  BlockScale scale;
};

} // namespace

std::string emitPackRows(KernelModule &kernels, const PackedRows &rows,
                         Type element) {
  std::string key = packedKey(rows) + laneKey({element});
  return kernels.get("pack_rows", key, [&](StringRef symbol) {
    KernelBuilder k(kernels, symbol, arguments);
    PackEmitter emitter(k, rows, element);
    k.forTiles([&](Value r) { emitter.row(r); });
    k.finish();
  });
}

} // namespace llmc
