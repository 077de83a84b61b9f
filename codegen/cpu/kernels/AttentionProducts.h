// SPDX-License-Identifier: Apache-2.0
// The products of attention: queries times a block's keys, and weights times
// its values, for a few rows at once. Base of the emitter in Attention.cpp.
#ifndef LLMC_CODEGEN_CPU_KERNELS_ATTENTIONPRODUCTS_H
#define LLMC_CODEGEN_CPU_KERNELS_ATTENTIONPRODUCTS_H

#include "codegen/cpu/kernels/AttentionSoftmax.h"
#include "codegen/cpu/kernels/MatmulRows.h"
#include <set>

namespace llmc {

/// Most rows of a tile: enough that turning the keys costs little beside the
/// products, few enough that the rows' buffers stay in the second cache.
int64_t attentionRows(const AttentionSpec &spec);

/// Columns of as many whole panels.
int64_t attentionWidth(int64_t columns);

class AttentionProducts : public AttentionSoftmax {
protected:
  AttentionProducts(KernelModule &kernels, KernelBuilder &k,
                    const AttentionSpec &spec);

  void makeBuffers();
  /// Keys and values [first, first + valid) for the thick form.
  void loadBlock(Value first, Value valid);
  /// scores = queries [from, from + count) times keys [first, first + high).
  void multiplyKeys(Value from, Value count, Value first, Value high,
                    Value isThin);
  /// sums = merged with weights * V[first, first + high).
  void multiplyValues(Value from, Value count, Value first, Value high,
                      Value isThin);
  /// Of the queries' rows.
  Type rowType() {
    return spec.rounds ? Type(k.builder().getBF16Type()) : k.f32();
  }

  /// Numbers of rows that tiles and their parts may have: whole tokens where a
  /// tile or a part holds a group.
  struct RowCounts {
    std::set<int64_t> thin, parts;
    int64_t mostThin, unit;

    RowCounts(const CpuTarget &target, const AttentionSpec &spec);
  };
  RowCounts counts;
  int64_t queryStride, sumStride; ///< words
  Value queries, sums;            ///< of the tile's rows

private:
  int64_t wordsOf(int64_t size) const;
  bool copiesValues() const;
  void switchOnRows(Value count, const std::set<int64_t> &numbers,
                    llvm::function_ref<void(int64_t)> fill);
  void call(mlir::LLVM::LLVMFuncOp function, mlir::ValueRange operands);
  void choose(Value isThin, llvm::function_ref<void()> thin,
              llvm::function_ref<void()> thick);
  void multiplyPanels(MatmulTile tile, Value rows, Value panels, int64_t stride,
                      Value to, Value steps, Value count, bool exact);
  void multiplyValuePairs(Value target, Value count, Value high, Value merges);

  KernelModule &kernels;
  Value keys, values, products; ///< of a block and, the last, of a part's rows
};

} // namespace llmc

#endif
