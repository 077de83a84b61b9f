// SPDX-License-Identifier: Apache-2.0
// Attention in its two standard spellings: ai.onnx Attention (23, 24) and
// onnxruntime's GroupQueryAttention.
#include "frontend/onnx/rules/AttentionParts.h"

#include <cmath>

using namespace mlir;

namespace llmc::onnx {

static int64_t fixed(Binder &b, llm::Dim d, const char *what) {
  if (auto v = llm::fixedDim(d))
    return *v;
  b.unsupported(Twine(what) + " of symbolic size is not supported");
}

/// [batch, heads, seq, size] and back; the same swap.
Value swapSeqAndHeads(Binder &b, Value x) {
  return b.transpose(x, {0, 2, 1, 3});
}

/// [batch, seq, heads * size] as [batch, seq, heads, size].
Value splitHeads(Binder &b, Value x, int64_t heads) {
  llm::Dims dims = llm::dimsOf(x);
  if (dims.size() != 3)
    b.fail("needs a tensor of rank 3");
  int64_t width = fixed(b, dims[2], "a hidden dimension");
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
  b.learnEqual(p[3], u[3]);
  b.learnEqual(p[1], u[2]);
  for (auto [i, j] : {std::pair(1, 2), {3, 3}}) {
    auto m = llm::fixedDim(p[i]), n = llm::fixedDim(u[j]);
    if (m && n && *m != *n)
      b.fail("appends heads or head sizes of " + Twine(*n) + " to a cache of " +
             Twine(*m));
  }
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
      p.keyMask, p.lengths, p.bias, p.sinks, llm::dimsMap(b.ctx, p.offset),
      APFloat(p.scale), p.causal, static_cast<uint64_t>(p.window),
      APFloat(p.softcap), /*uniform_when_masked=*/false);
  b.check(op);
  return op.getResult();
}

/// A mask or bias that broadcasts to [batch, heads, seq, total], as an additive
/// bias of rank 4 whose last dim is total.
static Value biasOf(Binder &b, Value mask, Type element, llm::Dim total) {
  llm::Dims dims = llm::dimsOf(mask);
  if (dims.empty() || dims.size() > 4)
    b.fail("a mask of rank " + Twine(dims.size()));
  while (dims.size() < 4)
    dims.insert(dims.begin(), b.constantDim(1));
  mask = b.reshape(mask, dims);
  if (llm::elementOf(mask).isInteger(1)) {
    Value zero = b.scalarFloat(element, 0.0),
          never = b.scalarFloat(element, -INFINITY);
    mask = b.make<llm::WhereOp>({mask, zero, never});
  }
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
    b.fail("a mask for " + Twine(*m) + " keys, of which there are " +
           Twine(*n));
  return mask;
}

/// Keys of each row of the batch below its length, as a mask [batch, total].
static Value keysBelow(Binder &b, Value lengths, llm::Dim total) {
  Type element = llm::elementOf(lengths);
  Value zero = b.scalarSize(b.constantDim(0), element),
        one = b.scalarSize(b.constantDim(1), element);
  Value t = b.makeAs<llm::RangeOp>(b.tensor(total, element), {zero, one});
  llm::Dims batch = llm::dimsOf(lengths);
  Value column = b.reshape(lengths, {batch[0], b.constantDim(1)});
  return b.make<llm::LessOp>({b.reshape(t, {b.constantDim(1), total}), column});
}

