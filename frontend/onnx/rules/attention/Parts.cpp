// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/rules/attention/Parts.h"

#include <cmath>

using namespace mlir;

namespace llmc::onnx {

void requireGroups(Binder &b, int64_t heads, int64_t kvHeads) {
  if (heads <= 0 || kvHeads <= 0 || heads % kvHeads)
    b.fail("needs query heads that are a multiple of the key heads, not " +
           Twine(heads) + " of " + Twine(kvHeads));
}

Value swapSeqAndHeads(Binder &b, Value x) {
  return b.transpose(x, {0, 2, 1, 3});
}

Value splitHeads(Binder &b, Value x, int64_t heads) {
  llm::Dims dims = llm::dimsOf(x);
  if (dims.size() != 3)
    b.fail("needs a tensor of rank 3");
  int64_t width = fixedSize(b, dims[2], "a hidden dimension");
  if (heads <= 0 || width % heads)
    b.fail("splits " + Twine(width) + " elements into " + Twine(heads) +
           " heads");
  dims[2] = b.constantDim(heads);
  dims.push_back(b.constantDim(width / heads));
  return b.reshape(x, dims);
}

Value mergeHeads(Binder &b, Value x) {
  llm::Dims dims = llm::dimsOf(x);
  dims[2] = llm::simplified(dims[2] * dims[3]);
  dims.pop_back();
  return b.reshape(x, dims);
}

Value appendToCache(Binder &b, Value past, Value update, Value lengths) {
  if (llm::rankOf(past) != 4)
    b.fail("needs a past of rank 4");
  llm::Dims p = llm::dimsOf(past), u = llm::dimsOf(update);
  // Caches are declared with symbolic head sizes; the projection knows better.
  requireEqual(b, p[3], u[3], "head sizes of the past and the new tokens");
  requireEqual(b, p[1], u[2], "heads of the past and the new tokens");
  SmallVector<Value> operands = {past, update};
  if (lengths)
    operands.push_back(lengths);
  return b.make<llm::KvAppendOp>(operands);
}

Value attend(Binder &b, const AttentionParts &p) {
  llm::Dims q = llm::dimsOf(p.q), v = llm::dimsOf(p.v);
  llm::Dims dims = {q[0], q[1], q[2], v[3]};
  auto op = llm::AttentionOp::create(
      b.builder, b.loc, b.tensor(dims, llm::elementOf(p.q)), p.q, p.k, p.v,
      p.keyMask, p.lengths, p.starts, p.bias, p.sinks,
      llm::dimsMap(b.ctx, p.offset), APFloat(p.scale), p.causal,
      static_cast<uint64_t>(p.window), APFloat(p.softcap),
      /*uniform_when_masked=*/false, p.clamped, /*rounds=*/false,
      /*key_rows=*/nullptr, /*value_rows=*/nullptr);
  b.check(op);
  return op.getResult();
}

Value biasWhere(Binder &b, Value keep, Type element, double masked) {
  Value zero = b.scalarFloat(element, 0.0),
        other = b.scalarFloat(element, masked);
  return b.make<llm::WhereOp>({keep, zero, other});
}

Value maskBias(Binder &b, Value mask, Type element, llm::Dim total) {
  llm::Dims dims = llm::dimsOf(mask);
  if (dims.empty() || dims.size() > 4)
    b.fail("has a mask of rank " + Twine(dims.size()));
  while (dims.size() < 4)
    dims.insert(dims.begin(), b.constantDim(1));
  mask = b.reshape(mask, dims);
  if (llm::elementOf(mask).isInteger(1))
    mask = biasWhere(b, mask, element, -INFINITY);
  mask = b.cast(mask, element);
  llm::Dim last = dims[3];
  b.learnEqual(last, total);
  auto m = llm::fixedDim(last), n = llm::fixedDim(total);
  if (last == total || (!m && n))
    return mask;
  if (m == 1) {
    dims[3] = total;
    return b.expand(mask, dims);
  }
  if (m && b.version() >= 24 && (!n || *m < *n)) { // shorter: -inf behind
    Value never = b.scalarFloat(element, -INFINITY);
    llm::Dims before(4, b.constantDim(0));
    dims[3] = total;
    return b.makeAs<llm::PadOp>(
        b.tensor(dims, element), {mask, never},
        b.named("before", llm::dimsAttr(b.ctx, before)));
  }
  if (m && n)
    b.fail("has a mask for " + Twine(*m) + " keys, of which there are " +
           Twine(*n));
  return mask;
}

Value keysBelow(Binder &b, Value lengths, llm::Dim total) {
  Value t = countTo(b, total, llm::elementOf(lengths));
  llm::Dim batch = llm::dimsOf(lengths)[0], one = b.constantDim(1);
  return b.make<llm::LessOp>(
      {b.reshape(t, {one, total}), b.reshape(lengths, {batch, one})});
}

namespace {
/// Positions as i64 tensors that broadcast to [batch, 1, seq, total].
struct Positions {
  Binder &b;
  const AttentionParts &p;
  Type i64;
  llm::Dim one, seq, total;
  Positions(Binder &b, const AttentionParts &p)
      : b(b), p(p), i64(b.builder.getI64Type()), one(b.constantDim(1)),
        seq(llm::dimsOf(p.q)[1]), total(llm::dimsOf(p.k)[2]) {}

