// SPDX-License-Identifier: Apache-2.0
// Which rows and keys a tile of attention has, where they lie and how they are
// read. Base of the emitters in Attention.cpp and AttentionSoftmax.h; one
// object per kernel.
#ifndef LLMC_CODEGEN_CPU_KERNELS_ATTENTIONPLACE_H
#define LLMC_CODEGEN_CPU_KERNELS_ATTENTIONPLACE_H

#include "codegen/cpu/kernels/Attention.h"

namespace llmc {

class AttentionPlace {
protected:
  using Value = mlir::Value;
  using Type = mlir::Type;

  AttentionPlace(KernelBuilder &k, const AttentionSpec &spec);

  /// Index of a tile -> batch, key head, part of the blocks, first row and
  /// number of rows. The last rows come first: with causal masks they have the
  /// most keys.
  void placeTile(Value index);
  /// The same for an index of single rows.
  void placeRow(Value index);

  Value tokenOf(Value r);
  Value headOf(Value r);
  /// The keys that row r may keep are [lowest, highest); both grow with r.
  Value lowest(Value r);
  Value highest(Value r);
  /// The blocks that hold keys of rows [first, last]; none where the second is
  /// not above the first.
  std::pair<Value, Value> blocksOf(Value first, Value last);

  Value rowAddress(Value r, Type type, unsigned pointer, unsigned batchStride,
                   unsigned tokenStride, unsigned headStride);
  /// Position t's value.
  Value valueAt(Value t);
  Value keyStride();
  /// Elements [c, c + lanes) of the value at an address, f32.
  Value valueLanes(Value value, int64_t c);
  Value valueMask(int64_t c); ///< null where all of these are its elements
  /// Keys [first, first + valid) turned into panels of 16 positions; what is
  /// behind repeats the last one, and the softmax drops it.
  void loadKeys(Value panels, Value first, Value valid);
  /// Values [first, first + valid) as f32 rows, padded to panels.
  void loadValues(Value target, Value first, Value valid);
  /// The same of an attention that rounds: panels of pairs of bf16, which are
  /// neighbours of a key, or those of a column of two values. Beyond an odd
  /// number of values are zeros.
  static constexpr int64_t valuePanelStride = // words; sets of a cache differ
      (attentionBlock / 2 + 1) * panelColumns;
  void loadKeyPairs(Value panels, Value first, Value valid);
  void loadValuePairs(Value panels, Value first, Value valid);
  /// Where a split attention leaves a block's part of row r: sums, then maximum
  /// and total.
  Value partialOf(Value r, Value block);
  /// Row r of an f32 buffer.
  Value at(Value base, Value r, int64_t stride) {
    return k.address(base, k.f32(), k.mul(r, stride));
  }
  Type floatOf(Type type) { return type ? type : k.f32(); }

  KernelBuilder &k;
  const AttentionSpec &spec;
  int64_t lanes;
  Type vector, query, keyType, valueType;
  Value batch, keyHead, part, parts, firstRow, rows;
  Value keyBase, valueBase;

private:
  /// Elements [from, from + 2 lanes) of a key as pairs, zeros behind its last.
  Value neighbourPairs(Value key, int64_t from);
  /// The bits of f32 numbers rounded to bf16.
  Value roundedBits(Value x);
  void place(Value index, Value tileRows);
  Value positionOf(Value r);

  Value all, limit, position;
};

} // namespace llmc

#endif
