// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/BatchMatmul.h"
#include "codegen/cpu/Elements.h"
#include "codegen/cpu/kernels/Lanes.h"
#include "codegen/cpu/kernels/MatmulRows.h"
#include "codegen/cpu/kernels/Transpose.h"

using namespace mlir;

namespace llmc {
namespace {

// The largest tile, which sizes the kernel's stack buffers.
constexpr int64_t maxTileRows = 96;
constexpr int64_t maxTilePanels = 8;
constexpr int64_t packedStride = matmulBlockK + rowPadding;
constexpr int64_t panelStride = matmulBlockK * panelColumns;
/// Steps of K whose elements are fetched ahead: a matrix of long rows is read
/// in short pieces, which the CPU does not foresee.
constexpr int64_t aheadSteps = 16;
constexpr int64_t sumStride = maxTilePanels * panelColumns + rowPadding;

class BatchMatmulEmitter {
public:
  BatchMatmulEmitter(KernelModule &kernels, KernelBuilder &k,
                     const BatchMatmulSpec &spec)
      : kernels(kernels), k(k), spec(spec), element(spec.element),
        lanes(k.lanes()), vector(k.vecF32(lanes)),
        packed(k.scratch(k.f32(), maxTileRows * packedStride)),
        panels(k.scratch(k.f32(), maxTilePanels * panelStride)),
        sums(k.scratch(k.f32(), maxTileRows * sumStride)) {}

  void emit() {
    k.forTiles([&](Value tile) { block(tile); });
  }

private:
  /// A matrix of the operand `base` in memory.
  struct Matrix {
    Value base, row, column; ///< strides
  };

  Value at(const Matrix &m, Value row, Value column) {
    return k.address(m.base, memoryType(element),
                     k.add(k.mul(row, m.row), k.mul(column, m.column)));
  }

  /// The three matrices of one place in the batch.
  void findMatrices(Value index) {
    Value offsets[] = {k.ci(0), k.ci(0), k.ci(0)};
    for (int64_t dim = spec.batchDims - 1; dim >= 0; --dim) {
      unsigned list = BatchLists + 4 * dim;
      Value i = k.remSize(index, k.arg(list));
      index = k.divSize(index, k.arg(list));
      for (auto [o, offset] : llvm::enumerate(offsets))
        offset = k.add(offset, k.mul(i, k.arg(list + 1 + o)));
    }
    auto matrix = [&](BatchMatmulArg base, Value offset, Value row,
                      Value column) -> Matrix {
      return {k.address(k.arg(base), memoryType(element), offset), row, column};
    };
    a = matrix(BatchA, offsets[0], k.arg(BatchARow), k.arg(BatchAStep));
    b = matrix(BatchB, offsets[1], k.arg(BatchBStep), k.arg(BatchBColumn));
    c = matrix(BatchC, offsets[2], k.arg(BatchCRow), k.ci(1));
  }

  /// One tile: rows [row, row + rows) x columns [column, column + columns) of
  /// one product.
  void block(Value tile) {
    Value tileRows = k.arg(BatchTileRows),
          tileColumns = k.mul(k.arg(BatchTilePanels), panelColumns);
    Value down = k.ceilDiv(k.arg(BatchM), tileRows),
          across = k.ceilDiv(k.arg(BatchN), tileColumns);
    Value inBatch = k.remSize(tile, k.mul(down, across));
    findMatrices(k.divSize(tile, k.mul(down, across)));
    Value row = k.mul(k.divSize(inBatch, across), tileRows),
          column = k.mul(k.remSize(inBatch, across), tileColumns);
    Value rows = k.min(tileRows, k.sub(k.arg(BatchM), row)),
          columns = k.min(tileColumns, k.sub(k.arg(BatchN), column));
    Value depth = k.arg(BatchK);
    // One block at least, so that sums exist where K is 0.
    k.forLoop(k.ci(0), k.max(depth, k.ci(1)), k.ci(matmulBlockK),
              [&](Value step) {
                Value steps = k.min(k.sub(depth, step), k.ci(matmulBlockK));
                Value more = k.cmp(CmpI::ne, step, k.ci(0));
                packRows(row, rows, step, steps);
                packColumns(column, columns, step, steps);
                multiply(rows, k.ceilDiv(columns, panelColumns), steps, more);
              });
    store(row, rows, column, columns);
  }

  /// `count` elements of the operands' type as f32.
  Value load(int64_t count, Value from) {
    return fromMemory(k, k.load(k.vec(count, memoryType(element)), from),
                      element);
  }

