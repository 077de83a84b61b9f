// SPDX-License-Identifier: Apache-2.0
//
// The products of a block of K, over which all scales are the same, are summed
// in integers; with weights turned to the signedness that the target multiplies
// and without their zero points,
//   sum (w - zero) a = sum w' a - zero' sum a,
// of which the last term is where the sums start from.
#include "codegen/cpu/kernels/RoundedTile.h"
#include "codegen/cpu/CacheLine.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace llmc {

/// So many products of 8 bits fit a sum of 32.
constexpr int64_t longestBlock = 32768;

/// What is added to weights to give them the target's signedness.
static int64_t turnOf(const CpuTarget &target, const QuantizedFormat &f) {
  bool isUnsigned = dotsUnsigned(target, f.bits);
  int64_t half = int64_t(1) << (f.bits - 1);
  return f.isSigned == !isUnsigned ? 0 : isUnsigned ? half : -half;
}

/// Quad p of words of weights, turned to the target's signedness.
static Value roundedQuad(CodeBuilder &k, const QuantizedFormat &f, Value words,
                         int64_t p) {
  Type type = words.getType();
  int64_t turn = turnOf(k.target(), f), every = 0x01010101;
  if (f.bits == 8)
    return turn ? k.bitXor(words, k.constantInt(type, -0x7f7f7f80)) : words;
  int64_t ones = (int64_t(1) << f.bits) - 1;
  if (p)
    words = k.shrUnsigned(words, k.constantInt(type, p * f.bits));
  words = k.bitAnd(words, k.constantInt(type, ones * every));
  // Two's complement of few bits, plus half of its range.
  return turn ? k.bitXor(words, k.constantInt(type, turn * every)) : words;
}

LLVM::LLVMFuncOp emitUnpackQuads(KernelModule &kernels,
                                 const QuantizedFormat &f) {
  return emitSharedFunction(
      kernels, "unpack_quads", f.key(),
      [](CodeBuilder &k) {
        return SmallVector<Type>{k.ptr(), k.ptr(), k.i64()};
      },
      [&](CodeBuilder &k, LLVM::LLVMFuncOp func) {
        Value q = func.getArgument(0), out = func.getArgument(1);
        int64_t lanes = k.lanes(), quads = 8 / f.bits;
        k.forLoop(func.getArgument(2), [&](Value word) {
          Value at = k.mul(word, panelColumns);
          for (int64_t lane = 0; lane < int64_t(panelColumns); lane += lanes) {
            Value words = k.load(k.vec(lanes, k.i32()), q, at, lane, 4);
            for (int64_t p = 0; p < quads; ++p)
              k.store(roundedQuad(k, f, words, p), out, k.mul(at, quads),
                      p * panelColumns + lane);
          }
        });
      });
}

bool takesRoundedRows(const QuantizedFormat &f, int64_t group) {
  if (f.k == 0 || f.floats || f.bits == 3 || !f.codebook.empty())
    return false;
  int64_t block = std::min({f.group, group, f.k, longestBlock});
  auto isWhole = [&](int64_t g) { return g >= f.k || g % block == 0; };
  return isWhole(f.group) && isWhole(group) &&
         (block == f.k || block % panelColumns == 0);
}

RoundedRows roundedLayout(const CpuTarget &target, const QuantizedFormat &f,
                          int64_t group) {
  RoundedRows layout;
  layout.k = f.k, layout.group = std::min(group, f.k);
  layout.block = std::min({f.group, group, f.k, longestBlock});
  layout.form = dotForm(target, f.bits);
  layout.factor = f.zeros ? -1 : -(f.zero + turnOf(target, f));
  return layout;
}

int64_t roundedTileVectors(const CpuTarget &target, const RoundedRows &layout) {
  // Several, so that an element of A is loaded once for all of them.
  if (target.lanes == 4 && layout.blocks() == 1 && !dotsSquares(target))
    return 4;
  bool narrow = layout.form == DotForm::Pairs ||
                (target.lanes == 8 && layout.blocks() > 1);
  return narrow ? 1 : 2;
}