  Value number(int64_t n) { return b.scalarSize(b.constantDim(n), i64); }
  Value perRow(Value rows) {
    return b.reshape(b.cast(rows, i64), {llm::dimsOf(rows)[0], one, one, one});
  }
  Value ofKeys() {
    return b.reshape(countTo(b, total, i64), {one, one, one, total});
  }
  Value ofQueries() {
    Value first;
    if (p.starts)
      first = perRow(p.starts);
    else if (p.lengths)
      first = b.make<llm::MaxOp>(
          {b.make<llm::SubOp>({perRow(p.lengths), b.scalarSize(seq, i64)}),
           number(0)});
    else
      first = b.scalarSize(p.offset, i64);
    Value at = b.make<llm::AddOp>(
        {b.reshape(countTo(b, seq, i64), {one, one, seq, one}), first});
    if (p.clamped)
      at = b.make<llm::MinOp>(
          {at, b.make<llm::SubOp>({perRow(p.lengths), number(1)})});
    return at;
  }
};
} // namespace

Value keysFrom(Binder &b, const AttentionParts &p, int64_t left) {
  Positions at(b, p);
  Value first = b.make<llm::SubOp>({at.ofQueries(), at.number(left)});
  return b.make<llm::GreaterEqualOp>({at.ofKeys(), first});
}

Value keptKeys(Binder &b, const AttentionParts &p) {
  Positions at(b, p);
  Value kept, keys = at.ofKeys();
  auto also = [&](Value condition) {
    kept = kept ? b.make<llm::AndOp>({kept, condition}) : condition;
  };
  if (p.causal || p.window) {
    Value queries = at.ofQueries();
    if (p.causal)
      also(b.make<llm::LessEqualOp>({keys, queries}));
    if (p.window)
      also(keysFrom(b, p, p.window - 1));
    if (p.window && !p.causal)
      also(b.make<llm::LessOp>(
          {keys, b.make<llm::AddOp>({queries, at.number(p.window)})}));
  }
  if (p.lengths)
    also(b.make<llm::LessOp>({keys, at.perRow(p.lengths)}));
  if (p.keyMask) {
    Value mask = b.cast(p.keyMask, b.builder.getI1Type());
    also(b.reshape(mask, {llm::dimsOf(mask)[0], at.one, at.one, at.total}));
  }
  return kept;
}

/// [batch, kv heads, total, size] with each head as often as queries share it.
static Value repeatHeads(Binder &b, Value k, int64_t heads) {
  llm::Dims d = llm::dimsOf(k);
  int64_t kvHeads = fixedSize(b, d[1], "a number of heads");
  if (kvHeads == heads)
    return k;
  llm::Dim one = b.constantDim(1), times = b.constantDim(heads / kvHeads);
  Value many = b.expand(b.reshape(k, {d[0], d[1], one, d[2], d[3]}),
                        {d[0], d[1], times, d[2], d[3]});
  return b.reshape(many, {d[0], b.constantDim(heads), d[2], d[3]});
}

static Value softmaxOrZero(Binder &b, Value x) {
  Type element = llm::elementOf(x);
  Value top = reduce(b, llm::ReduceKind::Max, x, 3, true);
  Value none = b.make<llm::EqualOp>({top, b.scalarFloat(element, -INFINITY)});
  Value weights = b.make<llm::SoftmaxOp>(x, b.named("axis", 3));
  return b.make<llm::WhereOp>({none, b.scalarFloat(element, 0.0), weights});
}

Value scores(Binder &b, const AttentionParts &p, Scores stage, double masked) {
  Type element = llm::elementOf(p.q), wide = element;
  if (element.getIntOrFloatBitWidth() < 32)
    wide = b.builder.getF32Type();
  int64_t heads = fixedSize(b, llm::dimsOf(p.q)[2], "a number of heads");
  Value q = swapSeqAndHeads(b, b.cast(p.q, wide));
  Value k = b.transpose(repeatHeads(b, b.cast(p.k, wide), heads), {0, 1, 3, 2});
  q = b.make<llm::MulOp>({q, b.scalarFloat(wide, p.scale)});
  Value s = b.make<llm::MatmulOp>({q, k});
  if (stage >= Scores::Capped && p.softcap > 0) {
    Value cap = b.scalarFloat(wide, p.softcap);
    s = b.make<llm::TanhOp>(b.make<llm::DivOp>({s, cap}));
    s = b.make<llm::MulOp>({s, cap});
  }
  if (stage >= Scores::Masked && p.bias)
    s = b.make<llm::AddOp>({s, b.cast(p.bias, wide)});
  if (stage >= Scores::Masked)
    if (Value kept = keptKeys(b, p))
      s = b.make<llm::WhereOp>({kept, s, b.scalarFloat(wide, masked)});
  if (stage == Scores::Weights)
    s = softmaxOrZero(b, s);
  return b.cast(s, element);
}

} // namespace llmc::onnx
