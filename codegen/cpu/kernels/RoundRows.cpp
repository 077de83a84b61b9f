// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/RoundRows.h"
#include "codegen/cpu/CacheLine.h"
#include "codegen/cpu/kernels/Lanes.h"
#include "codegen/cpu/kernels/Rotate.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;

namespace llmc {

static int64_t bytesPerElement(DotForm form) {
  return form == DotForm::Halves ? 2 : 1;
}

int64_t RoundedRows::stride() const {
  int64_t lines = llvm::divideCeil(k * bytesPerElement(form), lineBytes);
  return (lines | 1) * lineBytes;
}

std::string RoundedRows::key() const {
  return llvm::formatv("k{0} g{1} b{2} {3} f{4} r{5}{6}", k, group, block,
                       static_cast<int>(form), factor, rotation,
                       fixedScale ? " fixed" : "");
}

Value roundingScale(CodeBuilder &k, Value most) {
  return k.select(k.lt(most, k.constant(most.getType(), INFINITY)),
                  k.div(most, k.constant(most.getType(), 127)),
                  k.constant(most.getType(), NAN));
}

Value inverseScale(CodeBuilder &k, Value most) {
  return k.select(k.cmp(CmpF::OEQ, most, k.zero(most.getType())),
                  k.zero(most.getType()),
                  k.div(k.constant(most.getType(), 127), most));
}

Value inByteRange(CodeBuilder &k, Value x, Value scale) {
  Value most = k.mul(scale, k.constant(scale.getType(), 127));
  return k.min(k.max(x, k.sub(k.zero(scale.getType()), most)), most);
}

Value roundedToByte(CodeBuilder &k, Value x, Value inverse) {
  // Above 2^23 floats are integers: the sum is rounded to one, which stands in
  // the low bits.
  constexpr double integers = 0x1.8p23;
  Value sum = k.fma(x, inverse, k.constant(x.getType(), integers));
  Value bits = k.bitcast(sum, k.i32());
  return k.sub(bits, k.constantInt(bits.getType(), 0x4b400000));
}

namespace {

constexpr KernelArg arguments[] = {
    {KernelArg::Read, "x"},       {KernelArg::Write, "q"},
    {KernelArg::Write, "scales"}, {KernelArg::Write, "sums"},
    {KernelArg::Int, "ldx"},      {KernelArg::Float, "scale"},
};
static_assert(std::size(arguments) == RoundRowsArgCount);

class RoundRowsEmitter {
public:
  RoundRowsEmitter(KernelBuilder &k, const RoundedRows &rows, Type element)
      : k(k), rows(rows), element(element ? element : k.f32()) {}

  void emit() {
    Value rotated;
    if (rows.rotation)
      rotated = k.scratch(k.f32(), rows.k);
    Type stored = element;
    k.forTiles([&](Value row) {
      x = laneAddress(k, stored, k.arg(RoundRowsX),
                      k.mul(row, k.arg(RoundRowsLdx)));
      if (rows.rotation) {
        k.forLoop(k.ci(0), k.ci(rows.k), k.ci(rows.rotation), [&](Value i) {
          emitRotateBlock(k, stored, rows.rotation,
                          laneAddress(k, stored, x, i),
                          k.address(rotated, k.f32(), i));
        });
        x = rotated, element = k.f32();
      }
      q = k.address(k.arg(RoundRowsQ), k.i8(), k.mul(row, rows.stride()));
      sums =
          k.address(k.arg(RoundRowsSums), k.i32(), k.mul(row, rows.blocks()));
      Value scales =
          k.address(k.arg(RoundRowsScales), k.f32(), k.mul(row, rows.groups()));
      k.forLoop(k.ci(rows.groups()), [&](Value g) { group(g, scales); });
      // Products run over whole words.
      int64_t stored = rows.k * bytesPerElement(rows.form);
      k.forLoop(k.ci(stored), k.ci(rows.stride()), k.ci(1),
                [&](Value i) { k.store(k.zero(k.i8()), q, i); });
    });
  }

private:
  Value count(Value first, int64_t most) {
    return k.min(k.sub(k.ci(rows.k), first), k.ci(most));
  }

  void group(Value g, Value scales) {
    Value first = k.mul(g, rows.group), length = count(first, rows.group);
    if (rows.fixedScale) {
      Value scale = k.arg(RoundRowsScale);
      Value marks = blocks(g, first, length, k.div(k.cf(1), scale));
      Value mark =
          k.reduce(marks, [&](Value a, Value b) { return k.add(a, b); });
      return k.store(k.add(scale, mark), scales, g);
    }
    Value most = largest(first, length);
    k.store(roundingScale(k, most), scales, g);
    blocks(g, first, length, inverseScale(k, most));
  }

