// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Conv.h"
#include "codegen/cpu/kernels/Matmul.h"
#include "codegen/cpu/kernels/MatmulRows.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace llmc {
namespace {

// One tile: filters x windows. A block of windows [matmulBlockK][tileColumns]
// and of filters stay in L2.
constexpr int64_t tileRows = 96, tileColumns = 128;
constexpr int64_t windowStride = tileColumns + rowPadding,
                  sumStride = windowStride,
                  filterStride = matmulBlockK + rowPadding;

SmallVector<KernelArg> arguments() {
  SmallVector<KernelArg> args = {
      {KernelArg::Read, "x"},      {KernelArg::Read, "filters"},
      {KernelArg::Read, "bias"},   {KernelArg::Write, "out"},
      {KernelArg::Int, "groups"},  {KernelArg::Int, "channels"},
      {KernelArg::Int, "filters"},
  };
  args.append(ConvArgCount - args.size(), {KernelArg::Int, "window"});
  return args;
}

class ConvEmitter {
public:
  ConvEmitter(KernelModule &kernels, KernelBuilder &k, const ConvSpec &spec)
      : kernels(kernels), k(k), spec(spec), vector(k.vecF32(k.lanes())),
        channels(k.arg(ConvChannels)), rowCount(k.arg(ConvRows)),
        windows(k.scratch(k.f32(), matmulBlockK * windowStride)),
        packed(k.scratch(k.f32(), tileRows * filterStride)),
        sums(k.scratch(k.f32(), tileRows * sumStride)) {
    columnCount = volume(ConvOutSizes);
    depth = k.mul(channels, volume(ConvKernel));
  }

  void emit() {
    Value rowBlocks = k.ceilDiv(rowCount, tileRows),
          columnBlocks = k.ceilDiv(columnCount, tileColumns);
    k.forTiles([&](Value tile) {
      Value rest = k.divSize(tile, rowBlocks);
      row = k.mul(k.remSize(tile, rowBlocks), tileRows);
      column = k.mul(k.remSize(rest, columnBlocks), tileColumns);
      image = k.divSize(rest, columnBlocks);
      rows = k.min(k.sub(rowCount, row), k.ci(tileRows));
      columns = k.min(k.sub(columnCount, column), k.ci(tileColumns));
      // Of the filters and the bias, which batches share.
      firstFilter =
          k.add(k.mul(k.remSize(image, k.arg(ConvGroups)), rowCount), row);
      k.forLoop(k.ci(0), k.max(depth, k.ci(1)), k.ci(matmulBlockK),
                [&](Value first) { block(first); });
      epilogue();
    });
  }

private:
  Value size(ConvArg list, int64_t axis) { return k.arg(list + axis); }
  Value volume(ConvArg list) {
    return k.mul(k.mul(size(list, 0), size(list, 1)), size(list, 2));
  }

  /// Sums over the steps [first, first + matmulBlockK) of the filters.
  void block(Value first) {
    Value steps = k.min(k.sub(depth, first), k.ci(matmulBlockK));
    gather(first, steps);
    pack(first, steps);
    Value more = k.cmp(CmpI::ne, first, k.ci(0));
    Value panels = k.ceilDiv(columns, panelColumns);
    auto operandsAt = [&](Value panel) {
      Value column = k.mul(panel, panelColumns);
      MatmulRows operands;
      operands.a = packed, operands.w = k.address(windows, k.f32(), column);
      operands.panelStride = k.ci(panelColumns);
      operands.sums = k.address(sums, k.f32(), column);
      operands.steps = steps, operands.accumulate = more;
      operands.stepStride = k.ci(windowStride);
      return operands;
    };
    auto shape = [](int64_t count, int64_t width) {
      return MatmulTile{count, width, filterStride, sumStride, true};
    };
    k.ifElseDo(
        k.eq(rows, k.ci(1)), // depthwise
        [&] {
          forPanelGroups(k, k.ci(0), panels, matmulThinPanels(k.target(), 1),
                         [&](int64_t width, Value panel) {
                           MatmulRows o = operandsAt(panel);
                           LLVM::CallOp::create(
                               k.builder(), k.location(),
                               emitMatmulTile(kernels, shape(1, width)),
                               ValueRange{o.a, k.ci(0), o.w, o.panelStride,
                                          o.sums, o.steps, o.accumulate,
                                          o.stepStride});
                         });
        },
        [&] {
          forPanelGroups(k, k.ci(0), panels, k.target().tilePanels,
                         [&](int64_t width, Value panel) {
                           emitMatmulRows(kernels, k, shape(0, width), rows,
                                          operandsAt(panel));
                         });
        });
  }

