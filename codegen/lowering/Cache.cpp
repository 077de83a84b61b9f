// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Cache.h"
#include "codegen/lowering/Loops.h"
#include "codegen/ref/PlainKernel.h"

using namespace mlir;

namespace llmc {

/// `t` with its seq and heads dims swapped: [batch, seq, heads, size] <->
/// [batch, heads, seq, size].
static MemTensor headsFirst(MemTensor t) {
  std::swap(t.dims[1], t.dims[2]), std::swap(t.strides[1], t.strides[2]),
      std::swap(t.shape[1], t.shape[2]);
  t.contiguous = false;
  return t;
}

/// The part of `out` of the given sizes that begins at position `from`.
static MemTensor positions(EntryLowering &e, MemTensor out,
                           const MemTensor &sizes, Value from) {
  CodeBuilder &h = e.host();
  out.base =
      h.address(out.base, memoryType(out.element), h.mul(from, out.strides[2]));
  out.dims = sizes.dims, out.shape = sizes.shape, out.contiguous = false;
  return out;
}

/// Where row b's new positions begin.
static Value startOf(PlainBody &p, unsigned lengths, Value b, Value seq) {
  return p.k.max(p.k.sub(p.k.convert(p.load(lengths, {b}), p.k.i64()), seq),
                 p.k.ci(0));
}

/// Rows of different lengths, into a fresh tensor: past, new positions, zeros.
static void appendRows(EntryLowering &e, MemTensor past, MemTensor update,
                       MemTensor lengths, MemTensor out) {
  launchPlain(
      e, "kv_append", "fresh", {{past}, {update}, {out, true}, {lengths}}, {},
      2, 3, [&](PlainBody &p) {
        CodeBuilder &k = p.k;
        p.forTiles(2, 3, [&](Values at) {
          Value t = at[2], start = startOf(p, 3, at[0], p.dim(1, 2)),
                added = k.sub(t, start);
          Value old = k.bitAnd(k.lt(t, start), k.lt(t, p.dim(0, 2)));
          Value isNew = k.bitAnd(k.cmp(CmpI::sge, added, k.ci(0)),
                                 k.lt(added, p.dim(1, 2)));
          k.forLoop(p.dim(2, 3), [&](Value d) {
            Values from = at, to = at;
            from.push_back(d), to.push_back(d);
            Values fresh = {at[0], at[1], added, d};
            Type type = computeType(p.element(2));
            Value v = k.ifElse(
                old, [&]() -> Values { return {p.load(0, from)}; },
                [&]() -> Values {
                  return k.ifElse(
                      isNew, [&]() -> Values { return {p.load(1, fresh)}; },
                      [&]() -> Values { return {k.zero(type)}; });
                })[0];
            p.store(v, 2, to);
          });
        });
      });
}

/// Rows of different lengths, in place.
static void appendRowsInPlace(EntryLowering &e, MemTensor update,
                              MemTensor lengths, MemTensor out) {
  launchPlain(e, "kv_append", "in_place", {{update}, {out, true}, {lengths}},
              {}, 0, [&](PlainBody &p) {
                p.forElements(0, [&](Values at) {
                  Value position = p.checkedIndex(
                      p.k.add(startOf(p, 2, at[0], p.dim(0, 2)), at[2]),
                      p.dim(1, 2));
                  p.store(p.load(0, at), 1, {at[0], at[1], position, at[3]});
                });
              });
}

/// The copy kernel for rows of different lengths; false where it does not take
/// the operands. Without a base, `past` is what `out` has already.
static bool launchAppend(EntryLowering &e, const MemTensor &past,
                         const MemTensor &update, const MemTensor &lengths,
                         const MemTensor &out) {
  auto size = llm::fixedDim(out.shape[3]);
  if (e.target().isReference() || !size || out.element.isInteger(1) ||
      !isDense(past) || !isDense(update) || !isDense(out) || !isDense(lengths))
    return false;
  CodeBuilder &h = e.host();
  AppendSpec spec;
  spec.size = *size, spec.element = memoryType(out.element);
  spec.lengths = memoryType(lengths.element), spec.inPlace = !past.base;
  SmallVector<Value> args(AppendArgCount, h.ci(0));
  args[AppendUpdate] = update.base, args[AppendOut] = out.base,
  args[AppendLengths] = lengths.base;
  args[AppendHeads] = out.dims[1], args[AppendSequence] = update.dims[2],
  args[AppendPositions] = out.dims[2];
  auto strides = [&](const MemTensor &t, AppendArg first) {
    for (int64_t i = 0; i < 3; ++i)
      args[first + i] = t.strides[i];
  };
  if (past.base) {
    args[AppendPast] = past.base, args[AppendPastPositions] = past.dims[2];
    strides(past, AppendPastBatch);
  }
  strides(update, AppendUpdateBatch), strides(out, AppendOutBatch);
  const MemTensor &tiles = past.base ? out : update;
  e.launch(emitAppend(e.kernels(), spec), args,
           e.product(ArrayRef(tiles.dims).take_front(3)),
           h.ci(std::max<int64_t>(1, 2048 / std::max<int64_t>(1, *size))));
  return true;
}

/// The past [batch, heads, past, size] with the new positions [batch, seq,
/// heads, size] behind it: written in place where the past is a state, else
/// into a fresh tensor.
static LogicalResult lowerKvAppend(Operation *op, EntryLowering &e) {
  auto append = cast<llm::KvAppendOp>(op);
  CodeBuilder &h = e.host();
  MemTensor update = headsFirst(e.get(append.getUpdate())),
            past = e.get(append.getPast()), out;
  Value lengths = append.getLengths();
  auto state = e.state(append.getPast());
  if (state) {
    out = past;
    out.shape = llm::dimsOf(append.getResult());
    out.dims[2] = e.size(out.shape[2]);
    e.failIf(h.lt(state->capacity, out.dims[2]), LLMC_FAIL_CAPACITY,
             state->capacity, out.dims[2]);
    e.setView(append.getResult(), out, append.getPast());
  } else {
    out = e.result(append.getResult());
  }
  if (lengths) {
    MemTensor rows = e.get(lengths);
    if (launchAppend(e, state ? MemTensor() : past, update, rows, out))
      return success();
    state ? appendRowsInPlace(e, update, rows, out)
          : appendRows(e, past, update, rows, out);
    return success();
  }
  if (!state)
    e.copy(past, positions(e, out, past, h.ci(0)));
  e.copy(update, positions(e, out, update, past.dims[2]));
  return success();
}

void addCacheLowerings(LoweringTable &table) {
  table["llm.kv_append"] = lowerKvAppend;
}

} // namespace llmc
