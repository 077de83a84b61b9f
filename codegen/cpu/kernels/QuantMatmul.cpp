// SPDX-License-Identifier: Apache-2.0
//
// Both operands are brought to one form, A signed and W as the target
// multiplies it (dotsUnsigned), by turning the top bit of their bytes (a' = a -
// 128 where A was unsigned, w' = w + 128 or w - 128); the zero points move
// along, and
//   C = sum a' w' - w_zero' sum a' - a_zero' sum w' + K a_zero' w_zero'.
#include "codegen/cpu/kernels/QuantMatmul.h"
#include "codegen/cpu/kernels/IntegerDot.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace llmc {
namespace {

constexpr KernelArg arguments[] = {
    {KernelArg::Read, "a"},       {KernelArg::Read, "w"},
    {KernelArg::Read, "zero_a"},  {KernelArg::Read, "zero_w"},
    {KernelArg::Pointer, "sums"}, {KernelArg::Write, "c"},
    {KernelArg::Int, "m"},        {KernelArg::Int, "lda"},
};
static_assert(std::size(arguments) == QuantMatmulArgCount);

int64_t tileRows(const CpuTarget &target) {
  return target.registers >= 32 ? 8 : 4;
}

int64_t panelsOf(const QuantMatmulSpec &spec) {
  return llvm::divideCeil(spec.n, panelColumns);
}

class QuantMatmulEmitter {
public:
  QuantMatmulEmitter(KernelBuilder &k, const QuantMatmulSpec &spec)
      : k(k), spec(spec), lanes(k.lanes()), vectors(panelColumns / lanes),
        vector(k.vec(lanes, k.i32())), chunks(llvm::divideCeil(spec.k, 4)) {}

  void emit() {
    int64_t rows = tileRows(k.target());
    Value m = k.arg(QuantMatmulM), blocks = k.ceilDiv(m, rows);
    k.forTiles([&](Value tile) {
      Value panel = k.divSize(tile, blocks),
            row = k.mul(k.remSize(tile, blocks), rows);
      Value left = k.sub(m, row);
      // Whole blocks, then rows one by one.
      k.ifElseDo(
          k.cmp(CmpI::sge, left, k.ci(rows)), [&] { block(panel, row, rows); },
          [&] {
            k.forLoop(left, [&](Value i) { block(panel, k.add(row, i), 1); });
          });
    });
  }

  void emitSums() {
    k.forTiles([&](Value row) {
      Value base = k.address(k.arg(QuantMatmulA), k.i8(),
                             k.mul(row, k.arg(QuantMatmulLda)));
      Value sum = k.forLoop(
          k.ci(0), k.ci(spec.k), k.ci(1), {k.ci32(0)},
          [&](Value i, ValueRange carried) -> Values {
            Value a = k.convert(turned(k.load(k.i8(), base, i), !spec.signedA),
                                k.i32());
            return {k.add(carried[0], a)};
          })[0];
      k.store(sum, k.arg(QuantMatmulSums), row);
    });
  }

private:
  /// Bytes with their top bits turned.
  Value turned(Value v, bool turn) {
    unsigned bits = elementType(v.getType()).getIntOrFloatBitWidth();
    return turn ? k.bitXor(v, k.constantInt(v.getType(),
                                            bits == 8 ? -128 : -0x7f7f7f80))
                : v;
  }

  bool turnsW() const { return spec.signedW == dotsUnsigned(k.target(), 8); }

  /// The zero point of A, or of `lanes` columns of W from `column` on, in the
  /// common form.
  Value zeroA() {
    int64_t shift = spec.signedA ? 0 : -128;
    if (!spec.zeroA)
      return k.ci32(shift);
    Value z = k.convert(k.load(k.i8(), k.arg(QuantMatmulZeroA)), k.i32(),
                        /*isUnsigned=*/!spec.signedA);
    return k.add(z, shift);
  }
  Value zeroW(Value column, Value mask) {
    int64_t shift = turnsW() ? (spec.signedW ? 128 : -128) : 0;
    if (spec.zeroW == QuantMatmulSpec::None)
      return k.constantInt(vector, shift);
    Value z = spec.zeroW == QuantMatmulSpec::One
                  ? k.broadcast(k.load(k.i8(), k.arg(QuantMatmulZeroW)), lanes)
                  : k.maskedLoad(k.vec(lanes, k.i8()), mask,
                                 k.arg(QuantMatmulZeroW), column);
    return k.add(k.convert(z, k.i32(), /*isUnsigned=*/!spec.signedW), shift);
  }