int64_t roundedTileRows(const CpuTarget &target, const RoundedTile &tile) {
  DotForm form = tile.layout.form;
  bool squares = dotsSquares(target);
  // Besides the sums there are the weights, an element of A and a mask.
  bool copies = tile.unpacks() || form == DotForm::Halves || squares;
  int64_t others = tile.vectors * (copies ? 2 : 1) + (squares  ? 4
                                                      : copies ? 5
                                                               : 2);
  // Totals of several blocks take a second register each, sums of 16 bits one
  // more.
  int64_t perSum =
      (tile.layout.blocks() > 1 ? 2 : 1) + (form == DotForm::Pairs ? 1 : 0);
  int64_t rows = std::min((target.registers - others) / (tile.vectors * perSum),
                          roundedMostRows);
  return squares ? rows / 2 * 2 : rows;
}

/// Words of a column per trip: unrolled further, loads move ahead of the
/// registers that there are.
static int64_t wordsPerTrip(const RoundedTile &tile) {
  if (tile.layout.form == DotForm::Pairs)
    return dotQuads(tile.format.bits) / tile.quads();
  return std::max<int64_t>(1, (tile.rows > 1 ? 2 : 4) / tile.quads());
}

int64_t roundedLines(const CpuTarget &target, const RoundedTile &tile) {
  int64_t panels = tile.vectors * target.lanes / panelColumns;
  int64_t bits = wordsPerTrip(tile) * tile.quads() * tile.format.bits;
  return std::max<int64_t>(std::max<int64_t>(panels, 1) * bits / 8, 1);
}

namespace {

class RoundedTileEmitter {
public:
  RoundedTileEmitter(CodeBuilder &k, ValueRange args, const RoundedTile &tile)
      : k(k), tile(tile), f(tile.format), layout(tile.layout), lanes(k.lanes()),
        turn(turnOf(k.target(), f)),
        squares(dotsSquares(k.target()) && tile.rows > 1),
        whole(k.vec(lanes, k.i32())), a(args[0]), scalesA(args[1]),
        sumsA(args[2]), q(args[3]), scales(args[4]), zeros(args[5]),
        sums(args[6]), next(tile.ahead ? args[7] : Value()) {}

  void emit() {
    int64_t count = tile.rows * tile.vectors;
    int64_t blocks = layout.k / layout.block, rest = layout.k % layout.block;
    Values totals(count, k.zero(k.vecF32(lanes)));
    if (layout.blocks() == 1) {
      totals = scaled(k.ci(0), blockSums(k.ci(0), layout.k), {});
    } else {
      totals = k.forLoop(k.ci(0), k.ci(blocks), k.ci(1), totals,
                         [&](Value b, ValueRange carried) {
                           return scaled(b, blockSums(b, layout.block),
                                         Values(carried));
                         });
      if (rest)
        totals = scaled(k.ci(blocks), blockSums(k.ci(blocks), rest), totals);
    }
    store(totals, true);
  }

  /// One row of a block's integer sums in memory, without corrections.
  void fold(Value ints, Value block) {
    auto withBlock = [&](bool isFirst) {
      Values sumsOfInts, totals;
      forSums([&](int64_t r, int64_t v) {
        Value sum = k.load(whole, ints, Value(), v * lanes);
        sumsOfInts.push_back(k.add(sum, startSum(r, block)));
        if (!isFirst)
          totals.push_back(k.load(k.vecF32(lanes), sums, Value(), v * lanes));
      });
      return scaled(block, sumsOfInts, totals);
    };
    Values totals = k.ifElse(
        k.eq(block, k.ci(0)), [&] { return withBlock(true); },
        [&] { return withBlock(false); });
    k.ifElseDo(
        k.eq(block, k.ci(layout.blocks() - 1)), [&] { store(totals, true); },
        [&] { store(totals, false); });
  }

private:
  /// Whether a row has several scales.
  bool scalesBlocks() const { return layout.group < layout.k; }

