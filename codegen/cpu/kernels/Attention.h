// SPDX-License-Identifier: Apache-2.0
// Scaled dot-product attention with grouped heads, prefill and decode alike:
//   out[b, s, h] = sum_t softmax_t(softcap(scale q.k_t) + bias_t) v_t
// over the keys that are kept. Keys are taken in blocks of attentionBlock
// positions, counted from 0. Every block has a maximum, a sum and weighted
// values of its own, and these are merged in order: by the tile that made them,
// or, where few rows have many keys, by a second kernel. So a row's numbers
// depend on its context alone, never on the batch, the chunk, the tile or the
// thread. Computed in f32, or in products of bf16 where rounding is asked for;
// q, k, v and the result may be halves, k and v also packed rows.
#ifndef LLMC_CODEGEN_CPU_KERNELS_ATTENTION_H
#define LLMC_CODEGEN_CPU_KERNELS_ATTENTION_H

#include "codegen/cpu/kernels/PackedRows.h"

namespace llmc {

inline constexpr int64_t attentionBlock = 128; // it is part of the numbers
/// Rows (query, head of the group) of a key head up to which its blocks may be
/// split among tiles.
inline constexpr int64_t attentionSplitRows = 32;

struct AttentionSpec {
  int64_t headSize = 0;
  int64_t valueSize = 0;
  int64_t group = 1; ///< query heads per key head
  double scale = 1;
  double softcap = 0; ///< 0: none
  bool causal = false;
  /// > 0: a query at position p keeps t > p - window, and t < p + window where
  /// not causal.
  int64_t window = 0;
  mlir::Type keyMask;   ///< element type of a mask [batch, total], null: none
  mlir::Type lengths;   ///< element type of lengths [batch], null: none
  mlir::Type starts;    ///< element type of starts [batch], null: none
  bool clamped = false; ///< padding attends as the row's last token; lengths
  enum Bias { NoBias, ContiguousBias, BroadcastBias } bias = NoBias;
  bool sinks = false;
  /// Keys and values that are integers with scales; sizes are theirs.
  PackedRows keyRows, valueRows;
  /// Scaled queries, keys, weights and values are rounded to bf16 and
  /// multiplied pair by pair (CodeBuilder::dotPairs); of an even head size, not
  /// packed.
  bool rounds = false;
  // f32, f16 or bf16; null: f32; of packed rows bytes.
  mlir::Type query; ///< q and out
  mlir::Type keyElement, valueElement, biasElement, sinkElement;
  // Elements between positions, 0: an argument.
  int64_t keyStride = 0, valueStride = 0;
  /// What a query that keeps no key gives: the mean of v, else zeros.
  bool uniformWhenMasked = false;

  std::string key() const;
  /// Whether the kernel has this form on the target; else plain loops serve.
  bool isSupported(const CpuTarget &target) const;
};

/// Strides are in elements; a head's elements are contiguous in q, k, v, out.
enum AttentionArg : unsigned {
  AttentionQ,        ///< [batch, sequence, heads, headSize]
  AttentionK,        ///< [batch, key heads, total, headSize]
  AttentionV,        ///< [batch, key heads, total, valueSize]
  AttentionOut,      ///< [batch, sequence, heads, valueSize]
  AttentionKeyMask,  ///< not 0 = keep
  AttentionLengths,  ///< keeps t < length; the first query is at
                     ///< max(length - sequence, 0) instead of `offset`
  AttentionStarts,   ///< position of the first query instead of either
  AttentionBias,     ///< [batch, heads, sequence, total] by strides
  AttentionSinks,    ///< [heads]: adds exp(sink) to the denominator
  AttentionPartials, ///< f32, attentionPartial() of every block of every row;
                     ///< unused where parts is 1
  AttentionSequence,
  AttentionTotal,
  AttentionKeyHeads,
  AttentionOffset,   ///< position of the first query
  AttentionTileRows, ///< from attentionGrid
  AttentionParts,    ///< the same
  AttentionQBatch,
  AttentionQToken,
  AttentionQHead,
  AttentionKBatch,
  AttentionKHead,
  AttentionKToken,
  AttentionVBatch,
  AttentionVHead,
  AttentionVToken,
  AttentionOutBatch,
  AttentionOutToken,
  AttentionOutHead,
  AttentionMaskBatch, ///< key mask
  AttentionBiasBatch, ///< 0 where the bias broadcasts
  AttentionBiasHead,
  AttentionBiasToken,
  AttentionArgCount
};

struct AttentionGrid {
  mlir::Value count, tileRows, parts;
  mlir::Value merges; ///< tiles of the merging kernel, 0 where parts is 1
};
AttentionGrid attentionGrid(CodeBuilder &b, const AttentionSpec &spec,
                            mlir::Value batch, mlir::Value sequence,
                            mlir::Value keyHeads, mlir::Value total,
                            mlir::Value workers, bool maySplit = true);
/// f32 words of a block's part of one row's result.
int64_t attentionPartial(const AttentionSpec &spec);
std::string emitAttention(KernelModule &kernels, const AttentionSpec &spec);
/// Merges what the tiles of a split attention left; the same arguments. A tile
/// is one row.
std::string emitAttentionMerge(KernelModule &kernels,
                               const AttentionSpec &spec);

} // namespace llmc

#endif
