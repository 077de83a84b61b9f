// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Attention.h"
#include "codegen/cpu/Math.h"
#include "codegen/cpu/MathDouble.h"
#include "codegen/cpu/kernels/Rope.h"
#include "codegen/ref/PlainKernel.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace llmc {

/// The weights of a rope's norm as [heads, head size].
static MemTensor normOfHeads(EntryLowering &e, llm::RopeOp rope) {
  MemTensor weight = e.contiguous(rope.getNorm());
  if (weight.rank() == 1)
    weight.dims.insert(weight.dims.begin(), e.host().ci(1)),
        weight.strides.insert(weight.strides.begin(), e.host().ci(0)),
        weight.shape.insert(weight.shape.begin(),
                            llm::constantDim(rope.getContext(), 1));
  return weight;
}

/// The rotary kernel; false where it does not take the operands. `positions`
/// has two dims.
static bool launchRope(EntryLowering &e, llm::RopeOp rope, const MemTensor &x,
                       const MemTensor &out, const MemTensor &positions) {
  bool tables = bool(rope.getCosTable());
  double scale = rope.getScale().convertToDouble();
  auto isF32 = [](Value v) { return !v || llm::elementOf(v).isF32(); };
  auto dense = [](const MemTensor &t) {
    return matchPattern(t.strides.back(), m_One());
  };
  unsigned width = positions.element.getIntOrFloatBitWidth();
  if (e.target().isReference() || !x.element.isF32() || width < 32 ||
      !dense(x) || !dense(positions) || (tables && scale != 1) ||
      !isF32(rope.getCosTable()) || !isF32(rope.getInvFreq()) ||
      !isF32(rope.getNorm()))
    return false;
  CodeBuilder &h = e.host();
  RopeSpec spec;
  spec.headSize = *llm::fixedDim(x.shape[3]),
  spec.rotarySize = rope.getRotary(), spec.interleaved = rope.getInterleaved();
  spec.table = tables, spec.positionBits = width, spec.scale = scale;
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
    spec.norm = true;
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
  Type acc = e.target().isReference() ? k.f64() : k.f32();
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
    positions.dims.insert(positions.dims.begin(), h.ci(1)),
        positions.strides.insert(positions.strides.begin(), h.ci(0)),
        positions.shape.insert(positions.shape.begin(),
                               llm::constantDim(op->getContext(), 1));
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

namespace {
/// The plain attention of one query head row: two passes over the keys, scores
/// recomputed, so that it needs no memory for them.
struct PlainAttention {
  llm::AttentionOp op;
  PlainBody &p;
  CodeBuilder &k;
  Type acc;
  // Operand numbers.
  int keyMask = -1, lengths = -1, starts = -1, bias = -1, sinks = -1;
  int64_t group, headSize, valueSize;

  /// Whether key t is kept for the query at position `position` of row b.
  Value keeps(Value b, Value t, Value position, Value length) {
    Value kept = k.constantInt(k.i1(), 1);
    if (op.getCausal())
      kept = k.bitAnd(kept, k.cmp(CmpI::sle, t, position));
    if (int64_t w = op.getWindow()) {
      kept = k.bitAnd(kept, k.cmp(CmpI::sgt, t, k.sub(position, w)));
      if (!op.getCausal())
        kept = k.bitAnd(kept, k.lt(t, k.add(position, w)));
    }
    if (lengths >= 0)
      kept = k.bitAnd(kept, k.lt(t, length));
    if (keyMask >= 0) {
      Value m = p.load(keyMask, {b, t});
      kept = k.bitAnd(kept, m.getType().isInteger(1)
                                ? m
                                : k.cmp(CmpI::ne, m, k.zero(m.getType())));
    }
    return kept;
  }

  Value score(Values at, Value kvHead, Value t) {
    Value dot = k.forLoop(
        k.ci(0), k.ci(headSize), k.ci(1), {k.zero(acc)},
        [&](Value d, ValueRange c) -> Values {
          Value x = k.convert(p.load(0, {at[0], at[1], at[2], d}), acc),
                y = k.convert(p.load(1, {at[0], kvHead, t, d}), acc);
          return {k.fma(x, y, c[0])};
        })[0];
    Value s = k.mul(dot, k.constant(acc, op.getScale().convertToDouble()));
    if (double cap = op.getSoftcap().convertToDouble(); cap > 0)
      s = k.mul(
          k.convert(emitTanhDouble(
                        k, k.convert(k.div(s, k.constant(acc, cap)), k.f64())),
                    acc),
          k.constant(acc, cap));
    if (bias >= 0)
      s = k.add(s, k.convert(p.load(bias, {at[0], at[2], at[1], t}), acc));
    return s;
  }

  /// Where query 0 of row b stands.
  Value firstPosition(Value b, Value length) {
    if (starts >= 0)
      return k.convert(p.load(starts, {b}), k.i64());
    return length ? k.max(k.sub(length, p.dim(0, 1)), k.ci(0)) : p.extra(0);
  }

  void row(Values at) { // [batch, seq, head]
    Value kvHead = k.divSize(at[2], group), total = p.dim(1, 2);
    Value length =
        lengths >= 0 ? k.convert(p.load(lengths, {at[0]}), k.i64()) : Value();
    Value position = k.add(firstPosition(at[0], length), at[1]);
    if (op.getClamped())
      position = k.min(position, k.sub(length, 1));
    Value minusInf = k.constant(acc, -INFINITY);
    auto keptScore = [&](Value t) {
      return k.ifElse(
          keeps(at[0], t, position, length),
          [&]() -> Values { return {score(at, kvHead, t)}; },
          [&]() -> Values { return {minusInf}; })[0];
    };
    Value top = k.forLoop(k.ci(0), total, k.ci(1), {minusInf},
                          [&](Value t, ValueRange c) -> Values {
                            return {k.max(keptScore(t), c[0])};
                          })[0];
    Value sink = sinks >= 0 ? k.convert(p.load(sinks, {at[2]}), acc) : Value();
    if (sink)
      top = k.max(sink, top);
    Value none = k.cmp(CmpF::OEQ, top, minusInf);
    Value start = sink ? emitExp(k, k.sub(sink, top)) : k.zero(acc);
    Value sums = p.k.scratch(acc, valueSize);
    k.forLoop(k.ci(valueSize), [&](Value d) { k.store(k.zero(acc), sums, d); });
    Value uniform = k.select(
        none, k.constant(acc, op.getUniformWhenMasked() ? 1 : 0), k.zero(acc));
    Value denominator = k.forLoop(
        k.ci(0), total, k.ci(1), {start}, [&](Value t, ValueRange c) -> Values {
          Value w = k.ifElse(
              none, [&]() -> Values { return {uniform}; },
              [&]() -> Values {
                return {emitExp(k, k.sub(keptScore(t), top))};
              })[0];
          k.forLoop(k.ci(valueSize), [&](Value d) {
            Value v = k.convert(p.load(2, {at[0], kvHead, t, d}), acc);
            k.store(k.fma(w, v, k.load(acc, sums, d)), sums, d);
          });
          return {k.add(c[0], w)};
        })[0];
    Value zero = k.cmp(CmpF::OEQ, denominator, k.zero(acc));
    Value inverse =
        k.select(zero, k.zero(acc), k.div(k.constant(acc, 1), denominator));
    k.forLoop(k.ci(valueSize), [&](Value d) {
      p.store(k.convert(k.mul(k.load(acc, sums, d), inverse),
                        computeType(p.element(3))),
              3, {at[0], at[1], at[2], d});
    });
  }
};
} // namespace

static bool isDense(const MemTensor &t) {
  return !t.base || matchPattern(t.strides.back(), m_One());
}

/// `bias` with all four dims of `full` and strides of 0 where it broadcasts.
/// One whose keys are not neighbours (a table of [query, key, heads], turned)
/// is copied: it is small beside the scores that it joins.
static MemTensor biasFor(EntryLowering &e, Value bias, const llm::Dims &full) {
  CodeBuilder &h = e.host();
  MemTensor t = e.get(bias);
  if (t.rank() && !isDense(t))
    t = e.contiguous(bias);
  while (t.rank() < 4)
    t.dims.insert(t.dims.begin(), h.ci(1)),
        t.strides.insert(t.strides.begin(), h.ci(0)),
        t.shape.insert(t.shape.begin(),
                       llm::constantDim(h.builder().getContext(), 1));
  for (int64_t i = 0; i < 4; ++i)
    if (llm::fixedDim(t.shape[i]) == 1)
      t.strides[i] = h.ci(0);
    else if (t.shape[i] != full[i])
      t.strides[i] = h.select(h.eq(t.dims[i], h.ci(1)), h.ci(0), t.strides[i]);
  t.contiguous = false;
  return t;
}

namespace {
/// An attention's operands; absent ones have no base.
struct AttentionOperands {
  MemTensor q, k, v, out, keyMask, lengths, starts, bias, sinks;
};
} // namespace

/// The form of the kernel that takes these operands; none where plain loops
/// serve.
static std::optional<AttentionSpec> attentionSpec(EntryLowering &e,
                                                  llm::AttentionOp op,
                                                  const AttentionOperands &o) {
  AttentionSpec spec;
  spec.headSize = *llm::fixedDim(o.q.shape[3]),
  spec.valueSize = *llm::fixedDim(o.v.shape[3]),
  spec.group = *llm::fixedDim(o.q.shape[2]) / *llm::fixedDim(o.k.shape[1]);
  spec.scale = op.getScale().convertToDouble(),
  spec.softcap = op.getSoftcap().convertToDouble();
  spec.causal = op.getCausal(), spec.window = op.getWindow();
  spec.uniformWhenMasked = op.getUniformWhenMasked();
  spec.keyMask = o.keyMask.base ? o.keyMask.element : Type();
  spec.lengths = o.lengths.base ? o.lengths.element : Type();
  spec.starts = o.starts.base ? o.starts.element : Type();
  spec.clamped = op.getClamped();
  spec.sinks = bool(o.sinks.base);
  for (const MemTensor *t : {&o.q, &o.k, &o.v, &o.out, &o.sinks})
    if (!isDense(*t))
      return std::nullopt;
  for (const MemTensor *t : {&o.q, &o.k, &o.v, &o.out, &o.sinks, &o.bias})
    if (t->base && !t->element.isF32())
      return std::nullopt;
  if (!isDense(o.keyMask) || !isDense(o.lengths) || !isDense(o.starts) ||
      !spec.isSupported(e.target()))
    return std::nullopt;
  if (o.bias.base) {
    if (llm::fixedDim(o.bias.shape[3]) == 1)
      spec.bias = AttentionSpec::BroadcastBias;
    else if (o.bias.shape[3] == o.k.shape[2] && isDense(o.bias))
      spec.bias = AttentionSpec::ContiguousBias;
    else
      return std::nullopt;
  }
  return spec;
}

static void launchAttention(EntryLowering &e, const AttentionSpec &spec,
                            const AttentionOperands &o, Value offset) {
  CodeBuilder &h = e.host();
  SmallVector<Value> args(AttentionArgCount, h.ci(0));
  auto pointer = [&](AttentionArg at, const MemTensor &t) {
    if (t.base)
      args[at] = t.base;
  };
  pointer(AttentionQ, o.q), pointer(AttentionK, o.k), pointer(AttentionV, o.v);
  pointer(AttentionOut, o.out), pointer(AttentionKeyMask, o.keyMask);
  pointer(AttentionLengths, o.lengths), pointer(AttentionStarts, o.starts);
  pointer(AttentionBias, o.bias);
  pointer(AttentionSinks, o.sinks);
  args[AttentionSequence] = o.q.dims[1], args[AttentionTotal] = o.k.dims[2];
  args[AttentionKeyHeads] = o.k.dims[1], args[AttentionOffset] = offset;
  AttentionGrid grid = attentionGrid(h, spec, o.q.dims[0], o.q.dims[1],
                                     o.k.dims[1], e.workers());
  args[AttentionTileRows] = grid.tileRows;
  auto strides = [&](const MemTensor &t, AttentionArg batch, AttentionArg first,
                     AttentionArg second) {
    args[batch] = t.strides[0], args[first] = t.strides[1],
    args[second] = t.strides[2];
  };
  strides(o.q, AttentionQBatch, AttentionQToken, AttentionQHead);
  strides(o.k, AttentionKBatch, AttentionKHead, AttentionKToken);
  strides(o.v, AttentionVBatch, AttentionVHead, AttentionVToken);
  strides(o.out, AttentionOutBatch, AttentionOutToken, AttentionOutHead);
  if (o.keyMask.base)
    args[AttentionMaskBatch] = o.keyMask.strides[0];
  if (o.bias.base)
    strides(o.bias, AttentionBiasBatch, AttentionBiasHead, AttentionBiasToken);
  e.launch(emitAttention(e.kernels(), spec), args, grid.count, grid.grain);
}

static LogicalResult lowerPlainAttention(llm::AttentionOp attention,
                                         EntryLowering &e,
                                         const AttentionOperands &o,
                                         Value offset) {
  SmallVector<PlainTensor> tensors = {{o.q}, {o.k}, {o.v}, {o.out, true}};
  auto add = [&](const MemTensor &t) -> int {
    if (!t.base)
      return -1;
    tensors.push_back({t});
    return tensors.size() - 1;
  };
  int keyMask = add(o.keyMask), lengths = add(o.lengths),
      starts = add(o.starts), bias = add(o.bias), sinks = add(o.sinks);
  int64_t headSize = *llm::fixedDim(o.q.shape[3]),
          valueSize = *llm::fixedDim(o.v.shape[3]),
          group = *llm::fixedDim(o.q.shape[2]) / *llm::fixedDim(o.k.shape[1]);
  std::string key;
  llvm::raw_string_ostream(key) << attention->getAttrDictionary() << valueSize
                                << "," << group << "," << headSize;
  launchPlain(e, "attention", key, tensors, {offset}, 3, 3, [&](PlainBody &p) {
    PlainAttention body{attention, p,       p.k,      sumType(e),
                        keyMask,   lengths, starts,   bias,
                        sinks,     group,   headSize, valueSize};
    p.forTiles(3, 3, [&](Values at) { body.row(at); });
  });
  return success();
}

static LogicalResult lowerAttention(Operation *op, EntryLowering &e) {
  auto attention = cast<llm::AttentionOp>(op);
  AttentionOperands o;
  o.q = e.get(attention.getQ()), o.k = e.get(attention.getK()),
  o.v = e.get(attention.getV()), o.out = e.result(attention.getResult());
  if (!llm::fixedDim(o.v.shape[3]))
    return op->emitError("needs a fixed value head size");
  if (attention.getKeyMask())
    o.keyMask = e.get(attention.getKeyMask());
  if (attention.getLengths())
    o.lengths = e.get(attention.getLengths());
  if (attention.getStarts())
    o.starts = e.get(attention.getStarts());
  if (attention.getBias())
    o.bias = biasFor(e, attention.getBias(),
                     {o.q.shape[0], o.q.shape[2], o.q.shape[1], o.k.shape[2]});
  if (attention.getSinks())
    o.sinks = e.get(attention.getSinks());
  Value offset = e.size(attention.getOffset().getResult(0));
  if (auto spec = attentionSpec(e, attention, o))
    return launchAttention(e, *spec, o, offset), success();
  return lowerPlainAttention(attention, e, o, offset);
}

void addAttentionLowerings(LoweringTable &table) {
  table["llm.rope"] = lowerRope;
  table["llm.attention"] = lowerAttention;
}

} // namespace llmc
