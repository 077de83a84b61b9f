// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/MatmulTile.h"
#include "codegen/cpu/CacheLine.h"
#include "codegen/cpu/Elements.h"
#include "codegen/cpu/Panels.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace llmc {

/// Whether broadcast elements of A, one per row, stay in registers while the
/// weights of a step go by, rather than the weights while the rows do.
static bool keepsRows(int64_t rows) { return rows < matmulThinRows; }

bool widensFromMemory(const CpuTarget &target) { return target.lanes > 4; }

int64_t matmulThinPanels(const CpuTarget &target, int64_t rows) {
  int64_t vectors = panelColumns / target.lanes,
          sums = target.registers * 3 / 4;
  if (keepsRows(rows)) // beside their elements of A and a weight
    sums = std::min<int64_t>(sums, target.registers - rows - 1);
  int64_t panels = 8;
  while (panels > 1 && rows * panels * vectors > sums)
    panels /= 2;
  return panels;
}

int64_t matmulTileRows(const CpuTarget &target, int64_t panels, Type weight) {
  // Narrow tiles are taller, for as many sums, but each row of a step takes a
  // load besides.
  int64_t rows = std::min<int64_t>(target.tileRows * target.tilePanels / panels,
                                   2 * target.tileRows);
  if (!weight || weight.isF32())
    return rows;
  // Squares have two steps' weights in registers beside the sums, twice.
  if (weight.isInteger(32))
    return target.pairSquares() ? std::min<int64_t>(rows, 4) : rows;
  // Besides the sums there are a step's weights, widened and, unless that is
  // done from memory, as stored, an element of A and, for pairs, a mask.
  int64_t vectors = panelColumns / target.lanes * panels,
          copies = weight.isBF16() || !widensFromMemory(target) ? 2 : 1;
  return std::min(rows, (target.registers - 2) / vectors - copies);
}

int64_t stepsPerTrip(const CpuTarget &target, const MatmulTile &tile) {
  return tile.isHalf() && !widensFromMemory(target) ? 2 : 4;
}

namespace {

/// An element of A and of panels that are not of halves.
Type wordType(CodeBuilder &k, const MatmulTile &tile) {
  return tile.pairs ? k.i32() : k.f32();
}

/// Emits the tile's body; one object per function.
class TileEmitter {
public:
  TileEmitter(CodeBuilder &k, LLVM::LLVMFuncOp func, const MatmulTile &tile)
      : k(k), tile(tile), vectors(panelColumns / k.lanes()),
        vector(k.vecF32(k.lanes())),
        weight(tile.isHalf() ? tile.weight : wordType(k, tile)),
        paired(weight.isBF16()),
        squares(tile.pairs && k.target().pairSquares() &&
                !keepsRows(tile.rows)),
        together(paired || squares ? 2 : 1), a(func.getArgument(0)),
        lda(func.getArgument(1)), w(func.getArgument(2)),
        panelStride(func.getArgument(3)), sums(func.getArgument(4)),
        steps(func.getArgument(5)), accumulate(func.getArgument(6)),
        stepStride(tile.strided ? func.getArgument(7) : Value()),
        next(tile.ahead ? func.getArgument(7) : Value()),
        nextStride(tile.ahead ? func.getArgument(8) : Value()) {}

  void emit() {
    trip = stepsPerTrip(k.target(), tile);
    for (int64_t r = 0; r < tile.rows; ++r)
      rowBase.push_back(tile.strideA
                            ? k.address(a, k.f32(), Value(), r * tile.strideA)
                            : k.address(a, k.f32(), k.mul(lda, r)));
    for (int64_t p = 0; p < tile.panels; ++p)
      panelBase.push_back(
          k.address(w, memoryType(weight), k.mul(panelStride, p)));
    Values chains((squares ? llvm::alignTo(tile.rows, 2) : tile.rows) *
                      tile.panels * vectors,
                  k.zero(vector));
    Value whole = k.mul(k.divSize(steps, trip), trip);
    chains = loop(k.ci(0), whole, trip, chains);
    if (together > 1 && trip > together) {
      Value even = k.mul(k.divSize(steps, together), together);
      chains = loop(whole, even, together, chains);
      whole = even;
    }
    chains = loop(whole, steps, 1, chains);
    if (squares)
      chains = rowsOf(chains);
    k.ifElseDo(
        accumulate, [&] { writeSums(chains, true); },
        [&] { writeSums(chains, false); });
  }

private:
  Values loop(Value from, Value to, int64_t count, ValueRange inits) {
    return k.forLoop(from, to, k.ci(count), inits,
                     [&](Value step, ValueRange carried) {
                       Values chains(carried);
                       for (int64_t u = 0; u < count;) {
                         int64_t first = u;
                         u += someSteps(step, u, count - u, chains);
                         if (count == trip)
                           fetchAhead(step, first, u);
                       }
                       return chains;
                     });
  }

