// SPDX-License-Identifier: Apache-2.0
// Rotary embedding and attention in primitives, which every tool runs.
#include "frontend/onnx/GraphExporter.h"

#include <limits>

using namespace mlir;

namespace llmc::onnx {

using Name = GraphExporter::Name;

namespace {
/// cos and sin of each position, [batch, seq, 1, rotary / 2].
struct Angles {
  Name cos, sin;
};
} // namespace

static Angles anglesOf(llm::RopeOp op, GraphExporter &e) {
  Type element = llm::elementOf(op.getX());
  Name positions = e.name(op.getPositions());
  if (llm::rankOf(op.getPositions()) == 1)
    positions = e.unsqueeze(positions, {0});
  double scale = op.getScale().convertToDouble();
  auto finish = [&](Name x, Type from) {
    if (scale != 1)
      x = e.node("Mul", {x, e.scalar(from, scale)});
    if (from != element)
      x = e.cast(x, element);
    return e.unsqueeze(x, {2});
  };
  if (op.getCosTable()) {
    Type from = llm::elementOf(op.getCosTable());
    auto row = [&](Value table) {
      return finish(e.node("Gather", {e.name(table), positions}), from);
    };
    return {row(op.getCosTable()), row(op.getSinTable())};
  }
  Type f32 = Float32Type::get(e.context());
  Name frequencies = e.name(op.getInvFreq());
  if (!llm::elementOf(op.getInvFreq()).isF32())
    frequencies = e.cast(frequencies, f32);
  Name angle =
      e.node("Mul", {e.cast(e.unsqueeze(positions, {2}), f32), frequencies});
  return {finish(e.node("Cos", {angle}), f32),
          finish(e.node("Sin", {angle}), f32)};
}

static void exportRope(Operation *op, GraphExporter &e) {
  auto rope = cast<llm::RopeOp>(op);
  if (rope.getNorm())
    return e.refuse("it normalizes heads, which belongs to kernels");
  int64_t rotary = rope.getRotary(), half = rotary / 2,
          size = *llm::fixedDim(llm::dimOf(rope.getX().getType(), 3));
  bool interleaved = rope.getInterleaved();
  Name x = e.name(rope.getX());
  Angles t = anglesOf(rope, e);
  Name a = interleaved ? e.slice(x, 3, 0, rotary, 2) : e.slice(x, 3, 0, half);
  Name b =
      interleaved ? e.slice(x, 3, 1, rotary, 2) : e.slice(x, 3, half, rotary);
  auto mul = [&](Name p, Name q) { return e.node("Mul", {p, q}); };
  GraphExporter::Names parts = {e.node("Sub", {mul(a, t.cos), mul(b, t.sin)}),
                                e.node("Add", {mul(b, t.cos), mul(a, t.sin)})};
  if (interleaved) {
    for (Name &p : parts)
      p = e.unsqueeze(p, {4});
    llm::Dims dims = llm::dimsOf(rope.getX());
    dims[3] = llm::constantDim(e.context(), rotary);
    parts = {e.reshape(e.node("Concat", parts, {{"axis", int64_t(4)}}),
                       e.shape(dims))};
  }
  if (size > rotary)
    parts.push_back(e.slice(x, 3, rotary, size));
  e.set(rope.getResult(),
        parts.size() == 1 ? parts[0]
                          : e.node("Concat", parts, {{"axis", int64_t(3)}}));
}

namespace {
/// One attention: scores are [batch, heads, seq, total] in `wide`.
class AttentionExporter {
public:
  AttentionExporter(llm::AttentionOp op, GraphExporter &e)
      : op(op), e(e), q(llm::dimsOf(op.getQ())), k(llm::dimsOf(op.getK())),
        v(llm::dimsOf(op.getV())), i64(IntegerType::get(op.getContext(), 64)),
        wide(llm::elementOf(op.getQ()).isF64()
                 ? llm::elementOf(op.getQ())
                 : Type(Float32Type::get(op.getContext()))) {
    group = llm::constantDim(op.getContext(),
                             *llm::fixedDim(q[2]) / *llm::fixedDim(k[1]));
  }

  void run() {
    Name weights = softmax(masked(scores()));
    Name grouped = e.reshape(weights, e.shape({q[0], k[1], group, q[1], k[2]}));
    Name sum =
        e.node("MatMul", {grouped, e.unsqueeze(widened(op.getV()), {2})});
    sum = e.reshape(sum, e.shape({q[0], q[2], q[1], v[3]}));
    sum = e.transpose(sum, {0, 2, 1, 3});
    Type element = llm::elementOf(op.getResult());
    e.set(op.getResult(), element == wide ? sum : e.cast(sum, element));
  }

private:
  Name widened(Value x) { return e.castTo(x, wide); }

