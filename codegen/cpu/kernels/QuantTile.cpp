// SPDX-License-Identifier: Apache-2.0
// The matrix-vector form of products with quantized weights: weights go from
// their packed words to a fused multiply-add without touching memory.
#include "codegen/cpu/kernels/Quant.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace llmc {

int64_t quantTilePanels(const CpuTarget &target, int64_t rows) {
  // Chains enough to hide the latency of an fma; words, scales and zeros take
  // registers as well.
  int64_t vectors = panelColumns / target.lanes;
  int64_t panels = target.registers >= 32 ? 4 : 2;
  while (panels > 1 && (rows + 3) * panels * vectors > target.registers)
    panels /= 2;
  return panels;
}

namespace {

class QuantTileEmitter {
public:
  QuantTileEmitter(CodeBuilder &k, ArrayRef<BlockArgument> args,
                   const QuantizedFormat &format, const QuantTile &tile)
      : k(k), f(format), tile(tile), lanes(k.lanes()),
        vectors(panelColumns / lanes), vector(k.vecF32(lanes)), a(args[0]),
        lda(args[1]), q(args[2]), scales(args[3]), zeros(args[4]),
        first(args[5]), steps(args[6]), sums(args[7]), accumulate(args[8]) {}

  void emit() {
    Values chains(tile.rows * tile.panels * vectors, k.zero(vector));
    Value whole = k.divSize(steps, f.chunk()),
          rest = k.remSize(steps, f.chunk());
    chains = k.forLoop(k.ci(0), whole, k.ci(1), chains,
                       [&](Value chunk, ValueRange carried) {
                         return oneChunk(chunk, Values(carried), Value());
                       });
    if (f.k % f.chunk())
      chains = k.ifElse(
          k.cmp(CmpI::ne, rest, k.ci(0)),
          [&] { return oneChunk(whole, chains, rest); },
          [&] { return chains; });
    k.ifElseDo(
        accumulate, [&] { writeSums(chains, true); },
        [&] { writeSums(chains, false); });
  }

private:
  /// The steps of one chunk, or the first `limit` of them.
  Values oneChunk(Value chunk, Values chains, Value limit) {
    Value stored = k.add(k.divSize(first, f.chunk()), chunk);
    Value group =
        f.group >= f.k ? k.ci(0) : k.divSize(k.mul(stored, f.chunk()), f.group);
    SmallVector<Values> words;
    Values scale, zero;
    for (int64_t p = 0; p < tile.panels; ++p)
      for (int64_t v = 0; v < vectors; ++v) {
        int64_t lane = v * lanes;
        words.push_back(
            loadQuantWords(k, f, q, stored, p * f.panelWords() + lane, lanes));
        Value at = k.add(k.mul(group, panelColumns),
                         p * f.groups() * panelColumns + lane);
        scale.push_back(loadQuantScales(k, f, scales, at, lanes));
        zero.push_back(loadQuantZeros(k, f, zeros, at, lanes));
        if (k.target().prefetchBytes)
          k.prefetch(q, k.i32(), k.mul(stored, f.chunkWords() * panelColumns),
                     p * f.panelWords() * 4 + k.target().prefetchBytes);
      }
    Value step = k.mul(chunk, f.chunk());
    for (int64_t within = 0; within < f.chunk(); ++within) {
      auto work = [&] {
        return oneStep(k.add(step, within), within, words, scale, zero, chains);
      };
      chains = limit ? k.ifElse(k.lt(k.ci(within), limit), work,
                                [&] { return chains; })
                     : work();
    }
    return chains;
  }

  Values oneStep(Value step, int64_t within, ArrayRef<Values> words,
                 const Values &scale, const Values &zero, Values chains) {
    Values weights;
    for (size_t i = 0; i < words.size(); ++i)
      weights.push_back(k.mul(
          emitQuantDifference(k, f, words[i], within, zero[i]), scale[i]));
    for (int64_t r = 0; r < tile.rows; ++r) {
      Value at = r ? k.add(k.mul(lda, r), step) : step;
      Value x = k.broadcast(k.load(k.f32(), a, at), lanes);
      for (auto [i, weight] : llvm::enumerate(weights)) {
        Value &chain = chains[r * weights.size() + i];
        chain = k.fma(x, weight, chain);
      }
    }
    return chains;
  }

  void writeSums(const Values &chains, bool add) {
    int64_t width = tile.panels * vectors;
    for (int64_t r = 0; r < tile.rows; ++r)
      for (int64_t c = 0; c < width; ++c) {
        Value value = chains[r * width + c];
        int64_t offset = r * tile.strideSum + c * lanes;
        if (add)
          value = k.add(k.load(vector, sums, Value(), offset), value);
        k.store(value, sums, Value(), offset);
      }
  }

  CodeBuilder &k;
  const QuantizedFormat &f;
  const QuantTile &tile;
  int64_t lanes, vectors;
  Type vector;
  Value a, lda, q, scales, zeros, first, steps, sums, accumulate;
};

} // namespace

LLVM::LLVMFuncOp emitQuantTile(KernelModule &kernels,
                               const QuantizedFormat &format,
                               const QuantTile &tile) {
  std::string key = llvm::formatv("{0} {1}x{2} s{3}", format.key(), tile.rows,
                                  tile.panels, tile.strideSum);
  return emitSharedFunction(
      kernels, "quant_tile", key,
      [](CodeBuilder &k) {
        return SmallVector<Type>{k.ptr(), k.i64(), k.ptr(), k.ptr(), k.ptr(),
                                 k.i64(), k.i64(), k.ptr(), k.i1()};
      },
      [&](CodeBuilder &k, LLVM::LLVMFuncOp func) {
        QuantTileEmitter(k, func.getArguments(), format, tile).emit();
      });
}

} // namespace llmc
