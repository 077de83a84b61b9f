// SPDX-License-Identifier: Apache-2.0
// Convolutions.
#include "frontend/onnx/rules/SlidingWindow.h"

using namespace mlir;

namespace llmc::onnx {

/// Groups of channels: `group` must divide both.
static int64_t groupOf(Binder &b, llm::Dim channels, llm::Dim filters) {
  int64_t group = b.intAttr("group", 1);
  if (group < 1 || group > kMaxWindow)
    b.fail("attribute group has the value " + Twine(group));
  for (llm::Dim d : {channels, filters})
    if (auto fixed = llm::fixedDim(d); fixed && *fixed % group)
      b.fail(Twine(*fixed) + " channels don't divide into " + Twine(group) +
             " groups");
  return group;
}

/// size = value, or the model is wrong.
static void expectSize(Binder &b, const Twine &what, llm::Dim size,
                       llm::Dim value) {
  auto x = llm::fixedDim(size), y = llm::fixedDim(value);
  if (x && y && *x != *y)
    b.fail(what + " are " + Twine(*x) + " where " + Twine(*y) + " are needed");
  b.learnEqual(size, value);
}

static void checkOperands(Binder &b, int64_t biasInput) {
  if (!isa<FloatType>(b.element(0)))
    b.fail("needs a tensor of floats");
  if (b.rank(1) != b.rank(0))
    b.fail("filters of rank " + Twine(b.rank(1)) + " for a tensor of rank " +
           Twine(b.rank(0)));
  if (b.element(1) != b.element(0) ||
      (b.has(biasInput) && b.element(biasInput) != b.element(0)))
    b.fail("operands of different element types");
  if (b.has(biasInput) && b.rank(biasInput) != 1)
    b.fail("a bias of rank " + Twine(b.rank(biasInput)));
}

/// f32 where the element type is smaller: sums are rounded once.
static Type sumType(Binder &b) {
  Type element = b.element(0);
  return element.getIntOrFloatBitWidth() < 32 ? b.builder.getF32Type()
                                              : element;
}

static void importConv(Binder &b) {
  llm::Dims in = spatialDims(b, 0);
  checkOperands(b, 2);
  llm::Dims x = b.dims(0), w = b.dims(1);
  int64_t group = groupOf(b, x[1], w[0]);
  expectSize(b, "channels", x[1], llm::simplified(w[1] * group));
  if (b.has(2))
    expectSize(b, "elements of the bias", b.dims(2)[0], w[0]);
  Window window = slidingWindow(
      b, in, kernelShape(b, in.size(), ArrayRef(w).drop_front(2)));
  llm::Dims out = {x[0], w[0]};
  out.append(window.out);
  Type sum = sumType(b);
  Value filters = filtersOf(b, 1, window.kernel);
  SmallVector<Value> operands = {b.cast(b.in(0), sum), b.cast(filters, sum)};
  if (Value bias = b.maybe(2))
    operands.push_back(b.cast(bias, sum));
  auto attrs = window.attributes(b);
  attrs.push_back(b.named("group", group));
  Value y = b.makeAs<llm::ConvOp>(b.tensor(out, sum), operands, attrs);
  b.set(0, b.cast(y, b.element(0)));
}

namespace {
/// One spatial axis of a transposed convolution.
struct Spread {
  llm::Dim before, out;
};
} // namespace

/// The pads that an output size asks for, or the size that pads leave.
static Spread spreadOf(Binder &b, llm::Dim in, int64_t stride, int64_t span,
                       int64_t extra, std::optional<llm::Dim> wanted,
                       std::pair<int64_t, int64_t> pads) {
  llm::Dim zero = b.constantDim(0);
  llm::Dim full = llm::simplified((in - 1) * stride + span + extra);
  if (!wanted) {
    llm::Dim out = llm::simplified(full - pads.first - pads.second);
    if (b.sizes.isNegative(out))
      b.fail("pads leave nothing of an axis");
    return {b.constantDim(pads.first), b.sizes.max(out, zero)};
  }
  llm::Dim total = b.sizes.max(llm::simplified(full - *wanted), zero);
  llm::Dim half = llm::simplified(total.floorDiv(2));
  bool moreBehind = b.stringAttr("auto_pad", "NOTSET") == "SAME_UPPER";
  return {moreBehind ? half : llm::simplified(total - half), *wanted};
}

static SmallVector<Spread> spreads(Binder &b, const Window &w,
                                   ArrayRef<llm::Dim> in) {
  int64_t rank = in.size();
  StringRef mode = b.stringAttr("auto_pad", "NOTSET");
  if (mode != "NOTSET" && mode != "VALID" && !mode.starts_with("SAME_"))
    b.fail("auto_pad is none of NOTSET, VALID, SAME_UPPER and SAME_LOWER");
  auto pads = perAxis(b, "pads", 2 * rank, 0, 0),
       extra = perAxis(b, "output_padding", rank, 0, 0);
  bool given = bool(b.attr("output_shape"));
  SmallVector<int64_t> shape;
  if (given)
    shape = perAxis(b, "output_shape", rank, 0, 0);
  SmallVector<Spread> result;
  for (int64_t i = 0; i < rank; ++i) {
    std::optional<llm::Dim> wanted;
    if (given)
      wanted = b.constantDim(shape[i]);
    else if (mode.starts_with("SAME_"))
      wanted = llm::simplified(in[i] * w.strides[i]);
    bool padded = mode == "NOTSET";
    result.push_back(
        spreadOf(b, in[i], w.strides[i], w.span(i), extra[i], wanted,
                 {padded ? pads[i] : 0, padded ? pads[rank + i] : 0}));
  }
  return result;
}

/// x [N, G * C, P] and filters [G * C, M, K] to columns [N, G * M, K, P]:
/// every position times every filter.
static Value columnsOf(Binder &b, Value x, Value filters, int64_t group) {
  llm::Dims xs = llm::dimsOf(x), ws = llm::dimsOf(filters);
  llm::Dim m = ws[1], k = ws[2], p = xs[2];
  if (group == 1) {
    Value w = b.reshape(filters, {ws[0], llm::simplified(m * k)});
    Value y = b.make<llm::MatmulOp>({b.transpose(x, {0, 2, 1}), w});
    return b.transpose(b.reshape(y, {xs[0], p, m, k}), {0, 2, 3, 1});
  }
  llm::Dim g = b.constantDim(group), c = llm::simplified(ws[0].floorDiv(group));
  Value rows = b.transpose(b.reshape(x, {xs[0], g, c, p}), {0, 1, 3, 2});
  Value w = b.reshape(filters, {g, c, llm::simplified(m * k)});
  Value y = b.make<llm::MatmulOp>({rows, w}); // [N, G, P, M * K]
  y = b.transpose(b.reshape(y, {xs[0], g, p, m, k}), {0, 1, 3, 4, 2});
  return b.reshape(y, {xs[0], llm::simplified(m * group), k, p});
}

static void importConvTranspose(Binder &b) {
  llm::Dims in = spatialDims(b, 0);
  checkOperands(b, 2);
  llm::Dims xs = b.dims(0), ws = b.dims(1);
  int64_t group = groupOf(b, xs[1], ws[0]);
  expectSize(b, "channels", xs[1], ws[0]);
  llm::Dim filters = llm::simplified(ws[1] * group);
  if (b.has(2))
    expectSize(b, "elements of the bias", b.dims(2)[0], filters);
  int64_t rank = in.size();
  Window w;
  w.kernel = kernelShape(b, rank, ArrayRef(ws).drop_front(2));
  w.strides = perAxis(b, "strides", rank, 1, 1);
  w.dilations = perAxis(b, "dilations", rank, 1, 1);
  llm::Dims out = {xs[0], filters}, before, kernel;
  for (const Spread &s : spreads(b, w, in))
    out.push_back(s.out), before.push_back(s.before);
  for (int64_t k : w.kernel)
    kernel.push_back(b.constantDim(k));
  Type sum = sumType(b);
  Value x = b.reshape(b.cast(b.in(0), sum),
                      {xs[0], xs[1], llm::productOf(b.ctx, in)});
  Value f = b.reshape(b.cast(b.in(1), sum),
                      {ws[0], ws[1], llm::productOf(b.ctx, kernel)});
  Value y = b.makeAs<llm::Col2ImOp>(
      b.tensor(out, sum), columnsOf(b, x, f, group),
      {b.named("windows", llm::dimsAttr(b.ctx, in)),
       b.named("kernel", llm::dimsAttr(b.ctx, kernel)),
       b.named("before", llm::dimsAttr(b.ctx, before)),
       b.named("strides", b.builder.getDenseI64ArrayAttr(w.strides)),
       b.named("dilations", b.builder.getDenseI64ArrayAttr(w.dilations))});
  if (Value bias = b.maybe(2)) {
    llm::Dims column(rank + 1, b.constantDim(1));
    column[0] = filters;
    y = b.make<llm::AddOp>({y, b.reshape(b.cast(bias, sum), column)});
  }
  b.set(0, b.cast(y, b.element(0)));
}

static void importCol2Im(Binder &b) {
  llm::Dims image = sizesIn(b, 1, "image"),
            kernel = sizesIn(b, 2, "block", /*asDivisors=*/true);
  int64_t rank = image.size();
  if (kernel.size() != image.size() || rank < 1)
    b.fail("image_shape and block_shape of different lengths");
  if (b.rank(0) != 3)
    b.fail("needs a batch, channels and windows");
  auto strides = perAxis(b, "strides", rank, 1, 1),
       dilations = perAxis(b, "dilations", rank, 1, 1),
       pads = perAxis(b, "pads", 2 * rank, 0, 0);
  llm::Dims xs = b.dims(0), before, windows;
  for (int64_t i = 0; i < rank; ++i) {
    if (b.sizes.isNegative(image[i]) || llm::fixedDim(kernel[i]) == 0 ||
        b.sizes.isNegative(kernel[i]))
      b.fail("image_shape or block_shape has a size that is not positive");
    llm::Dim span = llm::simplified((kernel[i] - 1) * dilations[i] + 1);
    llm::Dim room = llm::simplified(image[i] + pads[i] + pads[rank + i] - span +
                                    strides[i]);
    windows.push_back(llm::simplified(
        b.sizes.max(room, b.constantDim(0)).floorDiv(strides[i])));
    before.push_back(b.constantDim(pads[i]));
  }
  llm::Dim k = llm::productOf(b.ctx, kernel),
           p = llm::productOf(b.ctx, windows);
  auto channels = llm::fixedDim(xs[1]), block = llm::fixedDim(k);
  if (channels && block && *block && *channels % *block)
    b.fail(Twine(*channels) + " channels don't divide into blocks of " +
           Twine(*block));
  expectSize(b, "windows", xs[2], p);
  llm::Dim c = b.sizes.quotient(xs[1], kernel);
  llm::Dims out = {xs[0], c};
  out.append(image);
  b.set(0,
        b.makeAs<llm::Col2ImOp>(
            b.tensor(out, b.element(0)), b.reshape(b.in(0), {xs[0], c, k, p}),
            {b.named("windows", llm::dimsAttr(b.ctx, windows)),
             b.named("kernel", llm::dimsAttr(b.ctx, kernel)),
             b.named("before", llm::dimsAttr(b.ctx, before)),
             b.named("strides", b.builder.getDenseI64ArrayAttr(strides)),
             b.named("dilations", b.builder.getDenseI64ArrayAttr(dilations))}));
}

/// Samples at shifted places, then the product with the filters.
static void importDeformConv(Binder &b) {
  llm::Dims in = spatialDims(b, 0);
  checkOperands(b, 3);
  if (in.size() != 2)
    b.unsupported("other than two spatial axes are not supported");
  llm::Dims xs = b.dims(0), ws = b.dims(1);
  int64_t group = groupOf(b, xs[1], ws[0]),
          offsets = b.intAttr("offset_group", 1);
  auto channels = llm::fixedDim(xs[1]);
  if (offsets < 1 || (channels && *channels % offsets))
    b.fail("attribute offset_group has the value " + Twine(offsets));
  expectSize(b, "channels", xs[1], llm::simplified(ws[1] * group));
  Window w =
      slidingWindow(b, in, kernelShape(b, 2, ArrayRef(ws).drop_front(2)));
  int64_t k = w.kernel[0] * w.kernel[1];
  expectSize(b, "offsets", b.dims(2)[1], b.constantDim(offsets * k * 2));
  if (b.has(4))
    expectSize(b, "mask channels", b.dims(4)[1], b.constantDim(offsets * k));
  Type sum = sumType(b);
  SmallVector<Value> operands = {b.cast(b.in(0), sum), b.cast(b.in(2), sum)};
  if (Value mask = b.maybe(4))
    operands.push_back(b.cast(mask, sum));
  llm::Dim g = b.constantDim(group), m = llm::simplified(ws[0].floorDiv(group)),
           depth = llm::simplified(ws[1] * k),
           p = llm::simplified(w.out[0] * w.out[1]);
  Value columns = b.makeAs<llm::DeformColumnsOp>(
      b.tensor({xs[0], xs[1], b.constantDim(k), w.out[0], w.out[1]}, sum),
      operands,
      {b.named("kernel", b.builder.getDenseI64ArrayAttr(w.kernel)),
       b.named("before", llm::dimsAttr(b.ctx, w.before)),
       b.named("strides", b.builder.getDenseI64ArrayAttr(w.strides)),
       b.named("dilations", b.builder.getDenseI64ArrayAttr(w.dilations)),
       b.named("groups", offsets)});
  Value y =
      b.make<llm::MatmulOp>({b.reshape(b.cast(b.in(1), sum), {g, m, depth}),
                             b.reshape(columns, {xs[0], g, depth, p})});
  y = b.reshape(y, {xs[0], ws[0], w.out[0], w.out[1]});
  if (Value bias = b.maybe(3)) {
    llm::Dim one = b.constantDim(1);
    y = b.make<llm::AddOp>(
        {y, b.reshape(b.cast(bias, sum), {ws[0], one, one})});
  }
  b.set(0, b.cast(y, b.element(0)));
}

void addConvRules(RuleTable &rules) {
  rules.add({"Conv"}, importConv);
  rules.add({"ConvTranspose"}, importConvTranspose);
  rules.add({"Col2Im"}, importCol2Im);
  rules.add({"DeformConv"}, importDeformConv);
}

} // namespace llmc::onnx