  void forSums(llvm::function_ref<void(int64_t, int64_t)> body) {
    for (int64_t r = 0; r < tile.rows; ++r)
      for (int64_t v = 0; v < tile.vectors; ++v)
        body(r, v);
  }
  /// `last`: no block follows.
  void store(const Values &totals, bool last) {
    forSums([&](int64_t r, int64_t v) {
      Value total = totals[r * tile.vectors + v];
      if (last && !scalesBlocks())
        total = k.mul(total, rowScale(r, k.ci(0)));
      k.store(total, sums, Value(), r * tile.strideSum + v * lanes);
    });
  }

  /// Where vector v's columns stand in panels of so many elements.
  int64_t place(int64_t v, int64_t panel) const {
    return v * lanes / panelColumns * panel + v * lanes % panelColumns;
  }

  Value rowScale(int64_t r, Value group) {
    Value s = k.load(k.f32(), scalesA, group, r * layout.groups());
    return k.broadcast(s, lanes);
  }
  Value rowSum(int64_t r, Value block) {
    Value s = k.load(k.i32(), sumsA, block, r * layout.blocks());
    return k.broadcast(s, lanes);
  }

  /// Where the sums of a block start: without a zero point of each column's
  /// own, at the correction.
  Value startSum(int64_t r, Value block) {
    return f.zeros || layout.factor == 0 ? k.zero(whole) : rowSum(r, block);
  }
  Values startSums(Value block) {
    Values start;
    for (int64_t r = 0; r < tile.rows; ++r) {
      if (!squares) {
        start.append(tile.vectors, startSum(r, block));
      } else if (r % 2 == 0) {
        Value pair = k.shuffle(startSum(r, block), startSum(partner(r), block),
                               {0, 4, 1, 5});
        start.append(2 * tile.vectors, pair);
      }
    }
    return start;
  }

  /// The other row of an even one's pair: the last one has none but itself.
  int64_t partner(int64_t r) const { return std::min(r + 1, tile.rows - 1); }

  /// Sums of squares as rows by vectors.
  Values rowsOf(const Values &sums) {
    Values rows;
    for (int64_t r = 0; r < tile.rows; ++r)
      for (int64_t v = 0; v < tile.vectors; ++v) {
        int64_t at = 2 * (r / 2 * tile.vectors + v), odd = r % 2;
        rows.push_back(k.shuffle(sums[at], sums[at + 1],
                                 {odd, 2 + odd, 4 + odd, 6 + odd}));
      }
    return rows;
  }

  /// The integer sums of a block's first `steps` steps, as rows by vectors.
  Values blockSums(Value block, int64_t steps) {
    int64_t perWord = 4 * tile.quads(),
            words = llvm::divideCeil(steps, perWord);
    Value first = k.mul(block, layout.block / perWord);
    int64_t most = wordsPerTrip(tile), trips = words / most,
            rest = words % most;
    Values totals = startSums(block);
    if (trips == 1)
      totals = trip(first, most, totals);
    else if (trips)
      totals = k.forLoop(k.ci(0), k.ci(trips * most), k.ci(most), totals,
                         [&](Value i, ValueRange carried) {
                           return trip(k.add(first, i), most, Values(carried));
                         });
    if (rest)
      totals = trip(k.add(first, trips * most), rest, totals);
    return squares ? rowsOf(totals) : totals;
  }

