// SPDX-License-Identifier: Apache-2.0
// Rotary position embedding of x [batch, sequence, heads, headSize] (f32 or
// halves, any strides, so that it can read a packed QKV row and write into a KV
// cache), computed in f32. The first rotarySize elements of a head are rotated,
// the others copied; x and out may be the same memory.
#ifndef LLMC_CODEGEN_CPU_KERNELS_ROPE_H
#define LLMC_CODEGEN_CPU_KERNELS_ROPE_H

#include "codegen/cpu/KernelBuilder.h"

namespace llmc {

struct RopeSpec {
  int64_t headSize = 0;
  int64_t rotarySize = 0; ///< even, <= headSize
  bool interleaved =
      false;          ///< pairs (2i, 2i + 1); else (i, i + rotarySize / 2)
  bool table = false; ///< angles from cos/sin tables [rows, rotarySize / 2];
                      ///< else position * frequency[i]
  /// Width of the position ids, 32 or 64; 0: a position is the token's place in
  /// the sequence plus an offset.
  unsigned positionBits = 0;
  double scale = 1;  ///< multiplies cos and sin where they are computed here
  bool norm = false; ///< heads are normalized first, by the norm kernel's rms
  double normEpsilon = 0;
  // f32, f16 or bf16; null: f32.
  mlir::Type element;      ///< of x and out
  mlir::Type angleElement; ///< of cos and sin or the frequencies
  mlir::Type normElement;

  std::string key() const;
};

/// Strides are in elements. Heads are contiguous inside.
enum RopeArg : unsigned {
  RopeX,
  RopeOut,
  RopeCos,       ///< table: cos, else frequencies [rotarySize / 2]
  RopeSin,       ///< table: sin
  RopeNorm,      ///< weights of the norm, head h's at h * its stride
  RopePositions, ///< ids, at batch * stride + token
  RopePositionStride,
  RopeOffset,    ///< added to the position
  RopeTableRows, ///< a position outside [0, rows) fails with
                 ///< LLMC_FAIL_INDEX_RANGE
  RopeSequence,
  RopeHeads,
  RopeNormHead,
  RopeXBatch,
  RopeXToken,
  RopeXHead,
  RopeOutBatch,
  RopeOutToken,
  RopeOutHead,
  RopeArgCount
};

/// One tile is one token with all its heads.
inline mlir::Value ropeTiles(CodeBuilder &b, mlir::Value batch,
                             mlir::Value sequence) {
  return b.mul(batch, sequence);
}
std::string emitRope(KernelModule &kernels, const RopeSpec &spec);

} // namespace llmc

#endif
