// SPDX-License-Identifier: Apache-2.0
// onnxruntime's GroupQueryAttention, also with caches that keep a window of
// keys. Order: norms of q and k, rotation, append, attention.
#include "frontend/onnx/rules/attention/Parts.h"

#include <cmath>

using namespace mlir;

namespace llmc::onnx {

namespace {
/// Counts of tokens per row, as i32 [batch]. A call has `seq` rows of new
/// tokens, of which the first `fresh` are not padding; they go behind `past`
/// ones, and then there are `total`.
struct Counts {
  Binder &b;
  llm::Dim batch, seq;
  Type i32;
  Value total, fresh, past;

  Counts(Binder &b, llm::Dim batch, llm::Dim seq)
      : b(b), batch(batch), seq(seq), i32(b.builder.getI32Type()) {
    if (auto given = llm::productOf(b.ctx, b.dims(5)); given != batch)
      requireEqual(b, given, batch, "elements of seqlens_k and rows");
    total = add(b.reshape(b.cast(b.in(5), i32), batch), number(1));
    if (!b.has(16)) {
      past = b.make<llm::MaxOp>({sub(total, rows()), number(0)});
      return;
    }
    requireEqual(b, b.dims(16)[0], batch, "elements of query_seqlens and rows");
    fresh = b.cast(b.in(16), i32);
    past = sub(total, fresh);
  }

  Value number(int64_t n) { return b.scalarSize(b.constantDim(n), i32); }
  Value rows() { return b.scalarSize(seq, i32); }
  Value add(Value x, Value y) { return b.make<llm::AddOp>({x, y}); }
  Value sub(Value x, Value y) { return b.make<llm::SubOp>({x, y}); }
  /// past + i: where the new tokens stand, [batch, seq].
  Value positions() {
    llm::Dim one = b.constantDim(1);
    return add(b.reshape(past, {batch, one}),
               b.reshape(countTo(b, seq, i32), {one, seq}));
  }
};

struct GroupQueryAttention {
  Binder &b;
  AttentionParts p;
  Value k, v; ///< of the new tokens, [batch, seq, kv heads, size]
  int64_t heads, kvHeads;
  explicit GroupQueryAttention(Binder &b)
      : b(b), heads(b.requiredInt("num_heads")),
        kvHeads(b.requiredInt("kv_num_heads")) {
    requireGroups(b, heads, kvHeads);
  }

  void refuseCacheForms() {
    int64_t bits = b.intAttr("kv_cache_bit_width", 8);
    if (bits != 0 && bits != 4 && bits != 8)
      b.fail("has kv_cache_bit_width " + Twine(bits));
    for (size_t i : {12, 13})
      if (b.has(i))
        b.unsupported("quantized caches are not supported");
    for (StringRef name : {"k_quant_type", "v_quant_type"})
      if (b.stringAttr(name, "NONE") != "NONE")
        b.unsupported("quantized caches are not supported");
    if (b.has(3) != b.has(4))
      b.fail("needs past_key and past_value both or not at all");
  }

  /// From packed or separate projections.
  void readProjections() {
    if (b.rank(0) != 3)
      b.fail("needs a query of rank 3");
    if (b.has(1) != b.has(2))
      b.fail("needs key and value both or not at all");
    if (b.has(1)) {
      p.q = splitHeads(b, b.in(0), heads);
      k = splitHeads(b, b.in(1), kvHeads);
      v = splitHeads(b, b.in(2), kvHeads);
      requireEqual(b, llm::dimsOf(p.q)[3], llm::dimsOf(k)[3],
                   "head sizes of query and key");
      for (size_t i : {1, 2}) {
        requireEqual(b, b.dims(i)[0], b.dims(0)[0], "rows of query and key");
        requireEqual(b, b.dims(i)[1], b.dims(0)[1], "tokens of query and key");
      }
      return;
    }
    int64_t width = fixedSize(b, b.dims(0)[2], "a packed projection"),
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
    p.q = part(0, heads);
    k = part(heads, kvHeads);
    v = part(heads + kvHeads, kvHeads);
  }

  Value normalized(Value x, size_t weight, StringRef epsilonName) {
    if (!b.has(weight))
      return x;
    double epsilon =
        b.floatAttr(epsilonName, b.floatAttr("qk_norm_epsilon", 1e-6));
    auto op =
        llm::RmsNormOp::create(b.builder, b.loc, x.getType(), x, b.in(weight),
                               Value(), b.builder.getF64FloatAttr(epsilon));
    b.check(op);
    return op.getResult();
  }

  void rotateBoth(Counts &counts) {
    if (!b.intAttr("do_rotary", 0))
      return;
    if (!b.has(7) || !b.has(8))
      b.fail("needs cos_cache and sin_cache to rotate");
    Value positions = b.has(9) ? b.in(9) : counts.positions();
    bool interleaved = b.intAttr("rotary_interleaved", 0);
    p.q = rotate(b, p.q, positions, b.in(7), b.in(8), interleaved);
    k = rotate(b, k, positions, b.in(7), b.in(8), interleaved);
  }

  void readOptions() {
    p.window = std::max<int64_t>(b.intAttr("local_window_size", -1), 0);
    if (p.window && !p.causal)
      b.fail("needs causal for local_window_size");
    p.softcap = b.floatAttr("softcap", 0.0);
    Type element = b.element(0);
    if (b.has(11)) {
      requireEqual(b, b.dims(11)[0], b.constantDim(heads),
                   "head_sink and num_heads");
      p.sinks = b.cast(b.in(11), element);
    } else if (b.intAttr("smooth_softmax", 0)) {
      p.sinks =
          b.constant(splatFloat(RankedTensorType::get(heads, element), 0.0));
    }
    int64_t size = fixedSize(b, llm::dimsOf(p.q)[3], "a head");
    double scale = b.floatAttr("scale", 0.0);
    p.scale = scale == 0.0 ? 1.0 / std::sqrt(double(size)) : scale;
    // What padding gives is nobody's result, but it is the same everywhere:
    // onnxruntime cuts its positions off in these cases alone.
    p.clamped = p.softcap > 0 || p.sinks || b.isUsed(3);
  }

