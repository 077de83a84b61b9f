// SPDX-License-Identifier: Apache-2.0
// How a sequence or an optional value lies in memory, for its ops
// (Sequence.cpp) and the entry's border (SequenceBorder.cpp).
#pragma once

#include "codegen/lowering/Control.h"

namespace llmc {

/// One block, copied as a whole: [count, bytes of the block, per tensor the
/// offset of its item], then the items, each 64-byte aligned: [bytes of the
/// data, rank, dims...], then, aligned again, the data. All words are i64. An
/// optional sequence that is not there has the count LLMC_ABSENT.
class SequenceLayout {
public:
  using Value = mlir::Value;
  explicit SequenceLayout(CodeBuilder &host) : h(host) {}

  // Of the block.
  Value count(Value block) { return word(block, 0); }
  Value bytes(Value block) { return word(block, 1); }
  void start(Value block, Value count, Value bytes) {
    h.store(count, block, {}, 0);
    h.store(bytes, block, {}, 1);
  }
  Value offset(Value block, Value i) { return h.load(h.i64(), block, i, 2); }
  void setOffset(Value block, Value i, Value offset) {
    h.store(offset, block, i, 2);
  }
  Value at(Value block, Value offset) {
    return h.address(block, h.i8(), offset);
  }
  Value item(Value block, Value i) { return at(block, offset(block, i)); }
  /// Where the items of a block of so many begin.
  Value begin(Value count) { return aligned(h.mul(h.add(count, 2), 8)); }

  // Of an item.
  Value dataBytes(Value item) { return word(item, 0); }
  Value rank(Value item) { return word(item, 1); }
  Value dims(Value item) { return h.address(item, h.i64(), {}, 2); }
  Value dim(Value item, int64_t axis) { return word(item, 2 + axis); }
  void setHead(Value item, Value bytes, Value rank) {
    h.store(bytes, item, {}, 0);
    h.store(rank, item, {}, 1);
  }
  void setDim(Value item, int64_t axis, Value size) {
    h.store(size, item, {}, 2 + axis);
  }
  Value data(Value item, Value rank) { return at(item, headBytes(rank)); }
  Value data(Value item) { return data(item, rank(item)); }
  Value itemBytes(Value dataBytes, Value rank) {
    return h.add(headBytes(rank), aligned(dataBytes));
  }
  Value itemBytes(Value item) { return itemBytes(dataBytes(item), rank(item)); }

  /// Between memory that does not overlap.
  void copy(Value to, Value from, Value bytes) {
    mlir::LLVM::MemcpyOp::create(h.builder(), h.location(), to, from, bytes,
                                 /*isVolatile=*/false);
  }

  CodeBuilder &h;

private:
  Value word(Value p, int64_t i) { return h.load(h.i64(), p, {}, i); }
  Value aligned(Value bytes) { return h.mul(h.ceilDiv(bytes, 64), 64); }
  Value headBytes(Value rank) { return begin(rank); } // two words as well
};

/// A loop of the host program that carries a value: what it is in the end.
mlir::Value
hostFold(EntryLowering &, mlir::Value count, mlir::Value initial,
         llvm::function_ref<mlir::Value(mlir::Value i, mlir::Value)> body);

} // namespace llmc
