// SPDX-License-Identifier: Apache-2.0
#include "codegen/lowering/PackedRows.h"
#include "codegen/cpu/kernels/Lanes.h"
#include "codegen/lowering/Loops.h"
#include <cmath>

using namespace mlir;

namespace llmc {

using llm::packedUnit;

static Values indexOf(const Values &row, Value last) {
  Values index = row;
  index.push_back(last);
  return index;
}

/// An f16 that is stored as two bytes.
static Value loadHalf(PlainBody &p, unsigned tensor, const Values &row,
                      Value at) {
  CodeBuilder &k = p.k;
  Type bits = k.builder().getIntegerType(16);
  auto byte = [&](int64_t i) {
    Value v = p.load(tensor, indexOf(row, k.add(at, i)));
    return k.convert(v, bits, /*isUnsigned=*/true);
  };
  Value all = k.bitOr(byte(0), k.shl(byte(1), k.constantInt(bits, 8)));
  return fromMemory(k, all, k.builder().getF16Type());
}

static void storeHalf(PlainBody &p, Value x, unsigned tensor, const Values &row,
                      Value at) {
  CodeBuilder &k = p.k;
  Value bits = toMemory(k, x, k.builder().getF16Type());
  Value high = k.shrUnsigned(bits, k.constantInt(bits.getType(), 8));
  p.store(k.convert(bits, k.i8()), tensor, indexOf(row, at));
  p.store(k.convert(high, k.i8()), tensor, indexOf(row, k.add(at, 1)));
}

/// Where the scale of block b stands.
static Value scaleAt(CodeBuilder &k, const PackedRows &rows, Value b) {
  return k.add(k.mul(b, rows.scaleBytes()), rows.integerBytes());
}

Value plainPacked(PlainBody &p, unsigned tensor, const PackedRows &rows,
                  const Values &row, Value d) {
  CodeBuilder &k = p.k;
  Value at = scaleAt(k, rows, k.divSize(d, rows.block));
  Value scale = loadHalf(p, tensor, row, at);
  auto integer = [&](Value byte, bool isUnsigned) {
    return k.convert(p.load(tensor, indexOf(row, byte)), k.i32(), isUnsigned);
  };
  if (!rows.hasMinima())
    return k.mul(k.convert(integer(d, false), k.f32()), scale);
  int64_t half = packedUnit / 2;
  Value unit = k.divSize(d, packedUnit), in = k.remSize(d, packedUnit);
  Value q = integer(k.add(k.mul(unit, half), k.remSize(in, half)), true);
  Value shift = k.mul(k.convert(k.divSize(in, half), k.i32()), 4);
  q = k.bitAnd(k.shrUnsigned(q, shift), k.ci32(15));
  return k.fma(k.convert(q, k.f32()), scale,
               loadHalf(p, tensor, row, k.add(at, 2)));
}

namespace {
/// Packs the row of tensor 0 into that of tensor 1.
struct PlainPack {
  PlainBody &p;
  const PackedRows &rows;
  Values at;
  CodeBuilder &k = p.k;

  Value number(Value d) {
    return k.convert(p.load(0, indexOf(at, d)), k.f32());
  }

  void run() {
    k.forLoop(k.ci(rows.blocks()), [&](Value b) {
      Value first = k.mul(b, rows.block);
      Value end = k.min(k.add(first, rows.block), k.ci(rows.size));
      BlockScale scale = scaleOf(first, end);
      storeHalf(p, scale.scale, 1, at, scaleAt(k, rows, b));
      if (rows.hasMinima())
        storeHalf(p, scale.minimum, 1, at, k.add(scaleAt(k, rows, b), 2));
      int64_t bytes = rows.block * rows.bits / 8;
      Value from = k.mul(b, bytes);
      Value to = k.min(k.add(from, bytes), k.ci(rows.integerBytes()));
      k.forLoop(from, to, k.ci(1), [&](Value i) { byte(i, scale); });
    });
    int64_t used = rows.integerBytes() + rows.blocks() * rows.scaleBytes();
    k.forLoop(k.ci(used), k.ci(rows.bytes()), k.ci(1),
              [&](Value i) { p.store(k.zero(k.i8()), 1, indexOf(at, i)); });
  }

