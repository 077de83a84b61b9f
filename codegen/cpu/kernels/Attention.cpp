// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Attention.h"
#include "codegen/cpu/kernels/AttentionProducts.h"
#include "codegen/cpu/kernels/Lanes.h"
#include "codegen/cpu/kernels/MatmulTile.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace mlir;

namespace llmc {
namespace {

constexpr int64_t maxSize = 256; // of a head
constexpr KernelArg arguments[] = {
    {KernelArg::Read, "q"},         {KernelArg::Read, "k"},
    {KernelArg::Read, "v"},         {KernelArg::Write, "out"},
    {KernelArg::Read, "key_mask"},  {KernelArg::Read, "lengths"},
    {KernelArg::Read, "starts"},    {KernelArg::Read, "bias"},
    {KernelArg::Read, "sinks"},     {KernelArg::Write, "partials"},
    {KernelArg::Int, "sequence"},   {KernelArg::Int, "total"},
    {KernelArg::Int, "key_heads"},  {KernelArg::Int, "offset"},
    {KernelArg::Int, "tile_rows"},  {KernelArg::Int, "parts"},
    {KernelArg::Int, "q_batch"},    {KernelArg::Int, "q_token"},
    {KernelArg::Int, "q_head"},     {KernelArg::Int, "k_batch"},
    {KernelArg::Int, "k_head"},     {KernelArg::Int, "k_token"},
    {KernelArg::Int, "v_batch"},    {KernelArg::Int, "v_head"},
    {KernelArg::Int, "v_token"},    {KernelArg::Int, "out_batch"},
    {KernelArg::Int, "out_token"},  {KernelArg::Int, "out_head"},
    {KernelArg::Int, "mask_batch"}, {KernelArg::Int, "bias_batch"},
    {KernelArg::Int, "bias_head"},  {KernelArg::Int, "bias_token"},
};
static_assert(std::size(arguments) == AttentionArgCount);

class AttentionEmitter : AttentionProducts {
public:
  AttentionEmitter(KernelModule &kernels, KernelBuilder &k,
                   const AttentionSpec &spec)
      : AttentionProducts(kernels, k, spec) {
    int64_t most = attentionRows(spec);
    // Loops over vectors of rows may pass the last row.
    tops = k.scratch(k.f32(), most + lanes);
    totals = k.scratch(k.f32(), most + lanes);
  }

  void tile(Value index) {
    makeBuffers();
    placeTile(index);
    isSplit = k.cmp(CmpI::ne, parts, k.ci(1));
    k.forLoop(rows, [&](Value r) { startRow(r); });
    auto [from, to] = blocksOf(k.ci(0), k.sub(rows, 1));
    Value count = k.max(k.sub(to, from), k.ci(0));
    to = k.add(from, k.divSize(k.mul(count, k.add(part, 1)), parts));
    from = k.add(from, k.divSize(k.mul(count, part), parts));
    k.forLoop(from, to, k.ci(1), [&](Value block) { addBlock(block); });
    k.ifThen(k.eq(isSplit, k.constantInt(k.i1(), 0)),
             [&] { k.forLoop(rows, [&](Value r) { finishRow(r); }); });
  }

