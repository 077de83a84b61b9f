// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/AttentionTile.h"
#include "codegen/cpu/CacheLine.h"
#include "codegen/cpu/kernels/Lanes.h"
#include "codegen/cpu/kernels/Transpose.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace llmc {

int64_t attentionThinRows(const CpuTarget &target) {
  // Beside the rows' sums a square of keys is in registers.
  return std::min<int64_t>(8,
                           std::max(4u, target.registers - target.lanes) / 2);
}

namespace {

constexpr int64_t keysAhead = 8192, valuesAhead = 1024; // bytes
constexpr int64_t packedAhead = 1024;

class ThinScoresEmitter {
public:
  ThinScoresEmitter(CodeBuilder &k, LLVM::LLVMFuncOp func,
                    const ThinScores &tile)
      : k(k), tile(tile), lanes(k.lanes()), q(func.getArgument(0)),
        keys(func.getArgument(1)), scores(func.getArgument(3)),
        count(func.getArgument(4)), values(func.getArgument(5)),
        stride(tile.keyStride ? k.ci(tile.keyStride) : func.getArgument(2)) {}

  void emit() {
    Value whole = k.mul(k.divSize(count, lanes), lanes);
    k.forLoop(k.ci(0), whole, k.ci(lanes),
              [&](Value t) { group(t, /*isWhole=*/true); });
    k.ifThen(k.lt(whole, count), [&] { group(whole, /*isWhole=*/false); });
  }

private:
  /// Scores of `lanes` positions; of those behind `count` the last one's.
  void group(Value t, bool isWhole) {
    Value first = laneAddress(k, tile.key, keys, k.mul(t, stride));
    firstKey = first;
    firstValue = k.address(values, k.i8(), k.mul(t, tile.valueBytes));
    Values bases;
    for (int64_t i = 0; i < lanes; ++i) {
      if (isWhole && tile.keyStride) {
        bases.push_back(first);
        continue;
      }
      Value at = k.ci(i);
      if (!isWhole)
        at = k.min(at, k.sub(k.sub(count, 1), t));
      bases.push_back(laneAddress(k, tile.key, first, k.mul(at, stride)));
    }
    Values sums(tile.rows, k.zero(k.vecF32(lanes)));
    sums = tile.packed ? packedSums(bases, isWhole, sums)
                       : floatSums(bases, isWhole, sums);
    for (int64_t r = 0; r < tile.rows; ++r)
      k.store(sums[r], scores, t, r * tile.scoreStride);
  }

  Values floatSums(const Values &bases, bool isWhole, Values sums) {
    // A trip takes whole cache lines of every key where heads allow it.
    int64_t line = std::max<int64_t>(
        lanes, lineBytes / static_cast<int64_t>(elementBytes(tile.key)));
    int64_t trip = tile.headSize % line ? lanes : line;
    int64_t whole = tile.headSize / trip * trip;
    sums = k.forLoop(k.ci(0), k.ci(whole), k.ci(trip), sums,
                     [&](Value d, ValueRange carried) {
                       Values now(carried);
                       for (int64_t part = 0; part < trip; part += lanes)
                         square(bases, isWhole, d, part, lanes, part == 0, now);
                       return now;
                     });
    for (int64_t d = whole; d < tile.headSize; d += lanes)
      square(bases, isWhole, k.ci(d), 0, std::min(lanes, tile.headSize - d),
             true, sums);
    return sums;
  }

  Values packedSums(const Values &bases, bool isWhole, Values sums) {
    llvm::SmallVector<PackedPlace> places;
    for (auto [i, base] : llvm::enumerate(bases))
      places.push_back({base, isWhole ? int64_t(i) * tile.keyStride : 0});
    // Positions are neighbours: what a group needs is one stretch.
    int64_t stretch =
        isWhole && k.target().prefetchBytes ? lanes * tile.keyStride : 0;
    for (int64_t at = 0; at < stretch; at += lineBytes)
      k.prefetch(bases[0], k.i8(), Value(),
                 std::max(stretch, packedAhead) + at);
    auto unit = [&](Value u, int64_t count, Values now) {
      Value d = k.mul(u, llm::packedUnit);
      forPackedColumns(k, tile.packed, places, u, count,
                       [&](int64_t i, Value x) { addProducts(x, d, i, now); });
      return now;
    };
    int64_t whole = tile.headSize / llm::packedUnit,
            left = tile.headSize % llm::packedUnit;
    sums = k.forLoop(k.ci(0), k.ci(whole), k.ci(1), sums,
                     [&](Value u, ValueRange carried) {
                       return unit(u, llm::packedUnit, Values(carried));
                     });
    return left ? unit(k.ci(whole), left, sums) : sums;
  }

