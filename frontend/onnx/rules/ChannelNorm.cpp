// SPDX-License-Identifier: Apache-2.0
// Normalizations of images: over batches, channels, groups of channels and
// neighbouring channels.
#include "frontend/onnx/rules/SlidingWindow.h"

using namespace mlir;

namespace llmc::onnx {

/// Computes in f32 at least.
static Type computeElement(Binder &b) {
  Type element = b.element(0);
  if (!isa<FloatType>(element))
    b.fail("needs a tensor of floats");
  return element.getIntOrFloatBitWidth() < 32 ? b.builder.getF32Type()
                                              : element;
}

/// Parameter i, one number per channel, as [channels, 1, ...] for x's rank.
static Value perChannel(Binder &b, size_t i, llm::Dim channels, Type element) {
  llm::Dims dims = b.dims(i);
  if (dims.size() != 1)
    b.fail("input " + Twine(i) + " needs one number per channel");
  auto have = llm::fixedDim(dims[0]), want = llm::fixedDim(channels);
  if (have && want && *have != *want)
    b.fail("input " + Twine(i) + " has " + Twine(*have) + " numbers for " +
           Twine(*want) + " channels");
  b.learnEqual(dims[0], channels);
  llm::Dims column(b.rank(0) - 1, b.constantDim(1));
  column[0] = dims[0];
  return b.reshape(b.cast(b.in(i), element), column);
}

/// x * s + t with s = scale / sqrt(variance + epsilon), t = shift - mean * s:
/// what depends on parameters alone is small, or folds.
static Value scaleAndShift(Binder &b, Value x, Value scale, Value shift,
                           Value mean, Value variance) {
  Value deviation = b.make<llm::SqrtOp>(b.make<llm::AddOp>(
      {variance, constantLike(b, variance, b.floatAttr("epsilon", 1e-5))}));
  Value s = b.make<llm::DivOp>({scale, deviation});
  Value t = b.make<llm::SubOp>({shift, b.make<llm::MulOp>({mean, s})});
  return b.make<llm::AddOp>({b.make<llm::MulOp>({x, s}), t});
}

/// mean * momentum + current * (1 - momentum), as [channels].
static void setRunning(Binder &b, size_t output, Value old, Value current) {
  if (!b.isUsed(output))
    return;
  double momentum = b.floatAttr("momentum", 0.9);
  current = b.reshape(current, llm::dimsOf(old));
  Value mixed = b.make<llm::AddOp>(
      {b.make<llm::MulOp>({old, constantLike(b, old, momentum)}),
       b.make<llm::MulOp>(
           {current, constantLike(b, current, 1.0 - momentum)})});
  Type element = b.element(output == 1 ? 3 : 4);
  b.set(output, b.cast(b.reshape(mixed, llm::dimsOf(old)[0]), element));
}

static void importBatchNorm(Binder &b) {
  if (b.rank(0) < 2)
    b.fail("needs a batch and channels");
  Type compute = computeElement(b);
  llm::Dims dims = b.dims(0);
  if (b.version() < 9 && b.intAttr("spatial", 1) == 0)
    b.unsupported("statistics per element (spatial = 0) are not supported");
  bool training = b.version() >= 14 ? b.intAttr("training_mode", 0) != 0
                  : b.version() < 7 ? b.intAttr("is_test", 0) == 0
                                    : false;
  if (!training)
    for (size_t i = 1; i < b.numOutputs(); ++i)
      if (b.isUsed(i))
        b.unsupported("statistics as outputs without training_mode are not "
                      "supported");
  Value x = b.cast(b.in(0), compute);
  Value scale = perChannel(b, 1, dims[1], compute),
        shift = perChannel(b, 2, dims[1], compute),
        mean = perChannel(b, 3, dims[1], compute),
        variance = perChannel(b, 4, dims[1], compute);
  if (training) {
    SmallVector<int64_t> axes = upTo(b.rank(0));
    axes.erase(axes.begin() + 1);
    Value current = reduce(b, llm::ReduceKind::Mean, x, axes, true);
    Value away = b.make<llm::SubOp>({x, current});
    Value spread =
        reduce(b, llm::ReduceKind::Mean, mul(b, away, away), axes, true);
    setRunning(b, 1, mean, current);
    setRunning(b, 2, variance, spread);
    mean = b.reshape(current, llm::dimsOf(mean));
    variance = b.reshape(spread, llm::dimsOf(variance));
  }
  b.set(0, b.cast(scaleAndShift(b, x, scale, shift, mean, variance),
                  b.element(0)));
}

/// Every group of channels of every image has mean 0 and variance 1 then.
static Value normalizedGroups(Binder &b, Value x, llm::Dim groups) {
  llm::Dims dims = llm::dimsOf(x);
  llm::Dim width = b.sizes.quotient(ArrayRef(dims).drop_front(1), {groups});
  Value rows = b.reshape(x, {dims[0], groups, width});
  auto norm = llm::LayerNormOp::create(
      b.builder, b.loc, rows.getType(), rows, Value(), Value(),
      b.builder.getF64FloatAttr(b.floatAttr("epsilon", 1e-5)));
  b.check(norm);
  return b.reshape(norm, dims);
}

static void setScaled(Binder &b, Value y, Value scale, Value shift) {
  y = b.make<llm::AddOp>({b.make<llm::MulOp>({y, scale}), shift});
  b.set(0, b.cast(y, b.element(0)));
}

static void importInstanceNorm(Binder &b) {
  spatialDims(b, 0);
  Type compute = computeElement(b);
  llm::Dim channels = b.dims(0)[1];
  Value scale = perChannel(b, 1, channels, compute),
        shift = perChannel(b, 2, channels, compute);
  setScaled(b, normalizedGroups(b, b.cast(b.in(0), compute), channels), scale,
            shift);
}

/// Scale and shift per group below opset 21, per channel since.
static void importGroupNorm(Binder &b) {
  if (b.rank(0) < 2)
    b.fail("needs a batch and channels");
  Type compute = computeElement(b);
  llm::Dims dims = b.dims(0);
  int64_t groups = b.requiredInt("num_groups");
  if (groups < 1 || groups > kMaxWindow)
    b.fail("attribute num_groups has the value " + Twine(groups));
  auto channels = llm::fixedDim(dims[1]);
  if (channels && *channels % groups)
    b.fail(Twine(*channels) + " channels don't divide into " + Twine(groups) +
           " groups");
  llm::Dim count = b.constantDim(groups);
  bool perGroup = b.version() < 21;
  Value x = b.cast(b.in(0), compute);
  Value scale = perChannel(b, 1, perGroup ? count : dims[1], compute),
        shift = perChannel(b, 2, perGroup ? count : dims[1], compute);
  Value y = normalizedGroups(b, x, count);
  if (!perGroup)
    return setScaled(b, y, scale, shift);
  llm::Dims grouped = {dims[0], count,
                       b.sizes.quotient(ArrayRef(dims).drop_front(1), {count})};
  auto column = [&](Value v) {
    return b.reshape(v, {count, b.constantDim(1)});
  };
  y = b.make<llm::MulOp>({b.reshape(y, grouped), column(scale)});
  y = b.make<llm::AddOp>({y, column(shift)});
  b.set(0, b.cast(b.reshape(y, dims), b.element(0)));
}

/// x / (bias + alpha * mean of squares of `size` neighbouring channels)^beta.
static void importLrn(Binder &b) {
  if (b.rank(0) < 2)
    b.fail("needs a batch and channels");
  int64_t size = b.requiredInt("size");
  if (size < 1 || size > kMaxWindow)
    b.fail("attribute size has the value " + Twine(size));
  Type compute = computeElement(b);
  Value x = b.cast(b.in(0), compute);
  llm::Dims dims = b.dims(0);
  llm::Dim one = b.constantDim(1),
           rest = llm::productOf(b.ctx, ArrayRef(dims).drop_front(2));
  Value squares =
      b.reshape(b.make<llm::MulOp>({x, x}), {dims[0], one, dims[1], rest});
  Window w;
  w.kernel = {size, 1}, w.strides = {1, 1}, w.dilations = {1, 1};
  w.before = {b.constantDim((size - 1) / 2), b.constantDim(0)};
  w.after = {b.constantDim(size / 2), b.constantDim(0)};
  auto attrs = w.attributes(b);
  attrs.push_back(b.named("kernel", b.builder.getDenseI64ArrayAttr(w.kernel)));
  attrs.push_back(b.named(
      "kind", llm::PoolKindAttr::get(b.ctx, llm::PoolKind::AveragePadded)));
  Value mean =
      b.reshape(b.makeAs<llm::PoolOp>(squares.getType(), squares, attrs), dims);
  Value sum = b.make<llm::AddOp>(
      {b.make<llm::MulOp>(
           {mean, constantLike(b, x, b.floatAttr("alpha", 1e-4))}),
       constantLike(b, x, b.floatAttr("bias", 1.0))});
  Value divisor =
      b.make<llm::PowOp>({sum, constantLike(b, x, b.floatAttr("beta", 0.75))});
  b.set(0, b.cast(b.make<llm::DivOp>({x, divisor}), b.element(0)));
}

void addChannelNormRules(RuleTable &rules) {
  rules.add({"BatchNormalization"}, importBatchNorm);
  rules.add({"InstanceNormalization"}, importInstanceNorm);
  rules.add({"GroupNormalization"}, importGroupNorm);
  rules.add({"LRN"}, importLrn);
}

} // namespace llmc::onnx