  /// Rows of A to f32 rows of packedStride.
  void packRows(Value row, Value rows, Value step, Value steps) {
    auto one = [&](Value r, Value i, int64_t count) {
      k.store(load(count, at(a, k.add(row, r), k.add(step, i))), packed,
              k.add(k.mul(r, packedStride), i));
    };
    Value whole = k.mul(k.divSize(steps, lanes), lanes);
    k.ifElseDo(
        k.eq(a.column, k.ci(1)),
        [&] {
          k.forLoop(rows, [&](Value r) {
            k.forLoop(k.ci(0), whole, k.ci(lanes),
                      [&](Value i) { one(r, i, lanes); });
            k.forLoop(whole, steps, k.ci(1), [&](Value i) { one(r, i, 1); });
          });
        },
        [&] {
          Value squares =
              k.select(k.eq(a.row, k.ci(1)),
                       k.mul(k.divSize(rows, lanes), lanes), k.ci(0));
          k.forLoop(k.ci(0), whole, k.ci(lanes), [&](Value i) {
            k.forLoop(k.ci(0), squares, k.ci(lanes),
                      [&](Value r) { turnRows(row, r, step, i); });
          });
          // What no square has.
          k.forLoop(steps, [&](Value i) {
            Value done = k.select(k.lt(i, whole), squares, k.ci(0));
            k.forLoop(done, rows, k.ci(1), [&](Value r) { one(r, i, 1); });
          });
        });
  }

  /// A square of a transposed A, which has its rows side by side.
  void turnRows(Value row, Value r, Value step, Value i) {
    auto from = [&](int64_t s) {
      return at(a, k.add(row, r), k.add(step, k.add(i, s)));
    };
    for (int64_t s = 0; s < lanes; ++s)
      k.prefetch(from(aheadSteps + s), memoryType(element), Value());
    turnSquare(from, [&](int64_t s, Value turned) {
      k.store(turned, packed, k.add(k.mul(k.add(r, s), packedStride), i));
    });
  }

  /// A square of vectors from addresses, its columns to where `to` puts them.
  void turnSquare(llvm::function_ref<Value(int64_t)> from,
                  llvm::function_ref<void(int64_t, Value)> to) {
    Values square;
    for (int64_t i = 0; i < lanes; ++i)
      square.push_back(load(lanes, from(i)));
    emitTranspose(k, square);
    for (int64_t i = 0; i < lanes; ++i)
      to(i, square[i]);
  }

  /// Columns of B to panels of f32; what a panel has beyond them is zero.
  void packColumns(Value column, Value columns, Value step, Value steps) {
    Value count = k.ceilDiv(columns, panelColumns),
          whole = k.divSize(columns, panelColumns);
    Value dense = k.eq(b.column, k.ci(1));
    k.ifThen(dense, [&] { copyPanels(column, whole, step, steps); });
    k.forLoop(k.select(dense, whole, k.ci(0)), count, k.ci(1), [&](Value p) {
      Value first = k.mul(p, panelColumns);
      Value width = k.min(k.sub(columns, first), k.ci(panelColumns));
      Value to = k.address(panels, k.f32(), k.mul(p, panelStride));
      first = k.add(column, first);
      k.ifElseDo(
          k.bitAnd(k.lt(p, whole), k.eq(b.row, k.ci(1))),
          [&] { transposePanel(first, step, steps, to); },
          [&] { gatherPanel(first, width, step, steps, to); });
    });
  }

  /// Columns that are dense, row by row: what lies together is read together.
  void copyPanels(Value column, Value count, Value step, Value steps) {
    k.forLoop(steps, [&](Value i) {
      Value from = at(b, k.add(step, i), column),
            ahead = at(b, k.add(step, k.add(i, aheadSteps)), column),
            to = k.address(panels, k.f32(), k.mul(i, panelColumns));
      k.forLoop(count, [&](Value p) {
        Value source = k.mul(p, panelColumns), target = k.mul(p, panelStride);
        k.prefetch(ahead, memoryType(element), source);
        for (int64_t v = 0; v < int64_t(panelColumns); v += lanes) {
          Value part =
              k.load(k.vec(lanes, memoryType(element)), from, source, v);
          k.store(fromMemory(k, part, element), to, target, v);
        }
      });
    });
  }

  /// Columns that are dense along K, by squares of vectors.
  void transposePanel(Value first, Value step, Value steps, Value to) {
    Value whole = k.mul(k.divSize(steps, lanes), lanes);
    k.forLoop(k.ci(0), whole, k.ci(lanes), [&](Value i) {
      for (int64_t v = 0; v < int64_t(panelColumns); v += lanes)
        turnSquare(
            [&](int64_t c) {
              return at(b, k.add(step, i), k.add(first, v + c));
            },
            [&](int64_t r, Value turned) {
              k.store(turned, to, k.mul(i, panelColumns), r * panelColumns + v);
            });
    });
    k.forLoop(whole, steps, k.ci(1), [&](Value i) {
      k.forLoop(k.ci(panelColumns), [&](Value c) {
        k.store(load(1, at(b, k.add(step, i), k.add(first, c))), to,
                k.add(k.mul(i, panelColumns), c));
      });
    });
  }

  void gatherPanel(Value first, Value width, Value step, Value steps,
                   Value to) {
    k.forLoop(steps, [&](Value i) {
      Value row = k.address(to, k.f32(), k.mul(i, panelColumns));
      for (int64_t v = 0; v < int64_t(panelColumns); v += lanes)
        k.store(k.zero(vector), row, Value(), v);
      k.forLoop(width, [&](Value c) {
        k.store(load(1, at(b, k.add(step, i), k.add(first, c))), row, c);
      });
    });
  }

