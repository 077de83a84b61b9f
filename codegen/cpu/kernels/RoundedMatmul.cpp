// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/RoundedMatmul.h"
#include "codegen/cpu/Elements.h"
#include "codegen/cpu/kernels/AmxTile.h"
#include "codegen/cpu/kernels/MatmulFinish.h"
#include "codegen/cpu/kernels/MatmulRows.h"
#include "codegen/cpu/kernels/RoundedTile.h"

using namespace mlir;

namespace llmc {
namespace {

constexpr int64_t widestPanels = 4;
constexpr int64_t sumStride = widestPanels * panelColumns;
constexpr int64_t amxRows = 32; // of two tile registers
// Of unpacked panels, on a stack: longer columns are unpacked in each tile.
constexpr int64_t mostUnpacked = int64_t(1) << 18; // bytes

class RoundedMatmulEmitter {
public:
  RoundedMatmulEmitter(KernelModule &kernels, KernelBuilder &k,
                       const MatmulSpec &spec)
      : kernels(kernels), k(k), spec(spec),
        layout(roundedLayout(k.target(), spec.weight, spec.rounding)),
        m(k.arg(MatmulM)), perPanel(panelColumns / k.lanes()),
        panels(llvm::divideCeil(spec.n, panelColumns)) {
    for (int64_t i = 0; i < (spec.gated ? 2 : 1); ++i)
      sums.push_back(k.scratch(k.f32(), amxRows * sumStride));
    int64_t bytes = unpackedBytes() * sums.size();
    bool amx = k.target().amxBytes;
    bool unpacks = amx || (spec.weight.bits < 8 && !isStreamed());
    if (unpacks && bytes <= mostUnpacked)
      unpacked = k.scratch(k.i8(), bytes);
    if (unpacked && amx)
      ints = k.scratch(k.i32(), amxRows * sumStride);
  }

  void emit() {
    k.ifElseDo(
        k.cmp(CmpI::sle, m, k.ci(matmulThinRows)), [&] { thin(); },
        [&] { k.forTiles([&](Value tile) { block(tile); }); });
  }

private:
  /// Few rows: tiles are panels, of which the weight is read once.
  void thin() {
    SmallVector<std::function<void()>> cases{[] {}};
    for (int64_t rows = 1; rows <= matmulThinRows; ++rows)
      cases.push_back([this, rows] {
        // One stream comes from memory faster than several.
        RoundedTile shape{spec.weight, layout, rows, perPanel, sumStride};
        while (shape.vectors > 1 && roundedTileRows(k.target(), shape) < rows)
          shape.vectors /= 2;
        forColumns(k.begin(), k.end(), shape.vectors,
                   [&](Value panel, int64_t from, int64_t count) {
                     RoundedTile part = shape;
                     part.vectors = count;
                     tile({k.ci(0), k.ci(rows), panel, from}, part, Value());
                   });
      });
    k.switchOn(m, cases);
  }

  /// Rows [row, row + rows) by columns from vector `from` of a panel on.
  struct Part {
    Value row, rows, panel;
    int64_t from;
  };

  void block(Value tile) {
    Value tileRows = k.arg(MatmulTileRows),
          tilePanels = k.arg(MatmulTilePanels);
    Value down = k.ceilDiv(m, tileRows);
    Value row = k.mul(k.remSize(tile, down), tileRows),
          panel = k.mul(k.divSize(tile, down), tilePanels);
    Value rows = k.min(tileRows, k.sub(m, row)),
          end = k.min(k.add(panel, tilePanels), k.ci(panels));
    auto wide = [&] {
      forColumns(panel, end, roundedTileVectors(k.target(), layout),
                 [&](Value p, int64_t from, int64_t count) {
                   rowTiles({row, rows, p, from}, count);
                 });
    };
    RoundedTile one = fullTile(perPanel);
    auto narrow = [&] {
      forColumns(panel, end, perPanel, [&](Value p, int64_t from, int64_t) {
        rowParts({row, rows, p, from}, one, [&](Value, const Part &part) {
          rowCases(part, one, 1, Value());
        });
      });
    };
    if (!isStreamed())
      wide();
    else if (spec.weight.bits < 8)
      narrow();
    else
      k.ifElseDo(k.cmp(CmpI::sle, rows, k.ci(one.rows)), narrow, wide);
  }

  /// Whether tiles are of one vector and read the weight as it is stored, but
  /// for bytes that many rows need again: one stream comes from memory faster
  /// than several, and where instructions read elements of A from memory it
  /// costs nothing to do so for each vector.
  bool isStreamed() const { return perPanel == 1 && !k.target().amxBytes; }

  /// The tile of so many vectors that reads the weight as it is stored, with as
  /// many rows as registers take.
  RoundedTile fullTile(int64_t vectors) const {
    RoundedTile tile{spec.weight, layout, 0, vectors, sumStride};
    tile.rows = roundedTileRows(k.target(), tile);
    return tile;
  }

