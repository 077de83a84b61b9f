// SPDX-License-Identifier: Apache-2.0
// onnxruntime's MultiHeadAttention, and Attention and QAttention, which project
// their input by themselves. Their masks add `mask_filter_value` where they
// are 0.
#include "frontend/onnx/rules/Quant.h"
#include "frontend/onnx/rules/attention/Parts.h"

#include <cfloat>
#include <cmath>

using namespace mlir;

namespace llmc::onnx {

namespace {
struct MultiHead {
  Binder &b;
  AttentionParts p;
  int64_t heads;
  Type element; ///< of projections and scores
  Value k, v;   ///< of the new tokens, [batch, kv seq, heads, size]
  explicit MultiHead(Binder &b, size_t floats = 0)
      : b(b), heads(b.requiredInt("num_heads")), element(b.element(floats)) {
    if (heads <= 0)
      b.fail("has num_heads " + Twine(heads));
  }

  llm::Dim batch() { return llm::dimsOf(p.q)[0]; }
  llm::Dim seq() { return llm::dimsOf(p.q)[1]; }
  llm::Dim total() { return llm::dimsOf(p.k)[2]; }
  llm::Dim one() { return b.constantDim(1); }

  void addBias(Value more) {
    p.bias = p.bias ? b.make<llm::AddOp>({p.bias, more}) : more;
  }

  /// Input i as an additive bias, of the sizes it says or 1.
  void addGivenBias(size_t i) {
    if (!b.has(i))
      return;
    if (b.rank(i) != 4)
      b.fail("has a bias of rank " + Twine(b.rank(i)));
    requireEqual(b, b.dims(i)[3], total(), "columns of the bias and keys");
    addBias(maskBias(b, b.in(i), element, total()));
  }

  Value isPositive(Value mask) {
    Type element = llm::elementOf(mask);
    return b.make<llm::GreaterOp>(
        {mask, b.scalarSize(b.constantDim(0), element)});
  }

  /// Elements [from * batch, (from + 1) * batch) of a vector.
  Value rowsOf(Value x, int64_t from) {
    return b.slice(x, 0, llm::simplified(batch() * from), batch());
  }

  /// Key lengths [batch], or the keys' ends and starts [2 * batch], or lengths
  /// and cumulative ones [3 * batch + 2].
  Value keptByLengths(Value mask) {
    llm::Dim count = llm::dimsOf(mask)[0];
    auto is = [&](llm::Dim d) { return llm::simplified(d) == count; };
    bool pairs = is(batch() * 2);
    if (!pairs && !is(batch() * 3 + 2))
      requireEqual(b, count, batch(), "elements of the mask and rows");
    Value ends = is(batch()) ? mask : rowsOf(mask, 0);
    Value kept = keysBelow(b, ends, total());
    if (pairs)
      kept = b.make<llm::AndOp>(
          {kept, b.make<llm::NotOp>(keysBelow(b, rowsOf(mask, 1), total()))});
    return b.reshape(kept, {batch(), one(), one(), total()});
  }

  /// A mask [batch, 1, most, most] over all positions: the rows of the new
  /// tokens, up to the last key.
  Value window(Value mask) {
    Value rows = b.slice(mask, 2, p.offset, seq());
    return b.slice(rows, 3, b.constantDim(0), total());
  }

  void addMask(size_t i) {
    if (!b.has(i))
      return;
    Value mask = b.in(i), kept;
    llm::Dims dims = b.dims(i);
    if (!isa<IntegerType>(b.element(i)))
      b.fail("has a mask of floats");
    auto rows = [&](size_t axis, llm::Dim wanted) {
      requireEqual(b, dims[axis], wanted, "sizes of the mask and the scores");
    };
    if (dims.size() == 1) {
      kept = keptByLengths(mask);
    } else if (dims.size() == 2) {
      rows(0, batch()), rows(1, total());
      kept = b.reshape(isPositive(mask), {batch(), one(), one(), total()});
    } else if (dims.size() == 3) {
      rows(0, batch()), rows(1, seq()), rows(2, total());
      kept = b.reshape(isPositive(mask), {batch(), one(), seq(), total()});
    } else if (dims.size() == 4) {
      rows(0, batch()), rows(1, one());
      kept = isPositive(window(mask));
    } else {
      b.fail("has a mask of rank " + Twine(dims.size()));
    }
    double masked = b.floatAttr("mask_filter_value", -10000.0);
    addBias(biasWhere(b, kept, element, masked));
  }

  void readOptions() {
    int64_t size = fixedSize(b, llm::dimsOf(p.q)[3], "a head");
    double scale = b.floatAttr("scale", 0.0);
    p.scale = scale == 0.0 ? 1.0 / std::sqrt(double(size)) : scale;
    p.causal = b.intAttr("unidirectional", 0);
    // onnxruntime leaves the last query all keys, which is no causal mask
    // unless there are as many new keys as queries.
    llm::Dim keys = llm::simplified(p.offset + seq());
    if (p.causal && llm::fixedDim(keys) && llm::fixedDim(total()) &&
        keys != total())
      b.unsupported("unidirectional attention to other tokens is not "
                    "supported");
    if (p.causal)
      b.requireEqual(keys, total());
  }