  static MatmulTile shapeOf(int64_t rows, int64_t panels) {
    MatmulTile shape{rows, panels, packedStride, sumStride};
    shape.cached = true;
    return shape;
  }

  /// Adds the products of the packed rows and `count` panels.
  void multiply(Value rows, Value count, Value steps, Value more) {
    SmallVector<std::function<void()>> cases;
    for (int64_t r = 1; r <= matmulThinRows; ++r)
      cases.push_back([&, r] {
        sweep(matmulThinPanels(k.target(), r), count,
              [&](int64_t width, const MatmulRows &at) {
                LLVM::CallOp::create(k.builder(), k.location(),
                                     emitMatmulTile(kernels, shapeOf(r, width)),
                                     ValueRange{at.a, k.ci(0), at.w,
                                                at.panelStride, at.sums, steps,
                                                more});
              });
      });
    cases.push_back([&] {
      sweep(k.target().tilePanels, count, [&](int64_t width, MatmulRows at) {
        at.steps = steps, at.accumulate = more;
        emitMatmulRows(kernels, k, shapeOf(0, width), rows, at);
      });
    });
    k.switchOn(k.sub(rows, 1), cases);
  }

  /// By `width` panels at once, then by fewer.
  void sweep(int64_t width, Value count,
             llvm::function_ref<void(int64_t width, MatmulRows at)> body) {
    forPanelGroups(k, k.ci(0), count, width, [&](int64_t group, Value p) {
      MatmulRows at;
      at.a = packed, at.w = k.address(panels, k.f32(), k.mul(p, panelStride));
      at.panelStride = k.ci(panelStride);
      at.sums = k.address(sums, k.f32(), k.mul(p, panelColumns));
      body(group, at);
    });
  }

  void store(Value row, Value rows, Value column, Value columns) {
    k.forLoop(rows, [&](Value r) {
      Value to = at(c, k.add(row, r), column);
      k.forVectors(columns, [&](Value i, Value mask) {
        Value sum = k.load(vector, sums, k.add(k.mul(r, sumStride), i));
        k.maskedStore(toMemory(k, sum, element), mask, to, i);
      });
    });
  }

  KernelModule &kernels;
  KernelBuilder &k;
  const BatchMatmulSpec &spec;
  Type element;
  int64_t lanes;
  Type vector;
  Value packed, panels, sums;
  Matrix a, b, c;
};

} // namespace

std::string BatchMatmulSpec::key() const {
  return std::to_string(batchDims) + laneKey(element);
}

MatmulGrid batchMatmulGrid(CodeBuilder &b, Value batch, Value m, Value n,
                           Value k, Value workers) {
  Value panels = b.ceilDiv(n, panelColumns);
  Value tilePanels = b.max(b.min(panels, b.ci(maxTilePanels)), b.ci(1));
  Value across = b.ceilDiv(panels, tilePanels);
  // Enough row blocks for about three tiles per worker, but every one packs its
  // columns of B again.
  Value others = b.max(b.mul(batch, across), b.ci(1));
  Value wanted = b.ceilDiv(b.mul(workers, 3), others);
  Value blocks = b.max(b.ceilDiv(m, maxTileRows),
                       b.min(wanted, b.divSize(m, 2 * b.target().tileRows)));
  blocks = b.max(blocks, b.ci(1));
  Value rows = b.max(b.ceilDiv(m, blocks), b.ci(1));
  Value down = b.ceilDiv(m, rows);
  // Some 100 K products are worth waking a thread for.
  Value work =
      b.mul(b.mul(rows, b.mul(tilePanels, panelColumns)), b.max(k, b.ci(16)));
  Value grain = b.max(b.divSize(b.ci(1 << 17), b.max(work, b.ci(1))), b.ci(1));
  return {b.mul(batch, b.mul(down, across)), grain, rows, tilePanels};
}

std::string emitBatchMatmul(KernelModule &kernels,
                            const BatchMatmulSpec &spec) {
  return kernels.get("batch_matmul", spec.key(), [&](StringRef symbol) {
    SmallVector<KernelArg> args = {
        {KernelArg::Read, "a"},          {KernelArg::Read, "b"},
        {KernelArg::Write, "c"},         {KernelArg::Int, "m"},
        {KernelArg::Int, "n"},           {KernelArg::Int, "k"},
        {KernelArg::Int, "a_row"},       {KernelArg::Int, "a_step"},
        {KernelArg::Int, "b_step"},      {KernelArg::Int, "b_column"},
        {KernelArg::Int, "c_row"},       {KernelArg::Int, "tile_rows"},
        {KernelArg::Int, "tile_panels"},
    };
    for (int64_t i = 0; i < spec.batchDims; ++i)
      for (const char *name : {"size", "a_stride", "b_stride", "c_stride"})
        args.push_back({KernelArg::Int, name});
    KernelBuilder k(kernels, symbol, args);
    BatchMatmulEmitter(kernels, k, spec).emit();
    k.finish();
  });
}

} // namespace llmc
