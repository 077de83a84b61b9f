// SPDX-License-Identifier: Apache-2.0
// Normalizations and softmax.
#include "frontend/onnx/rules/Quant.h"
#include "frontend/onnx/rules/Sizes.h"
#include "frontend/onnx/rules/Terms.h"

using namespace mlir;

namespace llmc::onnx {

/// The input with the axes from `axis` on as one, so that a norm over several
/// axes is one over the last.
static Value flattenedFrom(Binder &b, Value x, int64_t axis) {
  llm::Dims dims = llm::dimsOf(x);
  llm::Dim width = llm::productOf(b.ctx, ArrayRef(dims).drop_front(axis));
  dims.resize(axis);
  dims.push_back(width);
  return b.reshape(x, dims);
}

/// A norm over the axes from `axis` on, as ONNX's ops describe it. The weight
/// and bias broadcast to those axes.
struct Norm {
  Binder &b;
  int64_t axis;
  double epsilon;
  bool centered;
  Value weight = {}, bias = {};

  /// A weight or bias as [width]; null where it has another number of elements.
  Value asRow(Value v, Value flat) const {
    auto width = llm::fixedDim(llm::dimsOf(flat).back());
    auto type = cast<RankedTensorType>(v.getType());
    if (!width || !type.hasStaticShape() || type.getNumElements() != *width)
      return {};
    return b.reshape(b.cast(v, llm::elementOf(flat)), b.constantDim(*width));
  }

  Value over(Value x) const {
    Value flat = flattenedFrom(b, x, axis);
    Value w = weight ? asRow(weight, flat) : Value(),
          c = bias ? asRow(bias, flat) : Value();
    bool inside = (!weight || w) && (!bias || c);
    if (!inside)
      w = c = {};
    Operation *op;
    FloatAttr eps = b.builder.getF64FloatAttr(epsilon);
    if (centered)
      op = llm::LayerNormOp::create(b.builder, b.loc, flat.getType(), flat, w,
                                    c, eps);
    else
      op = llm::RmsNormOp::create(b.builder, b.loc, flat.getType(), flat, w,
                                  Value(), eps);
    b.check(op);
    Value y = b.reshape(op->getResult(0), llm::dimsOf(x));
    if (inside)
      return y;
    Type element = llm::elementOf(x);
    if (weight)
      y = b.make<llm::MulOp>({y, b.cast(weight, element)});
    if (bias)
      y = b.make<llm::AddOp>({y, b.cast(bias, element)});
    if (llm::rankOf(y) != llm::rankOf(x))
      b.fail("has a scale or bias that does not broadcast to its input");
    return y;
  }

  Value mean(Value x) const {
    return reduce(b, llm::ReduceKind::Mean, x, llm::rankOf(x) - 1, true);
  }

