// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Rope.h"
#include "codegen/cpu/MathDouble.h"
#include "codegen/cpu/kernels/Lanes.h"
#include "codegen/lowering/Loops.h"
#include "codegen/ref/PlainKernel.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace llmc {

/// The weights of a rope's norm as [heads, head size].
static MemTensor normOfHeads(EntryLowering &e, llm::RopeOp rope) {
  MemTensor weight = e.contiguous(rope.getNorm());
  if (weight.rank() == 1)
    insertUnit(e.host(), weight, 0);
  return weight;
}

/// The rotary kernel; false where it does not take the operands. `positions`
/// has two dims.
static bool launchRope(EntryLowering &e, llm::RopeOp rope, const MemTensor &x,
                       const MemTensor &out, const MemTensor &positions) {
  bool tables = bool(rope.getCosTable());
  double scale = rope.getScale().convertToDouble();
  auto takes = [](Value v) { return !v || hasLanes(llm::elementOf(v)); };
  unsigned width = positions.element.getIntOrFloatBitWidth();
  if (e.target().isReference() || !hasLanes(x.element) || width < 32 ||
      !isDense(x) || !isDense(positions) || (tables && scale != 1) ||
      !takes(rope.getCosTable()) || !takes(rope.getInvFreq()) ||
      !takes(rope.getNorm()) ||
      (tables && rope.getCosTable().getType() != rope.getSinTable().getType()))
    return false;
  CodeBuilder &h = e.host();
  RopeSpec spec;
  spec.headSize = *llm::fixedDim(x.shape[3]),
  spec.rotarySize = rope.getRotary(), spec.interleaved = rope.getInterleaved();
  spec.table = tables, spec.positionBits = width, spec.scale = scale;
  spec.element = x.element;
  spec.angleElement =
      llm::elementOf(tables ? rope.getCosTable() : rope.getInvFreq());
  SmallVector<Value> args(RopeArgCount, h.ci(0));
  args[RopeX] = x.base, args[RopeOut] = out.base;
  if (tables) {
    MemTensor cos = e.contiguous(rope.getCosTable());
    args[RopeCos] = cos.base,
    args[RopeSin] = e.contiguous(rope.getSinTable()).base,
    args[RopeTableRows] = cos.dims[0];
  } else {
    args[RopeCos] = e.contiguous(rope.getInvFreq()).base;
  }
  if (rope.getNorm()) {
    spec.norm = true, spec.normElement = llm::elementOf(rope.getNorm());
    spec.normEpsilon = rope.getNormEpsilon()->convertToDouble();
    MemTensor weight = normOfHeads(e, rope);
    args[RopeNorm] = weight.base, args[RopeNormHead] = weight.strides[0];
  }
  args[RopePositions] = positions.base,
  args[RopePositionStride] = positions.strides[0];
  args[RopeSequence] = x.dims[1], args[RopeHeads] = x.dims[2];
  args[RopeXBatch] = x.strides[0], args[RopeXToken] = x.strides[1],
  args[RopeXHead] = x.strides[2];
  args[RopeOutBatch] = out.strides[0], args[RopeOutToken] = out.strides[1],
  args[RopeOutHead] = out.strides[2];
  e.launch(emitRope(e.kernels(), spec), args,
           ropeTiles(h, x.dims[0], x.dims[1]), h.ci(1));
  return true;
}

/// How a head's elements are read: normalized where the rope says so.
static std::function<Value(Value)> plainHead(EntryLowering &e, PlainBody &p,
                                             llm::RopeOp rope, Values at,
                                             unsigned normAt) {
  auto element = [&p, at](Value d) {
    return p.load(0, {at[0], at[1], at[2], d});
  };
  if (!rope.getNorm())
    return element;
  CodeBuilder &k = p.k;
  Type acc = sumType(e);
  Value size = p.dim(0, 3);
  Value total = k.forLoop(k.ci(0), size, k.ci(1), {k.zero(acc)},
                          [&](Value d, ValueRange c) -> Values {
                            Value x = k.convert(element(d), acc);
                            return {k.add(c[0], k.mul(x, x))};
                          })[0];
  Value mean = k.div(total, k.convert(size, acc));
  Value epsilon = k.constant(acc, rope.getNormEpsilon()->convertToDouble());
  Value scale = k.div(k.constant(acc, 1), k.sqrt(k.add(mean, epsilon)));
  return [=, &p, &k](Value d) {
    Value y = k.mul(k.convert(element(d), acc), scale);
    y = k.mul(y, k.convert(p.load(normAt, {at[2], d}), acc));
    return k.convert(y, computeType(p.element(1)));
  };
}