  BlockScale scaleOf(Value first, Value end) {
    Value none = rows.hasMinima() ? k.cf(INFINITY) : k.cf(0);
    Values ends =
        k.forLoop(first, end, k.ci(1), {none, k.neg(none)},
                  [&](Value d, ValueRange carried) -> Values {
                    Value x = number(d), y = x;
                    if (!rows.hasMinima())
                      y = k.abs(x), x = k.neg(y);
                    return {k.minimum(x, carried[0]), k.maximum(y, carried[1])};
                  });
    return blockScale(k, rows, ends[0], ends[1]);
  }

  void byte(Value i, const BlockScale &scale) {
    auto integer = [&](Value d) {
      return k.ifElse(
          k.lt(d, k.ci(rows.size)),
          [&]() -> Values {
            return {packedInteger(k, rows, number(d), scale)};
          },
          [&]() -> Values { return {k.ci32(0)}; })[0];
    };
    int64_t half = packedUnit / 2;
    Value q;
    if (rows.hasMinima()) {
      Value d =
          k.add(k.mul(k.divSize(i, half), packedUnit), k.remSize(i, half));
      q = k.bitOr(integer(d), k.shl(integer(k.add(d, half)), k.ci32(4)));
    } else {
      q = integer(i);
    }
    p.store(k.convert(q, k.i8()), 1, indexOf(at, i));
  }
};
} // namespace

static LogicalResult lowerPackRows(Operation *op, EntryLowering &e) {
  auto pack = cast<llm::PackRowsOp>(op);
  PackedRows rows = pack.getRows().rows();
  MemTensor x = e.get(pack.getX()), out = e.result(pack.getResult());
  Value count = e.product(ArrayRef(out.dims).drop_back());
  if (!e.target().isReference() && hasLanes(x.element)) {
    auto layout = rowsOf(e, x);
    if (!layout) {
      x = e.contiguous(pack.getX());
      layout = rowsOf(e, x);
    }
    SmallVector<Value> args(PackArgCount);
    args[PackX] = x.base, args[PackOut] = out.base;
    args[PackInner] = layout->inner;
    args[PackOuterStride] = layout->outerStride;
    args[PackInnerStride] = layout->innerStride;
    e.launch(emitPackRows(e.kernels(), rows, x.element), args, count,
             e.host().ci(std::max<int64_t>(1, 4096 / rows.size)));
    return success();
  }
  int64_t outer = out.rank() - 1;
  launchPlain(e, "pack_rows", packedKey(rows), {{x}, {out, true}}, {}, 1, outer,
              [&](PlainBody &p) {
                p.forTiles(1, outer,
                           [&](Values at) { PlainPack{p, rows, at}.run(); });
              });
  return success();
}

static LogicalResult lowerUnpackRows(Operation *op, EntryLowering &e) {
  auto unpack = cast<llm::UnpackRowsOp>(op);
  PackedRows rows = unpack.getRows().rows();
  MemTensor x = e.get(unpack.getX()), out = e.result(unpack.getResult());
  launchPlain(e, "unpack_rows", packedKey(rows), {{x}, {out, true}}, {}, 1,
              [&](PlainBody &p) {
                p.forElements(1, [&](Values at) {
                  Values row(ArrayRef(at).drop_back());
                  Value v = plainPacked(p, 0, rows, row, at.back());
                  p.store(p.k.convert(v, computeType(p.element(1))), 1, at);
                });
              });
  return success();
}

void addPackedRowsLowerings(LoweringTable &table) {
  table["llm.pack_rows"] = lowerPackRows;
  table["llm.unpack_rows"] = lowerUnpackRows;
}

} // namespace llmc
