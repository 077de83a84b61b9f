// SPDX-License-Identifier: Apache-2.0
// The softmax of attention: scores of a few rows against one block of keys to
// weights, and the merging of blocks. Base of the emitter in Attention.cpp.
#ifndef LLMC_CODEGEN_CPU_KERNELS_ATTENTIONSOFTMAX_H
#define LLMC_CODEGEN_CPU_KERNELS_ATTENTIONSOFTMAX_H

#include "codegen/cpu/kernels/AttentionPlace.h"

namespace llmc {

class AttentionSoftmax : public AttentionPlace {
protected:
  AttentionSoftmax(KernelBuilder &k, const AttentionSpec &spec);

  /// Row stride of `scores`; a line of padding keeps rows out of one cache set.
  static constexpr int64_t scoreStride = attentionBlock + 16;

  /// Buffers for up to `partRows` rows at once.
  void makeScores(int64_t partRows);
  /// maskRow = 0 where the key mask keeps, -inf elsewhere. Returns whether it
  /// keeps any.
  Value loadMask(Value first, Value valid);
  /// Scores of rows [from, from + count) of the tile to weights, f32 or where
  /// the attention rounds bf16, with the block's maxima and totals. The rows
  /// keep all keys below `high`, unless `isMasked`.
  void softmax(Value from, Value count, Value first, Value high, bool isMasked);

  /// What is so far and what a block adds: the new maximum and total, and the
  /// factors of the old and the new sums.
  struct Merge {
    Value top, total, old, fresh;
  };
  Merge merge(Value top, Value total, Value blockTop, Value blockTotal);

  /// Scores are in this many units: powers are of 2 where nothing is added to
  /// them, which a unit could take out of f32's range.
  double unit;
  Value scores, blockTops, blockTotals, olds, freshes; ///< of a part's rows
  Value maskKeepsAll;                                  ///< of the block

private:
  void storeWeight(Value weight, Value row, Value t, int64_t i);
  using ScoreBody = llvm::function_ref<Value(Value t, int64_t i, Value chain)>;
  Values overScores(Value high, Value init, ScoreBody body);
  Value rowTop(Value r, Value tileRow, Value first, Value high, bool isMasked);
  Value biased(Value score, Value biasRow, Value t, int64_t i, Value valid);
  Value masked(Value score, Value t, int64_t i, Value low, Value end);
  Value power(Value x);

  Value maskRow;
};

} // namespace llmc

#endif
