// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Matmul.h"
#include "codegen/cpu/Elements.h"
#include "codegen/cpu/Panels.h"
#include "codegen/cpu/kernels/AmxTile.h"
#include "codegen/cpu/kernels/Lanes.h"
#include "codegen/cpu/kernels/MatmulFinish.h"
#include "codegen/cpu/kernels/MatmulRows.h"
#include "codegen/cpu/kernels/RoundedMatmul.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace llmc {
namespace {

constexpr int64_t unpackedStride = matmulBlockK * panelColumns;
constexpr int64_t sumStride = matmulMostPanels * panelColumns + rowPadding;

constexpr KernelArg arguments[] = {
    {KernelArg::Read, "a"},          {KernelArg::Read, "w"},
    {KernelArg::Read, "up"},         {KernelArg::Read, "bias"},
    {KernelArg::Read, "bias_up"},    {KernelArg::Pointer, "residual"},
    {KernelArg::Pointer, "c"},       {KernelArg::Int, "m"},
    {KernelArg::Int, "lda"},         {KernelArg::Int, "ldc"},
    {KernelArg::Int, "ldr"},         {KernelArg::Int, "tile_rows"},
    {KernelArg::Int, "tile_panels"}, {KernelArg::Read, "scales"},
    {KernelArg::Read, "zeros"},      {KernelArg::Read, "up_scales"},
    {KernelArg::Read, "up_zeros"},   {KernelArg::Read, "row_scales"},
    {KernelArg::Read, "row_sums"},
};
static_assert(std::size(arguments) == MatmulArgCount);

// Register tiles of rows up to which panels of halves are widened in registers;
// more of them share panels that are widened once.
constexpr int64_t widenedParts = 2;

/// A type of the spec.
Type typeOf(CodeBuilder &k, Type element) {
  return element ? element : k.f32();
}

class MatmulEmitter {
public:
  MatmulEmitter(KernelModule &kernels, KernelBuilder &k, const MatmulSpec &spec)
      : kernels(kernels), k(k), spec(spec), a(k.arg(MatmulA)),
        m(k.arg(MatmulM)), lda(k.arg(MatmulLda)), typeA(typeOf(k, spec.typeA)),
        typeW(typeOf(k, spec.typeW)), word(spec.pairs ? k.i32() : k.f32()),
        perWord(spec.pairs ? 2 : 1),
        packedStride(matmulBlockK / perWord + rowPadding) {
    for (int64_t i = 0; i < (spec.gated ? 2 : 1); ++i) {
      weights.push_back(k.arg(i ? MatmulUp : MatmulW));
      sums.push_back(k.scratch(k.f32(), matmulMostRows * sumStride));
    }
    if (spec.weight || spec.up || !(typeW.isF32() || spec.pairs))
      unpacked = k.scratch(k.f32(), k.target().tilePanels * unpackedStride);
    if (!spec.readsInPlace())
      packed = k.scratch(word, matmulMostRows * packedStride);
  }

  void emit() {
    k.ifElseDo(
        k.cmp(CmpI::sle, m, k.ci(matmulThinRows)), [&] { thin(); },
        [&] { k.forTiles([&](Value tile) { block(tile); }); });
  }

private:
  void call(LLVM::LLVMFuncOp func, ValueRange operands) {
    LLVM::CallOp::create(k.builder(), k.location(), func, operands);
  }
  void callTile(const MatmulTile &shape, ValueRange operands) {
    call(emitMatmulTile(kernels, shape), operands);
  }

  /// A block of K.
  struct Block {
    Value step, steps;
    Value more; ///< whether sums exist already
    Value last; ///< whether no further block follows
  };

  void forBlocks(llvm::function_ref<void(const Block &)> body) {
    k.forLoop(k.ci(0), k.ci(std::max<int64_t>(spec.k, 1)), k.ci(matmulBlockK),
              [&](Value step) {
                Value left = k.sub(k.ci(spec.k), step);
                body({step, k.min(left, k.ci(matmulBlockK)),
                      k.cmp(CmpI::ne, step, k.ci(0)),
                      k.cmp(CmpI::sle, left, k.ci(matmulBlockK))});
              });
  }

  /// Where panels of a weight stand, how far apart they are in elements, and
  /// what they are of.
  struct Panels {
    Value base;
    int64_t stride;
    Type element;
  };