  /// Adds the products of element d + offset, of all positions.
  void addProducts(Value element, Value d, int64_t offset, Values &sums) {
    for (int64_t r = 0; r < tile.rows; ++r) {
      Value x = k.load(k.f32(), q, d, r * tile.queryStride + offset);
      sums[r] = k.fma(k.broadcast(x, lanes), element, sums[r]);
    }
  }

  /// Adds the products of elements [d + part, d + part + size).
  void square(const Values &bases, bool isWhole, Value d, int64_t part,
              int64_t size, bool prefetches, Values &sums) {
    Value mask = size < lanes ? k.tailMask(k.ci(size), lanes) : Value();
    Values block;
    for (auto [i, base] : llvm::enumerate(bases)) {
      int64_t offset = isWhole ? i * tile.keyStride : 0;
      block.push_back(
          loadLanes(k, tile.key, lanes, mask, base, d, offset + part));
      if (isWhole && prefetches)
        prefetch(base, d, int64_t(i), offset);
    }
    emitTranspose(k, block);
    for (int64_t i = 0; i < size; ++i)
      addProducts(block[i], d, part + i, sums);
  }

  /// A line of the keys of a later group for each that is read, and one of the
  /// values of this group, which wait in L2: memory then answers while there is
  /// work. Lines of dense rows come in their order.
  void prefetch(Value key, Value d, int64_t i, int64_t offset) {
    if (!k.target().prefetchBytes || !tile.keyStride)
      return;
    int64_t bytes = elementBytes(tile.key), row = tile.keyStride * bytes,
            ahead = llvm::divideCeil(keysAhead, lanes * row) * lanes * row;
    if (tile.keyStride != tile.headSize)
      return k.prefetch(key, k.builder().getIntegerType(8 * bytes), d,
                        offset * bytes + ahead);
    Value line = k.mul(d, bytes * lanes);
    k.prefetch(firstKey, k.i8(), line, i * lineBytes + ahead);
    if (tile.valueBytes == row)
      k.prefetch(firstValue, k.i8(), line, i * lineBytes, /*level=*/2);
  }

  CodeBuilder &k;
  const ThinScores &tile;
  int64_t lanes;
  Value q, keys, scores, count, values, stride, firstKey, firstValue;
};

class WeightedValuesEmitter {
public:
  WeightedValuesEmitter(CodeBuilder &k, LLVM::LLVMFuncOp func,
                        const WeightedValues &tile)
      : k(k), tile(tile), lanes(k.lanes()), vector(k.vecF32(k.lanes())),
        weights(func.getArgument(0)), values(func.getArgument(1)),
        sums(func.getArgument(3)), old(func.getArgument(4)),
        fresh(func.getArgument(5)), count(func.getArgument(6)),
        merges(func.getArgument(7)),
        stride(tile.valueStride ? k.ci(tile.valueStride)
                                : func.getArgument(2)) {}

  void emit() {
    // Groups of vectors whose sums fit the registers.
    int64_t all = llvm::divideCeil(tile.valueSize, lanes);
    int64_t most = std::max<int64_t>(1, k.target().registers * 3 / 4 /
                                            static_cast<int64_t>(tile.rows));
    int64_t groups = llvm::divideCeil(all, most);
    for (int64_t g = 0; g < groups; ++g)
      group(all * g / groups, all * (g + 1) / groups);
  }

private:
  static constexpr int64_t unroll = 4; // positions per trip

  /// Vectors [from, to) of all rows.
  void group(int64_t from, int64_t to) {
    Values chains(tile.rows * (to - from), k.zero(vector));
    Value whole = k.mul(k.divSize(count, unroll), unroll);
    chains = loop(k.ci(0), whole, unroll, from, to, chains);
    chains = loop(whole, count, 1, from, to, chains);
    k.ifElseDo(
        merges, [&] { write(chains, from, to, true); },
        [&] { write(chains, from, to, false); });
  }

  Values loop(Value first, Value last, int64_t positions, int64_t from,
              int64_t to, ValueRange inits) {
    return k.forLoop(first, last, k.ci(positions), inits,
                     [&](Value t, ValueRange carried) {
                       Values chains(carried);
                       for (int64_t u = 0; u < positions; ++u)
                         position(t, u, from, to, chains);
                       return chains;
                     });
  }

