// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/rules/SlidingWindow.h"

using namespace mlir;

namespace llmc::onnx {

SmallVector<NamedAttribute> Window::attributes(Binder &b) const {
  return {b.named("before", llm::dimsAttr(b.ctx, before)),
          b.named("after", llm::dimsAttr(b.ctx, after)),
          b.named("strides", b.builder.getDenseI64ArrayAttr(strides)),
          b.named("dilations", b.builder.getDenseI64ArrayAttr(dilations))};
}

SmallVector<int64_t> perAxis(Binder &b, StringRef name, int64_t rank,
                             int64_t least, int64_t otherwise) {
  auto given = b.intsAttr(name);
  if (!given)
    return SmallVector<int64_t>(rank, otherwise);
  if (static_cast<int64_t>(given->size()) != rank)
    b.fail("attribute " + name + " has " + Twine(given->size()) +
           " values for " + Twine(rank) + " spatial axes");
  for (int64_t v : *given)
    if (v < least || v > kMaxWindow)
      b.fail("attribute " + name + " has the value " + Twine(v));
  return *given;
}

SmallVector<int64_t> kernelShape(Binder &b, int64_t rank,
                                 ArrayRef<llm::Dim> filters) {
  if (b.attr("kernel_shape")) {
    auto given = perAxis(b, "kernel_shape", rank, 1, 1);
    for (auto [i, d] : llvm::enumerate(filters))
      if (auto fixed = llm::fixedDim(d); fixed && *fixed != given[i])
        b.fail("attribute kernel_shape says " + Twine(given[i]) +
               " where the filters have " + Twine(*fixed));
    return given;
  }
  if (filters.empty())
    b.fail("attribute kernel_shape is missing");
  SmallVector<int64_t> kernel;
  for (llm::Dim d : filters) {
    auto fixed = llm::fixedDim(d);
    if (!fixed)
      b.unsupported("filters of symbolic size are not supported");
    if (*fixed < 1 || *fixed > kMaxWindow)
      b.fail("has a kernel of size " + Twine(*fixed));
    kernel.push_back(*fixed);
  }
  return kernel;
}

Value filtersOf(Binder &b, size_t i, ArrayRef<int64_t> kernel) {
  llm::Dims dims = b.dims(i);
  for (auto [at, size] : llvm::enumerate(kernel)) {
    b.learnEqual(dims[2 + at], b.constantDim(size));
    dims[2 + at] = b.constantDim(size);
  }
  return dims == b.dims(i) ? b.in(i) : b.reshape(b.in(i), dims);
}

llm::Dims spatialDims(Binder &b, size_t input) {
  llm::Dims dims = b.dims(input);
  if (dims.size() < 3)
    b.fail("needs a batch, channels and spatial axes, not rank " +
           Twine(dims.size()));
  return llm::Dims(dims.begin() + 2, dims.end());
}

/// As many windows as there are strides in the axis, and the pads they need.
static void padToSame(Binder &b, Window &w, int64_t axis, llm::Dim in,
                      bool moreBehind) {
  llm::Dim zero = b.constantDim(0);
  llm::Dim out = b.sizes.ceilDiv(in, w.strides[axis]);
  llm::Dim total = b.sizes.max(
      llm::simplified((out - 1) * w.strides[axis] + w.span(axis) - in), zero);
  llm::Dim half = llm::simplified(total.floorDiv(2)),
           rest = llm::simplified(total - half);
  w.before.push_back(moreBehind ? half : rest);
  w.after.push_back(moreBehind ? rest : half);
  w.out.push_back(out);
}

/// The windows that fit into a padded axis; rounded up, also one that ends
/// behind the pads but starts before them.
static llm::Dim windowsIn(Binder &b, const Window &w, int64_t axis, llm::Dim in,
                          bool roundUp) {
  llm::Dim padded = llm::simplified(in + w.before[axis] + w.after[axis]);
  int64_t span = w.span(axis), stride = w.strides[axis];
  if (auto fixed = llm::fixedDim(padded); fixed && *fixed < span)
    b.fail("the kernel spans " + Twine(span) + " elements of an axis of " +
           Twine(*fixed) + " with its pads");
  // A symbolic axis that is too short gives nothing here and fails the call.
  llm::Dim room =
      b.sizes.max(llm::simplified(padded - span + stride), b.constantDim(0));
  if (!roundUp)
    return llm::simplified(room.floorDiv(stride));
  return b.sizes.min(
      b.sizes.ceilDiv(room, stride),
      b.sizes.ceilDiv(llm::simplified(in + w.before[axis]), stride));
}

Window slidingWindow(Binder &b, ArrayRef<llm::Dim> in, ArrayRef<int64_t> kernel,
                     bool roundUp) {
  int64_t rank = in.size();
  Window w;
  w.kernel.assign(kernel.begin(), kernel.end());
  w.strides = perAxis(b, "strides", rank, 1, 1);
  w.dilations = perAxis(b, "dilations", rank, 1, 1);
  StringRef mode = b.stringAttr("auto_pad", "NOTSET");
  auto pads = perAxis(b, "pads", 2 * rank, 0, 0);
  if (mode != "NOTSET" && mode != "VALID" && mode != "SAME_UPPER" &&
      mode != "SAME_LOWER")
    b.fail("auto_pad is none of NOTSET, VALID, SAME_UPPER and SAME_LOWER");
  for (int64_t i = 0; i < rank; ++i) {
    auto fixed = llm::fixedDim(in[i]);
    if (fixed && *fixed > (int64_t(1) << 48))
      b.unsupported("an axis of " + Twine(*fixed) + " is not supported");
    if (mode.starts_with("SAME")) {
      padToSame(b, w, i, in[i], mode == "SAME_UPPER");
      continue;
    }
    bool padded = mode == "NOTSET";
    w.before.push_back(b.constantDim(padded ? pads[i] : 0));
    w.after.push_back(b.constantDim(padded ? pads[rank + i] : 0));
    w.out.push_back(windowsIn(b, w, i, in[i], roundUp));
  }
  return w;
}

llm::Dim bindDivisor(Binder &b, Value scalar, StringRef hint) {
  // The quotient fails on 0, and a bound size below 0 does.
  Value one = b.make<llm::DivOp>({scalar, scalar});
  return b.bindDim(b.make<llm::MulOp>({scalar, one}), hint);
}

llm::Dims sizesIn(Binder &b, size_t input, StringRef hint, bool asDivisors) {
  if (const Content *c = b.content(input); c && !c->isFloat)
    return c->ints;
  if (b.rank(input) != 1 || !b.type(input).hasStaticShape() ||
      !isa<IntegerType>(b.element(input)))
    b.unsupported("a list of sizes of unknown length is not supported");
  llm::Dims sizes;
  for (int64_t i = 0; i < b.type(input).getDimSize(0); ++i) {
    Value size = b.slice(b.in(input), 0, b.constantDim(i), b.constantDim(1));
    sizes.push_back(asDivisors ? bindDivisor(b, size, hint)
                               : b.bindDim(size, hint));
  }
  return sizes;
}

} // namespace llmc::onnx
