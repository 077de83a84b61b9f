// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/AttentionPlace.h"
#include "codegen/cpu/kernels/Lanes.h"
#include "codegen/cpu/kernels/Transpose.h"

using namespace mlir;

namespace llmc {

AttentionPlace::AttentionPlace(KernelBuilder &k, const AttentionSpec &spec)
    : k(k), spec(spec), lanes(k.lanes()), vector(k.vecF32(k.lanes())),
      query(floatOf(spec.query)), keyType(floatOf(spec.keyElement)),
      valueType(floatOf(spec.valueElement)) {}

void AttentionPlace::placeTile(Value index) {
  parts = k.arg(AttentionParts);
  place(index, k.arg(AttentionTileRows));
}

void AttentionPlace::placeRow(Value index) {
  parts = k.ci(1);
  place(index, k.ci(1));
}

void AttentionPlace::place(Value index, Value tileRows) {
  all = k.mul(k.arg(AttentionSequence), spec.group);
  Value across = k.ceilDiv(all, tileRows);
  Value head = k.divSize(index, across);
  firstRow = k.mul(k.sub(k.sub(across, 1), k.remSize(index, across)), tileRows);
  rows = k.min(tileRows, k.sub(all, firstRow));
  part = k.remSize(head, parts), head = k.divSize(head, parts);
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
    position =
        k.convert(k.load(spec.starts, k.arg(AttentionStarts), batch), k.i64());
  auto base = [&](Type type, unsigned pointer, unsigned batchStride,
                  unsigned headStride) {
    return laneAddress(k, type, k.arg(pointer),
                       k.add(k.mul(batch, k.arg(batchStride)),
                             k.mul(keyHead, k.arg(headStride))));
  };
  keyBase = base(keyType, AttentionK, AttentionKBatch, AttentionKHead);
  valueBase = base(valueType, AttentionV, AttentionVBatch, AttentionVHead);
}

Value AttentionPlace::tokenOf(Value r) {
  return k.divSize(k.add(firstRow, r), spec.group);
}
Value AttentionPlace::headOf(Value r) {
  return k.add(k.mul(keyHead, spec.group),
               k.remSize(k.add(firstRow, r), spec.group));
}

Value AttentionPlace::positionOf(Value r) {
  Value at = k.add(position, tokenOf(r));
  return spec.clamped ? k.min(at, k.sub(limit, 1)) : at;
}

Value AttentionPlace::lowest(Value r) {
  if (!spec.window)
    return k.ci(0);
  return k.max(k.add(positionOf(r), 1 - spec.window), k.ci(0));
}

Value AttentionPlace::highest(Value r) {
  Value at = positionOf(r);
  if (spec.causal)
    return k.min(limit, k.add(at, 1));
  return spec.window ? k.min(limit, k.add(at, spec.window)) : limit;
}

std::pair<Value, Value> AttentionPlace::blocksOf(Value first, Value last) {
  Value to = k.max(highest(last), k.ci(0));
  return {k.divSize(lowest(first), attentionBlock),
          k.ceilDiv(to, attentionBlock)};
}

Value AttentionPlace::rowAddress(Value r, Type type, unsigned pointer,
                                 unsigned batchStride, unsigned tokenStride,
                                 unsigned headStride) {
  Value offset = k.add(k.mul(batch, k.arg(batchStride)),
                       k.add(k.mul(tokenOf(r), k.arg(tokenStride)),
                             k.mul(headOf(r), k.arg(headStride))));
  return laneAddress(k, type, k.arg(pointer), offset);
}

Value AttentionPlace::partialOf(Value r, Value block) {
  Value head = k.add(k.mul(batch, k.arg(AttentionKeyHeads)), keyHead);
  Value row = k.add(k.mul(head, all), k.add(firstRow, r));
  Value blocks = k.ceilDiv(k.arg(AttentionTotal), attentionBlock);
  return at(k.arg(AttentionPartials), k.add(k.mul(row, blocks), block),
            attentionPartial(spec));
}

Value AttentionPlace::keyStride() {
  return spec.keyStride ? k.ci(spec.keyStride) : k.arg(AttentionKToken);
}

Value AttentionPlace::valueAt(Value t) {
  Value stride =
      spec.valueStride ? k.ci(spec.valueStride) : k.arg(AttentionVToken);
  return laneAddress(k, valueType, valueBase, k.mul(t, stride));
}

Value AttentionPlace::valueMask(int64_t c) {
  return c + lanes > spec.valueSize
             ? k.tailMask(k.ci(spec.valueSize - c), lanes)
             : Value();
}

Value AttentionPlace::valueLanes(Value value, int64_t c) {
  if (spec.valueRows)
    return loadPacked(k, spec.valueRows, value, c);
  return loadLanes(k, valueType, lanes, valueMask(c), value, Value(), c);
}

void AttentionPlace::loadKeys(Value panels, Value first, Value valid) {
  Value stride = keyStride();
  Value base = laneAddress(k, keyType, keyBase, k.mul(first, stride));
  Value last = k.sub(valid, 1);
  k.forLoop(k.ci(0), valid, k.ci(lanes), [&](Value t) {
    SmallVector<PackedPlace> rows;
    for (int64_t i = 0; i < lanes; ++i)
      rows.push_back({laneAddress(k, keyType, base,
                                  k.mul(k.min(k.add(t, i), last), stride))});
    Value to =
        k.add(k.mul(k.divSize(t, panelColumns), spec.headSize * panelColumns),
              k.remSize(t, panelColumns));
    auto step = [&](Value d, int64_t count) {
      Value target =
          k.address(panels, k.f32(), k.add(to, k.mul(d, panelColumns)));
      auto put = [&](int64_t i, Value x) {
        k.store(x, target, Value(), i * panelColumns);
      };
      if (spec.keyRows)
        return forPackedColumns(k, spec.keyRows, rows,
                                k.divSize(d, llm::packedUnit), count, put);
      Values block;
      Value mask = count < lanes ? k.tailMask(k.ci(count), lanes) : Value();
      for (const PackedPlace &row : rows)
        block.push_back(loadLanes(k, keyType, lanes, mask, row.base, d));
      emitTranspose(k, block);
      for (int64_t i = 0; i < count; ++i)
        put(i, block[i]);
    };
    int64_t most = spec.keyRows ? llm::packedUnit : lanes;
    int64_t whole = spec.headSize / most * most;
    k.forLoop(k.ci(0), k.ci(whole), k.ci(most),
              [&](Value d) { step(d, most); });
    if (spec.headSize > whole)
      step(k.ci(whole), spec.headSize - whole);
  });
}

void AttentionPlace::loadKeyPairs(Value panels, Value first, Value valid) {
  Value stride = keyStride(), last = k.sub(valid, 1);
  Value base = laneAddress(k, keyType, keyBase, k.mul(first, stride));
  int64_t steps = spec.headSize / 2;
  k.forLoop(k.ci(0), valid, k.ci(lanes), [&](Value t) {
    Value to = k.add(k.mul(k.divSize(t, panelColumns), steps * panelColumns),
                     k.remSize(t, panelColumns));
    for (int64_t step = 0; step < steps; step += lanes) {
      int64_t count = std::min(lanes, steps - step);
      Values block;
      for (int64_t i = 0; i < lanes; ++i) {
        Value key = laneAddress(k, keyType, base,
                                k.mul(k.min(k.add(t, i), last), stride));
        block.push_back(k.bitcast(neighbourPairs(key, 2 * step), k.f32()));
      }
      emitTranspose(k, block);
      Value target = k.address(panels, k.f32(), to, step * panelColumns);
      for (int64_t i = 0; i < count; ++i)
        k.store(block[i], target, Value(), i * panelColumns);
    }
  });
}

Value AttentionPlace::neighbourPairs(Value key, int64_t from) {
  auto part = [&](int64_t at) {
    int64_t left = spec.headSize - at;
    if (left <= 0)
      return k.zero(vector);
    Value mask = left < lanes ? k.tailMask(k.ci(left), lanes) : Value();
    return loadLanes(k, keyType, lanes, mask, key, Value(), at);
  };
  Value low = roundedBits(part(from)), high = roundedBits(part(from + lanes));
  // Elements 2 i and 2 i + 1 of both, beside each other.
  SmallVector<int64_t> order;
  for (int64_t i = 0; i < 2 * lanes; ++i)
    order.push_back(i);
  return LLVM::BitcastOp::create(k.builder(), k.location(),
                                 k.vec(lanes, k.i32()),
                                 k.shuffle(low, high, order));
}

Value AttentionPlace::roundedBits(Value x) {
  return k.bitcast(k.convert(x, k.builder().getBF16Type()),
                   k.builder().getIntegerType(16));
}

void AttentionPlace::loadValuePairs(Value panels, Value first, Value valid) {
  int64_t width = llvm::alignTo(spec.valueSize, panelColumns);
  SmallVector<int64_t> order; // neighbours: a column of both
  for (int64_t i = 0; i < lanes; ++i)
    order.append({i, i + lanes});
  k.forLoop(k.ceilDiv(valid, k.ci(2)), [&](Value pair) {
    Value t = k.mul(pair, 2), next = k.add(t, 1);
    Value even = valueAt(k.add(first, t)),
          odd = valueAt(k.add(first, k.min(next, k.sub(valid, 1))));
    Value hasOdd = k.lt(next, valid);
    for (int64_t c = 0; c < width; c += lanes) {
      Value one = roundedBits(valueLanes(even, c)),
            other = roundedBits(valueLanes(odd, c));
      other = k.select(hasOdd, other, k.zero(other.getType()));
      Value words = LLVM::BitcastOp::create(k.builder(), k.location(),
                                            k.vec(lanes, k.i32()),
                                            k.shuffle(one, other, order));
      Value at = k.mul(pair, panelColumns);
      k.store(words, panels, at,
              c / panelColumns * valuePanelStride + c % panelColumns);
    }
  });
}

void AttentionPlace::loadValues(Value target, Value first, Value valid) {
  int64_t width = llvm::alignTo(spec.valueSize, panelColumns);
  k.forLoop(valid, [&](Value t) {
    Value source = valueAt(k.add(first, t)), row = at(target, t, width);
    for (int64_t c = 0; c < width; c += lanes)
      k.store(valueLanes(source, c), row, Value(), c);
  });
}

} // namespace llmc
