// SPDX-License-Identifier: Apache-2.0
// Scaled dot-product attention with grouped heads, prefill and decode alike:
//   out[b, s, h] = sum_t softmax_t(softcap(scale q.k_t) + bias_t) v_t
// over the keys that are kept. Keys are taken in blocks of 64 positions,
// counted from 0, with a running maximum; so a row's numbers depend on its
// context alone, never on the batch, the chunk, the tile or the thread. All
// f32.
#ifndef LLMC_CODEGEN_CPU_KERNELS_ATTENTION_H
#define LLMC_CODEGEN_CPU_KERNELS_ATTENTION_H

#include "codegen/cpu/KernelBuilder.h"

namespace llmc {

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
  /// What a query that keeps no key gives: the mean of v, else zeros.
  bool uniformWhenMasked = false;

  std::string key() const;
  /// Whether the kernel has this form on the target; else plain loops serve.
  bool isSupported(const CpuTarget &target) const;
};

/// Strides are in elements; a head's elements are contiguous in q, k, v, out.
enum AttentionArg : unsigned {
  AttentionQ,       ///< [batch, sequence, heads, headSize]
  AttentionK,       ///< [batch, key heads, total, headSize]
  AttentionV,       ///< [batch, key heads, total, valueSize]
  AttentionOut,     ///< [batch, sequence, heads, valueSize]
  AttentionKeyMask, ///< not 0 = keep
  AttentionLengths, ///< keeps t < length; the first query is at
                    ///< max(length - sequence, 0) instead of `offset`
  AttentionStarts,  ///< position of the first query instead of either
  AttentionBias,    ///< [batch, heads, sequence, total] by strides
  AttentionSinks,   ///< f32 [heads]: adds exp(sink) to the denominator
  AttentionSequence,
  AttentionTotal,
  AttentionKeyHeads,
  AttentionOffset,   ///< position of the first query
  AttentionTileRows, ///< from attentionGrid
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
  mlir::Value count, grain, tileRows;
};
AttentionGrid attentionGrid(CodeBuilder &b, const AttentionSpec &spec,
                            mlir::Value batch, mlir::Value sequence,
                            mlir::Value keyHeads, mlir::Value workers);
std::string emitAttention(KernelModule &kernels, const AttentionSpec &spec);

} // namespace llmc

#endif
