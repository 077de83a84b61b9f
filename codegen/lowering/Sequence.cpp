// SPDX-License-Identifier: Apache-2.0
// Sequences as blocks of memory: [count, bytes of the block, then per tensor
// its offset in the block and its dims], all i64, then the tensors, each
// 64-byte aligned. A sequence is one pointer, copied as a whole.
#include "codegen/lowering/Control.h"

using namespace mlir;

namespace llmc {

namespace {
/// How a block of one rank is laid out.
class Layout {
public:
  Layout(EntryLowering &e, llm::SequenceType type)
      : h(e.host()), rank(std::max<int64_t>(0, type.getRank())) {}

  Value word(Value block, int64_t i) { return h.load(h.i64(), block, {}, i); }
  Value count(Value block) { return word(block, 0); }
  Value bytes(Value block) { return word(block, 1); }
  void setHead(Value block, Value count, Value bytes) {
    h.store(count, block, {}, 0);
    h.store(bytes, block, {}, 1);
  }
  /// Of a tensor's words in a block: its offset, then its dims.
  Value entry(Value block, Value i) {
    return h.address(block, h.i64(), h.mul(i, 1 + rank), 2);
  }
  Value dataBegin(Value count) {
    return aligned(h.mul(h.add(h.mul(count, 1 + rank), 2), 8));
  }
  Value aligned(Value bytes) { return h.mul(h.ceilDiv(bytes, 64), 64); }