  /// A quantized panel.
  struct Stored {
    Value q, scales, zeros;
  };

  /// Elements, or steps of K, as words that tiles take.
  Value words(Value elements) {
    return spec.pairs ? k.ceilDiv(elements, perWord) : elements;
  }

  const QuantizedFormat &formatOf(size_t weight) {
    return weight ? spec.up : spec.weight;
  }

  Stored storedAt(size_t weight, Value panel) {
    const QuantizedFormat &format = formatOf(weight);
    auto perGroup = [&](MatmulArg arg, Type type) {
      return k.address(k.arg(arg), type,
                       k.mul(panel, format.groups() * panelColumns));
    };
    return {
        k.address(weights[weight], k.i32(), k.mul(panel, format.panelWords())),
        perGroup(weight ? MatmulUpScales : MatmulScales,
                 memoryType(format.scale)),
        perGroup(weight ? MatmulUpZeros : MatmulZeros,
                 format.zeros ? format.zeros : k.i8())};
  }

  /// What tiles that read panels as they are stored have of them.
  Type tileWeight() { return spec.pairs ? k.f32() : typeW; }

  /// The block of rows from `step` on of the panels from `panel` on, as they
  /// are stored.
  Panels panelsAt(size_t weight, Value panel, Value step) {
    Type element = spec.pairs ? word : typeW;
    int64_t size = panelSize(typeW, spec.k) / perWord;
    Value at = k.add(k.mul(panel, size), k.mul(words(step), panelColumns));
    return {k.address(weights[weight], memoryType(element), at), size, element};
  }

  /// The same of `count` panels for `steps` rows, as f32.
  Panels widenedAt(size_t weight, Value panel, int64_t count, Value step,
                   Value steps) {
    const QuantizedFormat &format = formatOf(weight);
    if (!format && (typeW.isF32() || spec.pairs))
      return panelsAt(weight, panel, step);
    for (int64_t i = 0; i < count; ++i) {
      Value out = k.address(unpacked, k.f32(), Value(), i * unpackedStride);
      Value from = k.add(panel, i);
      if (format) {
        Stored w = storedAt(weight, from);
        call(emitUnpackPanel(kernels, format),
             {w.q, w.scales, w.zeros, step, steps, out});
      } else {
        call(emitWidenPanel(kernels, typeW),
             {panelsAt(weight, from, step).base, steps, out});
      }
    }
    return {unpacked, unpackedStride, k.f32()};
  }

  /// M <= 4: tiles are panels, and a range of them is walked in groups as wide
  /// as the registers allow.
  void thin() {
    SmallVector<std::function<void()>> cases{[] {}};
    for (int64_t rows = 1; rows <= matmulThinRows; ++rows)
      cases.push_back([this, rows] { thinRows(rows); });
    k.switchOn(m, cases);
  }

  void thinRows(int64_t rows) {
    // One stream comes from memory faster than several.
    bool quantized = spec.weight || spec.up;
    int64_t widest = quantized ? quantTilePanels(k.target(), rows) : 1;
    forPanelGroups(k, k.begin(), k.end(), widest, [&](int64_t group, Value at) {
      forBlocks([&](const Block &b) { thinBlock(rows, group, at, b); });
      finish({k.ci(0), k.ci(rows), at, k.ci(group)}, k.ci(0), k.ci(0));
    });
  }

  void thinBlock(int64_t rows, int64_t group, Value panel, const Block &b) {
    Value from = k.address(a, word, words(b.step)),
          stride = k.divSize(lda, perWord);
    if (!typeA.isF32() && !(spec.pairs && spec.readsInPlace())) {
      // Few elements next to those of the weight.
      pack(k.ci(0), k.ci(rows), b.step, b.steps);
      from = packed, stride = k.ci(packedStride);
    }
    for (auto [i, sum] : llvm::enumerate(sums)) {
      if (const QuantizedFormat &format = formatOf(i)) {
        Stored w = storedAt(i, panel);
        call(emitQuantTile(kernels, format, {rows, group, sumStride}),
             {from, stride, w.q, w.scales, w.zeros, b.step, b.steps, sum,
              b.more});
        continue;
      }
      Panels w = panelsAt(i, panel, b.step);
      if (spec.pairs && k.target().amxPairs) {
        emitAmxRows(kernels, k,
                    {from,
                     stride,
                     w.base,
                     k.ci(w.stride),
                     sum,
                     sumStride,
                     group,
                     k.ci(rows),
                     words(b.steps),
                     b.more,
                     {}});
        continue;
      }
      MatmulTile shape{rows, group, 0, sumStride, false, tileWeight()};
      shape.pairs = spec.pairs;
      callTile(shape, {from, stride, w.base, k.ci(w.stride), sum,
                       words(b.steps), b.more});
    }
  }

