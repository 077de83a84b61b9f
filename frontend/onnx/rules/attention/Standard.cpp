// SPDX-License-Identifier: Apache-2.0
// Attention of ai.onnx (23 to 25), and the cache that is updated outside of it
// (TensorScatter, 24).
#include "frontend/onnx/rules/attention/Parts.h"

#include <cmath>

using namespace mlir;

namespace llmc::onnx {

namespace {
/// Reads the node into AttentionParts.
struct StandardAttention {
  Binder &b;
  AttentionParts p;
  bool flat;
  llm::Dim total;
  explicit StandardAttention(Binder &b) : b(b), flat(b.rank(0) == 3) {}

  /// q, and k and v with the past in front of them.
  void readTensors() {
    if (!flat && b.rank(0) != 4)
      b.fail("needs Q of rank 3 or 4");
    if (b.rank(1) != b.rank(0) || b.rank(2) != b.rank(0))
      b.fail("needs Q, K and V of one rank");
    int64_t heads, kvHeads;
    Value k = b.in(1), v = b.in(2); // [batch, seq, heads, size] where flat
    if (flat) {
      heads = b.requiredInt("q_num_heads");
      kvHeads = b.requiredInt("kv_num_heads");
      requireGroups(b, heads, kvHeads);
      p.q = splitHeads(b, b.in(0), heads);
      k = splitHeads(b, k, kvHeads);
      v = splitHeads(b, v, kvHeads);
    } else {
      heads = fixedSize(b, b.dims(0)[1], "a number of heads");
      kvHeads = fixedSize(b, b.dims(1)[1], "a number of heads");
      requireGroups(b, heads, kvHeads);
      requireEqual(b, b.dims(2)[1], b.dims(1)[1], "heads of K and V");
      p.q = swapSeqAndHeads(b, b.in(0));
    }
    int64_t tokens = flat ? 1 : 2;
    requireEqual(b, b.dims(1)[tokens], b.dims(2)[tokens], "tokens of K and V");
    requireEqual(b, b.dims(1)[0], b.dims(0)[0], "batches of K and Q");
    requireEqual(b, b.dims(2)[0], b.dims(0)[0], "batches of V and Q");
    p.offset = b.constantDim(0);
    if (b.has(4) != b.has(5))
      b.fail("needs past_key and past_value both or not at all");
    if (b.has(4)) {
      if (b.has(6))
        b.fail("takes no past beside nonpad_kv_seqlen");
      Value newK = flat ? k : swapSeqAndHeads(b, k),
            newV = flat ? v : swapSeqAndHeads(b, v);
      p.k = appendToCache(b, b.in(4), newK, {});
      p.v = appendToCache(b, b.in(5), newV, {});
      requireEqual(b, b.dims(4)[2], b.dims(5)[2], "tokens of the pasts");
      p.offset = b.dims(4)[2];
    } else {
      p.k = flat ? swapSeqAndHeads(b, k) : k;
      p.v = flat ? swapSeqAndHeads(b, v) : v;
    }
    total = llm::dimsOf(p.k)[2];
  }

  void addBias(Value more) {
    p.bias = p.bias ? b.make<llm::AddOp>({p.bias, more}) : more;
  }

  /// A window of `left` keys before a query's position and `right` behind it is
  /// a causal one for positions that lie `right` further on. Without a right
  /// end the op has no form, and the window becomes a bias.
  void readPositions() {
    p.causal = b.intAttr("is_causal", 0);
    int64_t left = b.intAttr("left_window_size", -1),
            right = b.intAttr("right_window_size", -1);
    if (left < -1 || right < -1)
      b.fail("has a window of " + Twine(std::min(left, right)) + " keys");
    if (p.causal)
      right = 0;
    bool placed = left >= 0 || right >= 0;
    if (b.has(6)) {
      if (b.rank(6) != 1)
        b.fail("needs one length for each row of the batch");
      requireEqual(b, b.dims(6)[0], b.dims(0)[0], "rows of nonpad_kv_seqlen");
      readLengths(placed, std::max<int64_t>(right, 0));
    }
    p.offset = p.offset + b.constantDim(std::max<int64_t>(right, 0));
    if (right >= 0) {
      p.causal = true;
      p.window = left < 0 ? 0 : left + right + 1;
    } else if (left >= 0) {
      addOpenWindow(left);
    }
  }