  /// Four bytes of A from `base` on, the ones beyond K zero in the common form.
  Value wordOfA(Value base, Value chunk, bool last) {
    int64_t rest = spec.k % 4;
    if (!last || rest == 0) {
      Value word = k.load(k.i32(), base, chunk, 0, 1);
      return turned(word, !spec.signedA);
    }
    Value word = k.ci32(0);
    for (int64_t j = 0; j < rest; ++j) {
      Value byte =
          turned(k.load(k.i8(), base, k.mul(chunk, 4), j), !spec.signedA);
      Value wide = k.convert(byte, k.i32(), /*isUnsigned=*/true);
      word = k.bitOr(word, k.shl(wide, k.ci32(8 * j)));
    }
    return word;
  }

  void block(Value panel, Value row, int64_t rows) {
    Value lda = k.arg(QuantMatmulLda);
    Values bases;
    for (int64_t r = 0; r < rows; ++r)
      bases.push_back(
          k.address(k.arg(QuantMatmulA), k.i8(), k.mul(k.add(row, r), lda)));
    Value w = k.address(k.arg(QuantMatmulW), k.i32(),
                        k.mul(panel, chunks * panelColumns));
    Values sums((rows + 1) * vectors, k.zero(vector));
    int64_t whole = spec.k / 4;
    sums = k.forLoop(k.ci(0), k.ci(whole), k.ci(1), sums,
                     [&](Value chunk, ValueRange carried) {
                       return oneChunk(bases, w, chunk, Values(carried), false);
                     });
    if (spec.k % 4)
      sums = oneChunk(bases, w, k.ci(whole), sums, true);
    store(panel, row, rows, sums);
  }

  /// The last set of sums are those of W's columns.
  Values oneChunk(const Values &bases, Value w, Value chunk, Values sums,
                  bool last) {
    Values words;
    for (int64_t v = 0; v < vectors; ++v)
      words.push_back(
          turned(k.load(vector, w, k.mul(chunk, panelColumns), v * lanes, 4),
                 turnsW()));
    auto addDots = [&](int64_t set, Value word) {
      Value wide = k.broadcast(word, lanes);
      for (int64_t v = 0; v < vectors; ++v) {
        Value &sum = sums[set * vectors + v];
        sum = emitDot4(k, sum, words[v], wide);
      }
    };
    for (auto [r, base] : llvm::enumerate(bases))
      addDots(r, wordOfA(base, chunk, last));
    if (spec.zeroA || !spec.signedA) {
      int64_t ones = last ? (int64_t(1) << (8 * (spec.k % 4))) - 1 : -1;
      addDots(bases.size(), k.ci32(ones & 0x01010101));
    }
    return sums;
  }

  void store(Value panel, Value row, int64_t rows, const Values &sums) {
    Value za = k.broadcast(zeroA(), lanes);
    Value first = k.mul(panel, panelColumns);
    for (int64_t v = 0; v < vectors; ++v) {
      Value column = k.add(first, v * lanes);
      Value mask;
      if (spec.n % panelColumns)
        mask = k.tailMask(k.sub(k.ci(spec.n), column), lanes);
      Value zw = zeroW(column, mask);
      // a_zero' (K w_zero' - sum w') is the same for all rows.
      Value fixed = k.mul(za, k.sub(k.mul(zw, k.constantInt(vector, spec.k)),
                                    sums[rows * vectors + v]));
      for (int64_t r = 0; r < rows; ++r) {
        Value at = k.add(row, r);
        Value sumA =
            k.broadcast(k.load(k.i32(), k.arg(QuantMatmulSums), at), lanes);
        Value c = k.sub(sums[r * vectors + v], k.mul(zw, sumA));
        k.maskedStore(k.add(c, fixed), mask, k.arg(QuantMatmulC),
                      k.add(k.mul(at, spec.n), column));
      }
    }
  }

  KernelBuilder &k;
  const QuantMatmulSpec &spec;
  int64_t lanes, vectors;
  Type vector;
  int64_t chunks;
};

} // namespace

std::string QuantMatmulSpec::key() const {
  return llvm::formatv("n{0} k{1} {2}{3} z{4}{5}", n, k, signedA ? "i" : "u",
                       signedW ? "i" : "u", zeroA ? 1 : 0,
                       static_cast<int>(zeroW));
}

Value quantMatmulTiles(CodeBuilder &b, const QuantMatmulSpec &spec, Value m) {
  return b.mul(b.ceilDiv(m, tileRows(b.target())), panelsOf(spec));
}

std::string emitQuantMatmul(KernelModule &kernels,
                            const QuantMatmulSpec &spec) {
  return kernels.get("quant_matmul", spec.key(), [&](StringRef symbol) {
    KernelBuilder k(kernels, symbol, arguments);
    QuantMatmulEmitter(k, spec).emit();
    k.finish();
  });
}

std::string emitQuantRowSums(KernelModule &kernels,
                             const QuantMatmulSpec &spec) {
  return kernels.get("quant_row_sums", spec.key(), [&](StringRef symbol) {
    KernelBuilder k(kernels, symbol, arguments);
    QuantMatmulEmitter(k, spec).emitSums();
    k.finish();
  });
}

} // namespace llmc