  void refuseSharedCaches(ArrayRef<size_t> inputs) {
    for (size_t i : inputs)
      if (b.has(i))
        b.unsupported("caches of a fixed size that are written in place are "
                      "not supported");
    if (b.intAttr("past_present_share_buffer", 0))
      b.unsupported("past_present_share_buffer is not supported");
  }

  /// Fails unless v's tokens are as many as k's.
  void checkTokens() {
    llm::Dims kd = llm::dimsOf(p.k), vd = llm::dimsOf(p.v);
    requireEqual(b, kd[2], vd[2], "tokens of key and value");
    requireEqual(b, kd[0], batch(), "rows of key and query");
    requireEqual(b, vd[0], batch(), "rows of value and query");
    requireEqual(b, kd[1], b.constantDim(heads), "heads of key and num_heads");
    requireEqual(b, vd[1], b.constantDim(heads),
                 "heads of value and num_heads");
  }
};

struct MultiHeadInputs : MultiHead {
  using MultiHead::MultiHead;
  bool cached = false; ///< key and value come as [batch, heads, seq, size]

  /// Part `part` of `parts` of a projection that is packed per head,
  /// [batch, seq, heads, parts, size].
  Value unpacked(size_t i, int64_t part, int64_t parts) {
    llm::Dims dims = b.dims(i);
    requireEqual(b, dims[2], b.constantDim(heads), "packed heads");
    requireEqual(b, dims[3], b.constantDim(parts), "packed projections");
    Value x = b.slice(b.in(i), 3, b.constantDim(part), one());
    return b.reshape(x, {dims[0], dims[1], dims[2], dims[4]});
  }

  /// Columns of the bias of all projections, added to x.
  Value withBias(Value x, llm::Dim from) {
    if (!b.has(3))
      return x;
    llm::Dims dims = llm::dimsOf(x);
    llm::Dim width = llm::simplified(dims[2] * dims[3]);
    Value part =
        b.reshape(b.slice(b.in(3), 0, from, width), {dims[2], dims[3]});
    return b.make<llm::AddOp>({x, part});
  }

  void readProjections() {
    if (b.rank(0) == 5) {
      if (b.has(1) || b.has(2))
        b.fail("takes no key and value beside a packed query");
      p.q = unpacked(0, 0, 3);
      k = unpacked(0, 1, 3);
      v = unpacked(0, 2, 3);
    } else {
      if (b.rank(0) != 3)
        b.fail("needs a query of rank 3 or 5");
      p.q = splitHeads(b, b.in(0), heads);
      readKeys();
    }
    llm::Dims q = llm::dimsOf(p.q);
    llm::Dim width = llm::simplified(q[2] * q[3]);
    if (b.has(3)) {
      llm::Dims vd = llm::dimsOf(v);
      llm::Dim last = cached ? vd[1] * vd[3] : vd[2] * vd[3];
      requireEqual(b, b.dims(3)[0], llm::simplified(width * 2 + last),
                   "elements of the bias and projections");
    }
    p.q = withBias(p.q, b.constantDim(0));
    if (cached)
      return;
    k = withBias(k, width);
    v = withBias(v, llm::simplified(width * 2));
  }

  void readKeys() {
    if (!b.has(1))
      b.fail("needs a key");
    if (b.rank(1) == 5) {
      if (b.has(2))
        b.fail("takes no value beside a packed key");
      k = unpacked(1, 0, 2);
      v = unpacked(1, 1, 2);
      return;
    }
    if (!b.has(2) || b.rank(2) != b.rank(1))
      b.fail("needs a value of the key's rank");
    cached = b.rank(1) == 4;
    k = cached ? b.in(1) : splitHeads(b, b.in(1), heads);
    v = cached ? b.in(2) : splitHeads(b, b.in(2), heads);
  }

  void import() {
    refuseSharedCaches({8, 9});
    readProjections();
    p.offset = b.constantDim(0);
    if (b.has(6) != b.has(7))
      b.fail("needs past_key and past_value both or not at all");
    if (b.has(6)) {
      if (cached)
        b.fail("takes no past beside keys of rank 4");
      p.k = appendToCache(b, b.in(6), k, {});
      p.v = appendToCache(b, b.in(7), v, {});
      p.offset = b.dims(6)[2];
    } else {
      p.k = cached ? k : swapSeqAndHeads(b, k);
      p.v = cached ? v : swapSeqAndHeads(b, v);
    }
    checkTokens();
    b.set(1, p.k);
    b.set(2, p.v);
    addMask(4);
    addGivenBias(5);
    readOptions();
    b.set(0, mergeHeads(b, attend(b, p)));
    if (b.isUsed(3))
      b.set(3, scores(b, p, Scores::Masked, -double(FLT_MAX)));
  }
};

struct ProjectedAttention : MultiHead {
  using MultiHead::MultiHead;
  int64_t widths[3];
  /// Inputs; QAttention has others.
  size_t maskAt = 3, pastAt = 4, biasAt = 5, lengthAt = 6;