  /// The outputs of the mean (if `meanAt` is one) and of 1 / sqrt(variance +
  /// epsilon), in the type that statistics are kept in; the axes have size 1.
  void setStatistics(Value x, int meanAt, size_t inverseAt) const {
    bool wantsMean = meanAt >= 0 && b.isUsed(meanAt);
    if (!wantsMean && !b.isUsed(inverseAt))
      return;
    llm::Dims dims = llm::dimsOf(x);
    std::fill(dims.begin() + axis, dims.end(), b.constantDim(1));
    Type kept = b.builder.getF32Type(), wide = kept;
    if (llm::elementOf(x).isF64())
      wide = llm::elementOf(x);
    Value flat = b.cast(flattenedFrom(b, x, axis), wide), center;
    if (centered) {
      center = mean(flat);
      flat = b.make<llm::SubOp>({flat, center});
    }
    if (wantsMean)
      b.set(meanAt, b.reshape(b.cast(center, kept), dims));
    Value variance = mean(b.make<llm::MulOp>({flat, flat}));
    Value inverse = b.make<llm::RsqrtOp>(
        b.make<llm::AddOp>({variance, b.scalarFloat(wide, epsilon)}));
    b.set(inverseAt, b.reshape(b.cast(inverse, kept), dims));
  }
};

static Norm normOf(Binder &b, bool centered) {
  return {b, b.axisAttr("axis", -1, b.rank(0)), b.floatAttr("epsilon", 1e-5),
          centered};
}

static void requireStash(Binder &b) {
  int64_t stash = b.intAttr("stash_type", 1);
  if (stash != 1)
    b.unsupported("stash_type " + Twine(stash) + " is not supported");
}

/// RMSNormalization-23 and onnxruntime's SimplifiedLayerNormalization. The
/// result has the scale's type.
static void importRmsNorm(Binder &b) {
  requireStash(b);
  Norm norm = normOf(b, false);
  norm.weight = b.in(1);
  Value x = b.in(0);
  Type result = b.element(1), wide = b.element(0);
  if (result.getIntOrFloatBitWidth() > wide.getIntOrFloatBitWidth())
    wide = result;
  b.set(0, b.cast(norm.over(b.cast(x, wide)), result));
  norm.setStatistics(x, -1, 1);
}

static void importLayerNorm(Binder &b) {
  requireStash(b);
  Norm norm = normOf(b, true);
  norm.weight = b.in(1);
  norm.bias = b.maybe(2);
  b.set(0, norm.over(b.in(0)));
  norm.setStatistics(b.in(0), 1, 2);
}

/// input + skip (+ bias), which is output 3, then the norm.
static void importSkipNorm(Binder &b, bool centered, size_t biasInput) {
  Value x = b.make<llm::AddOp>({b.in(0), b.in(1)});
  if (Value bias = b.maybe(biasInput))
    x = b.make<llm::AddOp>({x, bias});
  if (llm::rankOf(x) != b.rank(0))
    b.fail("has a skip or bias that does not broadcast to its input");
  b.set(3, x);
  Norm norm = {b, b.rank(0) - 1, b.floatAttr("epsilon", 1e-5), centered};
  norm.weight = b.in(2);
  if (centered)
    norm.bias = b.maybe(3);
  b.set(0, norm.over(x));
  norm.setStatistics(x, centered ? 1 : -1, 2);
}

namespace {
/// Operands of an embedding norm, and the inputs that hold ids.
struct EmbedNorm {
  Value words, positions, segments, weight, bias;
  size_t positionIds, mask = 7;
};
} // namespace

/// The sum of a token's embeddings, normalized; and how many tokens of each row
/// the mask keeps.
static void embedAndNormalize(Binder &b, const EmbedNorm &e) {
  if (b.rank(0) != 2)
    b.fail("needs input_ids of rank 2");
  auto rows = [&](Value table, size_t ids) {
    return b.make<llm::GatherOp>({table, b.in(ids)}, b.named("axis", 0));
  };
  Value x = rows(e.words, 0), positions;
  if (b.has(e.positionIds)) {
    positions = rows(e.positions, e.positionIds);
  } else {
    llm::Dim seq = b.dims(0)[1];
    positions = b.slice(e.positions, 0, b.constantDim(0), seq);
    positions = b.reshape(positions,
                          {b.constantDim(1), seq, llm::dimsOf(e.positions)[1]});
  }
  x = b.make<llm::AddOp>({x, positions});
  if (b.has(1) && e.segments)
    x = b.make<llm::AddOp>({x, rows(e.segments, 1)});
  b.set(2, x);
  Norm norm = {b, 2, b.floatAttr("epsilon", 1e-12), true};
  norm.weight = e.weight, norm.bias = e.bias;
  b.set(0, norm.over(x));
  if (!b.isUsed(1))
    return;
  Type i32 = b.builder.getI32Type();
  llm::Dim batch = b.dims(0)[0];
  Value zero = b.scalarSize(b.constantDim(0), i32);
  if (!b.has(e.mask))
    return b.set(1, b.expand(b.reshape(zero, b.constantDim(1)), batch));
  Value one = b.scalarSize(b.constantDim(1), b.element(e.mask));
  Value kept = b.cast(b.make<llm::EqualOp>({b.in(e.mask), one}), i32);
  b.set(1, reduce(b, llm::ReduceKind::Sum, kept, 1, false));
}

static void importEmbedNorm(Binder &b) {
  EmbedNorm e{b.in(2), b.in(3), b.maybe(4), b.in(5), b.in(6), 8};
  embedAndNormalize(b, e);
}

/// Tables, weight and bias are integers, with scales from input 8 on and zero
/// points from input 13 on.
static void importQEmbedNorm(Binder &b) {
  auto real = [&](size_t i, size_t number) -> Value {
    if (!b.has(i))
      return {};
    Value x = b.in(i), scale = scalarized(b, b.in(8 + number));
    return checked(b, llm::DequantizeOp::create(
                          b.builder, b.loc,
                          llm::withElement(x.getType(), llm::elementOf(scale)),
                          x, scale, scalarized(b, b.in(13 + number)), 0, 0));
  };
  EmbedNorm e{real(2, 0), real(3, 1), real(4, 2),
              real(5, 3), real(6, 4), b.numInputs()};
  embedAndNormalize(b, e);
}

/// Groups of as many elements as the scale has, normalized and multiplied by an
/// activation of the gate, all in f32.
static void importGatedRmsNorm(Binder &b) {
  Type f32 = b.builder.getF32Type();
  if (b.rank(1) != 1)
    b.fail("needs a scale of rank 1");
  llm::Dims dims = b.dims(0), groups = dims;
  if (dims.empty() || llm::Dims(b.dims(2)) != dims)
    b.fail("needs a gate of the input's sizes");
  int64_t width = fixedSize(b, b.dims(1)[0], "a scale"),
          all = fixedSize(b, dims.back(), "a row");
  if (width < 1 || all % width)
    b.fail("has rows of " + Twine(all) + " elements in groups of " +
           Twine(width));
  groups.back() = b.constantDim(all / width);
  groups.push_back(b.constantDim(width));
  Norm norm = {b, static_cast<int64_t>(dims.size()),
               b.floatAttr("epsilon", 1e-5), false};
  norm.weight = b.cast(b.in(1), f32);
  Value y = norm.over(b.reshape(b.cast(b.in(0), f32), groups));
  StringRef name = b.stringAttr("activation", "silu");
  if (name != "silu" && name != "swish" && name != "sigmoid")
    b.fail("has an unknown activation '" + name + "'");
  Value gate = b.cast(b.in(2), f32);
  Value factor = b.make<llm::SigmoidOp>(gate);
  if (name != "sigmoid")
    factor = mul(b, gate, factor);
  b.set(0, b.cast(mul(b, b.reshape(y, dims), factor), b.element(0)));
}

static Value softmax(Binder &b, Value x, int64_t axis, bool log) {
  SmallVector<NamedAttribute> attrs = {b.named("axis", axis)};
  if (log)
    attrs.push_back(b.named("log", b.builder.getUnitAttr()));
  return b.make<llm::SoftmaxOp>(x, attrs);
}

/// Below opset 13 the axes from `axis` on are normalized together.
static void importSoftmax(Binder &b) {
  bool log = b.op() == "LogSoftmax";
  Value x = b.in(0);
  int64_t rank = b.rank(0);
  if (b.version() >= 13)
    return b.set(0, softmax(b, x, b.axisAttr("axis", -1, rank), log));
  int64_t axis = b.axisAttr("axis", 1, rank);
  Value flat = flattenedFrom(b, x, axis);
  b.set(0, b.reshape(softmax(b, flat, axis, log), llm::dimsOf(x)));
}

/// x / norm(x) along an axis; by nothing where the norm is 0.
static void importLpNorm(Binder &b) {
  Value x = b.in(0);
  int64_t axis = b.axisAttr("axis", -1, b.rank(0)), p = b.intAttr("p", 2);
  if (p != 1 && p != 2)
    b.fail("p is neither 1 nor 2");
  auto kind = p == 1 ? llm::ReduceKind::L1 : llm::ReduceKind::L2;
  Value norm = reduce(b, kind, x, axis, true);
  Value zero = b.scalarFloat(b.element(0), 0.0),
        one = b.scalarFloat(b.element(0), 1.0);
  Value isZero = b.make<llm::EqualOp>({norm, zero});
  b.set(0, b.make<llm::DivOp>({x, b.make<llm::WhereOp>({isZero, one, norm})}));
}

void addNormRules(RuleTable &rules) {
  rules.add({"RMSNormalization", "SimplifiedLayerNormalization"},
            importRmsNorm);
  rules.add(kMicrosoft, {"SimplifiedLayerNormalization"}, importRmsNorm);
  rules.add({"LayerNormalization"}, importLayerNorm);
  rules.add(kMicrosoft, {"SkipSimplifiedLayerNormalization"},
            [](Binder &b) { importSkipNorm(b, false, 3); });
  rules.add(kMicrosoft, {"EmbedLayerNormalization"}, importEmbedNorm);
  rules.add(kMicrosoft, {"QEmbedLayerNormalization"}, importQEmbedNorm);
  rules.add(kMicrosoft, {"GatedRMSNorm"}, importGatedRmsNorm);
  rules.add(kMicrosoft, {"SkipLayerNormalization"},
            [](Binder &b) { importSkipNorm(b, true, 4); });
  rules.add({"Softmax", "LogSoftmax"}, importSoftmax);
  rules.add({"LpNormalization"}, importLpNorm);
}

} // namespace llmc::onnx