  /// Groups of `vectors` vectors of columns of panels [begin, end), and fewer
  /// where that many do not fit: body(panel, first vector in it, vectors).
  void forColumns(Value begin, Value end, int64_t vectors,
                  llvm::function_ref<void(Value, int64_t, int64_t)> body) {
    if (vectors >= perPanel)
      return forPanelGroups(k, begin, end, vectors / perPanel,
                            [&](int64_t group, Value panel) {
                              body(panel, 0, group * perPanel);
                            });
    k.forLoop(begin, end, k.ci(1), [&](Value panel) {
      for (int64_t from = 0; from < perPanel; from += vectors)
        body(panel, from, vectors);
    });
  }

  void rowTiles(const Part &all, int64_t vectors) {
    RoundedTile one = fullTile(vectors), many = one;
    many.ahead = true, many.unpacked = bool(unpacked);
    many.rows = roundedTileRows(k.target(), many);
    auto several = [&] {
      if (unpacked)
        unpack(all, many);
      if (ints)
        return amxTiles(all, many);
      // Shares are even: no part is less than half full.
      rowParts(all, many, [&](Value index, const Part &part) {
        rowCases(part, many, (many.rows + 1) / 2, index);
      });
    };
    if (isStreamed())
      return several();
    k.ifElseDo(
        k.cmp(CmpI::sle, all.rows, k.ci(one.rows)),
        [&] { rowCases(all, one, 1, Value()); }, several);
  }

  /// Shares rows out to as few tiles of the shape as take them: body(which one,
  /// its part).
  void rowParts(const Part &all, const RoundedTile &shape,
                llvm::function_ref<void(Value, const Part &)> body) {
    Value parts = k.max(k.ceilDiv(all.rows, shape.rows), k.ci(1));
    forRowParts(k, all.rows, parts, [&](Value index, Value first, Value end) {
      Part part = all;
      part.row = k.add(all.row, first);
      part.rows = k.sub(end, first);
      body(index, part);
    });
  }

  /// The tile of as many rows as the part has, `least` to the shape's.
  void rowCases(const Part &part, const RoundedTile &shape, int64_t least,
                Value index) {
    SmallVector<std::function<void()>> counts;
    for (int64_t count = least; count <= shape.rows; ++count)
      counts.push_back([=, this] {
        RoundedTile exact = shape;
        exact.rows = count;
        tile(part, exact, index);
      });
    k.switchOn(k.sub(part.rows, least), counts);
  }

  /// The part's panels of all weights, where the first of its tiles begin.
  void unpack(const Part &part, const RoundedTile &shape) {
    if (part.from)
      return; // the same panel
    int64_t panels = llvm::divideCeil(shape.vectors, perPanel);
    for (size_t i = 0; i < sums.size(); ++i) {
      const QuantizedFormat &format = formatOf(i);
      for (int64_t p = 0; p < panels; ++p) {
        Value from = k.address(
            weight(i), k.i32(),
            k.mul(k.add(part.panel, p), format.chunks() * panelColumns));
        Value to =
            k.address(unpackedAt(i), k.i32(), Value(), p * shape.panelWords());
        call(emitUnpackQuads(kernels, format),
             {from, to, k.ci(format.chunks())});
      }
    }
  }
  Value unpackedAt(size_t weight) {
    return k.address(unpacked, k.i8(), Value(), weight * unpackedBytes());
  }
  int64_t unpackedBytes() const {
    int64_t panels =
        std::max<int64_t>(roundedTileVectors(k.target(), layout) / perPanel, 1);
    return panels * panelColumns * llvm::alignTo(spec.k, 16);
  }

  /// A tile. `index`: which one it is of those by the same columns; null: the
  /// only one.
  void tile(const Part &part, const RoundedTile &of, Value index) {
    RowOperands x = rowsAt(part.row);
    for (auto [i, sum] : llvm::enumerate(sums)) {
      RoundedTile shape = of;
      shape.format = formatOf(i);
      WeightOperands w = weightAt(i, part, shape);
      Values operands = {x.a, x.scales, x.sums, w.q, w.scales, w.zeros, sum};
      if (index) {
        // Each of the first tiles fetches as many lines as it has trips.
        Value after = k.add(part.panel, llvm::divideCeil(of.vectors, perPanel));
        Value share = k.min(index, k.ci(roundedLines(k.target(), shape) - 1));
        operands.push_back(nextLines(weight(i), after, share, shape));
      }
      call(emitRoundedTile(kernels, shape), operands);
    }
    finish(part, of.vectors);
  }