  /// Caches that grow by the new tokens.
  void append(Counts &counts) {
    p.lengths = counts.total;
    Value end = counts.total;
    if (counts.fresh) {
      p.starts = counts.past;
      end = counts.add(counts.past, counts.rows());
    }
    if (b.has(3)) {
      p.k = appendToCache(b, b.in(3), k, end);
      p.v = appendToCache(b, b.in(4), v, end);
      requireEqual(b, b.dims(3)[2], b.dims(4)[2], "tokens of the pasts");
    } else {
      p.k = swapSeqAndHeads(b, k);
      p.v = swapSeqAndHeads(b, v);
    }
    b.set(1, p.k);
    b.set(2, p.v);
    llm::Dim total = llm::dimsOf(p.k)[2];
    const Content *declared = b.content(6);
    if (!counts.fresh && declared && declared->size() == 1 &&
        !declared->isFloat)
      b.learnEqual(declared->ints[0], total);
    if (b.has(10))
      p.bias = maskBias(b, b.in(10), b.element(0), total);
    if (!p.causal) {
      p.keyMask = keysBelow(b, p.lengths, total);
      p.lengths = p.starts = {};
      p.clamped = false;
    }
  }

  void appendToWindow(Counts &counts);
  void import();
};
} // namespace

/// Caches of a capacity C that keep the newest keys at their front, of n tokens
/// so far L(n) = n - G ceil((n - C) / G) with G = C - window + 1, or all n up
/// to C. The new tokens go behind the resident ones; attention counts positions
/// from the first of those; then the newest L(total) move to the front.
void GroupQueryAttention::appendToWindow(Counts &counts) {
  if (!p.window)
    b.fail("needs local_window_size for sliding_window_cache");
  if (!b.has(3))
    b.fail("needs past_key and past_value for sliding_window_cache");
  if (b.has(10))
    b.unsupported("attention_bias with sliding_window_cache is not supported");
  llm::Dim capacity = b.dims(3)[2], one = b.constantDim(1);
  if (auto c = llm::fixedDim(capacity); c && *c < p.window)
    b.fail("has a cache of " + Twine(*c) + " tokens for a window of " +
           Twine(p.window));
  requireEqual(b, b.dims(3)[2], b.dims(4)[2], "tokens of the pasts");
  Value size = b.scalarSize(capacity, counts.i32),
        slack = counts.sub(size, counts.number(p.window - 1));
  slack = b.make<llm::MaxOp>({slack, counts.number(0)}); // 0 fails the call
  auto residents = [&](Value n) {
    Value over = b.make<llm::MaxOp>({counts.sub(n, size), counts.number(0)});
    over = counts.add(over, counts.sub(slack, counts.number(1)));
    return counts.sub(
        n, b.make<llm::MulOp>({b.make<llm::DivOp>({over, slack}), slack}));
  };
  Value before = residents(counts.past);
  Value end = counts.add(before, counts.rows());
  p.k = appendToCache(b, b.in(3), k, end);
  p.v = appendToCache(b, b.in(4), v, end);
  p.lengths = counts.add(before, counts.sub(counts.total, counts.past));
  p.starts = before;
  Value shift = counts.sub(p.lengths, residents(counts.total));
  Value rows =
      counts.add(b.reshape(countTo(b, capacity, counts.i32), {one, capacity}),
                 b.reshape(shift, {counts.batch, one}));
  Value last = b.scalarSize(capacity + counts.seq - 1, counts.i32);
  rows = b.make<llm::MinOp>({rows, last});
  auto present = [&](Value all) {
    b.requireEqual(llm::dimsOf(all)[0], llm::dimsOf(rows)[0]);
    return b.make<llm::GatherRowsOp>({all, rows}, b.named("axis", 2));
  };
  b.set(1, present(p.k));
  b.set(2, present(p.v));
}

void GroupQueryAttention::import() {
  refuseCacheForms();
  readProjections();
  p.q = normalized(p.q, 14, "q_norm_epsilon");
  k = normalized(k, 15, "k_norm_epsilon");
  Counts counts(b, llm::dimsOf(p.q)[0], llm::dimsOf(p.q)[1]);
  rotateBoth(counts);
  p.causal = b.intAttr("causal", 1);
  if (counts.fresh && !p.causal)
    b.fail("needs causal for query_seqlens");
  readOptions();
  if (b.intAttr("sliding_window_cache", 0))
    appendToWindow(counts);
  else
    append(counts);
  p.offset = llm::simplified(llm::dimsOf(p.k)[2] - counts.seq);
  b.set(0, mergeHeads(b, attend(b, p)));
  if (!b.isUsed(3))
    return;
  int64_t kind = b.intAttr("qk_output", 0);
  if (kind != 1 && kind != 2)
    b.fail("has qk_output " + Twine(kind) + " for an output that is used");
  b.set(3, scores(b, p, kind == 1 ? Scores::Masked : Scores::Weights));
}

static void importGroupQueryAttention(Binder &b) {
  GroupQueryAttention(b).import();
}

void addGroupQueryAttentionRules(RuleTable &rules) {
  rules.add(kMicrosoft, {"GroupQueryAttention"}, importGroupQueryAttention);
  rules.refuse(kMicrosoft, "PagedAttention",
               "the caller pages its caches; export the model with "
               "GroupQueryAttention, whose caches the runtime keeps");
}

} // namespace llmc::onnx
