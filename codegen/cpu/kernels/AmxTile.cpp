// SPDX-License-Identifier: Apache-2.0
// Intel's Software Developer's Manual, volume 1, chapter 18: programming with
// Intel AMX.
#include "codegen/cpu/kernels/AmxTile.h"
#include "codegen/cpu/CacheLine.h"
#include "codegen/cpu/Panels.h"

using namespace mlir;

namespace llmc {
namespace {

constexpr int64_t amxRows = 16; // of one tile register
constexpr int64_t wordBytes = 4;
constexpr int64_t depthOfTile = lineBytes / wordBytes; // words of K
// Tile registers: four of sums, then the operands.
constexpr int64_t firstA = 4, firstW = 6;

struct AmxTile {
  int64_t rowBlocks; ///< 1 or 2: of 16 rows
  int64_t panels;    ///< 1 or 2
  bool bytes;        ///< else bf16
};

class AmxEmitter {
public:
  AmxEmitter(CodeBuilder &k, LLVM::LLVMFuncOp func, const AmxTile &tile)
      : k(k), tile(tile), a(func.getArgument(0)),
        strideA(k.mul(func.getArgument(1), wordBytes)), w(func.getArgument(2)),
        panelStride(func.getArgument(3)), sums(func.getArgument(4)),
        strideSum(k.mul(func.getArgument(5), wordBytes)),
        rows(func.getArgument(6)), words(func.getArgument(7)),
        accumulate(func.getArgument(8)),
        config(k.stackBuffer(k.i8(), lineBytes)) {}

  void emit() {
    Value whole = k.divSize(words, depthOfTile),
          rest = k.remSize(words, depthOfTile), none = k.ci(0);
    auto isAny = [&](Value count) { return k.cmp(CmpI::ne, count, none); };
    // No words at all are zeros.
    k.ifThen(k.bitOr(isAny(whole), k.eq(rest, none)),
             [&] { run(none, whole, k.ci(depthOfTile), accumulate); });
    k.ifThen(isAny(rest), [&] {
      Value more = k.bitOr(accumulate, isAny(whole));
      run(k.mul(whole, depthOfTile), k.ci(1), rest, more);
    });
    call("llvm.x86.tilerelease", {});
  }

private:
  void call(StringRef name, ValueRange operands) {
    OpBuilder &b = k.builder();
    LLVM::CallIntrinsicOp::create(b, k.location(), b.getStringAttr(name),
                                  operands);
  }
  Value number(int64_t tileRegister) {
    return k.constantInt(k.i8(), tileRegister);
  }
  int64_t sumTile(int64_t r, int64_t p) const { return 2 * r + p; }

  /// Sizes of all registers for `depth` words: rows, and bytes of a row.
  void configure(Value depth) {
    Type zeros = k.vec(lineBytes, k.i8());
    k.store(k.zero(zeros), config);
    k.store(k.constantInt(k.i8(), 1), config); // the palette
    auto size = [&](int64_t at, Value height, Value bytes) {
      Type half = k.builder().getIntegerType(16);
      k.store(k.convert(bytes, half), config, Value(), 8 + at);
      k.store(k.convert(height, k.i8()), config, Value(), 48 + at);
    };
    for (int64_t r = 0; r < tile.rowBlocks; ++r) {
      Value height = k.min(k.sub(rows, r * amxRows), k.ci(amxRows));
      for (int64_t p = 0; p < tile.panels; ++p)
        size(sumTile(r, p), height, k.ci(lineBytes));
      size(firstA + r, height, k.mul(depth, wordBytes));
    }
    for (int64_t p = 0; p < tile.panels; ++p)
      size(firstW + p, depth, k.ci(lineBytes));
    call("llvm.x86.ldtilecfg", {config});
  }