  CodeBuilder &h;
  int64_t rank;
};

void copyBytes(CodeBuilder &h, Value to, Value from, Value bytes) {
  LLVM::MemcpyOp::create(h.builder(), h.location(), to, from, bytes,
                         /*isVolatile=*/false);
}

llm::SequenceType typeOf(Value v) {
  return cast<llm::SequenceType>(v.getType());
}

/// A position in [0, count + more), from the end where it is negative.
Value positionIn(EntryLowering &e, Value position, Value count, int64_t more) {
  CodeBuilder &h = e.host();
  Type stored = IntegerType::get(
      position.getContext(), llm::elementOf(position).getIntOrFloatBitWidth());
  Value p = h.convert(h.load(stored, e.get(position).base), h.i64());
  p = h.select(h.lt(p, h.ci(0)), h.add(p, count), p);
  Value limit = h.add(count, more);
  e.failIf(h.bitOr(h.lt(p, h.ci(0)), h.cmp(CmpI::sge, p, limit)),
           LLMC_FAIL_INDEX_RANGE, count);
  return p;
}

Value bytesOfTensor(Layout &l, Value entry, Type element) {
  Value n = l.h.ci(std::max(1u, element.getIntOrFloatBitWidth() / 8));
  for (int64_t i = 0; i < l.rank; ++i)
    n = l.h.mul(n, l.word(entry, 1 + i));
  return n;
}
} // namespace

void hostLoop(EntryLowering &e, Value count,
              llvm::function_ref<void(Value)> body) {
  CodeBuilder &h = e.host();
  Block *head = e.addBlock(h.i64()), *turn = e.addBlock(), *end = e.addBlock();
  e.branch(head, h.ci(0));
  e.enterBlock(head);
  Value i = head->getArgument(0);
  e.branchIf(h.lt(i, count), turn, end);
  e.enterBlock(turn);
  body(i);
  e.branch(head, h.add(i, 1));
  e.enterBlock(end);
}

Value copySequence(EntryLowering &e, Value block) {
  CodeBuilder &h = e.host();
  Value bytes = h.load(h.i64(), block, {}, 1);
  Value copy = e.allocateBytes(bytes);
  copyBytes(h, copy, block, bytes);
  return copy;
}

static LogicalResult lowerEmpty(Operation *op, EntryLowering &e) {
  Value result = op->getResult(0);
  Layout l(e, typeOf(result));
  Value block = e.allocateBytes(l.h.ci(64));
  l.setHead(block, l.h.ci(0), l.h.ci(64));
  e.ownSequence(result, block);
  return success();
}

static LogicalResult lowerInsert(Operation *op, EntryLowering &e) {
  auto insert = cast<llm::SequenceInsertOp>(op);
  Layout l(e, typeOf(insert.getResult()));
  CodeBuilder &h = l.h;
  MemTensor x = e.contiguous(insert.getX());
  Value old = e.get(insert.getSequence()).base, count = l.count(old);
  Value at = insert.getPosition()
                 ? positionIn(e, insert.getPosition(), count, 1)
                 : count;
  Value added = e.size(e.bytesOf(insert.getX().getType()));
  Value more = h.add(count, 1), oldBegin = l.dataBegin(count),
        begin = l.dataBegin(more), kept = h.sub(l.bytes(old), oldBegin);
  Value offset = h.add(begin, kept), bytes = h.add(offset, l.aligned(added));
  Value block = e.allocateBytes(bytes);
  l.setHead(block, more, bytes);
  copyBytes(h, h.address(block, h.i8(), begin),
            h.address(old, h.i8(), oldBegin), kept);
  hostLoop(e, count, [&](Value i) {
    Value from = l.entry(old, i),
          to = l.entry(block, h.select(h.lt(i, at), i, h.add(i, 1)));
    h.store(h.add(l.word(from, 0), h.sub(begin, oldBegin)), to);
    for (int64_t d = 1; d <= l.rank; ++d)
      h.store(l.word(from, d), to, {}, d);
  });
  Value entry = l.entry(block, at);
  h.store(offset, entry);
  for (int64_t d = 0; d < l.rank; ++d)
    h.store(x.dims[d], entry, {}, 1 + d);
  copyBytes(h, h.address(block, h.i8(), offset), x.base, added);
  e.ownSequence(insert.getResult(), block);
  return success();
}

/// The tensors that stay, one behind the other.
static LogicalResult lowerErase(Operation *op, EntryLowering &e) {
  auto erase = cast<llm::SequenceEraseOp>(op);
  Layout l(e, typeOf(erase.getResult()));
  CodeBuilder &h = l.h;
  Type element = typeOf(erase.getResult()).getElement();
  Value old = e.get(erase.getSequence()).base, count = l.count(old);
  Value gone;
  if (erase.getPosition()) {
    gone = positionIn(e, erase.getPosition(), count, 0);
  } else {
    e.failIf(h.eq(count, h.ci(0)), LLMC_FAIL_INDEX_RANGE);
    gone = h.sub(count, 1);
  }
  Value less = h.sub(count, 1);
  Value block = e.allocateBytes(l.bytes(old));
  Value begin = l.dataBegin(less);
  l.setHead(block, less, begin);
  hostLoop(e, less, [&](Value i) {
    Value from = l.entry(old, h.select(h.lt(i, gone), i, h.add(i, 1))),
          to = l.entry(block, i);
    Value at = l.bytes(block), size = bytesOfTensor(l, from, element);
    h.store(at, to);
    for (int64_t d = 1; d <= l.rank; ++d)
      h.store(l.word(from, d), to, {}, d);
    copyBytes(h, h.address(block, h.i8(), at),
              h.address(old, h.i8(), l.word(from, 0)), size);
    h.store(h.add(at, l.aligned(size)), block, {}, 1);
  });
  e.ownSequence(erase.getResult(), block);
  return success();
}

static LogicalResult lowerAt(Operation *op, EntryLowering &e) {
  auto at = cast<llm::SequenceAtOp>(op);
  Layout l(e, typeOf(at.getSequence()));
  CodeBuilder &h = l.h;
  Value block = e.get(at.getSequence()).base;
  Value entry =
      l.entry(block, positionIn(e, at.getPosition(), l.count(block), 0));
  Type type = at.getResult().getType();
  for (auto [axis, d] : llvm::enumerate(llm::dimsOf(type))) {
    Value size = l.word(entry, 1 + axis);
    auto s = dyn_cast<AffineSymbolExpr>(d);
    if (s && !e.isSymbolBound(s.getPosition())) {
      e.bindSymbol(s.getPosition(), size);
      continue;
    }
    Value expected = e.size(d);
    e.failIf(h.cmp(CmpI::ne, size, expected), LLMC_FAIL_SHAPE, size, expected);
  }
  Value data = h.address(block, h.i8(), l.word(entry, 0));
  e.setView(at.getResult(), e.makeTensor(data, type), at.getSequence());
  return success();
}

static LogicalResult lowerLength(Operation *op, EntryLowering &e) {
  auto length = cast<llm::SequenceLengthOp>(op);
  CodeBuilder &h = e.host();
  Value count = h.load(h.i64(), e.get(length.getSequence()).base);
  h.store(count, e.result(length.getResult()).base);
  return success();
}

void addSequenceLowerings(LoweringTable &table) {
  table["llm.sequence_empty"] = lowerEmpty;
  table["llm.sequence_insert"] = lowerInsert;
  table["llm.sequence_erase"] = lowerErase;
  table["llm.sequence_at"] = lowerAt;
  table["llm.sequence_length"] = lowerLength;
}

} // namespace llmc
