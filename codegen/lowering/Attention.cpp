// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Attention.h"
#include "codegen/cpu/Math.h"
#include "codegen/cpu/MathDouble.h"
#include "codegen/cpu/kernels/Lanes.h"
#include "codegen/lowering/Loops.h"
#include "codegen/lowering/PackedRows.h"
#include "codegen/ref/PlainKernel.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace llmc {

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

  /// Element d of a key or value.
  Value element(unsigned tensor, std::optional<llm::PackedRowsAttr> rows,
                Values row, Value d) {
    if (rows)
      return k.convert(plainPacked(p, tensor, rows->rows(), row, d), acc);
    row.push_back(d);
    return k.convert(p.load(tensor, row), acc);
  }

  Value score(Values at, Value kvHead, Value t) {
    Value dot = k.forLoop(
        k.ci(0), k.ci(headSize), k.ci(1), {k.zero(acc)},
        [&](Value d, ValueRange c) -> Values {
          Value x = k.convert(p.load(0, {at[0], at[1], at[2], d}), acc),
                y = element(1, op.getKeyRows(), {at[0], kvHead, t}, d);
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
            Value v = element(2, op.getValueRows(), {at[0], kvHead, t}, d);
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

/// `bias` with all four dims of `full` and strides of 0 where it broadcasts.
/// One whose keys are not neighbours (a table of [query, key, heads], turned)
/// is copied: it is small beside the scores that it joins.
static MemTensor biasFor(EntryLowering &e, Value bias, const llm::Dims &full) {
  CodeBuilder &h = e.host();
  MemTensor t = e.get(bias);
  if (t.rank() && !isDense(t))
    t = e.contiguous(bias);
  while (t.rank() < 4)
    insertUnit(h, t, 0);
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
  spec.valueSize = *llm::fixedDim(o.out.shape[3]),
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
  auto elementOf = [](const MemTensor &t) {
    return t.base ? t.element : Type();
  };
  spec.query = o.q.element, spec.keyElement = o.k.element,
  spec.valueElement = o.v.element, spec.biasElement = elementOf(o.bias),
  spec.sinkElement = elementOf(o.sinks);
  auto stride = [](Value v) -> int64_t {
    APInt known;
    return matchPattern(v, m_ConstantInt(&known)) ? known.getSExtValue() : 0;
  };
  if (auto rows = op.getKeyRows())
    spec.keyRows = rows->rows();
  if (auto rows = op.getValueRows())
    spec.valueRows = rows->rows();
  spec.rounds = op.getRounds() && e.target().pairDot &&
                spec.headSize % 2 == 0 && !spec.keyRows && !spec.valueRows;
  spec.keyStride = stride(o.k.strides[2]);
  spec.valueStride = stride(o.v.strides[2]);
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

/// Memory for what the tiles of a split attention leave; none where there are
/// always too many rows to split it.
static Value partialsFor(EntryLowering &e, const AttentionSpec &spec,
                         const AttentionOperands &o) {
  if (e.isOneSegment()) // there are tiles enough
    return {};
  auto sequence = llm::fixedDim(o.q.shape[1]);
  int64_t rows = sequence ? *sequence * spec.group : attentionSplitRows;
  if (rows > attentionSplitRows)
    return {};
  llm::Dim blocks =
      (o.k.shape[2] + (attentionBlock - 1)).floorDiv(attentionBlock);
  int64_t bytes = rows * attentionPartial(spec) * int64_t(sizeof(float));
  return e.scratch(o.q.shape[0] * o.k.shape[1] * blocks * bytes);
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
  Value partials = partialsFor(e, spec, o);
  AttentionGrid grid =
      attentionGrid(h, spec, o.q.dims[0], o.q.dims[1], o.k.dims[1], o.k.dims[2],
                    e.workers(), bool(partials));
  args[AttentionTileRows] = grid.tileRows;
  args[AttentionParts] = grid.parts;
  if (partials)
    args[AttentionPartials] = partials;
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
  e.launch(emitAttention(e.kernels(), spec), args, grid.count, h.ci(1));
  if (partials)
    e.launch(emitAttentionMerge(e.kernels(), spec), args, grid.merges, h.ci(1));
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
          valueSize = *llm::fixedDim(o.out.shape[3]),
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
  if (!llm::fixedDim(o.out.shape[3]))
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
  table["llm.attention"] = lowerAttention;
}

} // namespace llmc
