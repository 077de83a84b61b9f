// SPDX-License-Identifier: Apache-2.0
// Gathering of rows: out[o, i, :] = table[o, index[i], :]. An index outside
// [-rows, rows) makes the kernel return LLMC_FAIL_INDEX_RANGE; such a row is
// left as it was.
#ifndef LLMC_CODEGEN_CPU_KERNELS_INDEX_H
#define LLMC_CODEGEN_CPU_KERNELS_INDEX_H

#include "codegen/cpu/kernels/Elementwise.h"

namespace llmc {

struct GatherSpec {
  mlir::Type element;     ///< of the table
  mlir::Type index;       ///< i32 or i64
  int64_t interleave = 0; ///< not 0: the table is the packed weight
                          ///< [width, rows] (codegen/cpu/Panels.h) of an LM
                          ///< head with that many rows beside each other;
                          ///< outer is 1
};

enum GatherArg : unsigned {
  GatherTable,
  GatherIndex,
  GatherOut,
  GatherOuter, ///< only to count tiles
  GatherCount, ///< number of indices
  GatherRows,  ///< rows of the table
  GatherWidth, ///< elements of a row
  GatherArgCount
};

TileCount gatherTiles(CodeBuilder &b, mlir::Value outer, mlir::Value count,
                      mlir::Value width);
std::string emitGather(KernelModule &kernels, const GatherSpec &spec);

} // namespace llmc

#endif
