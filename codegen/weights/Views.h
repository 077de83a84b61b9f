// SPDX-License-Identifier: Apache-2.0
// What the evaluation of recipes is made of (Recipe.cpp, Quantized.cpp): views
// of memory and their elements as numbers. Internal to codegen/weights.
#pragma once

#include "codegen/weights/Recipe.h"

namespace llmc {

/// Row-major strides for the view's dims.
void setDense(WeightView &);
/// Zeroed memory of the view's own.
WeightView allocateView(mlir::RankedTensorType type);
/// Dense, in memory of its own.
WeightView copiedView(const WeightView &, mlir::RankedTensorType type);
/// One element as a double (f64 holds every type's values but large 64-bit
/// integers).
double readNumber(const std::byte *, mlir::Type);
void writeNumber(std::byte *, mlir::Type, double);

/// Calls f(flat index in row-major order, index per dim).
void forEachIndex(llvm::ArrayRef<int64_t> dims,
                  llvm::function_ref<void(int64_t, llvm::ArrayRef<int64_t>)> f);

// The kinds of recipes about quantized weights.
WeightView unpackView(const WeightView &bytes, mlir::RankedTensorType type);
WeightView takeView(const WeightView &, int64_t axis,
                    llvm::ArrayRef<int64_t> which, mlir::RankedTensorType type);
WeightView broadcastView(const WeightView &, llvm::ArrayRef<int64_t> dims);
/// zeros may be null; the codebook is empty, or what q are places in.
WeightView dequantizeView(const WeightView &q, const WeightView &scales,
                          const WeightView *zeros,
                          llvm::ArrayRef<int64_t> blocks,
                          llvm::ArrayRef<float> codebook,
                          mlir::RankedTensorType type);

// The kinds of recipes about rotations (ir/llm/Rotation.h).
WeightView rotateView(const WeightView &, int64_t axis, int64_t block,
                      mlir::RankedTensorType type);
WeightView rotationView(mlir::RankedTensorType type);

/// Bytes of a packed quantized matrix [K, N].
uint64_t quantizedBytes(int64_t k, int64_t n, mlir::Type element);
/// [K, N] as [ceil(N / 16)][ceil(K / chunk)][16][4 bytes]: byte j of a column
/// holds rows j, j + 4, ... of the chunk, low bits first, zeros beyond K and N.
void streamQuantized(const WeightView &q, const RecipeEvaluator::Sink &);

} // namespace llmc