  /// Merges the blocks of one row.
  void mergeRow(Value index) {
    placeRow(index);
    startTotals(k.ci(0));
    auto [from, to] = blocksOf(k.ci(0), k.ci(0));
    k.forLoop(from, to, k.ci(1), [&](Value block) {
      Value partial = partialOf(k.ci(0), block);
      int64_t width = sumStride - rowPadding;
      auto at = [&](Value base, int64_t offset) {
        return k.broadcast(k.load(k.f32(), base, Value(), offset), lanes);
      };
      Value top = at(partial, width);
      // A block that keeps no key of the row has no sums.
      k.ifThen(k.cmp(CmpF::UNE, k.extract(top, 0), k.cf(-INFINITY)), [&] {
        Merge m =
            merge(at(tops, 0), at(totals, 0), top, at(partial, width + 1));
        k.store(k.extract(m.top, 0), tops);
        k.store(k.extract(m.total, 0), totals);
        k.forLoop(k.ci(0), k.ci(width), k.ci(lanes), [&](Value c) {
          Value fresh = k.mul(k.load(vector, partial, c), m.fresh);
          k.store(k.fma(k.load(vector, sums, c), m.old, fresh), sums, c);
        });
      });
    });
    finishRow(k.ci(0));
  }

private:
  /// Packs the scaled query and clears the running values.
  void startRow(Value r) {
    Value from = rowAddress(r, query, AttentionQ, AttentionQBatch,
                            AttentionQToken, AttentionQHead);
    Value scale = k.constant(vector, spec.scale * unit);
    Value to = at(queries, r, queryStride);
    k.forVectors(k.ci(spec.headSize), [&](Value i, Value mask) {
      Value x = loadLanes(k, query, lanes, mask, from, i);
      storeLanes(k, k.mul(x, scale), rowType(), mask, to, i);
    });
    startTotals(r);
  }

  void startTotals(Value r) {
    Value sum = at(sums, r, sumStride);
    for (int64_t c = 0; c < attentionWidth(spec.valueSize); c += lanes)
      k.store(k.zero(vector), sum, Value(), c);
    Value top = k.cf(-INFINITY), total = k.cf(0);
    if (spec.sinks) {
      Value sink = loadLanes(k, floatOf(spec.sinkElement), 1, Value(),
                             k.arg(AttentionSinks), headOf(r));
      total = k.select(k.cmp(CmpF::OEQ, sink, top), total, k.cf(1));
      top = k.mul(sink, k.cf(unit));
    }
    k.store(top, tops, r);
    k.store(total, totals, r);
  }

  void addBlock(Value block) {
    Value first = k.mul(block, attentionBlock);
    Value valid =
        k.min(k.sub(highest(k.sub(rows, 1)), first), k.ci(attentionBlock));
    Value isThin = k.cmp(CmpI::sle, rows, k.ci(counts.mostThin));
    auto add = [&] {
      if (!counts.parts.empty())
        k.ifElseDo(isThin, [] {}, [&] { loadBlock(first, valid); });
      // Parts are whole tokens where these fit a register tile.
      Value units = k.divSize(rows, counts.unit);
      Value count =
          k.select(isThin, k.ci(1), k.ceilDiv(rows, k.target().tileRows));
      k.forLoop(count, [&](Value p) {
        auto cut = [&](Value p) {
          return k.mul(k.divSize(k.mul(units, p), count), counts.unit);
        };
        addPart(block, cut(p), cut(k.add(p, 1)), isThin);
      });
    };
    if (!spec.keyMask)
      return add();
    k.ifElseDo(loadMask(first, valid), add, [&] {
      k.ifThen(isSplit, [&] {
        k.forLoop(rows, [&](Value r) { storeEmpty(partialOf(r, block)); });
      });
    });
  }

  void storeEmpty(Value partial) {
    k.store(k.cf(-INFINITY), partial, Value(), sumStride - rowPadding);
  }

  /// Rows [from, to) of the tile against one block.
  void addPart(Value block, Value from, Value to, Value isThin) {
    Value first = k.mul(block, attentionBlock), last = k.sub(to, 1);
    auto bound = [&](Value v) {
      return k.max(k.min(k.sub(v, first), k.ci(attentionBlock)), k.ci(0));
    };
    Value low = bound(lowest(from)), high = bound(highest(last));
    Value count = k.sub(to, from);
    k.ifElseDo(
        k.lt(low, high),
        [&] {
          multiplyKeys(from, count, first, high, isThin);
          Value whole =
              k.bitAnd(k.eq(bound(highest(from)), k.ci(attentionBlock)),
                       k.eq(bound(lowest(last)), k.ci(0)));
          if (spec.keyMask)
            whole = k.bitAnd(whole, maskKeepsAll);
          k.ifElseDo(
              whole,
              [&] { softmax(from, count, first, k.ci(attentionBlock), false); },
              [&] { softmax(from, count, first, high, true); });
          mergeTotals(from, count);
          multiplyValues(from, count, first, high, isThin);
          k.ifThen(isSplit, [&] { storePartials(block, from, count); });
        },
        [&] {
          k.ifThen(isSplit, [&] {
            k.forLoop(from, to, k.ci(1),
                      [&](Value r) { storeEmpty(partialOf(r, block)); });
          });
        });
  }