  Name scores() {
    Name queries = e.transpose(widened(op.getQ()), {0, 2, 1, 3});
    queries = e.reshape(queries, e.shape({q[0], k[1], group, q[1], q[3]}));
    Name keys = e.unsqueeze(e.transpose(widened(op.getK()), {0, 1, 3, 2}), {2});
    Name s = e.reshape(e.node("MatMul", {queries, keys}),
                       e.shape({q[0], q[2], q[1], k[2]}));
    s = e.node("Mul", {s, e.scalar(wide, op.getScale().convertToDouble())});
    if (double cap = op.getSoftcap().convertToDouble(); cap > 0) {
      Name limit = e.scalar(wide, cap);
      s = e.node("Mul", {e.node("Tanh", {e.node("Div", {s, limit})}), limit});
    }
    return op.getBias() ? e.node("Add", {s, widened(op.getBias())}) : s;
  }

  Name upTo(llm::Dim n) {
    return e.node("Range",
                  {e.scalar(0), e.reshape(e.size(n), e.ints({})), e.scalar(1)});
  }

  /// Which keys each query keeps, [batch or 1, 1, seq or 1, total]; empty: all.
  Name kept() {
    GraphExporter::Names terms;
    Name t = upTo(k[2]);
    Name lengths; // [batch, 1, 1, 1]
    if (op.getLengths())
      lengths = e.unsqueeze(e.cast(e.name(op.getLengths()), i64), {1, 2, 3});
    if (op.getCausal() || op.getWindow()) {
      Name first = e.size(op.getOffset().getResult(0));
      if (op.getStarts())
        first = e.unsqueeze(e.cast(e.name(op.getStarts()), i64), {1, 2, 3});
      else if (!lengths.empty())
        first = e.node("Max",
                       {e.node("Sub", {lengths, e.size(q[1])}), e.ints({0})});
      Name position = e.node("Add", {e.unsqueeze(upTo(q[1]), {1}), first});
      if (op.getClamped())
        position =
            e.node("Min", {position, e.node("Sub", {lengths, e.ints({1})})});
      if (op.getCausal())
        terms.push_back(e.node("LessOrEqual", {t, position}));
      if (int64_t window = op.getWindow()) {
        Name width = e.ints({window});
        terms.push_back(
            e.node("Greater", {t, e.node("Sub", {position, width})}));
        if (!op.getCausal())
          terms.push_back(
              e.node("Less", {t, e.node("Add", {position, width})}));
      }
    }
    if (!lengths.empty())
      terms.push_back(e.node("Less", {t, lengths}));
    if (op.getKeyMask()) {
      Name mask = e.name(op.getKeyMask());
      if (!llm::elementOf(op.getKeyMask()).isInteger(1))
        mask = e.cast(mask, IntegerType::get(op.getContext(), 1));
      terms.push_back(e.unsqueeze(mask, {1, 2}));
    }
    Name all;
    for (const Name &term : terms)
      all = all.empty() ? term : e.node("And", {all, term});
    return all;
  }

  Name masked(Name s) {
    Name keep = kept();
    if (!keep.empty())
      s = e.node(
          "Where",
          {keep, s, e.scalar(wide, -std::numeric_limits<double>::infinity())});
    // Equal scores make a query that keeps no key take the mean.
    if (op.getUniformWhenMasked())
      s = e.node("Max",
                 {s, e.scalar(wide, -std::numeric_limits<float>::max())});
    return s;
  }

  Name softmax(Name s) {
    if (op.getSinks()) {
      llm::Dim one = llm::constantDim(op.getContext(), 1);
      Name sinks = e.unsqueeze(widened(op.getSinks()), {0, 2, 3});
      sinks = e.node("Expand", {sinks, e.shape({q[0], q[2], q[1], one})});
      s = e.node("Concat", {s, sinks}, {{"axis", int64_t(3)}});
    }
    Name weights = e.node("Softmax", {s}, {{"axis", int64_t(-1)}});
    if (op.getSinks())
      weights =
          e.node("Slice", {weights, e.ints({0}), e.size(k[2]), e.ints({3})});
    // No key kept: 0 / 0.
    if (!op.getUniformWhenMasked())
      weights = e.node(
          "Where", {e.node("IsNaN", {weights}), e.scalar(wide, 0), weights});
    return weights;
  }

  llm::AttentionOp op;
  GraphExporter &e;
  llm::Dims q, k, v;
  Type i64, wide;
  llm::Dim group;
};
} // namespace

static void exportAttention(Operation *op, GraphExporter &e) {
  AttentionExporter(cast<llm::AttentionOp>(op), e).run();
}

void addAttentionExports(ExportTable &table) {
  table["llm.rope"] = exportRope;
  table["llm.attention"] = exportAttention;
}

} // namespace llmc::onnx
