// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/MatmulRows.h"
#include "codegen/cpu/CacheLine.h"
#include "codegen/cpu/kernels/AmxTile.h"

using namespace mlir;

namespace llmc {
namespace {
/// Emits what emitMatmulRows says.
class RowsEmitter {
public:
  RowsEmitter(KernelModule &kernels, CodeBuilder &k, const MatmulTile &shape,
              Value rows, const MatmulRows &o)
      : kernels(kernels), k(k), shape(shape),
        most(matmulTileRows(k.target(), shape.panels,
                            shape.pairs ? k.i32() : shape.weight)),
        rows(rows), o(o), parts(k.ceilDiv(rows, most)) {}

  void emit() {
    // Three uneven shares would leave the memory idle.
    if (o.next.from && o.next.fewRows)
      parts = k.ci(2);
    else if (o.next.from)
      parts = k.select(k.eq(parts, k.ci(3)), k.ci(4), parts);
    forRowParts(k, rows, parts, [&](Value part, Value from, Value to) {
      if (!o.next.from)
        run(part, from, to, 0);
      else if (o.next.fewRows)
        run(part, from, to, shares(2));
      else
        k.ifElseDo(
            k.lt(parts, k.ci(shares(16))),
            [&] { run(part, from, to, shares(4)); },
            [&] { run(part, from, to, shares(16)); });
      if (o.after)
        o.after(from, k.sub(to, from));
    });
  }

private:
  /// Bytes of all panels of the next block for a trip's steps.
  int64_t tripBytes() const { return trip() * shape.panels * o.next.stepBytes; }
  int64_t trip() const { return stepsPerTrip(k.target(), shape); }
  /// Parts that fetch the next block, an even share each: the more, the more
  /// evenly the memory works, but a part fetches about a line per trip at
  /// least, and of one panel at most. A power of 2.
  int64_t shares(int64_t most) const {
    return std::min(most, std::max(tripBytes() / lineBytes, shape.panels));
  }

  /// Part `part`: rows [from, to). `sharing` parts fetch what is next; 0: none.
  void run(Value part, Value from, Value to, int64_t sharing) {
    Value source = k.address(o.a, k.f32(), k.mul(from, shape.strideA)),
          target = k.address(o.sums, k.f32(), k.mul(from, shape.strideSum));
    Values operands = {source, k.ci(0), o.w,         o.panelStride,
                       target, o.steps, o.accumulate};
    if (shape.strided)
      operands.push_back(o.stepStride);
    int64_t ahead = 0;
    if (sharing) {
      int64_t bytes = tripBytes() / sharing;
      ahead = llvm::divideCeil(bytes, lineBytes);
      // Without a share the same line is fetched, which costs little.
      Value shares = k.lt(part, k.ci(sharing));
      operands.append({k.select(shares, share(part, sharing, bytes), o.w),
                       k.select(shares, k.ci(bytes / ahead), k.ci(0))});
    }
    SmallVector<std::function<void()>> cases;
    for (int64_t r = 1; r <= most; ++r)
      cases.push_back([&, r] {
        MatmulTile tile = shape;
        tile.rows = r, tile.ahead = ahead;
        LLVM::CallOp::create(k.builder(), k.location(),
                             emitMatmulTile(kernels, tile), operands);
      });
    k.switchOn(k.sub(k.sub(to, from), 1), cases);
  }

  /// Where a part's share of the next block begins, of `bytes` for a trip's
  /// steps: a panel is whole shares.
  Value share(Value part, int64_t sharing, int64_t bytes) {
    int64_t perPanel = std::max<int64_t>(sharing / shape.panels, 1);
    Value panel = k.mul(k.divSize(part, perPanel), o.next.panelBytes),
          inPanel = k.mul(k.remSize(part, perPanel),
                          k.mul(k.divSize(o.steps, trip()), bytes));
    return k.address(o.next.from, k.i8(), k.add(panel, inPanel));
  }

  KernelModule &kernels;
  CodeBuilder &k;
  const MatmulTile &shape;
  int64_t most;
  Value rows;
  const MatmulRows &o;
  Value parts;
};
} // namespace

void emitMatmulRows(KernelModule &kernels, CodeBuilder &k,
                    const MatmulTile &shape, Value rows, const MatmulRows &o) {
  if (shape.pairs && k.target().amxPairs)
    return emitAmxRows(kernels, k,
                       {o.a, k.ci(shape.strideA), o.w, o.panelStride, o.sums,
                        shape.strideSum, shape.panels, rows, o.steps,
                        o.accumulate, o.after});
  MatmulRows operands = o;
  // Where halves are widened in registers, the loop has none left over.
  if (shape.isHalf() && !widensFromMemory(k.target()))
    operands.next = {};
  RowsEmitter(kernels, k, shape, rows, operands).emit();
}

void forPanelGroups(CodeBuilder &k, Value begin, Value end, int64_t widest,
                    llvm::function_ref<void(int64_t, Value)> body) {
  for (int64_t width = widest; width >= 1; width /= 2) {
    Value whole = k.mul(k.divSize(k.sub(end, begin), width), width);
    Value to = width == 1 ? end : k.add(begin, whole);
    k.forLoop(begin, to, k.ci(width), [&](Value at) { body(width, at); });
    begin = to;
  }
}

void forRowParts(CodeBuilder &k, Value rows, Value parts,
                 llvm::function_ref<void(Value, Value, Value)> body) {
  Value fewer = k.divSize(rows, k.max(parts, k.ci(1))),
        rest = k.sub(rows, k.mul(fewer, parts));
  auto first = [&](Value part) {
    return k.add(k.mul(part, fewer), k.min(part, rest));
  };
  k.forLoop(parts, [&](Value part) {
    body(part, first(part), first(k.add(part, 1)));
  });
}

} // namespace llmc