  /// The same in tile registers, from unpacked panels.
  void amxTiles(const Part &all, const RoundedTile &of) {
    int64_t blockWords = llvm::divideCeil(layout.block, 4),
            allWords = llvm::divideCeil(layout.k, 4);
    k.forLoop(k.ci(0), all.rows, k.ci(amxRows), [&](Value from) {
      Part part = all;
      part.row = k.add(all.row, from);
      part.rows = k.min(k.sub(all.rows, from), k.ci(amxRows));
      RowOperands x = rowsAt(part.row);
      for (auto [i, sum] : llvm::enumerate(sums)) {
        RoundedTile shape = of;
        shape.format = formatOf(i);
        WeightOperands w = weightAt(i, part, shape);
        k.forLoop(k.ci(layout.blocks()), [&](Value block) {
          Value word = k.mul(block, blockWords);
          AmxRows tiles;
          tiles.a = k.address(x.a, k.i32(), word);
          tiles.strideA = k.ci(layout.stride() / 4);
          tiles.w = k.address(w.q, k.i32(), k.mul(word, panelColumns));
          tiles.panelStride = k.ci(shape.panelWords());
          tiles.sums = ints, tiles.strideSum = sumStride;
          tiles.panels = of.vectors / perPanel, tiles.rows = part.rows;
          tiles.words = k.min(k.sub(k.ci(allWords), word), k.ci(blockWords));
          tiles.accumulate = k.constantInt(k.i1(), 0);
          tiles.bytes = true;
          emitAmxRows(kernels, k, tiles);
          call(emitRoundedFold(kernels, shape),
               {ints, x.scales, x.sums, w.scales, w.zeros, sum, part.rows,
                block});
        });
      }
      finish(part, of.vectors);
    });
  }

  void call(LLVM::LLVMFuncOp func, ValueRange operands) {
    LLVM::CallOp::create(k.builder(), k.location(), func, operands);
  }
  Value weight(size_t i) { return k.arg(i ? MatmulUp : MatmulW); }
  const QuantizedFormat &formatOf(size_t i) {
    return i ? spec.up : spec.weight;
  }

  struct RowOperands {
    Value a, scales, sums;
  };
  RowOperands rowsAt(Value row) {
    return {
        k.address(k.arg(MatmulA), k.i8(), k.mul(row, layout.stride())),
        k.address(k.arg(MatmulRowScales), k.f32(), k.mul(row, layout.groups())),
        k.address(k.arg(MatmulRowSums), k.i32(), k.mul(row, layout.blocks()))};
  }

  struct WeightOperands {
    Value q, scales, zeros;
  };
  /// Of weight i, for the first column of a part.
  WeightOperands weightAt(size_t i, const Part &part,
                          const RoundedTile &shape) {
    const QuantizedFormat &format = shape.format;
    int64_t lane = part.from * k.lanes();
    auto perGroup = [&](MatmulArg arg, Type type) {
      return k.address(k.arg(arg), type,
                       k.mul(part.panel, format.groups() * panelColumns), lane);
    };
    Value q = shape.unpacked
                  ? k.address(unpackedAt(i), k.i32(), Value(), lane)
                  : k.address(weight(i), k.i32(),
                              k.mul(part.panel, shape.panelWords()), lane);
    return {
        q,
        perGroup(i ? MatmulUpScales : MatmulScales, memoryType(format.scale)),
        perGroup(i ? MatmulUpZeros : MatmulZeros,
                 format.zeros ? format.zeros : k.i8())};
  }

  void finish(const Part &part, int64_t vectors) {
    int64_t width = vectors * k.lanes();
    Value column =
        k.add(k.mul(part.panel, panelColumns), part.from * k.lanes());
    Value columns =
        k.max(k.min(k.ci(width), k.sub(k.ci(spec.n), column)), k.ci(0));
    emitMatmulFinish(
        kernels, k, spec,
        {part.row, part.rows, column, columns, sums, sumStride, width});
  }

  /// Where share number `share` of the panels from `panel` on, which follow
  /// each other, begins.
  Value nextLines(Value weight, Value panel, Value share,
                  const RoundedTile &shape) {
    int64_t words = shape.format.chunks() * panelColumns,
            panels = llvm::divideCeil(shape.vectors * k.lanes(), panelColumns);
    Value at =
        k.add(k.mul(panel, words),
              k.mul(share, panels * words / roundedLines(k.target(), shape)));
    return k.address(weight, k.i32(), at);
  }

  KernelModule &kernels;
  KernelBuilder &k;
  const MatmulSpec &spec;
  RoundedRows layout;
  Value m, unpacked, ints;
  int64_t perPanel; ///< vectors of a panel
  int64_t panels;
  Values sums;
};

} // namespace

void emitRoundedMatmul(KernelModule &kernels, KernelBuilder &k,
                       const MatmulSpec &spec) {
  RoundedMatmulEmitter(kernels, k, spec).emit();
}

} // namespace llmc