static LogicalResult lowerRope(Operation *op, EntryLowering &e) {
  auto rope = cast<llm::RopeOp>(op);
  CodeBuilder &h = e.host();
  MemTensor x = e.get(rope.getX()), out = e.result(rope.getResult()),
            positions = e.get(rope.getPositions());
  if (positions.rank() == 1)
    insertUnit(h, positions, 0);
  if (positions.shape[0] != x.shape[0])
    positions.strides[0] = h.select(h.eq(positions.dims[0], h.ci(1)), h.ci(0),
                                    positions.strides[0]);
  if (launchRope(e, rope, x, out, positions))
    return success();
  bool tables = bool(rope.getCosTable());
  SmallVector<PlainTensor> tensors = {{x}, {out, true}, {positions}};
  if (tables)
    tensors.append({{e.get(rope.getCosTable())}, {e.get(rope.getSinTable())}});
  else
    tensors.push_back({e.contiguous(rope.getInvFreq())});
  int64_t rotary = rope.getRotary(), half = rotary / 2;
  unsigned normAt = tensors.size();
  if (rope.getNorm())
    tensors.push_back({normOfHeads(e, rope)});
  bool interleaved = rope.getInterleaved();
  double scale = rope.getScale().convertToDouble();
  std::string key =
      (Twine(rotary) + (interleaved ? "i" : "h") + (tables ? "t" : "f") +
       Twine(llvm::bit_cast<uint64_t>(scale)))
          .str();
  if (rope.getNorm())
    key += ",n" + std::to_string(llvm::bit_cast<uint64_t>(
                      rope.getNormEpsilon()->convertToDouble()));
  launchPlain(e, "rope", key, tensors, {}, 1, 3, [&](PlainBody &p) {
    CodeBuilder &k = p.k;
    p.forTiles(1, 3, [&](Values at) {
      Value position = p.load(2, {at[0], at[1]});
      Value row = tables ? p.checkedIndex(position, p.dim(3, 0)) : Value();
      auto index = [&](Value d) { return Values{at[0], at[1], at[2], d}; };
      auto input = plainHead(e, p, rope, at, normAt);
      k.forLoop(k.ci(half), [&](Value i) {
        Value cos, sin;
        if (tables) {
          cos = k.convert(p.load(3, {row, i}), k.f32()),
          sin = k.convert(p.load(4, {row, i}), k.f32());
        } else { // the angle is rounded to f32 first, as exported graphs
                 // compute it
          Value angle = k.mul(k.convert(position, k.f32()),
                              k.convert(p.load(3, {i}), k.f32()));
          cos = k.convert(emitCos(k, k.convert(angle, k.f64())), k.f32());
          sin = k.convert(emitSin(k, k.convert(angle, k.f64())), k.f32());
        }
        if (scale != 1)
          cos = k.mul(cos, k.cf(scale)), sin = k.mul(sin, k.cf(scale));
        Value first = interleaved ? k.mul(i, 2) : i,
              second = interleaved ? k.add(first, 1) : k.add(i, half);
        Value a = input(first), b = input(second);
        p.store(k.sub(k.mul(a, cos), k.mul(b, sin)), 1, index(first));
        p.store(k.add(k.mul(b, cos), k.mul(a, sin)), 1, index(second));
      });
      k.forLoop(k.ci(rotary), p.dim(0, 3), k.ci(1),
                [&](Value d) { p.store(input(d), 1, index(d)); });
    });
  });
  return success();
}

void addRopeLowerings(LoweringTable &table) { table["llm.rope"] = lowerRope; }

} // namespace llmc
