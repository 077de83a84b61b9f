// SPDX-License-Identifier: Apache-2.0
// RotaryEmbedding of ai.onnx (23) and of com.microsoft, whose inputs come in
// another order.
#include "frontend/onnx/rules/attention/Parts.h"

using namespace mlir;

namespace llmc::onnx {

Value rotate(Binder &b, Value x, Value positions, Value cosTable,
             Value sinTable, bool interleaved, double scale) {
  llm::Dims table = llm::dimsOf(cosTable);
  auto half = table.empty() ? std::nullopt : llm::fixedDim(table.back());
  if (table.size() != 2 || !half || cosTable.getType() != sinTable.getType())
    b.fail("needs cos and sin tables of two dims and equal types");
  fixedSize(b, llm::dimsOf(x)[3], "a head");
  Type element = llm::elementOf(x);
  auto op =
      llm::RopeOp::create(b.builder, b.loc, x.getType(), x, positions, Value(),
                          b.cast(cosTable, element), b.cast(sinTable, element),
                          Value(), static_cast<uint64_t>(2 * *half),
                          interleaved, APFloat(scale), FloatAttr());
  b.check(op);
  return op.getResult();
}

/// The tables with sizes that agree, and one width where the model says what it
/// is: of `rotary` elements, or of whole heads of x.
static void alignTables(Binder &b, Value x, Value &cos, Value &sin,
                        int64_t rotary) {
  llm::Dims dims = llm::dimsOf(cos);
  if (dims.size() != 2 || llm::rankOf(sin) != 2)
    return;
  auto size = llm::fixedDim(llm::dimsOf(sin)[1]),
       head = llm::fixedDim(llm::dimsOf(x)[3]);
  if (!llm::fixedDim(dims[1])) {
    int64_t half = size ? *size : (rotary ? rotary : head.value_or(0)) / 2;
    dims[1] = b.constantDim(half);
    cos = b.reshape(cos, dims);
  }
  if (llm::dimsOf(sin) != dims)
    sin = b.reshape(sin, dims);
}

/// The input as [batch, seq, heads, size], whatever layout it has.
static Value headsLast(Binder &b, size_t rotary) {
  if (b.rank(0) == 4)
    return swapSeqAndHeads(b, b.in(0));
  if (b.rank(0) != 3)
    b.fail("needs an input of rank 3 or 4");
  int64_t heads = b.intAttr("num_heads", 0);
  if (heads == 0 && rotary) { // the whole row is as many heads as fit
    auto width = llm::fixedDim(b.dims(0)[2]);
    heads = width ? *width / static_cast<int64_t>(rotary) : 0;
  }
  if (heads <= 0)
    b.fail("needs num_heads for an input of rank 3");
  return splitHeads(b, b.in(0), heads);
}

static Value asGiven(Binder &b, Value y) {
  return b.rank(0) == 4 ? swapSeqAndHeads(b, y) : mergeHeads(b, y);
}

/// 0, 1, ... as [batch, seq]: row i of tables that have one row per token.
static Value tokenNumbers(Binder &b, llm::Dim batch, llm::Dim seq) {
  Type i64 = b.builder.getI64Type();
  llm::Dim count = llm::simplified(batch * seq);
  return b.reshape(countTo(b, count, i64), {batch, seq});
}

/// cos and sin either are tables that position_ids [batch, seq] choose from, or
/// come per token as [batch, seq, rotary / 2].
static void importRotaryEmbedding(Binder &b) {
  Value cos = b.in(1), sin = b.in(2), positions = b.maybe(3);
  Value x = headsLast(b, 0);
  if (!positions) {
    llm::Dims dims = llm::dimsOf(cos), sinDims = llm::dimsOf(sin);
    if (dims.size() != 3 || sinDims.size() != 3)
      b.fail("needs cos and sin of rank 3 where position_ids are absent");
    llm::Dims rows = {llm::simplified(dims[0] * dims[1]), dims[2]};
    positions = tokenNumbers(b, dims[0], dims[1]);
    cos = b.reshape(cos, rows);
    sin = b.reshape(sin, rows);
  }
  int64_t rotary = b.intAttr("rotary_embedding_dim", 0);
  alignTables(b, x, cos, sin, rotary);
  Value y = rotate(b, x, positions, cos, sin, b.intAttr("interleaved", 0));
  if (rotary && y.getDefiningOp<llm::RopeOp>().getRotary() !=
                    static_cast<uint64_t>(rotary))
    b.fail("tables for " + Twine(rotary) +
           " rotated elements have another "
           "width");
  b.set(0, asGiven(b, y));
}

/// com.microsoft: position_ids [batch, seq], or [1], the first position.
static void importMicrosoftRotaryEmbedding(Binder &b) {
  if (b.intAttr("is_packed_batching", 0))
    b.unsupported("is_packed_batching is not supported");
  Value positions = b.in(1), cos = b.in(2), sin = b.in(3);
  int64_t rotary = b.intAttr("rotary_embedding_dim", 0);
  if (rotary > 0 && b.intAttr("num_heads", 0) <= 0)
    b.fail("needs num_heads for rotary_embedding_dim");
  if (b.rank(2) != 2)
    b.fail("needs cos and sin tables of two dims");
  auto half = llm::fixedDim(b.dims(2).back());
  if (rotary > 0 && half && 2 * *half != rotary)
    b.fail("has tables for " + Twine(2 * *half) + " rotated elements of " +
           Twine(rotary));
  Value x = headsLast(b, half ? 2 * *half : std::max<int64_t>(rotary, 0));
  alignTables(b, x, cos, sin, rotary);
  if (llm::rankOf(positions) == 1) {
    llm::Dim seq = llm::dimsOf(x)[1];
    Type element = llm::elementOf(positions);
    Value one = b.scalarSize(b.constantDim(1), element);
    Value first = b.reshape(positions, {});
    positions = b.makeAs<llm::RangeOp>(b.tensor(seq, element), {first, one});
    positions = b.reshape(positions, {b.constantDim(1), seq});
  }
  Value y = rotate(b, x, positions, cos, sin, b.intAttr("interleaved", 0),
                   b.floatAttr("scale", 1.0));
  b.set(0, asGiven(b, y));
}

void addRopeRules(RuleTable &rules) {
  rules.add({"RotaryEmbedding"}, importRotaryEmbedding);
  rules.add(kMicrosoft, {"RotaryEmbedding"}, importMicrosoftRotaryEmbedding);
}

} // namespace llmc::onnx
