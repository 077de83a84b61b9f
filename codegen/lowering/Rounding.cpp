// SPDX-License-Identifier: Apache-2.0
// Floats to integers of 8 bits, and back: by their own range, or by a scale
// that is known.
#include "codegen/lowering/Rounding.h"

#include "codegen/cpu/kernels/Lanes.h"
#include "codegen/cpu/kernels/Rotate.h"
#include "codegen/cpu/kernels/RoundRows.h"
#include "codegen/lowering/Loops.h"
#include "codegen/lowering/Quant.h"
#include "codegen/ref/PlainKernel.h"
#include "ir/llm/QuantOps.h"
#include "ir/llm/Shape.h"
#include "llvm/ADT/bit.h"

using namespace mlir;

namespace llmc {

/// The range of all elements, its scale and its zero point: one tile.
static void launchRange(EntryLowering &e, const MemTensor &x,
                        const MemTensor &scale, const MemTensor &zero) {
  Value count = e.product(x.dims);
  launchPlain(
      e, "range", "", {{x}, {scale, true}, {zero, true}}, {count}, 1, 0,
      [&](PlainBody &p) {
        CodeBuilder &k = p.k;
        p.forTiles(1, 0, [&](Values) {
          Value none = k.cf(0), base = p.pointer(0);
          Type vector = k.vecF32(k.lanes());
          Value zeros = k.zero(vector);
          Values ends =
              k.forVectors(p.extra(0), 2, {zeros, zeros, zeros, zeros},
                           [&](Value i, Value mask, Values set) -> Values {
                             Value v = k.maskedLoad(vector, mask, base, i);
                             return {k.min(v, set[0]), k.max(v, set[1])};
                           });
          Value low = k.min(ends[0], ends[2]), high = k.max(ends[1], ends[3]);
          low = k.reduce(low, [&](Value a, Value b) { return k.min(a, b); });
          high = k.reduceMax(high);
          Value width = k.sub(high, low);
          Value s = k.select(k.cmp(CmpF::OEQ, width, none), k.cf(1),
                             k.div(width, k.cf(255)));
          Value z = k.roundEven(k.sub(none, k.div(low, s)));
          z = k.min(k.max(z, none), k.cf(255));
          p.store(s, 1, {});
          p.store(k.convert(k.convert(z, k.i32()), k.i8()), 2, {});
        });
      });
}

/// Of a whole tensor: scalars f32 and uint8, of its range or as the rounding
/// says.
static std::pair<MemTensor, MemTensor>
wholeScale(EntryLowering &e, const MemTensor &x,
           llm::IntegerRoundingAttr rounding) {
  MLIRContext *ctx = e.host().builder().getContext();
  auto scalar = [](Type element) { return RankedTensorType::get({}, element); };
  Type byte = IntegerType::get(ctx, 8, IntegerType::Unsigned);
  if (float known = rounding.fixedScale()) {
    auto scale = DenseElementsAttr::get(scalar(e.host().f32()), known);
    auto zero = DenseElementsAttr::get(
        scalar(byte), APInt(8, static_cast<uint64_t>(rounding.getZero())));
    return {e.makeTensor(e.constantBytes(scale), scale.getType()),
            e.makeTensor(e.constantBytes(zero), zero.getType())};
  }
  MemTensor scale = e.scratchTensor(scalar(e.host().f32())),
            zero = e.scratchTensor(scalar(byte));
  launchRange(e, x, scale, zero);
  return {scale, zero};
}

/// An element's integer, from what memory has: the element, its scale and its
/// zero point.
static Value wholeInteger(CodeBuilder &k, ValueRange with, Type element,
                          Type byte) {
  Value x = k.convert(fromMemory(k, with[0], element), k.f32());
  Value quotient = k.div(x, with[1]);
  return quantized(k, quotient, k.convert(with[2], k.i32(), true), byte);
}

static void quantizeTo(EntryLowering &e, const MemTensor &x,
                       const Quantized &to) {
  Type element = x.element, byte = to.q.element;
  launchMap(e, "quantize" + typeKey(element),
            {x, broadcastTo(e, to.scale, x), broadcastTo(e, to.zero, x)},
            {to.q}, [=](CodeBuilder &k, ValueRange in) -> Values {
              return {k.convert(wholeInteger(k, in, element, byte), k.i8())};
            });
}

static LogicalResult lowerDynamicQuantize(Operation *op, EntryLowering &e) {
  auto d = cast<llm::DynamicQuantizeOp>(op);
  MemTensor x = e.contiguous(d.getX());
  Quantized to{e.result(d.getResult()), e.result(d.getScale()),
               e.result(d.getZeroPoint())};
  launchRange(e, x, to.scale, to.zero);
  quantizeTo(e, x, to);
  return success();
}

Quantized quantizedTensor(EntryLowering &e, Value x,
                          llm::IntegerRoundingAttr rounding) {
  Type byte = IntegerType::get(x.getContext(), 8, IntegerType::Unsigned);
  MemTensor from = e.contiguous(x);
  auto [scale, zero] = wholeScale(e, from, rounding);
  Quantized to{e.scratchTensor(llm::withElement(x.getType(), byte)), scale,
               zero};
  quantizeTo(e, from, to);
  return to;
}

static void roundTensor(EntryLowering &e, const MemTensor &x,
                        const MemTensor &out,
                        llm::IntegerRoundingAttr rounding) {
  auto [scale, zero] = wholeScale(e, x, rounding);
  Type element = x.element, byte = zero.element;
  launchMap(e, "fake_quantize" + typeKey(element),
            {x, broadcastTo(e, scale, x), broadcastTo(e, zero, x)}, {out},
            [=](CodeBuilder &k, ValueRange in) -> Values {
              Value y = k.sub(wholeInteger(k, in, element, byte),
                              k.convert(in[2], k.i32(), true));
              y = k.mul(k.convert(y, k.f32()), in[1]);
              return {toMemory(k, y, element)};
            });
}

/// One tile per group of a row.
static void roundGroups(EntryLowering &e, const MemTensor &x,
                        const MemTensor &out,
                        llm::IntegerRoundingAttr rounding) {
  int64_t group = rounding.getGroup();
  float fixed = rounding.fixedScale();
  CodeBuilder &h = e.host();
  Value width = x.dims.back(), groups = h.ceilDiv(width, group);
  // [rows, groups] counts the tiles.
  MemTensor tiles = x;
  tiles.dims = {e.product(ArrayRef(x.dims).drop_back()), groups};
  tiles.strides = {width, h.ci(group)};
  tiles.shape = {x.shape[0], x.shape[0]};
  MemTensor to = tiles;
  to.base = out.base, to.element = out.element;
  launchPlain(
      e, "fake_quantize",
      std::to_string(group) + " " +
          std::to_string(llvm::bit_cast<uint32_t>(fixed)),
      {{tiles}, {to, true}}, {width}, 0, 2, [&](PlainBody &p) {
        CodeBuilder &k = p.k;
        p.forTiles(0, 2, [&](Values at) {
          Value first = k.mul(at[1], group);
          Value last = k.min(k.add(first, group), p.extra(0));
          Value row = k.mul(at[0], p.extra(0));
          Type stored = p.element(0);
          auto load = [&](Value i) {
            Value v = k.load(memoryType(stored), p.pointer(0), k.add(row, i));
            return k.convert(fromMemory(k, v, stored), k.f32());
          };
          Value largest = k.forLoop(first, last, k.ci(1), {k.cf(0)},
                                    [&](Value i, ValueRange carried) -> Values {
                                      Value v = k.abs(load(i));
                                      return {k.maximum(v, carried[0])};
                                    })[0];
          Value scale = roundingScale(k, largest);
          Value inverse = inverseScale(k, largest);
          if (fixed) {
            inverse = k.div(k.cf(1), k.cf(fixed));
            scale =
                k.select(k.lt(largest, k.cf(INFINITY)), k.cf(fixed), k.cf(NAN));
          }
          k.forLoop(first, last, k.ci(1), [&](Value i) {
            Value v = load(i);
            if (fixed)
              v = inByteRange(k, v, k.cf(fixed));
            v = k.convert(roundedToByte(k, v, inverse), k.f32());
            v = k.mul(v, scale);
            v = toMemory(k, k.convert(v, computeType(p.element(1))),
                         p.element(1));
            k.store(v, p.pointer(1), k.add(row, i));
          });
        });
      });
}

/// Rows of whole blocks to f32, rotated; one tile per block.
static void rotateBlocks(EntryLowering &e, const MemTensor &x,
                         const MemTensor &out, int64_t block) {
  MemTensor from = x, to = out;
  CodeBuilder &h = e.host();
  for (MemTensor *t : {&from, &to}) {
    t->dims = {h.divSize(e.product(x.dims), h.ci(block))};
    t->strides = {h.ci(block)};
    t->shape = {x.shape[0]};
  }
  launchPlain(e, "rotate", std::to_string(block), {{from}, {to, true}}, {}, 0,
              1, [&](PlainBody &p) {
                p.forTiles(0, 1, [&](Values at) {
                  Type stored = p.element(0);
                  Value first = p.k.mul(at[0], block);
                  emitRotateBlock(p.k, stored, block,
                                  laneAddress(p.k, stored, p.pointer(0), first),
                                  p.k.address(p.pointer(1), p.k.f32(), first));
                });
              });
}

static void roundTo(EntryLowering &e, MemTensor x, const MemTensor &out,
                    llm::IntegerRoundingAttr rounding) {
  if (int64_t block = rounding.getRotation()) {
    MemTensor rotated = e.scratchTensor(llm::tensorType(
        e.host().builder().getContext(), x.shape, e.host().f32()));
    rotateBlocks(e, x, rotated, block);
    x = rotated;
  }
  if (rounding.isPerTensor())
    roundTensor(e, x, out, rounding);
  else
    roundGroups(e, x, out, rounding);
}

MemTensor rounded(EntryLowering &e, Value x,
                  llm::IntegerRoundingAttr rounding) {
  if (!rounding)
    return e.rows(x);
  MemTensor out = e.scratchTensor(x.getType());
  roundTo(e, e.contiguous(x), out, rounding);
  return out;
}

static LogicalResult lowerFakeQuantize(Operation *op, EntryLowering &e) {
  auto fake = cast<llm::FakeQuantizeOp>(op);
  roundTo(e, e.contiguous(fake.getX()), e.result(fake.getResult()),
          fake.getRounding());
  return success();
}

void addRoundingLowerings(LoweringTable &table) {
  table["llm.dynamic_quantize"] = lowerDynamicQuantize;
  table["llm.fake_quantize"] = lowerFakeQuantize;
}

} // namespace llmc