  /// The filters [row, row + rows) x [first, first + steps).
  void pack(Value first, Value steps) {
    k.forLoop(rows, [&](Value r) {
      Value source =
          k.address(k.arg(ConvFilters), k.f32(),
                    k.add(k.mul(k.add(firstFilter, r), depth), first));
      Value target = k.address(packed, k.f32(), k.mul(r, filterStride));
      copy(source, target, steps);
    });
  }

  void copy(Value source, Value target, Value count) {
    k.forVectors(count, [&](Value i, Value mask) {
      k.maskedStore(k.maskedLoad(vector, mask, source, i), mask, target, i);
    });
  }

  /// Rows [first, first + steps) of the matrix of windows, at the tile's
  /// columns.
  void gather(Value first, Value steps) {
    Value kw = size(ConvKernel, 2), kh = size(ConvKernel, 1),
          kd = size(ConvKernel, 0);
    auto digit = [&](Value &rest, Value base) {
      Value d = k.remSize(rest, base);
      rest = k.divSize(rest, base);
      return d;
    };
    Value rest = first;
    Value w = digit(rest, kw), h = digit(rest, kh), d = digit(rest, kd);
    // The position in the kernel is counted up rather than divided out.
    k.forLoop(k.ci(0), steps, k.ci(1), {rest, d, h, w},
              [&](Value step, ValueRange at) -> Values {
                gatherRow(step, at[0], at.drop_front());
                Value one = k.ci(1), zero = k.ci(0);
                Value nextW = k.add(at[3], 1);
                Value carryW = k.eq(nextW, kw);
                Value nextH = k.add(at[2], k.select(carryW, one, zero));
                Value carryH = k.eq(nextH, kh);
                Value nextD = k.add(at[1], k.select(carryH, one, zero));
                Value carryD = k.eq(nextD, kd);
                return {k.add(at[0], k.select(carryD, one, zero)),
                        k.select(carryD, zero, nextD),
                        k.select(carryH, zero, nextH),
                        k.select(carryW, zero, nextW)};
              });
  }

  /// Where an axis is read for output 0 at one position of the kernel.
  Value shifted(Value position, int64_t axis) {
    return k.sub(k.mul(position, size(ConvDilations, axis)),
                 size(ConvBefore, axis));
  }

  void gatherRow(Value step, Value channel, ValueRange position) {
    Value volumeIn = volume(ConvIn), width = size(ConvIn, 2),
          outW = size(ConvOutSizes, 2), outH = size(ConvOutSizes, 1);
    Value plane = k.mul(k.add(k.mul(image, channels), channel), volumeIn);
    Value x0 = shifted(position[2], 2), y0 = shifted(position[1], 1),
          z0 = shifted(position[0], 0);
    // Outputs [low, high) of a row read inside x.
    Value zero = k.ci(0);
    Value low = k.ceilDiv(k.max(k.sub(zero, x0), zero), spec.strideW),
          high = k.ceilDiv(k.max(k.sub(width, x0), zero), spec.strideW);
    Value target = k.address(windows, k.f32(), k.mul(step, windowStride));
    Value end = k.add(column, columns);
    Value firstRow = k.divSize(column, outW),
          lastRow = k.divSize(k.sub(end, 1), outW);
    Values start = {k.divSize(firstRow, outH), k.remSize(firstRow, outH)};
    k.forLoop(firstRow, k.add(lastRow, 1), k.ci(1), start,
              [&](Value r, ValueRange at) -> Values {
                Value z = k.add(k.mul(at[0], size(ConvStrides, 0)), z0),
                      y = k.add(k.mul(at[1], size(ConvStrides, 1)), y0);
                Value inside = k.bitAnd(k.cmp(CmpI::ult, z, size(ConvIn, 0)),
                                        k.cmp(CmpI::ult, y, size(ConvIn, 1)));
                Value base = k.mul(r, outW);
                Value from = k.sub(k.max(base, column), base),
                      to = k.sub(k.min(k.add(base, outW), end), base);
                Value source = k.add(
                    plane, k.mul(k.add(k.mul(z, size(ConvIn, 1)), y), width));
                Value none = k.select(inside, low, to);
                Value begin = k.min(k.max(none, from), to),
                      stop = k.max(k.min(high, to), begin);
                stop = k.select(inside, stop, begin);
                segment(k.address(target, k.f32(), k.sub(base, column)),
                        k.add(source, x0), from, begin, stop, to);
                Value next = k.add(at[1], 1), wraps = k.eq(next, outH);
                return {k.add(at[0], k.select(wraps, k.ci(1), zero)),
                        k.select(wraps, zero, next)};
              });
  }