  /// Takes the block's maxima and totals into the rows'; a split attention
  /// leaves that to the second kernel.
  void mergeTotals(Value from, Value count) {
    k.forLoop(k.ci(0), count, k.ci(lanes), [&](Value r) {
      Value mask = k.tailMask(k.sub(count, r), lanes), row = k.add(from, r);
      Merge m =
          merge(k.load(vector, tops, row), k.load(vector, totals, row),
                k.load(vector, blockTops, r), k.load(vector, blockTotals, r));
      k.store(m.old, olds, r);
      k.store(m.fresh, freshes, r);
      k.maskedStore(m.top, mask, tops, row);
      k.maskedStore(m.total, mask, totals, row);
    });
  }

  void storePartials(Value block, Value from, Value count) {
    k.forLoop(count, [&](Value r) {
      Value to = partialOf(k.add(from, r), block);
      Value sum = at(sums, k.add(from, r), sumStride);
      int64_t width = sumStride - rowPadding;
      for (int64_t c = 0; c < width; c += lanes)
        k.store(k.load(vector, sum, Value(), c), to, Value(), c);
      k.store(k.load(k.f32(), blockTops, r), to, Value(), width);
      k.store(k.load(k.f32(), blockTotals, r), to, Value(), width + 1);
    });
  }

  void finishRow(Value r) {
    Value out = rowAddress(r, query, AttentionOut, AttentionOutBatch,
                           AttentionOutToken, AttentionOutHead);
    Value total = k.load(k.f32(), totals, r), sum = at(sums, r, sumStride);
    Value none = k.cmp(CmpF::OEQ, total, k.cf(0));
    auto write = [&] {
      Value factor = k.select(none, k.cf(0), k.div(k.cf(1), total));
      Value factorAll = k.broadcast(factor, lanes);
      k.forVectors(k.ci(spec.valueSize), [&](Value i, Value mask) {
        Value value = k.mul(k.load(vector, sum, i), factorAll);
        storeLanes(k, value, query, mask, out, i);
      });
    };
    if (spec.uniformWhenMasked)
      k.ifElseDo(none, [&] { writeMean(out); }, write);
    else
      write();
  }

  /// The mean of all values, for a query that keeps no key.
  void writeMean(Value out) {
    Value count = k.convert(k.max(k.arg(AttentionTotal), k.ci(1)), k.f32());
    Value factor = k.broadcast(k.div(k.cf(1), count), lanes);
    for (int64_t c = 0; c < spec.valueSize; c += lanes) {
      Value sum =
          k.forLoop(k.ci(0), k.arg(AttentionTotal), k.ci(1), {k.zero(vector)},
                    [&](Value t, ValueRange carried) -> Values {
                      return {k.add(carried[0], valueLanes(valueAt(t), c))};
                    })[0];
      storeLanes(k, k.mul(sum, factor), query, valueMask(c), out, Value(), c);
    }
  }

