// SPDX-License-Identifier: Apache-2.0
// Sequences that enter an entry or leave it: from the caller's array of tensors
// to a block (Sequence.h) and back, item by item. The runtime has checked
// ranks, element types and that the sizes are possible.
#include "codegen/lowering/Sequence.h"

#include "codegen/cpu/Elements.h"

#include <cstddef>

using namespace mlir;

namespace llmc {

namespace {
/// The caller's array.
class GivenTensors {
public:
  GivenTensors(EntryLowering &e, Value base, llm::SequenceType type)
      : e(e), h(e.host()), base(base), type(type) {}

  Value item(Value i) {
    return h.address(base, h.i8(), h.mul(i, sizeof(LlmcTensor)));
  }
  Value data(Value item) {
    return h.load(h.ptr(), item, {}, 0, sizeof(void *));
  }
  Value rank(Value item) {
    if (type.hasRank())
      return h.ci(type.getRank());
    return h.convert(h.load(h.i32(), item, {}, offsetof(LlmcTensor, rank) / 4),
                     h.i64());
  }
  Value dim(Value item, Value axis) {
    return h.load(h.i64(), item, axis, offsetof(LlmcTensor, dims) / 8);
  }
  Value bytes(Value item) {
    Value n = h.ci(memoryBytes(type.getElement()));
    if (!type.hasRank())
      return hostFold(e, rank(item), n, [&](Value axis, Value product) {
        return h.mul(product, dim(item, axis));
      });
    for (int64_t axis = 0; axis < type.getRank(); ++axis)
      n = h.mul(n, dim(item, h.ci(axis)));
    return n;
  }

private:
  EntryLowering &e;
  CodeBuilder &h;
  Value base;
  llm::SequenceType type;
};
} // namespace

Value EntryLowering::readSequence(int64_t input, llm::SequenceType type) {
  CodeBuilder &h = *code;
  SequenceLayout l(h);
  Value given = rt::InputDimOp::create(builder, current->getLoc(), h.i64(), ctx,
                                       input, 0);
  GivenTensors tensors(
      *this,
      rt::InputOp::create(builder, current->getLoc(), h.ptr(), ctx, input),
      type);
  Value count = h.max(given, h.ci(0)), begin = l.begin(count);
  Value bytes = hostFold(*this, count, begin, [&](Value i, Value sum) {
    Value from = tensors.item(i);
    return h.add(sum, l.itemBytes(tensors.bytes(from), tensors.rank(from)));
  });
  Value block = allocateBytes(bytes);
  l.start(block, given, bytes);
  hostFold(*this, count, begin, [&](Value i, Value offset) {
    Value from = tensors.item(i), to = l.at(block, offset);
    Value size = tensors.bytes(from), rank = tensors.rank(from);
    l.setOffset(block, i, offset);
    l.setHead(to, size, rank);
    hostLoop(*this, rank, [&](Value axis) {
      h.store(tensors.dim(from, axis), l.dims(to), axis);
    });
    l.copy(l.data(to, rank), tensors.data(from), size);
    return h.add(offset, l.itemBytes(size, rank));
  });
  return block;
}

void EntryLowering::writeSequence(int64_t output, Value block) {
  SequenceLayout l(*code);
  Location loc = current->getLoc();
  Value count = l.count(block);
  rt::OutputSequenceOp::create(builder, loc, ctx, count, output, site());
  hostLoop(*this, count, [&](Value i) {
    Value item = l.item(block, i);
    Value to =
        rt::OutputItemOp::create(builder, loc, code->ptr(), ctx, i,
                                 l.rank(item), l.dims(item), output, site());
    l.copy(to, l.data(item), l.dataBytes(item));
  });
}

} // namespace llmc
