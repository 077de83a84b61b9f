// SPDX-License-Identifier: Apache-2.0
// Sequences and optional values: the ops on their blocks. Each op that changes
// one makes a block of its own.
#include "codegen/lowering/Sequence.h"

#include "codegen/cpu/Elements.h"

using namespace mlir;

namespace llmc {

static llm::SequenceType typeOf(Value v) {
  return cast<llm::SequenceType>(v.getType());
}

/// A position in [0, count + more), from the end where it is negative.
static Value positionIn(EntryLowering &e, Value position, Value count,
                        int64_t more) {
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

Value hostFold(EntryLowering &e, Value count, Value initial,
               llvm::function_ref<Value(Value, Value)> body) {
  CodeBuilder &h = e.host();
  Block *head = e.addBlock({h.i64(), initial.getType()}), *turn = e.addBlock(),
        *end = e.addBlock();
  e.branch(head, {h.ci(0), initial});
  e.enterBlock(head);
  Value i = head->getArgument(0), value = head->getArgument(1);
  e.branchIf(h.lt(i, count), turn, end);
  e.enterBlock(turn);
  Value next = body(i, value);
  e.branch(head, {h.add(i, 1), next});
  e.enterBlock(end);
  return value;
}

void hostLoop(EntryLowering &e, Value count,
              llvm::function_ref<void(Value)> body) {
  hostFold(e, count, e.host().ci(0), [&](Value i, Value nothing) {
    body(i);
    return nothing;
  });
}

Value copySequence(EntryLowering &e, Value block) {
  SequenceLayout l(e.host());
  Value bytes = l.bytes(block);
  Value copy = e.allocateBytes(bytes);
  l.copy(copy, block, bytes);
  return copy;
}

/// A tensor behind the others of a block.
static void putTensor(SequenceLayout &l, MemTensor x, Value bytes, Value item) {
  l.setHead(item, bytes, l.h.ci(x.rank()));
  for (auto [axis, d] : llvm::enumerate(x.dims))
    l.setDim(item, axis, d);
  l.copy(l.data(item), x.base, bytes);
}

static LogicalResult lowerEmpty(Operation *op, EntryLowering &e) {
  Value result = op->getResult(0);
  SequenceLayout l(e.host());
  bool absent = typeOf(result).getKind() == llm::SequenceKind::OptionalSequence;
  Value block = e.allocateBytes(l.begin(l.h.ci(0)));
  l.start(block, l.h.ci(absent ? LLMC_ABSENT : 0), l.begin(l.h.ci(0)));
  e.ownSequence(result, block);
  return success();
}

static LogicalResult lowerInsert(Operation *op, EntryLowering &e) {
  auto insert = cast<llm::SequenceInsertOp>(op);
  SequenceLayout l(e.host());
  CodeBuilder &h = l.h;
  MemTensor x = e.contiguous(insert.getX());
  Value old = e.get(insert.getSequence()).base, count = l.count(old);
  Value at = insert.getPosition()
                 ? positionIn(e, insert.getPosition(), count, 1)
                 : count;
  Value added = e.size(e.bytesOf(insert.getX().getType()));
  Value more = h.add(count, 1), oldBegin = l.begin(count),
        begin = l.begin(more), kept = h.sub(l.bytes(old), oldBegin);
  Value offset = h.add(begin, kept),
        bytes = h.add(offset, l.itemBytes(added, h.ci(x.rank())));
  Value block = e.allocateBytes(bytes);
  l.start(block, more, bytes);
  l.copy(l.at(block, begin), l.at(old, oldBegin), kept);
  hostLoop(e, count, [&](Value i) {
    Value to = h.select(h.lt(i, at), i, h.add(i, 1));
    l.setOffset(block, to, h.add(l.offset(old, i), h.sub(begin, oldBegin)));
  });
  l.setOffset(block, at, offset);
  putTensor(l, x, added, l.at(block, offset));
  e.ownSequence(insert.getResult(), block);
  return success();
}

/// The tensors that stay, one behind the other.
static LogicalResult lowerErase(Operation *op, EntryLowering &e) {
  auto erase = cast<llm::SequenceEraseOp>(op);
  SequenceLayout l(e.host());
  CodeBuilder &h = l.h;
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
  Value end = hostFold(e, less, l.begin(less), [&](Value i, Value at) {
    Value from = l.item(old, h.select(h.lt(i, gone), i, h.add(i, 1)));
    Value size = l.itemBytes(from);
    l.setOffset(block, i, at);
    l.copy(l.at(block, at), from, size);
    return h.add(at, size);
  });
  l.start(block, less, end);
  e.ownSequence(erase.getResult(), block);
  return success();
}

/// A tensor of a block, whose sizes give symbols their values.
static void viewItem(EntryLowering &e, Value item, Value result, Value source) {
  SequenceLayout l(e.host());
  Type type = result.getType();
  for (auto [axis, d] : llvm::enumerate(llm::dimsOf(type))) {
    Value size = l.dim(item, axis);
    auto s = dyn_cast<AffineSymbolExpr>(d);
    if (s && !e.isSymbolBound(s.getPosition())) {
      e.bindSymbol(s.getPosition(), size);
      continue;
    }
    Value expected = e.size(d);
    e.failIf(l.h.cmp(CmpI::ne, size, expected), LLMC_FAIL_SHAPE, size,
             expected);
  }
  Value data = l.data(item, l.h.ci(llm::rankOf(result)));
  e.setView(result, e.makeTensor(data, type), source);
}

static LogicalResult lowerAt(Operation *op, EntryLowering &e) {
  auto at = cast<llm::SequenceAtOp>(op);
  SequenceLayout l(e.host());
  Value block = e.get(at.getSequence()).base;
  Value position = positionIn(e, at.getPosition(), l.count(block), 0);
  viewItem(e, l.item(block, position), at.getResult(), at.getSequence());
  return success();
}

static LogicalResult lowerLength(Operation *op, EntryLowering &e) {
  auto length = cast<llm::SequenceLengthOp>(op);
  SequenceLayout l(e.host());
  Value count = l.count(e.get(length.getSequence()).base);
  l.h.store(count, e.result(length.getResult()).base);
  return success();
}

static void viewSequence(EntryLowering &e, Value result, Value source) {
  MemTensor view;
  view.base = e.get(source).base;
  e.setView(result, view, source);
}

static LogicalResult lowerCast(Operation *op, EntryLowering &e) {
  viewSequence(e, op->getResult(0), op->getOperand(0));
  return success();
}

static LogicalResult lowerOptional(Operation *op, EntryLowering &e) {
  auto optional = cast<llm::OptionalOp>(op);
  if (!isa<RankedTensorType>(optional.getElement().getType()))
    return lowerCast(op, e);
  SequenceLayout l(e.host());
  CodeBuilder &h = l.h;
  MemTensor x = e.contiguous(optional.getElement());
  Value bytes = e.size(e.bytesOf(optional.getElement().getType()));
  Value offset = l.begin(h.ci(1)),
        end = h.add(offset, l.itemBytes(bytes, h.ci(x.rank())));
  Value block = e.allocateBytes(end);
  l.start(block, h.ci(1), end);
  l.setOffset(block, h.ci(0), offset);
  putTensor(l, x, bytes, l.at(block, offset));
  e.ownSequence(optional.getResult(), block);
  return success();
}

static Value hasElement(EntryLowering &e, Value optional) {
  CodeBuilder &h = e.host();
  bool ofTensor = typeOf(optional).getKind() == llm::SequenceKind::Optional;
  Value count = SequenceLayout(h).count(e.get(optional).base);
  return h.cmp(CmpI::sge, count, h.ci(ofTensor ? 1 : 0));
}

static LogicalResult lowerHas(Operation *op, EntryLowering &e) {
  auto has = cast<llm::OptionalHasOp>(op);
  CodeBuilder &h = e.host();
  Value yes = hasElement(e, has.getOptional());
  h.store(h.select(yes, h.constantInt(h.i8(), 1), h.constantInt(h.i8(), 0)),
          e.result(has.getResult()).base);
  return success();
}

static LogicalResult lowerGet(Operation *op, EntryLowering &e) {
  auto get = cast<llm::OptionalGetOp>(op);
  CodeBuilder &h = e.host();
  Value has = hasElement(e, get.getOptional());
  e.failIf(h.eq(has, h.constantInt(h.i1(), 0)), LLMC_FAIL_ABSENT);
  if (!isa<RankedTensorType>(get.getResult().getType()))
    return lowerCast(op, e);
  Value block = e.get(get.getOptional()).base;
  viewItem(e, SequenceLayout(h).item(block, h.ci(0)), get.getResult(),
           get.getOptional());
  return success();
}

void addSequenceLowerings(LoweringTable &table) {
  table["llm.sequence_empty"] = lowerEmpty;
  table["llm.sequence_insert"] = lowerInsert;
  table["llm.sequence_erase"] = lowerErase;
  table["llm.sequence_at"] = lowerAt;
  table["llm.sequence_length"] = lowerLength;
  table["llm.sequence_cast"] = lowerCast;
  table["llm.optional"] = lowerOptional;
  table["llm.optional_has"] = lowerHas;
  table["llm.optional_get"] = lowerGet;
}

} // namespace llmc