  /// One tile of a taller M: rows [row, row + rows) x panels [panel, panel +
  /// panels).
  void block(Value tile) {
    Value tileRows = k.arg(MatmulTileRows),
          tilePanels = k.arg(MatmulTilePanels);
    // Tiles of the same panels follow each other: a weight comes from memory
    // once.
    Value down = k.ceilDiv(m, tileRows);
    Value row = k.mul(k.remSize(tile, down), tileRows),
          panel = k.mul(k.divSize(tile, down), tilePanels);
    Value rows = k.min(tileRows, k.sub(m, row)),
          panels = k.min(tilePanels, k.sub(k.ci(spec.panels()), panel));
    forBlocks([&](const Block &b) {
      if (!spec.readsInPlace())
        pack(row, rows, b.step, b.steps);
      for (size_t i = 0; i < sums.size(); ++i) {
        auto work = [&](bool widen) {
          sweep(i, {row, rows, panel, panels}, b, widen);
        };
        if (formatOf(i) || tileWeight().isF32()) {
          work(true);
          continue;
        }
        int64_t panels = k.target().tilePanels,
                half = std::max<int64_t>(panels / 2, 1);
        int64_t few =
            std::max(widenedParts * matmulTileRows(k.target(), panels, typeW),
                     matmulTileRows(k.target(), half));
        k.ifElseDo(
            k.cmp(CmpI::sle, rows, k.ci(few)), [&] { work(false); },
            [&] { work(true); });
      }
    });
  }

  /// Rows [row, row + rows) x panels [panel, panel + panels) of C.
  struct Tile {
    Value row, rows, panel, panels;
  };

  /// Emits the first of `cases` that takes `rows`: up to so many. The last one
  /// takes all.
  void upTo(Value rows,
            ArrayRef<std::pair<int64_t, std::function<void()>>> cases) {
    if (cases.size() == 1)
      return cases.front().second();
    k.ifElseDo(k.cmp(CmpI::sle, rows, k.ci(cases.front().first)),
               cases.front().second, [&] { upTo(rows, cases.drop_front()); });
  }