  void readWidths() {
    if (b.rank(0) != 3 || b.rank(1) != 2)
      b.fail("needs an input of rank 3 and weights of rank 2");
    requireEqual(b, b.dims(0)[2], b.dims(1)[0], "columns and rows of weights");
    int64_t all = fixedSize(b, b.dims(1)[1], "a projection");
    if (auto given = b.intsAttr("qkv_hidden_sizes"); given && !given->empty()) {
      if (given->size() != 3)
        b.fail("needs 3 qkv_hidden_sizes");
      llvm::copy(*given, widths);
    } else {
      if (all % 3)
        b.fail("splits " + Twine(all) + " columns of weights into 3");
      llvm::fill(widths, all / 3);
    }
    int64_t sum = 0;
    for (int64_t w : widths) {
      if (w <= 0 || w > all || w % heads)
        b.fail("splits " + Twine(w) + " columns into " + Twine(heads) +
               " heads");
      sum += w;
    }
    if (sum != all || widths[0] != widths[1])
      b.fail("has qkv_hidden_sizes that don't fit weights of " + Twine(all) +
             " columns");
    if (b.has(2))
      requireEqual(b, b.dims(2)[0], b.constantDim(all),
                   "elements of the bias and columns of weights");
  }

  Value part(Value x, int i) {
    int64_t from = 0;
    for (int j = 0; j < i; ++j)
      from += widths[j];
    return splitHeads(
        b, b.slice(x, 2, b.constantDim(from), b.constantDim(widths[i])), heads);
  }

  /// Half i of a past [2, batch, heads, past, size].
  Value half(int64_t i) {
    llm::Dims dims = b.dims(pastAt);
    Value x = b.slice(b.in(pastAt), 0, b.constantDim(i), one());
    return b.reshape(x, llm::Dims(dims.begin() + 1, dims.end()));
  }

  void import() {
    readWidths();
    Value x = b.make<llm::MatmulOp>({b.in(0), b.in(1)});
    if (b.has(2))
      x = b.make<llm::AddOp>({x, b.in(2)});
    attendTo(x);
  }

  /// Attention of what the input's projections [batch, seq, widths] are.
  void attendTo(Value x) {
    refuseSharedCaches({lengthAt});
    if (b.intAttr("do_rotary", 0))
      b.unsupported("do_rotary is not supported");
    p.q = part(x, 0);
    k = part(x, 1);
    v = part(x, 2);
    p.offset = b.constantDim(0);
    if (b.has(pastAt)) {
      if (b.rank(pastAt) != 5)
        b.fail("needs a past of rank 5");
      requireEqual(b, b.dims(pastAt)[0], b.constantDim(2),
                   "halves of the past");
      p.k = appendToCache(b, half(0), k, {});
      p.v = appendToCache(b, half(1), v, {});
      p.offset = b.dims(pastAt)[3];
    } else {
      p.k = swapSeqAndHeads(b, k);
      p.v = swapSeqAndHeads(b, v);
    }
    checkTokens();
    if (b.isUsed(1))
      setPresent();
    addMask(maskAt);
    addGivenBias(biasAt);
    readOptions();
    b.set(0, mergeHeads(b, attend(b, p)));
  }

  void setPresent() {
    llm::Dims dims = llm::dimsOf(p.k);
    if (dims != llm::dimsOf(p.v))
      b.fail("needs keys and values of one size for its present");
    dims.insert(dims.begin(), one());
    b.set(1, b.concat({b.reshape(p.k, dims), b.reshape(p.v, dims)}, 0));
  }
};

/// The projection is a product of integers: input 0 by weights of 8 bits, with
/// scales at inputs 3 and 4 and zero points at 6 and 7.
struct QuantizedAttention : ProjectedAttention {
  explicit QuantizedAttention(Binder &b) : ProjectedAttention(b, 3) {
    maskAt = 5, pastAt = 8, biasAt = lengthAt = b.numInputs();
  }
  void import() {
    readWidths();
    Value product = integerMatmul(b, b.in(0), b.in(1), b.maybe(6), b.maybe(7));
    attendTo(scaledProduct(b, product, b.in(3), b.in(4), b.in(2)));
  }
};
} // namespace

static void importMultiHeadAttention(Binder &b) { MultiHeadInputs(b).import(); }
static void importProjectedAttention(Binder &b) {
  ProjectedAttention(b).import();
}
static void importQAttention(Binder &b) { QuantizedAttention(b).import(); }

void addMultiHeadAttentionRules(RuleTable &rules) {
  rules.add(kMicrosoft, {"MultiHeadAttention"}, importMultiHeadAttention);
  rules.add(kMicrosoft, {"Attention"}, importProjectedAttention);
  rules.add(kMicrosoft, {"QAttention"}, importQAttention);
}

} // namespace llmc::onnx