  /// `count` steps of `depth` words, from word `first` on.
  void run(Value first, Value count, Value depth, Value more) {
    configure(depth);
    auto forSums = [&](StringRef name) {
      for (int64_t r = 0; r < tile.rowBlocks; ++r)
        for (int64_t p = 0; p < tile.panels; ++p)
          call(name, {number(sumTile(r, p)), sumAddress(r, p), strideSum});
    };
    k.ifElseDo(
        more, [&] { forSums("llvm.x86.tileloadd64"); },
        [&] {
          for (int64_t r = 0; r < tile.rowBlocks; ++r)
            for (int64_t p = 0; p < tile.panels; ++p)
              call("llvm.x86.tilezero", {number(sumTile(r, p))});
        });
    k.forLoop(count,
              [&](Value i) { step(k.add(first, k.mul(i, depthOfTile))); });
    forSums("llvm.x86.tilestored64");
  }

  void step(Value word) {
    for (int64_t p = 0; p < tile.panels; ++p) {
      Value at = k.add(k.mul(panelStride, p), k.mul(word, panelColumns));
      call("llvm.x86.tileloadd64",
           {number(firstW + p), k.address(w, k.i32(), at), k.ci(lineBytes)});
    }
    for (int64_t r = 0; r < tile.rowBlocks; ++r) {
      Value row = k.address(a, k.i8(), k.mul(strideA, r * amxRows));
      call("llvm.x86.tileloadd64",
           {number(firstA + r), k.address(row, k.i32(), word), strideA});
      for (int64_t p = 0; p < tile.panels; ++p)
        call(tile.bytes ? "llvm.x86.tdpbsud" : "llvm.x86.tdpbf16ps",
             {number(sumTile(r, p)), number(firstA + r), number(firstW + p)});
    }
  }

  Value sumAddress(int64_t r, int64_t p) {
    Value row = k.address(sums, k.i8(), k.mul(strideSum, r * amxRows));
    return k.address(row, k.f32(), Value(), p * panelColumns);
  }

  CodeBuilder &k;
  const AmxTile &tile;
  Value a, strideA, w, panelStride, sums, strideSum, rows, words, accumulate,
      config;
};

} // namespace

/// Emits void tile(a, strideA, w, panelStride, sums, strideSum, rows, words,
/// accumulate) for 16 * (rowBlocks - 1) < rows <= 16 * rowBlocks.
static LLVM::LLVMFuncOp emitAmxTile(KernelModule &kernels,
                                    const AmxTile &tile) {
  std::string key = std::to_string(tile.rowBlocks) + "x" +
                    std::to_string(tile.panels) + (tile.bytes ? "b" : "");
  return emitSharedFunction(
      kernels, "amx_tile", key,
      [](CodeBuilder &k) {
        return SmallVector<Type>{k.ptr(), k.i64(), k.ptr(), k.i64(), k.ptr(),
                                 k.i64(), k.i64(), k.i64(), k.i1()};
      },
      [&](CodeBuilder &k, LLVM::LLVMFuncOp func) {
        AmxEmitter(k, func, tile).emit();
      });
}

void emitAmxRows(KernelModule &kernels, CodeBuilder &k, const AmxRows &o) {
  constexpr int64_t most = 2 * amxRows, widest = 2;
  k.forLoop(k.ci(0), o.rows, k.ci(most), [&](Value from) {
    Value rows = k.min(k.sub(o.rows, from), k.ci(most)),
          a = k.address(o.a, k.i32(), k.mul(from, o.strideA)),
          sums = k.address(o.sums, k.f32(), k.mul(from, o.strideSum));
    for (int64_t p = 0; p < o.panels; p += widest) {
      auto run = [&](int64_t rowBlocks) {
        AmxTile tile{rowBlocks, std::min(o.panels - p, widest), o.bytes};
        LLVM::CallOp::create(
            k.builder(), k.location(), emitAmxTile(kernels, tile),
            ValueRange{a, o.strideA,
                       k.address(o.w, k.i32(), k.mul(o.panelStride, p)),
                       o.panelStride,
                       k.address(sums, k.f32(), Value(), p * panelColumns),
                       k.ci(o.strideSum), rows, o.words, o.accumulate});
      };
      k.ifElseDo(
          k.cmp(CmpI::sle, rows, k.ci(amxRows)), [&] { run(1); },
          [&] { run(2); });
    }
    if (o.after)
      o.after(from, rows);
  });
}

} // namespace llmc
