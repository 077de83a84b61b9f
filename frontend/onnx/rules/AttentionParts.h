// SPDX-License-Identifier: Apache-2.0
// What the spellings of attention share. Used by the attention and rope rules.
#pragma once

#include "frontend/onnx/Rule.h"

namespace llmc::onnx {

/// Operands of llm.attention; q [batch, seq, heads, size], k and v [batch, kv
/// heads, total, size].
struct AttentionParts {
  mlir::Value q, k, v, keyMask, lengths, bias, sinks;
  llm::Dim offset;
  double scale = 1.0, softcap = 0.0;
  bool causal = false;
  int64_t window = 0;
};

mlir::Value attend(Binder &, const AttentionParts &);
/// past [batch, kv heads, past, size] with update [batch, seq, kv heads, size]
/// behind it.
mlir::Value appendToCache(Binder &, mlir::Value past, mlir::Value update,
                          mlir::Value lengths);
mlir::Value swapSeqAndHeads(Binder &, mlir::Value x);
mlir::Value splitHeads(Binder &, mlir::Value x, int64_t heads);
mlir::Value mergeHeads(Binder &, mlir::Value x);
/// x [batch, seq, heads, size]; tables [positions, rotary / 2].
mlir::Value rotate(Binder &, mlir::Value x, mlir::Value positions,
                   mlir::Value cosTable, mlir::Value sinTable, bool interleaved,
                   double scale = 1.0);

} // namespace llmc::onnx
