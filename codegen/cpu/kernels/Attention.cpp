// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Attention.h"
#include "codegen/cpu/Math.h"
#include "codegen/cpu/kernels/MatmulTile.h"
#include "codegen/cpu/kernels/Transpose.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace mlir;

namespace llmc {
namespace {

constexpr int64_t blockKeys = 64; // fixed: it is part of the numbers
constexpr int64_t maxRows = 48;   // rows (query, head of the group) of a tile
constexpr int64_t maxSize = 256;  // of a head
// Row strides of the tile's buffers; a line of padding keeps rows out of one
// cache set.
constexpr int64_t queryStride = maxSize + 16;
constexpr int64_t scoreStride = 2 * blockKeys + 16;
constexpr int64_t sumStride = maxSize + 16;

constexpr KernelArg arguments[] = {
    {KernelArg::Read, "q"},         {KernelArg::Read, "k"},
    {KernelArg::Read, "v"},         {KernelArg::Write, "out"},
    {KernelArg::Read, "key_mask"},  {KernelArg::Read, "lengths"},
    {KernelArg::Read, "starts"},    {KernelArg::Read, "bias"},
    {KernelArg::Read, "sinks"},     {KernelArg::Int, "sequence"},
    {KernelArg::Int, "total"},      {KernelArg::Int, "key_heads"},
    {KernelArg::Int, "offset"},     {KernelArg::Int, "tile_rows"},
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

int64_t panelsOf(int64_t columns) {
  return llvm::divideCeil(columns, panelColumns);
}

class AttentionEmitter {
public:
  AttentionEmitter(KernelModule &kernels, KernelBuilder &k,
                   const AttentionSpec &spec)
      : kernels(kernels), k(k), spec(spec), lanes(k.lanes()),
        vector(k.vecF32(k.lanes())) {
    queries = k.scratch(k.f32(), maxRows * queryStride);
    keys = k.scratch(k.f32(), blockKeys * spec.headSize);
    scores = k.scratch(k.f32(), maxRows * scoreStride);
    sums = k.scratch(k.f32(), maxRows * sumStride);
    tops = k.scratch(k.f32(), maxRows);
    totals = k.scratch(k.f32(), maxRows);
    if (spec.keyMask)
      maskRow = k.scratch(k.f32(), blockKeys);
    if (spec.valueSize % panelColumns)
      values = k.scratch(k.f32(), blockKeys * valueWidth());
  }

  void tile(Value index) {
    place(index);
    k.forLoop(rows, [&](Value r) { startRow(r); });
    Value from = spec.window
                     ? k.mul(k.divSize(lowest(k.ci(0)), blockKeys), blockKeys)
                     : k.ci(0);
    Value to = highest(k.sub(rows, 1));
    k.forLoop(from, to, k.ci(blockKeys), [&](Value first) {
      Value valid = k.min(k.sub(to, first), k.ci(blockKeys));
      loadKeys(first, valid, k.sub(to, 1));
      if (spec.keyMask)
        loadMask(first, valid);
      multiply(queries, queryStride, scores, scoreStride, keys,
               blockKeys / panelColumns, k.ci(spec.headSize * panelColumns),
               k.ci(spec.headSize), Value(), Value());
      k.forLoop(rows, [&](Value r) { softmaxRow(r, first, valid); });
      addValues(first, valid);
    });
    k.forLoop(rows, [&](Value r) { finishRow(r); });
  }

private:
  int64_t valueWidth() const { return panelsOf(spec.valueSize) * panelColumns; }
  Value at(Value base, Value r, int64_t stride) {
    return k.address(base, k.f32(), k.mul(r, stride));
  }

  /// Tile index -> batch, key head, first row and number of rows.
  void place(Value index) {
    Value all = k.mul(k.arg(AttentionSequence), spec.group);
    Value tileRows = k.arg(AttentionTileRows);
    Value across = k.divSize(k.sub(k.add(all, tileRows), 1), tileRows);
    Value head = k.divSize(index, across);
    firstRow = k.mul(k.remSize(index, across), tileRows);
    rows = k.min(tileRows, k.sub(all, firstRow));
    batch = k.divSize(head, k.arg(AttentionKeyHeads));
    keyHead = k.remSize(head, k.arg(AttentionKeyHeads));
    limit = k.arg(AttentionTotal);
    position = k.arg(AttentionOffset);
    if (spec.lengths) {
      Value length = k.convert(
          k.load(spec.lengths, k.arg(AttentionLengths), batch), k.i64());
      limit = k.min(limit, length);
      position = k.max(k.sub(length, k.arg(AttentionSequence)), k.ci(0));
    }
    if (spec.starts)
      position = k.convert(k.load(spec.starts, k.arg(AttentionStarts), batch),
                           k.i64());
    auto base = [&](unsigned pointer, unsigned batchStride,
                    unsigned headStride) {
      return k.address(k.arg(pointer), k.f32(),
                       k.add(k.mul(batch, k.arg(batchStride)),
                             k.mul(keyHead, k.arg(headStride))));
    };
    keyBase = base(AttentionK, AttentionKBatch, AttentionKHead);
    valueBase = base(AttentionV, AttentionVBatch, AttentionVHead);
  }

  Value tokenOf(Value r) { return k.divSize(k.add(firstRow, r), spec.group); }
  Value headOf(Value r) {
    return k.add(k.mul(keyHead, spec.group),
                 k.remSize(k.add(firstRow, r), spec.group));
  }
  Value positionOf(Value r) {
    Value at = k.add(position, tokenOf(r));
    return spec.clamped ? k.min(at, k.sub(limit, 1)) : at;
  }
  /// The keys that row r may keep are [lowest, highest); both grow with r.
  Value lowest(Value r) {
    if (!spec.window)
      return k.ci(0);
    return k.max(k.add(positionOf(r), 1 - spec.window), k.ci(0));
  }
  Value highest(Value r) {
    Value at = positionOf(r);
    if (spec.causal)
      return k.min(limit, k.add(at, 1));
    return spec.window ? k.min(limit, k.add(at, spec.window)) : limit;
  }

  Value rowAddress(Value r, unsigned pointer, unsigned batchStride,
                   unsigned tokenStride, unsigned headStride) {
    Value offset = k.add(k.mul(batch, k.arg(batchStride)),
                         k.add(k.mul(tokenOf(r), k.arg(tokenStride)),
                               k.mul(headOf(r), k.arg(headStride))));
    return k.address(k.arg(pointer), k.f32(), offset);
  }

  /// Packs the scaled query and clears the running values.
  void startRow(Value r) {
    Value from = rowAddress(r, AttentionQ, AttentionQBatch, AttentionQToken,
                            AttentionQHead);
    Value to = at(queries, r, queryStride);
    k.forVectors(k.ci(spec.headSize), [&](Value i, Value mask) {
      Value x = k.maskedLoad(vector, mask, from, i);
      k.maskedStore(k.mul(x, k.constant(vector, spec.scale)), mask, to, i);
    });
    Value sum = at(sums, r, sumStride);
    for (int64_t c = 0; c < valueWidth(); c += lanes)
      k.store(k.zero(vector), sum, Value(), c);
    Value top = k.cf(-INFINITY), total = k.cf(0);
    if (spec.sinks) {
      Value sink = k.load(k.f32(), k.arg(AttentionSinks), headOf(r));
      total = k.select(k.cmp(CmpF::OEQ, sink, top), total, k.cf(1));
      top = sink;
    }
    k.store(top, tops, r);
    k.store(total, totals, r);
  }

  /// keys = K[first, first + valid) transposed to panels of 16 positions.
  /// Positions behind `last` repeat it; the softmax drops them.
  void loadKeys(Value first, Value valid, Value last) {
    Value stride = k.arg(AttentionKToken);
    k.forLoop(k.ci(0), valid, k.ci(lanes), [&](Value t) {
      Values rowBases;
      for (int64_t i = 0; i < lanes; ++i) {
        Value key = k.min(k.add(k.add(first, t), i), last);
        rowBases.push_back(k.address(keyBase, k.f32(), k.mul(key, stride)));
      }
      Value panel = k.divSize(t, panelColumns);
      Value to = k.add(k.mul(panel, spec.headSize * panelColumns),
                       k.remSize(t, panelColumns));
      auto step = [&](Value d, int64_t count) {
        Values block;
        Value mask = count < lanes ? k.tailMask(k.ci(count), lanes) : Value();
        for (Value base : rowBases)
          block.push_back(k.maskedLoad(vector, mask, base, d));
        emitTranspose(k, block);
        Value target =
            k.address(keys, k.f32(), k.add(to, k.mul(d, panelColumns)));
        for (int64_t i = 0; i < count; ++i)
          k.store(block[i], target, Value(), i * panelColumns);
      };
      int64_t whole = spec.headSize / lanes * lanes;
      k.forLoop(k.ci(0), k.ci(whole), k.ci(lanes),
                [&](Value d) { step(d, lanes); });
      if (spec.headSize > whole)
        step(k.ci(whole), spec.headSize - whole);
    });
  }

  /// maskRow = 0 where the key mask keeps, -inf elsewhere.
  void loadMask(Value first, Value valid) {
    Value from =
        k.address(k.arg(AttentionKeyMask), spec.keyMask,
                  k.add(k.mul(batch, k.arg(AttentionMaskBatch)), first));
    k.forLoop(valid, [&](Value t) {
      Value keep =
          k.convert(k.load(spec.keyMask, from, t), k.builder().getI1Type());
      k.store(k.select(keep, k.cf(0), k.cf(-INFINITY)), maskRow, t);
    });
  }

  /// target[r][..] (+)= source[r][..] * panels for all rows, by register tiles.
  void multiply(Value source, int64_t sourceStride, Value target,
                int64_t targetStride, Value panelBase, int64_t panels,
                Value panelStride, Value steps, Value accumulate,
                Value stepStride) {
    int64_t mr = k.target().tileRows;
    Value parts = k.ceilDiv(rows, mr);
    Value more = accumulate ? accumulate : k.constantInt(k.i1(), 0);
    k.forLoop(parts, [&](Value part) {
      Value from = k.divSize(k.mul(rows, part), parts);
      Value to = k.divSize(k.mul(rows, k.add(part, 1)), parts);
      Value a = at(source, from, sourceStride);
      Value c = at(target, from, targetStride);
      SmallVector<std::function<void()>> cases;
      for (int64_t r = 1; r <= mr; ++r)
        cases.push_back([&, r] {
          int64_t wide = r <= matmulThinRows ? matmulThinPanels(k.target(), r)
                                             : k.target().tilePanels;
          for (int64_t p = 0; p < panels;) {
            while (wide > panels - p)
              wide /= 2;
            MatmulTile shape{r, wide, sourceStride, targetStride,
                             bool(stepStride)};
            Values operands = {
                a,
                k.ci(0),
                k.address(panelBase, k.f32(), k.mul(panelStride, p)),
                panelStride,
                k.address(c, k.f32(), Value(), p * panelColumns),
                steps,
                more};
            if (stepStride)
              operands.push_back(stepStride);
            LLVM::CallOp::create(k.builder(), k.location(),
                                 emitMatmulTile(kernels, shape), operands);
            p += wide;
          }
        });
      k.switchOn(k.sub(k.sub(to, from), 1), cases);
    });
  }

  /// Scores of one row and block to weights; rescales the row's running sums.
  void softmaxRow(Value r, Value first, Value valid) {
    Value row = at(scores, r, scoreStride);
    Value low = k.sub(lowest(r), first), high = k.sub(highest(r), first);
    auto bound = [&](Value v) {
      v = k.max(k.min(v, k.ci(blockKeys)), k.ci(0));
      return k.broadcast(k.convert(v, k.i32()), lanes);
    };
    low = bound(low), high = bound(high);
    Value biasRow;
    if (spec.bias != AttentionSpec::NoBias) {
      biasRow = rowAddress(r, AttentionBias, AttentionBiasBatch,
                           AttentionBiasToken, AttentionBiasHead);
      if (spec.bias == AttentionSpec::ContiguousBias)
        biasRow = k.address(biasRow, k.f32(), first);
    }
    Values parts;
    for (int64_t t = 0; t < blockKeys; t += lanes)
      parts.push_back(maskedScore(row, t, low, high, biasRow, valid));
    auto most = [&](Value x, Value y) { return k.max(x, y); };
    Value old = k.load(k.f32(), tops, r);
    Value top = k.max(old, k.reduce(tree(parts, most), most));
    // A row without any kept key so far has no maximum to subtract.
    Value none = k.cmp(CmpF::OEQ, top, k.cf(-INFINITY));
    Value base = k.select(none, k.cf(0), top);
    Value baseAll = k.broadcast(base, lanes);
    for (auto [i, part] : llvm::enumerate(parts)) {
      part = emitExpNonPositive(k, k.sub(part, baseAll));
      k.store(part, row, Value(), i * lanes);
    }
    auto plus = [&](Value x, Value y) { return k.add(x, y); };
    Value sum = k.reduceAdd(tree(parts, plus));
    Value shrink = emitExpNonPositive(k, k.sub(old, base));
    k.store(top, tops, r);
    k.store(k.fma(k.load(k.f32(), totals, r), shrink, sum), totals, r);
    k.ifThen(k.cmp(CmpF::UNE, shrink, k.cf(1)), [&] {
      Value running = at(sums, r, sumStride);
      Value shrinkAll = k.broadcast(shrink, lanes);
      k.forLoop(k.ci(0), k.ci(valueWidth()), k.ci(lanes), [&](Value c) {
        k.store(k.mul(k.load(vector, running, c), shrinkAll), running, c);
      });
    });
  }

  Value maskedScore(Value row, int64_t t, Value low, Value high, Value biasRow,
                    Value valid) {
    Value score = k.load(vector, row, Value(), t);
    if (spec.softcap > 0) {
      Value cap = k.constant(vector, spec.softcap);
      score = k.mul(cap, emitTanh(k, k.div(score, cap)));
    }
    if (spec.bias == AttentionSpec::ContiguousBias) {
      Value mask = k.tailMask(k.sub(valid, t), lanes);
      score = k.add(score, k.maskedLoad(vector, mask, biasRow, Value(), t));
    } else if (spec.bias == AttentionSpec::BroadcastBias) {
      score = k.add(score, k.broadcast(k.load(k.f32(), biasRow), lanes));
    }
    if (spec.keyMask)
      score = k.add(score, k.load(vector, maskRow, Value(), t));
    Value index =
        k.add(k.iota(lanes, k.i32()), k.constantInt(low.getType(), t));
    Value kept = k.cmp(CmpI::slt, index, high);
    if (spec.window)
      kept = k.bitAnd(kept, k.cmp(CmpI::sge, index, low));
    return k.select(kept, score, k.constant(vector, -INFINITY));
  }

  /// Folds neighbours until one is left.
  Value tree(Values parts, llvm::function_ref<Value(Value, Value)> fold) {
    for (; parts.size() > 1; parts.resize(parts.size() / 2))
      for (size_t i = 0; i < parts.size() / 2; ++i)
        parts[i] = fold(parts[2 * i], parts[2 * i + 1]);
    return parts[0];
  }

  /// sums += weights * V[first, first + valid).
  void addValues(Value first, Value valid) {
    Value stride = k.arg(AttentionVToken);
    Value from = k.address(valueBase, k.f32(), k.mul(first, stride));
    if (values) {
      k.forLoop(valid, [&](Value t) {
        Value source = k.address(from, k.f32(), k.mul(t, stride));
        Value target = at(values, t, valueWidth());
        for (int64_t c = 0; c < valueWidth(); c += lanes) {
          Value mask = c + lanes > spec.valueSize
                           ? k.tailMask(k.ci(spec.valueSize - c), lanes)
                           : Value();
          k.store(k.maskedLoad(vector, mask, source, Value(), c), target,
                  Value(), c);
        }
      });
      from = values;
      stride = k.ci(valueWidth());
    }
    multiply(scores, scoreStride, sums, sumStride, from,
             panelsOf(spec.valueSize), k.ci(panelColumns), valid,
             k.constantInt(k.i1(), 1), stride);
  }

  void finishRow(Value r) {
    Value out = rowAddress(r, AttentionOut, AttentionOutBatch,
                           AttentionOutToken, AttentionOutHead);
    Value total = k.load(k.f32(), totals, r), sum = at(sums, r, sumStride);
    Value none = k.cmp(CmpF::OEQ, total, k.cf(0));
    auto write = [&] {
      Value factor = k.select(none, k.cf(0), k.div(k.cf(1), total));
      Value factorAll = k.broadcast(factor, lanes);
      k.forVectors(k.ci(spec.valueSize), [&](Value i, Value mask) {
        Value value = k.mul(k.load(vector, sum, i), factorAll);
        k.maskedStore(value, mask, out, i);
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
    k.forVectors(k.ci(spec.valueSize), [&](Value i, Value mask) {
      Value sum = k.forLoop(k.ci(0), k.arg(AttentionTotal), k.ci(1),
                            k.zero(vector), [&](Value t, ValueRange carried) {
                              Value offset =
                                  k.add(k.mul(t, k.arg(AttentionVToken)), i);
                              Value value =
                                  k.maskedLoad(vector, mask, valueBase, offset);
                              return Values{k.add(carried[0], value)};
                            })[0];
      k.maskedStore(k.mul(sum, factor), mask, out, i);
    });
  }

  KernelModule &kernels;
  KernelBuilder &k;
  const AttentionSpec &spec;
  int64_t lanes;
  Type vector;
  Value queries, keys, scores, sums, tops, totals, maskRow, values;
  Value batch, keyHead, firstRow, rows, limit, position, keyBase, valueBase;
};

} // namespace

std::string AttentionSpec::key() const {
  std::string text;
  llvm::raw_string_ostream out(text);
  out << llvm::formatv("d{0} v{1} g{2} s{3} c{4} w{5} b{6} {7}{8}{9}", headSize,
                       valueSize, group, llvm::bit_cast<uint64_t>(scale),
                       llvm::bit_cast<uint64_t>(softcap), window,
                       static_cast<int>(bias), causal ? "c" : "",
                       sinks ? "s" : "", uniformWhenMasked ? "u" : "");
  if (clamped)
    out << " p";
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
  return !target.isReference() && fits(headSize) && fits(valueSize) &&
         group >= 1;
}

AttentionGrid attentionGrid(CodeBuilder &b, const AttentionSpec &spec,
                            Value batch, Value sequence, Value keyHeads,
                            Value workers) {
  Value heads = b.mul(batch, keyHeads), all = b.mul(sequence, spec.group);
  Value one = b.ci(1);
  // About three tiles per worker where there are rows enough.
  Value wanted = b.divSize(b.mul(workers, 3), b.max(heads, one));
  wanted = b.max(wanted, one);
  Value rows = b.divSize(b.sub(b.add(all, wanted), 1), wanted);
  rows = b.max(b.min(rows, b.ci(maxRows)), one);
  Value count = b.mul(heads, b.divSize(b.sub(b.add(all, rows), 1), rows));
  return {count, one, rows};
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

} // namespace llmc
