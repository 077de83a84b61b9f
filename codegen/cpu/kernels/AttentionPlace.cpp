// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/AttentionPlace.h"
#include "codegen/cpu/kernels/Lanes.h"

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

} // namespace llmc