  Values trip(Value first, int64_t words, Values totals) {
    bool narrow = layout.form == DotForm::Pairs;
    Values chains = totals;
    if (narrow)
      chains.assign(totals.size(),
                    k.zero(k.vec(2 * lanes, k.builder().getIntegerType(16))));
    if (int64_t whole = wordsPerTrip(tile); next && words == whole)
      k.prefetch(next, k.i8(), k.mul(first, lineBytes / whole), 0, 2);
    if (squares)
      addSquares(first, words, chains);
    else
      for (int64_t i = 0; i < words; ++i)
        oneWord(k.add(first, i), chains);
    if (narrow)
      for (auto [total, chain] : llvm::zip(totals, chains))
        chain = k.add(total, dotWiden(k, chain));
    return chains;
  }

  /// Words of all vectors' columns, as they are stored.
  Values loadWords(Value word) {
    Values stored;
    Value at = k.mul(word, panelColumns);
    for (int64_t v = 0; v < tile.vectors; ++v) {
      int64_t offset = place(v, tile.panelWords());
      stored.push_back(k.load(whole, q, at, offset, 4));
      if (!next && k.target().prefetchBytes && offset % panelColumns == 0)
        k.prefetch(q, k.i32(), at, offset * 4 + k.target().prefetchBytes);
    }
    return stored;
  }
  Value quadOf(Value words, int64_t p) {
    return tile.unpacked ? words : roundedQuad(k, f, words, p);
  }
  Value rowBase(int64_t r) {
    return k.address(a, k.i8(), Value(), r * layout.stride());
  }

  void oneWord(Value word, Values &chains) {
    Values stored = loadWords(word);
    Value quads = k.mul(word, tile.quads());
    for (int64_t p = 0; p < tile.quads(); ++p) {
      SmallVector<DotOperand> weights;
      for (Value s : stored)
        weights.push_back(dotWeights(k, layout.form, quadOf(s, p)));
      for (int64_t r = 0; r < tile.rows; ++r) {
        DotOperand x = dotRow(k, layout.form, rowBase(r), k.add(quads, p));
        for (auto [v, w] : llvm::enumerate(weights)) {
          Value &chain = chains[r * tile.vectors + v];
          chain = dotAdd(k, layout.form, chain, w, x);
        }
      }
    }
  }

  /// Two quads at once; beyond the last one there are zeros.
  void addSquares(Value first, int64_t words, Values &chains) {
    SmallVector<Values> quads; // [quad][vector]
    for (int64_t i = 0; i < words; ++i) {
      Values stored = loadWords(k.add(first, i));
      for (int64_t p = 0; p < tile.quads(); ++p) {
        Values &quad = quads.emplace_back();
        for (Value s : stored)
          quad.push_back(quadOf(s, p));
      }
    }
    if (quads.size() % 2)
      quads.emplace_back(tile.vectors, k.zero(whole));
    Value at = k.mul(first, tile.quads());
    for (size_t i = 0; i < quads.size(); i += 2)
      for (int64_t r = 0; r < tile.rows; r += 2) {
        auto eight = [&](int64_t row) {
          Value from = k.address(rowBase(row), k.i32(), at, i);
          return k.broadcast(k.load(k.i64(), from, Value(), 0, 4), 2);
        };
        Value rows = k.shuffle(eight(r), eight(partner(r)), {0, 2});
        for (int64_t v = 0; v < tile.vectors; ++v) {
          Value low = quads[i][v], high = quads[i + 1][v];
          Value *sums = &chains[2 * (r / 2 * tile.vectors + v)];
          sums[0] =
              emitSquare(k, sums[0], k.shuffle(low, high, {0, 4, 1, 5}), rows);
          sums[1] =
              emitSquare(k, sums[1], k.shuffle(low, high, {2, 6, 3, 7}), rows);
        }
      }
  }