  /// Adds the products by one weight's panels, in register tiles, and writes
  /// what is complete while it is in cache; `widen`: from panels of f32, else
  /// as they are stored.
  void sweep(size_t weight, const Tile &tile, const Block &b, bool widen) {
    bool inPlace = spec.readsInPlace();
    int64_t stride = inPlace ? spec.lda / perWord : packedStride;
    Value from =
        inPlace
            ? k.address(a, word, k.add(k.mul(tile.row, stride), words(b.step)))
            : packed;
    auto rowsOf = [&](int64_t width, Value p, bool fetches, bool few) {
      Value at = k.add(tile.panel, p);
      Panels w = widen ? widenedAt(weight, at, width, b.step, b.steps)
                       : panelsAt(weight, at, b.step);
      bool stored = !formatOf(weight) && (spec.pairs || w.element == typeW);
      MatmulRows operands;
      operands.a = from, operands.w = w.base;
      operands.panelStride = k.ci(w.stride);
      operands.sums = k.address(sums[weight], k.f32(), k.mul(p, panelColumns));
      operands.steps = words(b.steps), operands.accumulate = b.more;
      if (fetches) {
        operands.next = nextPanels(weight, tile, k.add(p, width), b);
        operands.next.fewRows = few;
      }
      if (weight + 1 == sums.size())
        operands.after = [&, at, p](Value row, Value rows) {
          k.ifThen(b.last, [&] {
            finish({k.add(tile.row, row), rows, at, k.ci(width)}, row, p);
          });
        };
      MatmulTile shape{0, width, stride, sumStride, false, {}};
      if (!spec.pairs)
        shape.weight = w.element;
      shape.cached = !stored, shape.pairs = spec.pairs;
      emitMatmulRows(kernels, k, shape, tile.rows, operands);
    };
    // Few rows are two tiles of half the width. Halves that each tile widens
    // for itself are one, as long as one takes them, and nothing is fetched.
    Type element = widen ? k.f32() : tileWeight();
    auto rowsOnce = [&](int64_t width) {
      return matmulTileRows(k.target(), width, spec.pairs ? word : element);
    };
    auto some = [&](int64_t width, Value p) {
      int64_t half = std::max<int64_t>(width / 2, 1), one = rowsOnce(half);
      auto narrow = [&](bool fetches) {
        k.forLoop(k.ci(0), k.ci(width), k.ci(half),
                  [&](Value i) { rowsOf(half, k.add(p, i), fetches, true); });
      };
      SmallVector<std::pair<int64_t, std::function<void()>>> cases;
      if (!element.isF32()) {
        cases.emplace_back(rowsOnce(width),
                           [&] { rowsOf(width, p, false, false); });
        cases.emplace_back(one, [&] { narrow(false); });
      }
      cases.emplace_back(2 * one, [&] { narrow(true); });
      cases.emplace_back(INT64_MAX, [&] { rowsOf(width, p, true, false); });
      upTo(tile.rows, cases);
    };
    // As many panels at once as the registers take. Tiles are whole groups of
    // them, but for the last one of a row.
    int64_t np = k.target().tilePanels, rest = spec.panels() % np;
    Value wide = k.mul(k.divSize(tile.panels, np), np);
    if (spec.panels() >= np)
      k.forLoop(k.ci(0), wide, k.ci(np), [&](Value p) { some(np, p); });
    if (!rest)
      return;
    k.ifThen(k.lt(wide, tile.panels), [&] {
      Value p = wide;
      for (int64_t width = np / 2; width >= 1; width /= 2)
        if (rest & width) {
          some(width, p);
          p = k.add(p, width);
        }
    });
  }

  /// What a tile multiplies after the panels before `done` of one block of K:
  /// its further panels, the other weight's, the next block's, or another
  /// tile's. Only fetched from: of a quantized weight without its scales.
  MatmulRows::Next nextPanels(size_t weight, const Tile &tile, Value done,
                              const Block &b) {
    MatmulRows::Next next = bytesAt(weight, k.add(tile.panel, done), b.step);
    Value here = next.from, then;
    if (weight + 1 < sums.size()) {
      then = bytesAt(weight + 1, tile.panel, b.step).from;
    } else {
      // The next tile has the same panels unless these rows are the last.
      Value after = k.select(k.cmp(CmpI::sge, k.add(tile.row, tile.rows), m),
                             k.add(tile.panel, tile.panels), tile.panel);
      then = bytesAt(0, k.select(b.last, after, tile.panel),
                     k.select(b.last, k.ci(0), k.add(b.step, b.steps)))
                 .from;
    }
    next.from = k.select(k.lt(done, tile.panels), here, then);
    return next;
  }

  /// The block of rows from `step` on of the panels from `panel` on, as they
  /// are stored.
  MatmulRows::Next bytesAt(size_t weight, Value panel, Value step) {
    MatmulRows::Next bytes;
    if (const QuantizedFormat &format = formatOf(weight)) {
      bytes.panelBytes = format.panelWords() * 4;
      bytes.stepBytes = bytes.panelBytes / std::max<int64_t>(spec.k, 1);
      bytes.from = k.address(
          weights[weight], k.i8(),
          k.add(k.mul(panel, bytes.panelBytes), k.mul(step, bytes.stepBytes)));
      return bytes;
    }
    Panels panels = panelsAt(weight, panel, step);
    bytes.from = panels.base;
    bytes.panelBytes = panels.stride * elementBytes(memoryType(panels.element));
    bytes.stepBytes = panelColumns * elementBytes(memoryType(panels.element));
    return bytes;
  }