  void position(Value t, int64_t u, int64_t from, int64_t to, Values &chains) {
    Value base = laneAddress(k, tile.value, values,
                             tile.valueStride ? k.mul(t, stride)
                                              : k.mul(k.add(t, u), stride),
                             tile.valueStride * u);
    Values row =
        tile.packed ? packedRow(base, from, to) : floatRow(base, from, to);
    for (int64_t r = 0; r < tile.rows; ++r) {
      Value w = k.load(k.f32(), weights, t, r * tile.weightStride + u);
      w = k.broadcast(w, lanes);
      for (auto [i, value] : llvm::enumerate(row)) {
        Value &chain = chains[r * row.size() + i];
        chain = k.fma(w, value, chain);
      }
    }
  }

  Values packedRow(Value base, int64_t from, int64_t to) {
    Values row;
    if (tile.streams && k.target().prefetchBytes && from == 0)
      for (int64_t at = 0; at < tile.packed.bytes(); at += lineBytes)
        k.prefetch(base, k.i8(), Value(), at + valuesAhead);
    for (int64_t c = from; c < to; ++c)
      row.push_back(loadPacked(k, tile.packed, base, c * lanes));
    return row;
  }

  Values floatRow(Value base, int64_t from, int64_t to) {
    Values row;
    for (int64_t c = from; c < to; ++c) {
      int64_t left = tile.valueSize - c * lanes;
      Value mask = left < lanes ? k.tailMask(k.ci(left), lanes) : Value();
      row.push_back(
          loadLanes(k, tile.value, lanes, mask, base, Value(), c * lanes));
      int64_t bytes = elementBytes(tile.value);
      if (tile.streams && k.target().prefetchBytes &&
          c * lanes * bytes % lineBytes == 0)
        k.prefetch(base, k.i8(), Value(), c * lanes * bytes + valuesAhead);
    }
    return row;
  }

  void write(const Values &chains, int64_t from, int64_t to, bool isMerge) {
    for (int64_t r = 0; r < tile.rows; ++r) {
      Value keep, take;
      if (isMerge) {
        keep = k.broadcast(k.load(k.f32(), old, Value(), r), lanes);
        take = k.broadcast(k.load(k.f32(), fresh, Value(), r), lanes);
      }
      for (int64_t c = from; c < to; ++c) {
        Value value = chains[r * (to - from) + c - from];
        int64_t at = r * tile.sumStride + c * lanes;
        if (isMerge)
          value = k.fma(k.load(vector, sums, Value(), at), keep,
                        k.mul(value, take));
        k.store(value, sums, Value(), at);
      }
    }
  }

  CodeBuilder &k;
  const WeightedValues &tile;
  int64_t lanes;
  Type vector;
  Value weights, values, sums, old, fresh, count, merges, stride;
};

} // namespace

LLVM::LLVMFuncOp emitThinScores(KernelModule &kernels, const ThinScores &tile) {
  std::string key;
  llvm::raw_string_ostream(key)
      << tile.rows << "x" << tile.headSize << " " << tile.key << " k"
      << tile.keyStride << " q" << tile.queryStride << " s" << tile.scoreStride
      << " v" << tile.valueBytes << packedKey(tile.packed);
  return emitSharedFunction(
      kernels, "thin_scores", key,
      [](CodeBuilder &k) {
        return SmallVector<Type>{k.ptr(), k.ptr(), k.i64(),
                                 k.ptr(), k.i64(), k.ptr()};
      },
      [&](CodeBuilder &k, LLVM::LLVMFuncOp func) {
        ThinScoresEmitter(k, func, tile).emit();
      });
}

LLVM::LLVMFuncOp emitWeightedValues(KernelModule &kernels,
                                    const WeightedValues &tile) {
  std::string key;
  llvm::raw_string_ostream(key)
      << tile.rows << "x" << tile.valueSize << " " << tile.value << " v"
      << tile.valueStride << " w" << tile.weightStride << " s" << tile.sumStride
      << (tile.streams ? " streams" : "") << packedKey(tile.packed);
  return emitSharedFunction(
      kernels, "weighted_values", key,
      [](CodeBuilder &k) {
        return SmallVector<Type>{k.ptr(), k.ptr(), k.i64(), k.ptr(),
                                 k.ptr(), k.ptr(), k.i64(), k.i1()};
      },
      [&](CodeBuilder &k, LLVM::LLVMFuncOp func) {
        WeightedValuesEmitter(k, func, tile).emit();
      });
}

} // namespace llmc
