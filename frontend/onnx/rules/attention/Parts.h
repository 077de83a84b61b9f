// SPDX-License-Identifier: Apache-2.0
// What the spellings of attention share. Used by the rules in this folder.
#pragma once

#include "frontend/onnx/rules/Sizes.h"
#include "frontend/onnx/rules/Terms.h"

#include <cmath>

namespace llmc::onnx {

/// Operands of llm.attention; q [batch, seq, heads, size], k and v [batch, kv
/// heads, total, size].
struct AttentionParts {
  mlir::Value q, k, v, keyMask, lengths, starts, bias, sinks;
  llm::Dim offset;
  double scale = 1.0, softcap = 0.0;
  bool causal = false, clamped = false;
  int64_t window = 0;
};

mlir::Value attend(Binder &, const AttentionParts &);
/// Scores of the product of q and k, [batch, heads, seq, total]: scaled, after
/// the softcap, with bias and `masked` where no key is kept, or as weights of
/// the keys, which are 0 for a query that keeps none.
enum class Scores { Scaled, Capped, Masked, Weights };
mlir::Value scores(Binder &, const AttentionParts &, Scores stage,
                   double masked = -INFINITY);
/// The keys that queries keep by their positions and by the key mask: booleans
/// [batch or 1, 1, seq or 1, total]; null: all of them.
mlir::Value keptKeys(Binder &, const AttentionParts &);

/// The keys from `left` before the query's position on, [batch or 1, 1, seq,
/// total].
mlir::Value keysFrom(Binder &, const AttentionParts &, int64_t left);

/// past [batch, kv heads, past, size] with update [batch, seq, kv heads, size]
/// behind it.
mlir::Value appendToCache(Binder &, mlir::Value past, mlir::Value update,
                          mlir::Value lengths);
/// [batch, heads, seq, size] and back; the same swap.
mlir::Value swapSeqAndHeads(Binder &, mlir::Value x);
/// [batch, seq, heads * size] as [batch, seq, heads, size], and back.
mlir::Value splitHeads(Binder &, mlir::Value x, int64_t heads);
mlir::Value mergeHeads(Binder &, mlir::Value x);
/// x [batch, seq, heads, size]; tables [positions, rotary / 2].
mlir::Value rotate(Binder &, mlir::Value x, mlir::Value positions,
                   mlir::Value cosTable, mlir::Value sinTable, bool interleaved,
                   double scale = 1.0);

/// A mask or bias that broadcasts to [batch, heads, seq, total], as an additive
/// bias of rank 4 whose last dim is total.
mlir::Value maskBias(Binder &, mlir::Value mask, mlir::Type element,
                     llm::Dim total);
/// 0 where a boolean keeps, `masked` elsewhere.
mlir::Value biasWhere(Binder &, mlir::Value keep, mlir::Type element,
                      double masked);
/// Keys of each row of the batch below its length, as a mask [batch, total].
mlir::Value keysBelow(Binder &, mlir::Value lengths, llm::Dim total);
/// Fails unless num_heads is a positive multiple of kv_num_heads.
void requireGroups(Binder &, int64_t heads, int64_t kvHeads);

} // namespace llmc::onnx