  /// Rows of A at [row, row + rows) x [step, step + steps) to rows of
  /// packedStride words: of f32, or of pairs, the last one filled with 0.
  void pack(Value row, Value rows, Value step, Value steps) {
    int64_t lanes = k.lanes() * perWord;
    Type stored = memoryType(typeA), into = spec.pairs ? stored : word;
    k.forLoop(rows, [&](Value r) {
      Value source =
          k.address(a, stored, k.add(k.mul(k.add(row, r), lda), step));
      Value target = k.address(packed, word, k.mul(r, packedStride));
      Value whole = k.mul(k.divSize(steps, lanes), lanes);
      auto move = [&](int64_t count) {
        return [&, count](Value i) {
          Value x = k.load(k.vec(count, stored), source, i);
          k.store(spec.pairs ? x : fromMemory(k, x, typeA),
                  k.address(target, into, i));
        };
      };
      k.forLoop(k.ci(0), whole, k.ci(lanes), move(lanes));
      k.forLoop(whole, steps, k.ci(1), move(1));
      if (spec.pairs && spec.k % 2)
        k.store(k.zero(into), target, steps);
    });
  }

  /// The tile's sums, of which the first stand at [row, panel] of the buffers,
  /// to C.
  void finish(const Tile &tile, Value row, Value panel) {
    Value first = k.mul(tile.panel, panelColumns);
    Value columns =
        k.min(k.mul(tile.panels, panelColumns), k.sub(k.ci(spec.n), first));
    Value at = k.add(k.mul(row, sumStride), k.mul(panel, panelColumns));
    FinishedTile finished{tile.row,
                          tile.rows,
                          first,
                          columns,
                          {},
                          sumStride,
                          k.target().tilePanels * panelColumns};
    for (Value sum : sums)
      finished.sums.push_back(k.address(sum, k.f32(), at));
    emitMatmulFinish(kernels, k, spec, finished);
  }

  KernelModule &kernels;
  KernelBuilder &k;
  const MatmulSpec &spec;
  Value a, m, lda, packed, unpacked;
  Type typeA, typeW, word;
  int64_t perWord, packedStride;
  Values weights, sums;
};

/// The oracle: a tile is one row; sums in double.
void emitReference(KernelBuilder &k, const MatmulSpec &spec) {
  auto load = [&](MatmulArg base, Type type, Value index) {
    type = typeOf(k, type);
    return fromMemory(k, k.load(memoryType(type), k.arg(base), index), type);
  };
  auto dot = [&](Value row, Value column, MatmulArg weight, MatmulArg bias) {
    Value rowBase = k.mul(row, k.arg(MatmulLda));
    Value sum = k.forLoop(
        k.ci(0), k.ci(spec.k), k.ci(1), k.constant(k.f64(), 0),
        [&](Value i, ValueRange carried) {
          Value x = load(MatmulA, spec.typeA, k.add(rowBase, i));
          Value w = load(
              weight, spec.typeW,
              panelIndex(k, typeOf(k, spec.typeW), k.ci(spec.k), i, column));
          return Values{k.add(
              carried[0], k.mul(k.convert(x, k.f64()), k.convert(w, k.f64())))};
        })[0];
    if (spec.bias)
      sum = k.add(sum, k.convert(load(bias, spec.typeBias, column), k.f64()));
    return k.convert(sum, k.f32());
  };
  k.forTiles([&](Value row) {
    k.forLoop(k.ci(spec.n), [&](Value column) {
      Value value = emitActivation(k, spec.activation,
                                   dot(row, column, MatmulW, MatmulBias),
                                   spec.scale, spec.gain);
      if (spec.gated)
        value = k.mul(value, dot(row, column, MatmulUp, MatmulBiasUp));
      if (spec.residual)
        value = k.add(value, load(MatmulResidual, spec.typeResidual,
                                  k.add(k.mul(row, k.arg(MatmulLdr)), column)));
      k.store(toMemory(k, value, typeOf(k, spec.typeC)), k.arg(MatmulC),
              k.add(k.mul(row, k.arg(MatmulLdc)), column));
    });
  });
}

} // namespace

std::string emitMatmul(KernelModule &kernels, const MatmulSpec &spec) {
  return kernels.get("matmul", spec.key(), [&](StringRef symbol) {
    KernelBuilder k(kernels, symbol, arguments);
    if (kernels.target().isReference())
      emitReference(k, spec);
    else if (spec.rounding)
      emitRoundedMatmul(kernels, k, spec);
    else
      MatmulEmitter(kernels, k, spec).emit();
    k.finish();
  });
}

} // namespace llmc