  /// A trip's fetches of the next panels, spread over its steps: those of its
  /// steps [from, to).
  void fetchAhead(Value step, int64_t from, int64_t to) {
    Value first = k.mul(k.divSize(step, trip), tile.ahead);
    for (int64_t i = tile.ahead * from / trip; i < tile.ahead * to / trip; ++i)
      k.prefetch(next, k.i8(), k.mul(k.add(first, i), nextStride),
                 /*offsetBytes=*/0, /*level=*/2);
  }

  /// The steps that one load of the weights gives, `left` at most; returns how
  /// many.
  int64_t someSteps(Value step, int64_t u, int64_t left, Values &chains) {
    int64_t count = std::min(left, together);
    if (squares) {
      bySquare(step, u, count, chains);
      return count;
    }
    if (keepsRows(tile.rows)) {
      byWeight(step, u, count, chains);
      return count;
    }
    Values stored;
    for (int64_t c = 0; c < tile.panels * vectors; ++c)
      stored.push_back(loadWeights(step, u, c));
    for (int64_t i = 0; i < count; ++i)
      byRow(step, u + i, i, stored, chains);
    return count;
  }

  /// A vector of weights as stored, or one of pairs; `c` counts the vectors of
  /// all panels.
  Value loadWeights(Value step, int64_t u, int64_t c) {
    Value base = panelBase[c / vectors];
    Value at = tile.strided ? k.mul(k.add(step, u), stepStride)
                            : k.mul(step, panelColumns);
    int64_t lane = c % vectors * k.lanes(),
            offset = tile.strided ? 0 : u * panelColumns;
    Type element = memoryType(weight);
    // A line of halves is two steps.
    if (lane == 0 && !tile.strided && !tile.ahead && !tile.cached &&
        k.target().prefetchBytes && (!tile.isHalf() || u % 2 == 0))
      k.prefetch(base, element, at,
                 k.target().prefetchBytes + offset * elementBytes(element));
    if (paired)
      return k.load(k.like(vector, k.i32()),
                    k.address(base, element, at, offset), Value(), lane,
                    elementBytes(element));
    return k.load(k.like(vector, element), base, at, offset + lane);
  }

  /// Weights of step `i` of a load.
  Value widen(Value stored, int64_t i) {
    if (tile.pairs)
      return stored;
    return paired ? k.pairElement(stored, i) : fromMemory(k, stored, weight);
  }

  Value rowElement(int64_t r, Value step, int64_t u) {
    return k.broadcast(k.load(wordType(k, tile), rowBase[r], step, u),
                       k.lanes());
  }

  Value multiplyAdd(Value x, Value weights, Value chain) {
    return tile.pairs ? k.dotPairs(x, weights, chain)
                      : k.fma(x, weights, chain);
  }

  void byRow(Value step, int64_t u, int64_t i, const Values &stored,
             Values &chains) {
    Values weights;
    for (Value s : stored)
      weights.push_back(widen(s, i));
    for (int64_t r = 0; r < tile.rows; ++r) {
      Value x = rowElement(r, step, u);
      for (auto [c, w] : llvm::enumerate(weights)) {
        Value &chain = chains[r * weights.size() + c];
        chain = multiplyAdd(x, w, chain);
      }
    }
  }

  void byWeight(Value step, int64_t u, int64_t count, Values &chains) {
    Values x; // [step][row]
    for (int64_t i = 0; i < count; ++i)
      for (int64_t r = 0; r < tile.rows; ++r)
        x.push_back(rowElement(r, step, u + i));
    int64_t width = tile.panels * vectors;
    for (int64_t c = 0; c < width; ++c) {
      Value stored = loadWeights(step, u, c);
      for (int64_t i = 0; i < count; ++i) {
        Value w = widen(stored, i);
        for (int64_t r = 0; r < tile.rows; ++r) {
          Value &chain = chains[r * width + c];
          chain = multiplyAdd(x[i * tile.rows + r], w, chain);
        }
      }
    }
  }

  /// Two rows by two columns by two steps at once. A single step is followed by
  /// products -0 * 0, which change no sum.
  void bySquare(Value step, int64_t u, int64_t count, Values &chains) {
    Type words = k.vec(k.lanes(), k.i32());
    auto columns = [&](int64_t i, int64_t c) {
      return i < count ? loadWeights(step, u + i, c) : k.zero(words);
    };
    Values rows;
    for (int64_t r = 0; r < tile.rows; r += 2) {
      int64_t second = std::min(r + 1, tile.rows - 1);
      if (count == 2) {
        Type pair = k.vec(2, k.i32());
        rows.push_back(k.shuffle(k.load(pair, rowBase[r], step, u),
                                 k.load(pair, rowBase[second], step, u),
                                 {0, 1, 2, 3}));
        continue;
      }
      Value both = k.shuffle(rowElement(r, step, u),
                             rowElement(second, step, u), {0, 1, 4, 5});
      rows.push_back(k.shuffle(both, k.constantInt(words, int32_t(0x80008000)),
                               {0, 4, 2, 5}));
    }
    int64_t width = tile.panels * vectors;
    for (int64_t c = 0; c < width; ++c) {
      Value low = columns(0, c), high = columns(1, c);
      for (int64_t half = 0; half < 2; ++half) {
        Value y = half ? k.shuffle(low, high, {2, 6, 3, 7})
                       : k.shuffle(low, high, {0, 4, 1, 5});
        for (auto [pair, x] : llvm::enumerate(rows)) {
          Value &chain = chains[2 * (pair * width + c) + half];
          chain = k.dotPairSquares(x, y, chain);
        }
      }
    }
  }