  /// Row r's queries are its last ones: they begin at lengths[r] - seq, which
  /// may be before 0.
  void readLengths(bool placed, int64_t right) {
    Value lengths = b.in(6);
    if (!placed) {
      p.keyMask = keysBelow(b, lengths, total);
      return;
    }
    Type element = llm::elementOf(lengths);
    llm::Dim behind = llm::dimsOf(p.q)[1] - b.constantDim(right);
    p.lengths = lengths;
    p.starts = b.make<llm::SubOp>({lengths, b.scalarSize(behind, element)});
  }

  /// Keeps keys from `left` before the position to the last one.
  void addOpenWindow(int64_t left) {
    addBias(biasWhere(b, keysFrom(b, p, left), b.element(0), -INFINITY));
    if (p.lengths)
      p.keyMask = keysBelow(b, p.lengths, total);
    p.lengths = p.starts = {};
  }

  void import() {
    readTensors();
    Type element = b.element(0);
    if (b.has(3))
      p.bias = maskBias(b, b.in(3), element, total);
    readPositions();
    int64_t size = fixedSize(b, llm::dimsOf(p.q)[3], "a head");
    p.scale = b.floatAttr("scale", 1.0 / std::sqrt(double(size)));
    p.softcap = b.floatAttr("softcap", 0.0);
    Value y = attend(b, p);
    b.set(0, flat ? mergeHeads(b, y) : swapSeqAndHeads(b, y));
    b.set(1, p.k);
    b.set(2, p.v);
    if (!b.isUsed(3))
      return;
    int64_t mode = b.intAttr("qk_matmul_output_mode", 0);
    if (mode < 0 || mode > 3)
      b.fail("has qk_matmul_output_mode " + Twine(mode));
    b.set(3, scores(b, p, static_cast<Scores>(mode)));
  }
};
} // namespace

static void importAttention(Binder &b) { StandardAttention(b).import(); }

/// Which positions of the cache's axis the update covers, and with which of its
/// own: [batch, positions].
static void importTensorScatter(Binder &b) {
  Value past = b.in(0), update = b.in(1);
  int64_t rank = b.rank(0), axis = b.axisAttr("axis", -2, rank);
  if (b.rank(1) != rank)
    b.fail("needs a cache and an update of one rank");
  if (axis == 0)
    b.fail("axis 0 is the batch");
  for (int64_t i = 0; i < rank; ++i)
    if (i != axis)
      requireEqual(b, b.dims(0)[i], b.dims(1)[i], "cache and update sizes");
  StringRef mode = b.stringAttr("mode", "linear");
  if (mode != "linear" && mode != "circular")
    b.fail("has an unknown mode '" + mode + "'");
  llm::Dim batch = b.dims(0)[0], size = b.dims(0)[axis],
           count = b.dims(1)[axis], one = b.constantDim(1);
  auto fixedAll = llm::fixedDim(size), fixedNew = llm::fixedDim(count);
  if (fixedAll && fixedNew && *fixedNew > *fixedAll)
    b.fail("writes " + Twine(*fixedNew) + " positions of " + Twine(*fixedAll));
  Type i64 = b.builder.getI64Type();
  auto number = [&](llm::Dim n) { return b.scalarSize(n, i64); };
  Value index = b.reshape(countTo(b, size, i64), {one, size});
  if (b.has(2))
    index = b.make<llm::SubOp>({index, b.reshape(b.in(2), {batch, one})});
  if (mode == "circular")
    index = b.make<llm::ModOp>({index, number(size)});
  index = b.expand(index, {batch, size});
  Value zero = number(b.constantDim(0));
  Value inside =
      b.make<llm::AndOp>({b.make<llm::GreaterEqualOp>({index, zero}),
                          b.make<llm::LessOp>({index, number(count)})});
  // Slices of the update with the cache behind it.
  Value old = b.make<llm::AddOp>(
      {b.reshape(countTo(b, size, i64), {one, size}), number(count)});
  index = b.make<llm::WhereOp>({inside, index, old});
  b.set(0, b.make<llm::GatherRowsOp>({b.concat({update, past}, axis), index},
                                     b.named("axis", axis)));
}

void addStandardAttentionRules(RuleTable &rules) {
  rules.add({"Attention"}, importAttention);
  rules.add({"TensorScatter"}, importTensorScatter);
}

} // namespace llmc::onnx