  Value tops, totals, isSplit;
};

} // namespace

std::string AttentionSpec::key() const {
  std::string text;
  llvm::raw_string_ostream out(text);
  out << llvm::formatv(
      "d{0} v{1} g{2} s{3} c{4} w{5} b{6} {7}{8}{9} {10} {11}", headSize,
      valueSize, group, llvm::bit_cast<uint64_t>(scale),
      llvm::bit_cast<uint64_t>(softcap), window, static_cast<int>(bias),
      causal ? "c" : "", sinks ? "s" : "", uniformWhenMasked ? "u" : "",
      keyStride, valueStride);
  out << laneKey({query, keyElement, valueElement, biasElement, sinkElement})
      << packedKey(keyRows) << packedKey(valueRows);
  if (clamped)
    out << " p";
  if (rounds)
    out << " bf16";
  if (starts)
    out << " f" << starts;
  if (keyMask)
    out << " m" << keyMask;
  if (lengths)
    out << " l" << lengths;
  return text;
}

bool AttentionSpec::isSupported(const CpuTarget &target) const {
  auto fits = [](int64_t size) { return size >= 1 && size <= maxSize; };
  auto takes = [](Type type) { return !type || hasLanes(type); };
  return !target.isReference() && fits(headSize) && fits(valueSize) &&
         group >= 1 && takes(query) && (keyRows || takes(keyElement)) &&
         (valueRows || takes(valueElement)) && takes(biasElement) &&
         takes(sinkElement) &&
         !(rounds && (headSize % 2 || keyRows || valueRows));
}

int64_t attentionPartial(const AttentionSpec &spec) {
  return attentionWidth(spec.valueSize) + rowPadding;
}

AttentionGrid attentionGrid(CodeBuilder &b, const AttentionSpec &spec,
                            Value batch, Value sequence, Value keyHeads,
                            Value total, Value workers, bool maySplit) {
  Value heads = b.mul(batch, keyHeads), all = b.mul(sequence, spec.group);
  Value one = b.ci(1);
  // About three tiles per worker where there are rows enough, of whole tokens.
  int64_t most = attentionRows(spec),
          unit = spec.group <= most ? spec.group : 1;
  Value aim = b.mul(workers, 3);
  Value wanted = b.max(b.divSize(aim, b.max(heads, one)), one);
  Value rows = b.mul(b.ceilDiv(b.ceilDiv(all, wanted), unit), unit);
  rows = b.max(b.min(rows, b.ci(most)), b.ci(unit));
  // Few rows stay together and share their keys; their blocks are split.
  Value blocks = b.ceilDiv(total, attentionBlock);
  Value few = b.cmp(CmpI::sle, all, b.ci(attentionSplitRows));
  few = b.bitAnd(few, b.cmp(CmpI::sgt, workers, one));
  if (!maySplit)
    few = b.constantInt(b.i1(), 0);
  Value parts =
      b.select(few, b.min(blocks, b.ceilDiv(aim, b.max(heads, one))), one);
  parts = b.max(parts, one);
  Value isSplit = b.cmp(CmpI::sgt, parts, one);
  rows = b.select(few, b.max(all, one), rows);
  Value count = b.mul(b.mul(heads, parts), b.ceilDiv(all, rows));
  return {count, rows, parts, b.select(isSplit, b.mul(heads, all), b.ci(0))};
}

std::string emitAttention(KernelModule &kernels, const AttentionSpec &spec) {
  assert(spec.isSupported(kernels.target()) && "ask isSupported() first");
  return kernels.get("attention", spec.key(), [&](StringRef symbol) {
    KernelBuilder k(kernels, symbol, arguments);
    AttentionEmitter emitter(kernels, k, spec);
    k.forTiles([&](Value tile) { emitter.tile(tile); });
    k.finish();
  });
}

std::string emitAttentionMerge(KernelModule &kernels,
                               const AttentionSpec &spec) {
  return kernels.get("attention_merge", spec.key(), [&](StringRef symbol) {
    KernelBuilder k(kernels, symbol, arguments);
    AttentionEmitter emitter(kernels, k, spec);
    k.forTiles([&](Value row) { emitter.mergeRow(row); });
    k.finish();
  });
}

} // namespace llmc