  /// One row of outputs: 0 in [from, begin), x in [begin, stop), 0 in [stop,
  /// to). Output i reads x[source + i * strideW].
  void segment(Value target, Value source, Value from, Value begin, Value stop,
               Value to) {
    auto clear = [&](Value first, Value last) {
      k.forLoop(first, last, k.ci(1),
                [&](Value i) { k.store(k.cf(0), target, i); });
    };
    clear(from, begin);
    Value x = k.arg(ConvX);
    if (spec.strideW == 1)
      copy(k.address(x, k.f32(), k.add(source, begin)),
           k.address(target, k.f32(), begin), k.sub(stop, begin));
    else
      k.forLoop(begin, stop, k.ci(1), [&](Value i) {
        k.store(k.load(k.f32(), x, k.add(source, k.mul(i, spec.strideW))),
                target, i);
      });
    clear(stop, to);
  }

  void epilogue() {
    k.forLoop(rows, [&](Value r) {
      Value bias;
      if (spec.bias)
        bias = k.broadcast(
            k.load(k.f32(), k.arg(ConvBias), k.add(firstFilter, r)), k.lanes());
      Value outRow = k.add(k.mul(image, rowCount), k.add(row, r));
      Value out = k.address(k.arg(ConvOut), k.f32(),
                            k.add(k.mul(outRow, columnCount), column));
      Value sum = k.address(sums, k.f32(), k.mul(r, sumStride));
      k.forVectors(columns, [&](Value i, Value mask) {
        Value v = k.load(vector, sum, i);
        if (bias)
          v = k.add(v, bias);
        k.maskedStore(emitActivation(k, spec.activation, v), mask, out, i);
      });
    });
  }

  KernelModule &kernels;
  KernelBuilder &k;
  const ConvSpec &spec;
  Type vector;
  Value channels, rowCount, windows, packed, sums;
  Value columnCount, depth;
  Value row, column, image, rows, columns, firstFilter; // of the tile at hand
};

} // namespace

ConvGrid convGrid(CodeBuilder &b, Value images, Value rows, Value columns,
                  Value depth) {
  Value count = b.mul(images, b.mul(b.ceilDiv(rows, tileRows),
                                    b.ceilDiv(columns, tileColumns)));
  // About 200000 multiplications in one range.
  Value work = b.mul(b.mul(b.min(rows, b.ci(tileRows)), depth), tileColumns);
  return {count, b.add(b.divSize(b.ci(200000), b.max(work, b.ci(1))), 1)};
}

std::string emitConv(KernelModule &kernels, const ConvSpec &spec) {
  std::string key =
      llvm::formatv("s{0}{1} {2}", spec.strideW, spec.bias ? " b" : "",
                    activationName(spec.activation));
  return kernels.get("conv", key, [&](StringRef symbol) {
    KernelBuilder k(kernels, symbol, arguments());
    ConvEmitter(kernels, k, spec).emit();
    k.finish();
  });
}

} // namespace llmc