  /// The sums of a block, scaled, onto `totals`, or alone.
  Values scaled(Value block, const Values &ints, Values totals) {
    Value step = k.mul(block, layout.block);
    auto groupOf = [&](int64_t group) {
      return group >= f.k ? k.ci(0) : k.divSize(step, group);
    };
    Value at = k.mul(groupOf(f.group), panelColumns);
    Values out;
    for (int64_t r = 0; r < tile.rows; ++r) {
      Value own = scalesBlocks() ? rowScale(r, groupOf(layout.group)) : Value();
      for (int64_t v = 0; v < tile.vectors; ++v) {
        int64_t i = r * tile.vectors + v,
                offset = place(v, f.groups() * panelColumns);
        Value index = k.add(at, offset);
        Value scale = loadQuantScales(k, f, scales, index, lanes);
        if (own)
          scale = k.mul(scale, own);
        Value sum = k.convert(ints[i], k.f32());
        if (f.zeros)
          sum = corrected(ints[i], r, block, index);
        out.push_back(totals.empty() ? k.mul(sum, scale)
                                     : k.fma(sum, scale, totals[i]));
      }
    }
    return out;
  }

  /// Sums without the columns' own zero points.
  Value corrected(Value ints, int64_t r, Value block, Value index) {
    Value zero = loadQuantZeros(k, f, zeros, index, lanes);
    zero = k.add(zero, k.constant(zero.getType(), static_cast<double>(turn)));
    Value sum = rowSum(r, block);
    // Integers that f32 holds.
    int64_t largest = layout.block * 127 * ((int64_t(1) << f.bits) - 1);
    if (isa<FloatType>(f.zeros) || largest < int64_t(1) << 24)
      return k.fma(k.convert(sum, k.f32()), zero, k.convert(ints, k.f32()));
    return k.convert(k.add(ints, k.mul(sum, k.convert(zero, k.i32()))),
                     k.f32());
  }

  CodeBuilder &k;
  const RoundedTile &tile;
  const QuantizedFormat &f;
  const RoundedRows &layout;
  int64_t lanes, turn;
  bool squares; ///< two rows by two columns at once
  Type whole;
  Value a, scalesA, sumsA, q, scales, zeros, sums, next;
};

} // namespace

std::string RoundedTile::key() const {
  return llvm::formatv("{0} {1} {2}x{3} s{4}{5}{6}", format.key(), layout.key(),
                       rows, vectors, strideSum, ahead ? " ahead" : "",
                       unpacked ? " unpacked" : "");
}

LLVM::LLVMFuncOp emitRoundedTile(KernelModule &kernels,
                                 const RoundedTile &tile) {
  return emitSharedFunction(
      kernels, "rounded_tile", tile.key(),
      [&](CodeBuilder &k) {
        return SmallVector<Type>(tile.ahead ? 8 : 7, k.ptr());
      },
      [&](CodeBuilder &k, LLVM::LLVMFuncOp func) {
        RoundedTileEmitter(k, ValueRange(func.getArguments()), tile).emit();
      });
}

LLVM::LLVMFuncOp emitRoundedFold(KernelModule &kernels,
                                 const RoundedTile &tile) {
  RoundedTile row = tile;
  row.rows = 1, row.ahead = false;
  return emitSharedFunction(
      kernels, "rounded_fold", row.key(),
      [&](CodeBuilder &k) {
        SmallVector<Type> types(6, k.ptr());
        types.append({k.i64(), k.i64()});
        return types;
      },
      [&](CodeBuilder &k, LLVM::LLVMFuncOp func) {
        auto arg = [&](unsigned i) { return func.getArgument(i); };
        k.forLoop(arg(6), [&](Value r) {
          auto at = [&](unsigned i, int64_t stride) {
            return k.address(arg(i), k.i32(), k.mul(r, stride));
          };
          Value none = arg(0), ints = at(0, row.strideSum);
          Values args = {none,
                         at(1, row.layout.groups()),
                         at(2, row.layout.blocks()),
                         none,
                         arg(3),
                         arg(4),
                         at(5, row.strideSum)};
          RoundedTileEmitter(k, args, row).fold(ints, arg(7));
        });
      });
}

} // namespace llmc
