// SPDX-License-Identifier: Apache-2.0
// FlexAttention: subgraphs say how the scores and the weights of the keys are
// changed. They are converted in the node's place.
#include "frontend/onnx/rules/attention/Parts.h"

using namespace mlir;

namespace llmc::onnx {

namespace {
struct FlexAttention {
  Binder &b;
  AttentionParts p;
  Type wide; ///< of scores and weights
  llm::Dim heads, kvHeads;
  explicit FlexAttention(Binder &b) : b(b) {}

  void readTensors() {
    for (size_t i = 0; i < 3; ++i)
      if (b.rank(i) != 4)
        b.fail("needs tensors of rank 4");
    llm::Dims q = b.dims(0), k = b.dims(1), v = b.dims(2);
    heads = q[1], kvHeads = k[1];
    requireEqual(b, q[0], k[0], "rows of query and key");
    requireEqual(b, q[0], v[0], "rows of query and value");
    requireEqual(b, k[1], v[1], "heads of key and value");
    requireEqual(b, k[2], v[2], "tokens of key and value");
    requireEqual(b, q[3], k[3], "head sizes of query and key");
    int64_t size = fixedSize(b, q[3], "a head");
    requireGroups(b, fixedSize(b, heads, "a number of heads"),
                  fixedSize(b, kvHeads, "a number of heads"));
    p.scale = b.floatAttr("scale", 1.0 / std::sqrt(double(size)));
    p.offset = b.constantDim(0);
    p.q = swapSeqAndHeads(b, b.in(0)), p.k = b.in(1), p.v = b.in(2);
  }

  /// Halves are computed in f32 unless the model asks for something else.
  void readPrecision() {
    wide = b.element(0);
    if (auto number = b.intAttr("softmax_precision")) {
      wide = *number > 0 && *number <= INT32_MAX
                 ? mlirType(b.ctx, static_cast<int32_t>(*number))
                 : Type();
      if (!wide || !isa<FloatType>(wide) || wide.getIntOrFloatBitWidth() < 16)
        b.fail("softmax_precision " + Twine(*number) +
               " is no type of floats of 16 bits or more");
    } else if (wide.getIntOrFloatBitWidth() < 32) {
      wide = b.builder.getF32Type();
    }
  }

  bool hasSubgraph(StringRef name) {
    return llvm::any_of(b.node.getSubgraphs(), [&](Attribute a) {
      return cast<StringAttr>(a).getValue() == name;
    });
  }

  /// x [batch, heads, seq, total] through a subgraph of one input and output.
  Value modified(Value x, StringRef attribute) {
    if (!hasSubgraph(attribute))
      return x;
    SmallVector<Entry> results =
        b.convert(b.subgraph(attribute), {storedEntry(x)});
    if (results.size() != 1)
      b.fail("has a " + attribute + " of " + Twine(results.size()) +
             " outputs, expected 1");
    if (results[0].isUnknown)
      b.unsupported("has a " + attribute + " that is not supported");
    if (!results[0].type)
      b.fail("has a " + attribute + " that gives no tensor");
    Value y = b.cast(b.valueOf(results[0]), wide);
    if (llm::rankOf(y) != 4)
      b.fail("has a " + attribute + " that gives another rank than 4");
    for (auto [have, want] : llvm::zip(llm::dimsOf(y), llm::dimsOf(x)))
      requireEqual(b, have, want, "sizes of the scores and their " + attribute);
    return y;
  }

  /// Weights [batch, heads, seq, total] by values of fewer heads.
  Value weighted(Value weights) {
    llm::Dims w = llm::dimsOf(weights), v = b.dims(2);
    llm::Dim group =
                 b.constantDim(*llm::fixedDim(heads) / *llm::fixedDim(kvHeads)),
             one = b.constantDim(1);
    Value grouped = b.reshape(weights, {w[0], kvHeads, group, w[2], w[3]});
    Value values = b.reshape(b.cast(p.v, wide), {v[0], v[1], one, v[2], v[3]});
    Value y = b.make<llm::MatmulOp>({grouped, values});
    return b.reshape(y, {w[0], heads, w[2], v[3]});
  }

  void import() {
    readTensors();
    readPrecision();
    if (!hasSubgraph("score_mod") && !hasSubgraph("prob_mod"))
      return b.set(0, swapSeqAndHeads(b, attend(b, p)));
    p.q = b.cast(p.q, wide), p.k = b.cast(p.k, wide);
    Value s = modified(scores(b, p, Scores::Scaled), "score_mod");
    Value weights = b.make<llm::SoftmaxOp>(s, b.named("axis", 3));
    weights = modified(weights, "prob_mod");
    b.set(0, b.cast(weighted(weights), b.element(2)));
  }
};
} // namespace

static void importFlexAttention(Binder &b) { FlexAttention(b).import(); }

void addFlexAttentionRules(RuleTable &rules) {
  rules.add("ai.onnx.preview", {"FlexAttention"}, importFlexAttention);
}

} // namespace llmc::onnx