static void importAttention(Binder &b) {
  if (b.isUsed(3))
    b.unsupported("the output qk_matmul_output is not supported");
  bool flat = b.rank(0) == 3;
  if (!flat && b.rank(0) != 4)
    b.fail("needs Q of rank 3 or 4");
  AttentionParts p;
  Value k, v; // [batch, seq, kv heads, size]
  if (flat) {
    int64_t heads = b.requiredInt("q_num_heads"),
            kvHeads = b.requiredInt("kv_num_heads");
    p.q = splitHeads(b, b.in(0), heads);
    k = splitHeads(b, b.in(1), kvHeads);
    v = splitHeads(b, b.in(2), kvHeads);
  } else {
    if (b.rank(1) != 4 || b.rank(2) != 4)
      b.fail("needs Q, K and V of one rank");
    p.q = swapSeqAndHeads(b, b.in(0));
  }
  p.offset = b.constantDim(0);
  if (b.has(4) != b.has(5))
    b.fail("needs past_key and past_value both or not at all");
  if (b.has(4)) {
    if (!flat) {
      k = swapSeqAndHeads(b, b.in(1));
      v = swapSeqAndHeads(b, b.in(2));
    }
    p.k = appendToCache(b, b.in(4), k, {});
    p.v = appendToCache(b, b.in(5), v, {});
    p.offset = llm::dimsOf(b.in(4))[2];
  } else {
    p.k = flat ? swapSeqAndHeads(b, k) : b.in(1);
    p.v = flat ? swapSeqAndHeads(b, v) : b.in(2);
  }
  b.set(1, p.k);
  b.set(2, p.v);
  llm::Dim total = llm::dimsOf(p.k)[2];
  p.causal = b.intAttr("is_causal", 0);
  if (b.has(6) && p.causal)
    p.lengths = b.in(6);
  else if (b.has(6))
    p.keyMask = keysBelow(b, b.in(6), total);
  if (b.has(3))
    p.bias = biasOf(b, b.in(3), b.element(0), total);
  int64_t size = fixed(b, llm::dimsOf(p.q)[3], "a head");
  p.scale = b.floatAttr("scale", 1.0 / std::sqrt(double(size)));
  p.softcap = b.floatAttr("softcap", 0.0);
  Value y = attend(b, p);
  b.set(0, flat ? mergeHeads(b, y) : swapSeqAndHeads(b, y));
}

// GroupQueryAttention.

/// Input i as [batch, seq, heads, size], from packed or separate projections.
static void readProjections(Binder &b, int64_t heads, int64_t kvHeads, Value &q,
                            Value &k, Value &v) {
  if (b.rank(0) != 3)
    b.fail("needs a query of rank 3");
  if (heads <= 0 || kvHeads <= 0 || heads % kvHeads)
    b.fail("num_heads is not a multiple of kv_num_heads");
  if (b.has(1) && b.has(2)) {
    q = splitHeads(b, b.in(0), heads);
    k = splitHeads(b, b.in(1), kvHeads);
    v = splitHeads(b, b.in(2), kvHeads);
    return;
  }
  int64_t width = fixed(b, b.dims(0)[2], "a packed projection"),
          all = heads + 2 * kvHeads;
  if (width % all)
    b.fail("splits " + Twine(width) + " elements into " + Twine(all) +
           " heads");
  int64_t size = width / all;
  auto part = [&](int64_t first, int64_t count) {
    Value x = b.slice(b.in(0), 2, b.constantDim(first * size),
                      b.constantDim(count * size));
    return splitHeads(b, x, count);
  };
  q = part(0, heads);
  k = part(heads, kvHeads);
  v = part(heads + kvHeads, kvHeads);
}

static Value normalizedHeads(Binder &b, Value x, size_t weight) {
  if (!b.has(weight))
    return x;
  auto op = llm::RmsNormOp::create(
      b.builder, b.loc, x.getType(), x, b.in(weight),
      b.builder.getF64FloatAttr(b.floatAttr("qk_norm_epsilon", 1e-6)));
  b.check(op);
  return op.getResult();
}

/// max(lengths - seq, 0) + i: where the new tokens stand in each row.
static Value positionsOf(Binder &b, Value lengths, llm::Dim seq) {
  Type element = llm::elementOf(lengths);
  Value zero = b.scalarSize(b.constantDim(0), element),
        one = b.scalarSize(b.constantDim(1), element);
  Value past = b.make<llm::SubOp>({lengths, b.scalarSize(seq, element)});
  past = b.make<llm::MaxOp>({past, zero});
  past = b.reshape(past, {llm::dimsOf(lengths)[0], b.constantDim(1)});
  Value steps = b.makeAs<llm::RangeOp>(b.tensor(seq, element), {zero, one});
  steps = b.reshape(steps, {b.constantDim(1), seq});
  return b.make<llm::AddOp>({past, steps});
}