  /// Sums of squares as rows by vectors.
  Values rowsOf(const Values &chains) {
    Values rows;
    int64_t width = tile.panels * vectors;
    for (int64_t r = 0; r < tile.rows; ++r)
      for (int64_t c = 0; c < width; ++c) {
        int64_t at = 2 * (r / 2 * width + c), first = r % 2 * 2;
        rows.push_back(k.shuffle(chains[at], chains[at + 1],
                                 {first, first + 1, first + 4, first + 5}));
      }
    return rows;
  }

  void writeSums(const Values &chains, bool add) {
    for (int64_t r = 0; r < tile.rows; ++r)
      for (int64_t c = 0; c < tile.panels * vectors; ++c) {
        Value value = chains[r * tile.panels * vectors + c];
        int64_t offset = r * tile.strideSum + c * k.lanes();
        if (add)
          value = k.add(k.load(vector, sums, Value(), offset), value);
        k.store(value, sums, Value(), offset);
      }
  }

  CodeBuilder &k;
  const MatmulTile &tile;
  int64_t vectors;
  Type vector, weight;
  bool paired;      ///< one load gives two steps
  bool squares;     ///< see bySquare
  int64_t together; ///< steps that are multiplied at once, where as many remain
  int64_t trip = 0; ///< steps of K in one
  Value a, lda, w, panelStride, sums, steps, accumulate, stepStride, next,
      nextStride;
  Values rowBase, panelBase;
};

} // namespace

static std::string keyOf(const MatmulTile &tile) {
  std::string key = llvm::formatv("{0}x{1} a{2} s{3}{4}", tile.rows,
                                  tile.panels, tile.strideA, tile.strideSum,
                                  tile.strided ? " strided" : "");
  if (tile.cached)
    key += " cached";
  if (tile.ahead)
    key += " ahead" + std::to_string(tile.ahead);
  if (tile.isHalf())
    key += tile.weight.isBF16() ? " bf16" : " f16";
  if (tile.pairs)
    key += " pairs";
  return key;
}

LLVM::LLVMFuncOp emitMatmulTile(KernelModule &kernels, const MatmulTile &tile) {
  return emitSharedFunction(
      kernels, "matmul_tile", keyOf(tile),
      [&](CodeBuilder &k) {
        SmallVector<Type> types = {k.ptr(), k.i64(), k.ptr(), k.i64(),
                                   k.ptr(), k.i64(), k.i1()};
        if (tile.strided)
          types.push_back(k.i64());
        if (tile.ahead)
          types.append({k.ptr(), k.i64()});
        return types;
      },
      [&](CodeBuilder &k, LLVM::LLVMFuncOp func) {
        TileEmitter(k, func, tile).emit();
      });
}

LLVM::LLVMFuncOp emitWidenPanel(KernelModule &kernels, Type weight) {
  return emitSharedFunction(
      kernels, "widen_panel", weight.isBF16() ? "bf16" : "f16",
      [](CodeBuilder &k) {
        return SmallVector<Type>{k.ptr(), k.i64(), k.ptr()};
      },
      [&](CodeBuilder &k, LLVM::LLVMFuncOp func) {
        Value w = func.getArgument(0), out = func.getArgument(2);
        int64_t lanes = k.lanes(), rows = panelInterleave(weight);
        k.forLoop(k.ci(0), func.getArgument(1), k.ci(rows), [&](Value step) {
          Value at = k.mul(step, panelColumns);
          for (int64_t v = 0; v < int64_t(panelColumns); v += lanes) {
            if (rows == 1) {
              Value stored = k.load(k.vec(lanes, memoryType(weight)), w, at, v);
              k.store(fromMemory(k, stored, weight), out, at, v);
              continue;
            }
            Value words = k.load(k.vec(lanes, k.i32()),
                                 k.address(w, memoryType(weight), at), Value(),
                                 v, elementBytes(weight));
            for (int64_t i = 0; i < rows; ++i)
              k.store(k.pairElement(words, i), out, at, i * panelColumns + v);
          }
        });
      });
}

} // namespace llmc
