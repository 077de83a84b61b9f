// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Conv.h"
#include "codegen/lowering/Activation.h"
#include "codegen/lowering/SlidingWindow.h"

using namespace mlir;

namespace llmc {

namespace {
struct ConvOperands {
  MemTensor x, filters, out;
  std::optional<MemTensor> bias;
};
} // namespace

/// What symbols hide from the verifier.
static void failIfSizesDiffer(EntryLowering &e, llm::ConvOp conv,
                              const ConvOperands &o) {
  auto group = static_cast<int64_t>(conv.getGroup());
  requireEqual(e, o.x.shape[1], o.filters.shape[1] * group);
  requireEqual(e, o.filters.shape[0],
               o.filters.shape[0].floorDiv(group) * group);
  if (o.bias)
    requireEqual(e, o.bias->shape[0], o.out.shape[1]);
  SmallVector<int64_t> kernel;
  for (llm::Dim d : ArrayRef(o.filters.shape).drop_front(2))
    kernel.push_back(*llm::fixedDim(d));
  failIfTooShort(e, o.x, conv.getBefore(), conv.getAfter(), kernel,
                 conv.getDilations());
}

static bool takesKernel(EntryLowering &e, llm::ConvOp conv) {
  return !e.target().isReference() && llm::elementOf(conv.getX()).isF32() &&
         static_cast<int64_t>(conv.getStrides().size()) <= convAxes &&
         hasKernelForm(conv.getActivation());
}

static void launchConv(EntryLowering &e, llm::ConvOp conv,
                       const ConvOperands &o) {
  CodeBuilder &h = e.host();
  int64_t rank = conv.getStrides().size(), missing = convAxes - rank;
  ConvSpec spec;
  spec.strideW = conv.getStrides().back();
  spec.bias = o.bias.has_value();
  spec.activation = kernelActivation(conv.getActivation());
  Value one = h.ci(1), zero = h.ci(0);
  SmallVector<Value> args(ConvArgCount, one);
  args[ConvX] = o.x.base, args[ConvFilters] = o.filters.base;
  args[ConvOut] = o.out.base, args[ConvBias] = o.bias ? o.bias->base : zero;
  args[ConvGroups] = h.ci(conv.getGroup());
  args[ConvChannels] = o.filters.dims[1];
  args[ConvRows] = h.divSize(o.filters.dims[0], conv.getGroup());
  for (int64_t i = 0; i < missing; ++i)
    args[ConvBefore + i] = zero;
  Value columns = one, depth = args[ConvChannels];
  for (int64_t i = 0; i < rank; ++i) {
    int64_t at = missing + i;
    args[ConvIn + at] = o.x.dims[i + 2];
    args[ConvOutSizes + at] = o.out.dims[i + 2];
    args[ConvKernel + at] = o.filters.dims[i + 2];
    args[ConvStrides + at] = h.ci(conv.getStrides()[i]);
    args[ConvDilations + at] = h.ci(conv.getDilations()[i]);
    args[ConvBefore + at] = e.size(conv.getBefore().getResult(i));
    columns = h.mul(columns, o.out.dims[i + 2]);
    depth = h.mul(depth, o.filters.dims[i + 2]);
  }
  ConvGrid grid = convGrid(h, h.mul(o.x.dims[0], args[ConvGroups]),
                           args[ConvRows], columns, depth);
  e.launch(emitConv(e.kernels(), spec), args, grid.count, grid.grain);
}

/// Loops over channels and kernel; integers as they are, floats in f64 on the
/// reference target.
static void launchPlainConv(EntryLowering &e, llm::ConvOp conv,
                            const ConvOperands &o) {
  SmallVector<PlainTensor> tensors = {{o.x}, {o.filters}, {o.out, true}};
  if (o.bias)
    tensors.push_back({*o.bias});
  SmallVector<int64_t> kernel;
  for (llm::Dim d : ArrayRef(o.filters.shape).drop_front(2))
    kernel.push_back(*llm::fixedDim(d));
  int64_t rank = kernel.size();
  llm::Activation act = conv.getActivation();
  std::string key = (stringifyActivation(act) + (o.bias ? ",b;" : ";")).str() +
                    std::to_string(conv.getGroup()) + ";" + numbersKey(kernel) +
                    numbersKey(conv.getStrides()) +
                    numbersKey(conv.getDilations());
  SmallVector<Value> pads;
  for (llm::Dim d : conv.getBefore().getResults())
    pads.push_back(e.size(d));
  launchPlain(e, "conv", key, tensors, pads, 2, [&](PlainBody &b) {
    CodeBuilder &k = b.k;
    Type compute = computeType(b.element(0)), sum = compute;
    bool isFloat = isa<FloatType>(compute);
    if (isFloat && e.target().isReference())
      sum = k.f64();
    b.forElements(2, [&](Values at) {
      Value channels = b.dim(1, 1);
      Value perGroup = k.divSize(b.dim(1, 0), conv.getGroup());
      Value first = k.mul(k.divSize(at[1], k.max(perGroup, k.ci(1))), channels);
      Values starts;
      SmallVector<KernelRange> ranges = {{k.ci(0), channels}};
      for (int64_t i = 0; i < rank; ++i) {
        starts.push_back(
            k.sub(k.mul(at[i + 2], conv.getStrides()[i]), b.extra(i)));
        ranges.push_back(kernelInside(k, starts[i], b.dim(0, i + 2), kernel[i],
                                      conv.getDilations()[i]));
      }
      Value total = nestRanges(
          k, ranges, {k.zero(sum)},
          [&](Values &step, ValueRange carried) -> Values {
            Values x = {at[0], k.add(first, step[0])}, w = {at[1], step[0]};
            for (int64_t i = 0; i < rank; ++i) {
              x.push_back(
                  k.add(starts[i], k.mul(step[i + 1], conv.getDilations()[i])));
              w.push_back(step[i + 1]);
            }
            Value u = k.convert(b.load(0, x), sum),
                  v = k.convert(b.load(1, w), sum);
            return {isFloat ? k.fma(u, v, carried[0])
                            : k.add(carried[0], k.mul(u, v))};
          })[0];
      if (o.bias)
        total = k.add(total, k.convert(b.load(3, {at[1]}), sum));
      if (act != llm::Activation::None)
        total = activated(k, act, total);
      b.store(k.convert(total, compute), 2, at);
    });
  });
}

static LogicalResult lowerConv(Operation *op, EntryLowering &e) {
  auto conv = cast<llm::ConvOp>(op);
  bool kernel = takesKernel(e, conv);
  auto operand = [&](Value v) { return kernel ? e.contiguous(v) : e.get(v); };
  ConvOperands o{operand(conv.getX()), operand(conv.getFilters()), {}, {}};
  if (conv.getBias())
    o.bias = operand(conv.getBias());
  o.out = e.result(conv.getResult());
  failIfSizesDiffer(e, conv, o);
  if (kernel)
    launchConv(e, conv, o);
  else
    launchPlainConv(e, conv, o);
  return success();
}

/// The windows that add to an element: every step k of the kernel along every
/// axis for which (o + before - k * dilation) / stride is a window.
static LogicalResult lowerCol2Im(Operation *op, EntryLowering &e) {
  auto columns = cast<llm::Col2ImOp>(op);
  MemTensor x = e.get(columns.getX()), out = e.result(columns.getResult());
  MLIRContext *ctx = op->getContext();
  ArrayRef<llm::Dim> kernel = columns.getKernel().getResults(),
                     windows = columns.getWindows().getResults();
  requireEqual(e, x.shape[0], out.shape[0]);
  requireEqual(e, x.shape[1], out.shape[1]);
  requireEqual(e, x.shape[2], llm::productOf(ctx, kernel));
  requireEqual(e, x.shape[3], llm::productOf(ctx, windows));
  SmallVector<Value> extras;
  for (AffineMap map :
       {columns.getKernel(), columns.getWindows(), columns.getBefore()})
    for (llm::Dim d : map.getResults())
      extras.push_back(e.size(d));
  int64_t rank = kernel.size();
  std::string key =
      numbersKey(columns.getStrides()) + numbersKey(columns.getDilations());
  launchPlain(
      e, "col2im", key, {{x}, {out, true}}, extras, 1, [&](PlainBody &b) {
        CodeBuilder &k = b.k;
        Type sum = computeType(b.element(0));
        if (e.target().isReference() && isa<FloatType>(sum))
          sum = k.f64();
        b.forElements(1, [&](Values at) {
          SmallVector<KernelRange> ranges;
          for (int64_t i = 0; i < rank; ++i)
            ranges.push_back({k.ci(0), b.extra(i)});
          Value total = nestRanges(
              k, ranges, {k.zero(sum)},
              [&](Values &step, ValueRange carried) -> Values {
                Value inside = k.constantInt(k.i1(), 1), window = k.ci(0),
                      element = k.ci(0), zero = k.ci(0);
                for (int64_t i = 0; i < rank; ++i) {
                  Value count = b.extra(rank + i);
                  Value place =
                      k.sub(k.add(at[i + 2], b.extra(2 * rank + i)),
                            k.mul(step[i], columns.getDilations()[i]));
                  int64_t stride = columns.getStrides()[i];
                  Value safe = k.max(place, zero), w = k.divSize(safe, stride);
                  inside = k.bitAnd(inside, k.cmp(CmpI::sge, place, zero));
                  inside = k.bitAnd(inside, k.eq(k.mul(w, stride), safe));
                  inside = k.bitAnd(inside, k.lt(w, count));
                  window = k.add(k.mul(window, count), w);
                  element = k.add(k.mul(element, b.extra(i)), step[i]);
                }
                return k.ifElse(
                    inside,
                    [&]() -> Values {
                      Value v = b.load(0, {at[0], at[1], element, window});
                      return {k.add(carried[0], k.convert(v, sum))};
                    },
                    [&]() -> Values { return {carried[0]}; });
              })[0];
          b.store(k.convert(total, computeType(b.element(1))), 1, at);
        });
      });
  return success();
}

/// x between its elements at (y, x), 0 outside.
static Value bilinear(PlainBody &b, Value image, Value channel, Value y,
                      Value x) {
  CodeBuilder &k = b.k;
  Type type = y.getType();
  Value y0 = k.floor(y), x0 = k.floor(x), sum = k.zero(type);
  for (int64_t dy = 0; dy < 2; ++dy)
    for (int64_t dx = 0; dx < 2; ++dx) {
      auto side = [&](Value at, Value low, int64_t d) {
        Value t = k.sub(at, low);
        return d ? t : k.sub(k.constant(type, 1), t);
      };
      Value i = k.add(k.convert(y0, k.i64()), dy),
            j = k.add(k.convert(x0, k.i64()), dx);
      Value inside = k.bitAnd(k.cmp(CmpI::ult, i, b.dim(0, 2)),
                              k.cmp(CmpI::ult, j, b.dim(0, 3)));
      Value v = k.ifElse(
          inside,
          [&]() -> Values {
            return {k.convert(b.load(0, {image, channel, i, j}), type)};
          },
          [&]() -> Values { return {k.zero(type)}; })[0];
      sum = k.add(sum, k.mul(v, k.mul(side(y, y0, dy), side(x, x0, dx))));
    }
  return sum;
}

static LogicalResult lowerDeformColumns(Operation *op, EntryLowering &e) {
  auto deform = cast<llm::DeformColumnsOp>(op);
  MemTensor x = e.get(deform.getX()), offsets = e.get(deform.getOffsets()),
            out = e.result(deform.getResult());
  SmallVector<PlainTensor> tensors = {{x}, {offsets}, {out, true}};
  if (deform.getMask())
    tensors.push_back({e.get(deform.getMask())});
  int64_t groups = deform.getGroups();
  MLIRContext *ctx = op->getContext();
  for (size_t i = 1; i < tensors.size(); i += 2) { // offsets and mask
    const MemTensor &t = tensors[i].tensor;
    requireEqual(e, t.shape[0], out.shape[0]);
    requireEqual(
        e, t.shape[1],
        llm::productOf(ctx, {llm::constantDim(ctx, i == 1 ? 2 : 1),
                             llm::constantDim(ctx, groups), out.shape[2]}));
    requireEqual(e, t.shape[2], out.shape[3]);
    requireEqual(e, t.shape[3], out.shape[4]);
  }
  SmallVector<Value> pads;
  for (llm::Dim d : deform.getBefore().getResults())
    pads.push_back(e.size(d));
  std::string key =
      std::to_string(groups) + ";" + numbersKey(deform.getKernel()) +
      numbersKey(deform.getStrides()) + numbersKey(deform.getDilations());
  launchPlain(e, "deform_columns", key, tensors, pads, 2, [&](PlainBody &b) {
    CodeBuilder &k = b.k;
    Type type = computeType(b.element(0));
    b.forElements(2, [&](Values at) {
      Value each = k.max(k.divSize(b.dim(0, 1), groups), k.ci(1));
      Value sample = k.add(k.mul(k.divSize(at[1], each), b.dim(2, 2)), at[2]);
      Value steps[] = {k.divSize(at[2], deform.getKernel()[1]),
                       k.remSize(at[2], deform.getKernel()[1])};
      Value place[2];
      for (int64_t i = 0; i < 2; ++i) {
        Value start =
            k.sub(k.mul(at[3 + i], deform.getStrides()[i]), b.extra(i));
        Value whole = k.add(start, k.mul(steps[i], deform.getDilations()[i]));
        Value shift =
            b.load(1, {at[0], k.add(k.mul(sample, 2), i), at[3], at[4]});
        place[i] = k.add(k.convert(whole, type), k.convert(shift, type));
      }
      Value v = bilinear(b, at[0], at[1], place[0], place[1]);
      if (tensors.size() > 3)
        v = k.mul(v, k.convert(b.load(3, {at[0], sample, at[3], at[4]}), type));
      b.store(v, 2, at);
    });
  });
  return success();
}

void addConvLowerings(LoweringTable &table) {
  table["llm.conv"] = lowerConv;
  table["llm.col2im"] = lowerCol2Im;
  table["llm.deform_columns"] = lowerDeformColumns;
}

} // namespace llmc
