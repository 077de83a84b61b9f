// SPDX-License-Identifier: Apache-2.0
// Appends new positions to caches whose rows have lengths of their own: past
// and out [batch, heads, positions, size], update [batch, sequence, heads,
// size]. Row b's new positions begin at max(lengths[b] - sequence, 0). Elements
// are moved as they are, whatever their type.
#ifndef LLMC_CODEGEN_CPU_KERNELS_CACHE_H
#define LLMC_CODEGEN_CPU_KERNELS_CACHE_H

#include "codegen/cpu/KernelBuilder.h"

namespace llmc {

struct AppendSpec {
  int64_t size = 0;     ///< elements of a position
  mlir::Type element;   ///< as it lies in memory
  mlir::Type lengths;   ///< element type
  bool inPlace = false; ///< only the new positions are written

  std::string key() const;
};

/// Strides are in elements; a position's elements are contiguous. A tile is one
/// position of `out`, or in place of `update`.
enum AppendArg : unsigned {
  AppendPast, ///< not in place
  AppendUpdate,
  AppendOut,
  AppendLengths,
  AppendHeads,
  AppendSequence,
  AppendPastPositions, ///< not in place
  AppendPositions,     ///< of out; in place, a new one outside fails with
                       ///< LLMC_FAIL_INDEX_RANGE
  AppendPastBatch,
  AppendPastHead,
  AppendPastToken,
  AppendUpdateBatch,
  AppendUpdateHead,
  AppendUpdateToken,
  AppendOutBatch,
  AppendOutHead,
  AppendOutToken,
  AppendArgCount
};
std::string emitAppend(KernelModule &kernels, const AppendSpec &spec);

} // namespace llmc

#endif