static void refuseCacheForms(Binder &b) {
  for (size_t i : {12, 13})
    if (b.has(i))
      b.unsupported("quantized caches are not supported");
  for (StringRef name : {"k_quant_type", "v_quant_type"})
    if (b.stringAttr(name, "NONE") != "NONE")
      b.unsupported("quantized caches are not supported");
  if (b.intAttr("sliding_window_cache", 0))
    b.unsupported("sliding_window_cache is not supported");
  if (b.isUsed(3))
    b.unsupported("the output output_qk is not supported");
  if (b.has(3) != b.has(4))
    b.fail("needs past_key and past_value both or not at all");
}

/// Order: norms of q and k, rotation, append, attention.
static void importGroupQueryAttention(Binder &b) {
  refuseCacheForms(b);
  AttentionParts p;
  Value k, v;
  readProjections(b, b.requiredInt("num_heads"), b.requiredInt("kv_num_heads"),
                  p.q, k, v);
  p.q = normalizedHeads(b, p.q, 14);
  k = normalizedHeads(b, k, 15);
  llm::Dim seq = llm::dimsOf(p.q)[1], batch = llm::dimsOf(p.q)[0];
  Value one = b.scalarSize(b.constantDim(1), b.element(5));
  p.lengths = b.make<llm::AddOp>({b.reshape(b.in(5), batch), one});
  if (b.intAttr("do_rotary", 0)) {
    if (!b.has(7) || !b.has(8))
      b.fail("needs cos_cache and sin_cache to rotate");
    Value positions = b.has(9) ? b.in(9) : positionsOf(b, p.lengths, seq);
    bool interleaved = b.intAttr("rotary_interleaved", 0);
    p.q = rotate(b, p.q, positions, b.in(7), b.in(8), interleaved);
    k = rotate(b, k, positions, b.in(7), b.in(8), interleaved);
  }
  if (b.has(3)) {
    p.k = appendToCache(b, b.in(3), k, p.lengths);
    p.v = appendToCache(b, b.in(4), v, p.lengths);
  } else {
    p.k = swapSeqAndHeads(b, k);
    p.v = swapSeqAndHeads(b, v);
  }
  b.set(1, p.k);
  b.set(2, p.v);
  llm::Dim total = llm::dimsOf(p.k)[2];
  const Content *declared = b.content(6);
  if (declared && declared->size() == 1 && !declared->isFloat)
    b.learnEqual(declared->ints[0], total);
  p.offset = llm::simplified(total - seq);
  p.causal = b.intAttr("causal", 1);
  if (!p.causal) {
    p.keyMask = keysBelow(b, p.lengths, total);
    p.lengths = {};
  }
  p.window = std::max<int64_t>(b.intAttr("local_window_size", -1), 0);
  p.softcap = b.floatAttr("softcap", 0.0);
  Type element = b.element(0);
  if (b.has(10))
    p.bias = biasOf(b, b.in(10), element, total);
  int64_t heads = b.requiredInt("num_heads");
  if (b.has(11))
    p.sinks = b.cast(b.in(11), element);
  else if (b.intAttr("smooth_softmax", 0))
    p.sinks =
        b.constant(splatFloat(RankedTensorType::get(heads, element), 0.0));
  int64_t size = fixed(b, llm::dimsOf(p.q)[3], "a head");
  double scale = b.floatAttr("scale", 0.0);
  p.scale = scale == 0.0 ? 1.0 / std::sqrt(double(size)) : scale;
  b.set(0, mergeHeads(b, attend(b, p)));
}

void addRopeRules(RuleTable &); // Rope.cpp

void addAttentionRules(RuleTable &rules) {
  rules.add({"Attention"}, importAttention);
  rules.add(kMicrosoft, {"GroupQueryAttention"}, importGroupQueryAttention);
  addRopeRules(rules);
}

} // namespace llmc::onnx