  /// The largest magnitude of [first, first + length), NaN if there is one.
  Value largest(Value first, Value length) {
    Value from = laneAddress(k, element, x, first);
    // The bits of magnitudes have their order, and NaN's are the largest.
    Type bits = k.vec(k.lanes(), k.i32());
    Value none = k.zero(bits);
    auto larger = [&](Value a, Value b) { return k.max(a, b); };
    Values ends =
        k.forVectors(length, 2, {none, none},
                     [&](Value i, Value mask, Values set) -> Values {
                       Value v =
                           loadLanes(k, element, k.lanes(), mask, from, i);
                       return {larger(k.bitcast(k.abs(v), k.i32()), set[0])};
                     });
    return k.bitcast(k.reduce(larger(ends[0], ends[1]), larger), k.f32());
  }

  /// The blocks of a group. Returns lanes of 0, NaN where a number is not
  /// finite, if the scale is fixed.
  Value blocks(Value g, Value first, Value length, Value inverse) {
    Value before = k.mul(g, llvm::divideCeil(rows.group, rows.block));
    Values none;
    if (rows.fixedScale)
      none.push_back(k.zero(k.vecF32(k.lanes())));
    auto marks = k.forLoop(k.ci(0), k.ceilDiv(length, rows.block), k.ci(1),
                           none, [&](Value b, ValueRange carried) -> Values {
                             Value start = k.add(first, k.mul(b, rows.block));
                             return block(start, count(start, rows.block),
                                          k.add(before, b), inverse, carried);
                           });
    return rows.fixedScale ? marks[0] : Value();
  }

  /// Elements [first, first + length), as the integers they are rounded to.
  Values block(Value first, Value length, Value b, Value inverse,
               ValueRange marks) {
    Type lanes = k.vec(k.lanes(), k.i32());
    Value from = laneAddress(k, element, x, first);
    Value by = k.broadcast(inverse, k.lanes());
    Value scale, zero = k.zero(k.vecF32(k.lanes()));
    if (rows.fixedScale)
      scale = k.broadcast(k.arg(RoundRowsScale), k.lanes());
    Values inits = {k.zero(lanes)};
    inits.append(marks.begin(), marks.end());
    Values ends = k.forVectors(
        length, 1, inits, [&](Value i, Value mask, Values set) -> Values {
          Value v = loadLanes(k, element, k.lanes(), mask, from, i);
          Values next(set);
          if (rows.fixedScale) {
            next[1] = k.fma(v, zero, set[1]);
            v = inByteRange(k, v, scale);
          }
          Value rounded = roundedToByte(k, v, by);
          store(rounded, mask, k.add(first, i));
          next[0] = k.add(set[0], rounded);
          return next;
        });
    Value total =
        k.reduce(ends[0], [&](Value a, Value c) { return k.add(a, c); });
    k.store(k.mul(total, rows.factor), sums, b);
    return Values(llvm::drop_begin(ends));
  }

  /// Rows of quads in the order 0, 2, 1, 3 are whole: their masked-out lanes
  /// are zeros of the row's end.
  void store(Value rounded, Value mask, Value at) {
    if (rows.form != DotForm::Halves)
      return k.maskedStore(k.convert(rounded, k.i8()), mask, q, at);
    SmallVector<int64_t> order;
    for (int64_t i = 0; i < int64_t(k.lanes()); ++i)
      order.push_back(i / 4 * 4 + (i % 4 == 1 ? 2 : i % 4 == 2 ? 1 : i % 4));
    Value halves = k.convert(rounded, k.builder().getIntegerType(16));
    k.store(k.shuffle(halves, halves, order), q, at);
  }

  KernelBuilder &k;
  const RoundedRows &rows;
  Type element;
  Value x, q, sums;
};

} // namespace

std::string emitRoundRows(KernelModule &kernels, const RoundedRows &rows,
                          Type element) {
  return kernels.get("round_rows", rows.key() + laneKey({element}),
                     [&](StringRef symbol) {
                       KernelBuilder k(kernels, symbol, arguments);
                       RoundRowsEmitter(k, rows, element).emit();
                       k.finish();
                     });
}

} // namespace llmc
