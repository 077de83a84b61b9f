// SPDX-License-Identifier: Apache-2.0
// Transposes, slices and broadcasts are views: other strides of the same
// memory, copied only where a kernel needs rows.
#include "codegen/ref/PlainKernel.h"

using namespace mlir;

namespace llmc {

/// Reshapes a strided tensor without moving it, where each target dim is a
/// source dim or a factor of one (inner factors first), or a 1. Fills `out`'s
/// strides; failure: the elements have to move.
static LogicalResult splitDims(const MemTensor &x, MemTensor &out,
                               CodeBuilder &h) {
  int64_t o = 0, rank = out.rank();
  MLIRContext *ctx = h.builder().getContext();
  for (int64_t i = 0; i < x.rank(); ++i) {
    if (llm::fixedDim(x.shape[i]) == 1)
      continue;
    int64_t first = o;
    llm::Dim product = llm::constantDim(ctx, 1);
    while (o < rank && product != x.shape[i])
      product = llm::simplified(product * out.shape[o++]);
    if (product != x.shape[i])
      return failure();
    Value stride = x.strides[i];
    for (int64_t j = o - 1; j >= first; --j) {
      out.strides[j] = stride;
      if (j > first)
        stride = h.mul(out.dims[j], stride);
    }
  }
  for (; o < rank; ++o) {
    if (llm::fixedDim(out.shape[o]) != 1)
      return failure();
    out.strides[o] = h.ci(1);
  }
  return success();
}

static LogicalResult lowerReshape(Operation *op, EntryLowering &e) {
  auto reshape = cast<llm::ReshapeOp>(op);
  llm::Dims from = llm::dimsOf(reshape.getX()),
            to = llm::dimsOf(reshape.getResult());
  MLIRContext *ctx = op->getContext();
  bool known = llm::productOf(ctx, from) == llm::productOf(ctx, to);
  MemTensor x = e.get(reshape.getX());
  CodeBuilder &h = e.host();
  if (!known) {
    SmallVector<Value> target;
    for (llm::Dim d : to)
      target.push_back(e.size(d));
    Value a = e.product(x.dims), b = e.product(target);
    e.failIf(h.cmp(CmpI::ne, a, b), LLMC_FAIL_SHAPE, a, b);
  }
  if (x.contiguous) {
    e.setView(reshape.getResult(),
              e.makeTensor(x.base, reshape.getResult().getType()),
              reshape.getX());
    return success();
  }
  // With gaps: splitting the last dim, or cutting ones off, keeps the memory;
  // anything else is a copy.
  MemTensor out = e.makeTensor(x.base, reshape.getResult().getType());
  if (mlir::succeeded(splitDims(x, out, h))) {
    out.contiguous = false;
    e.setView(reshape.getResult(), out, reshape.getX());
    return success();
  }
  MemTensor result = e.result(reshape.getResult());
  e.copy(x, e.makeTensor(result.base, reshape.getX().getType()));
  return success();
}

/// The same memory, but where an element below a byte is extended another way,
/// or a byte becomes a boolean.
static LogicalResult lowerBitcast(Operation *op, EntryLowering &e) {
  auto cast = mlir::cast<llm::BitcastOp>(op);
  MemTensor x = e.get(cast.getX());
  Type element = llm::elementOf(cast.getResult());
  bool differs = isSubByte(element) || element.isInteger(1);
  if (!differs) {
    x.element = element;
    e.setView(cast.getResult(), x, cast.getX());
    return success();
  }
  MemTensor out = e.result(cast.getResult());
  x.element = e.host().i8();
  launchPlain(e, "bitcast", typeKey(element), {{x}, {out, true}}, {}, 1,
              [&](PlainBody &b) {
                b.forElements(1, [&](Values at) {
                  b.store(b.k.convert(b.load(0, at), computeType(element)), 1,
                          at);
                });
              });
  return success();
}

static LogicalResult lowerTranspose(Operation *op, EntryLowering &e) {
  auto transpose = cast<llm::TransposeOp>(op);
  MemTensor x = e.get(transpose.getX()), out = x;
  for (auto [i, p] : llvm::enumerate(transpose.getPerm()))
    out.dims[i] = x.dims[p], out.strides[i] = x.strides[p],
    out.shape[i] = x.shape[p];
  // Moving dims of 1 around moves nothing.
  SmallVector<int64_t> real;
  for (int64_t p : transpose.getPerm())
    if (llm::fixedDim(x.shape[p]) != 1)
      real.push_back(p);
  out.contiguous = x.contiguous && llvm::is_sorted(real);
  e.setView(transpose.getResult(), out, transpose.getX());
  return success();
}

static LogicalResult lowerSlice(Operation *op, EntryLowering &e) {
  auto slice = cast<llm::SliceOp>(op);
  CodeBuilder &h = e.host();
  MemTensor x = e.get(slice.getX()), out = x;
  out.shape = llm::dimsOf(slice.getResult());
  Value start = h.ci(0);
  bool whole = true;
  for (int64_t i = 0; i < x.rank(); ++i) {
    llm::Dim from = slice.getStarts().getResult(i);
    if (llm::fixedDim(from) != 0)
      start = h.add(start, h.mul(e.size(from), x.strides[i]));
    out.dims[i] = e.size(out.shape[i]);
    if (slice.getSteps()[i] != 1)
      out.strides[i] = h.mul(x.strides[i], slice.getSteps()[i]);
    // Cutting the outermost real dim leaves a dense block.
    bool cut = out.shape[i] != x.shape[i] || slice.getSteps()[i] != 1;
    bool outermost =
        llvm::all_of(ArrayRef(x.shape).take_front(i),
                     [](llm::Dim d) { return llm::fixedDim(d) == 1; });
    whole &= !cut || (outermost && slice.getSteps()[i] == 1);
  }
  out.contiguous = x.contiguous && whole;
  out.base = h.address(x.base, memoryType(x.element), start);
  e.setView(slice.getResult(), out, slice.getX());
  return success();
}

static LogicalResult lowerExpand(Operation *op, EntryLowering &e) {
  auto expand = cast<llm::ExpandOp>(op);
  CodeBuilder &h = e.host();
  MemTensor x = e.get(expand.getX()), out = x;
  out.shape = llm::dimsOf(expand.getResult());
  int64_t shift = static_cast<int64_t>(out.shape.size()) - x.rank();
  out.dims.clear(), out.strides.clear();
  for (int64_t i = 0; i < static_cast<int64_t>(out.shape.size()); ++i) {
    out.dims.push_back(e.size(out.shape[i]));
    if (i < shift || llm::fixedDim(x.shape[i - shift]) == 1)
      out.strides.push_back(h.ci(0));
    else if (x.shape[i - shift] == out.shape[i])
      out.strides.push_back(x.strides[i - shift]);
    else
      out.strides.push_back(h.select(h.eq(x.dims[i - shift], h.ci(1)), h.ci(0),
                                     x.strides[i - shift]));
  }
  out.contiguous = false;
  e.setView(expand.getResult(), out, expand.getX());
  return success();
}

/// The part of `t` that begins at `start` along an axis and is `length` long.
static MemTensor part(EntryLowering &e, MemTensor t, int64_t axis, Value start,
                      const MemTensor &shape) {
  CodeBuilder &h = e.host();
  t.base =
      h.address(t.base, memoryType(t.element), h.mul(start, t.strides[axis]));
  t.dims = shape.dims, t.shape = shape.shape;
  t.contiguous = false;
  return t;
}

static LogicalResult lowerConcat(Operation *op, EntryLowering &e) {
  auto concat = cast<llm::ConcatOp>(op);
  MemTensor out = e.result(concat.getResult());
  int64_t axis = concat.getAxis();
  Value start = e.host().ci(0);
  for (Value v : concat.getInputs()) {
    MemTensor x = e.get(v);
    e.copy(x, part(e, out, axis, start, x));
    start = e.host().add(start, x.dims[axis]);
  }
  return success();
}

/// The element of an axis of `size` that stands at a place which may be outside
/// of it.
static Value padSource(CodeBuilder &k, llm::PadMode mode, Value at,
                       Value size) {
  Value zero = k.ci(0), last = k.sub(size, 1);
  if (mode == llm::PadMode::Edge)
    return k.max(k.min(at, last), zero);
  // The remainder has the sign of `at`.
  bool wraps = mode == llm::PadMode::Wrap;
  Value period = wraps ? size : k.max(k.mul(last, 2), k.ci(1));
  Value r = k.rem(at, period);
  r = k.select(k.lt(r, zero), k.add(r, period), r);
  return wraps ? r : k.min(r, k.sub(period, r));
}

static LogicalResult lowerPad(Operation *op, EntryLowering &e) {
  auto pad = cast<llm::PadOp>(op);
  SmallVector<Value> before;
  for (llm::Dim d : pad.getBefore().getResults())
    before.push_back(e.size(d));
  MemTensor x = e.get(pad.getX()), value = e.get(pad.getValue()),
            out = e.result(pad.getResult());
  int64_t rank = x.rank();
  llm::PadMode mode = pad.getMode();
  auto padded = [&](PlainBody &b, Values index) -> Value {
    Value inside = b.k.constantInt(b.k.i1(), 1);
    Values from;
    for (int64_t i = 0; i < rank; ++i) {
      Value at = b.k.sub(index[i], b.extra(i));
      if (mode == llm::PadMode::Constant)
        inside = b.k.bitAnd(inside, b.k.cmp(CmpI::ult, at, b.dim(0, i)));
      else
        at = padSource(b.k, mode, at, b.dim(0, i));
      from.push_back(at);
    }
    if (mode != llm::PadMode::Constant)
      return b.load(0, from);
    return b.k.ifElse(
        inside, [&]() -> Values { return {b.load(0, from)}; },
        [&]() -> Values { return {b.load(1, {})}; })[0];
  };
  launchPlain(e, "pad", llm::stringifyPadMode(mode),
              {{x}, {value}, {out, true}}, before, 2, [&](PlainBody &b) {
                b.forElements(2, [&](Values index) {
                  b.store(padded(b, index), 2, index);
                });
              });
  return success();
}

static LogicalResult lowerTrilu(Operation *op, EntryLowering &e) {
  auto trilu = cast<llm::TriluOp>(op);
  MemTensor x = e.get(trilu.getX()), out = e.result(trilu.getResult());
  SmallVector<PlainTensor> tensors = {{x}, {out, true}};
  if (trilu.getK())
    tensors.push_back({e.get(trilu.getK())});
  bool upper = trilu.getUpper();
  launchPlain(e, "trilu", upper ? "u" : "l", tensors, {}, 1, [&](PlainBody &b) {
    b.forElements(1, [&](Values index) {
      Value k = tensors.size() > 2 ? b.load(2, {}) : b.k.ci(0);
      Value diagonal =
          b.k.sub(b.k.sub(index.back(), index[index.size() - 2]), k);
      Value kept = b.k.cmp(upper ? CmpI::sge : CmpI::sle, diagonal, b.k.ci(0));
      Value v = b.load(0, index);
      b.store(b.k.select(kept, v, b.k.zero(v.getType())), 1, index);
    });
  });
  return success();
}

void addLayoutLowerings(LoweringTable &table) {
  table["llm.reshape"] = lowerReshape;
  table["llm.bitcast"] = lowerBitcast;
  table["llm.transpose"] = lowerTranspose;
  table["llm.slice"] = lowerSlice;
  table["llm.expand"] = lowerExpand;
  table["llm.concat"] = lowerConcat;
  table["llm.pad"] = lowerPad;
  table["llm.trilu"] = lowerTrilu;
}

} // namespace llmc
