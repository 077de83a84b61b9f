// SPDX-License-Identifier: Apache-2.0
// Tensors of one entry, and the memory that they take: slots of the arena,
// which the next value gets once the last one is not needed any more.
#include "codegen/lowering/EntryLowering.h"

#include "codegen/lowering/Loops.h"
#include "codegen/ref/PlainKernel.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace llmc {

// ---- tensors ----

/// The valid positions of a state: [batch, heads, past, size].
MemTensor EntryLowering::stateTensor(BlockArgument arg) {
  MemTensor t = makeTensor(states[arg].data, arg.getType());
  Value perHead = code->mul(states[arg].capacity, t.dims[3]);
  t.strides = {code->mul(perHead, t.dims[1]), perHead, t.dims[3], code->ci(1)};
  t.contiguous = false;
  return t;
}

MemTensor EntryLowering::makeTensor(Value base, Type tensor) {
  MemTensor t;
  t.base = base;
  t.element = cast<RankedTensorType>(tensor).getElementType();
  t.shape = llm::dimsOf(tensor);
  for (llm::Dim d : t.shape)
    t.dims.push_back(size(d));
  t.strides.resize(t.dims.size());
  Value stride = code->ci(1);
  for (int64_t i = t.rank() - 1; i >= 0; --i) {
    t.strides[i] = stride;
    if (i)
      stride = code->mul(stride, t.dims[i]);
  }
  return t;
}

MemTensor EntryLowering::get(Value v) {
  if (auto known = tensors.find(v); known != tensors.end())
    return known->second;
  if (auto w = v.getDefiningOp<llm::WeightOp>())
    return makeTensor(weight(context.weights.plain(w.getRecipe())),
                      v.getType());
  if (auto c = v.getDefiningOp<llm::ConstantOp>())
    return makeTensor(constantBytes(cast<DenseElementsAttr>(c.getValue())),
                      v.getType());
  llvm_unreachable("a value that no lowering defined");
}

MemTensor EntryLowering::contiguous(Value v) {
  MemTensor t = get(v);
  if (t.contiguous)
    return t;
  MemTensor packed = makeTensor(scratch(bytesOf(v.getType())), v.getType());
  copy(t, packed);
  return packed;
}

MemTensor EntryLowering::rows(Value v) {
  MemTensor t = get(v);
  if (t.contiguous)
    return t;
  // Rows of one stride: the last dim is dense and every other dim continues the
  // one behind it.
  bool regular = t.rank() > 0 && matchPattern(t.strides.back(), m_One());
  for (int64_t i = 0; i + 2 < t.rank() && regular; ++i)
    regular = llm::fixedDim(t.shape[i]) == 1 || followsInner(t, i);
  return regular ? t : contiguous(v);
}

llm::Dim EntryLowering::bytesOf(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  llm::Dims dims = llm::dimsOf(tensor);
  dims.push_back(llm::constantDim(type.getContext(),
                                  memoryBytes(tensor.getElementType())));
  return llm::productOf(type.getContext(), dims);
}

Value EntryLowering::rootOf(Value v) {
  while (true) {
    auto known = roots.find(v);
    if (known == roots.end())
      return v;
    v = known->second;
  }
}

MemTensor EntryLowering::result(Value v) {
  if (auto known = tensors.find(v); known != tensors.end())
    return known->second;
  Value base;
  llm::Dim bytes = bytesOf(v.getType());
  checkSizes(v.getType());
  if (auto to = destinations.find(v); to != destinations.end()) {
    placed.insert(v);
    base = to->second.base     ? to->second.base
           : to->second.output ? outputBuffer(*to->second.output, v.getType())
                               : allocate(bytes);
  } else if (auto output = outputOf.find(v); output != outputOf.end()) {
    base = outputBuffer(output->second, v.getType());
  } else if (!isKnownAtStart(bytes)) {
    base = blockOf[v] = allocate(bytes);
  } else {
    unsigned slot = takeSlot(bytes);
    slotOf[v] = slot;
    base = slots[slot].address;
  }
  return tensors[v] = makeTensor(base, v.getType());
}

/// Whether the op at hand is the last to read an operand's memory, and reads it
/// as this operand alone.
bool EntryLowering::isLastUse(Value operand) {
  auto dying = dyingAfter.find(current);
  return dying != dyingAfter.end() &&
         llvm::is_contained(dying->second, operand) &&
         llvm::count_if(current->getOperands(), [&](Value other) {
           return rootOf(other) == operand;
         }) == 1;
}

MemTensor EntryLowering::resultOver(Value v, Value operand) {
  auto slot = operand ? slotOf.find(operand) : slotOf.end();
  bool isOwn =
      !tensors.count(v) && !destinations.count(v) && !outputOf.count(v);
  if (slot == slotOf.end() || !isOwn || operand.getType() != v.getType() ||
      !isLastUse(operand))
    return result(v);
  slotOf[v] = slot->second;
  slotOf.erase(operand);
  return tensors[v] = makeTensor(slots[slotOf[v]].address, v.getType());
}

Value EntryLowering::outputBuffer(int64_t output, Type type) {
  SmallVector<Value> dims;
  for (llm::Dim d : llm::dimsOf(type))
    dims.push_back(size(d));
  return rt::OutputOp::create(builder, current->getLoc(), code->ptr(), ctx,
                              dims, output, site());
}

Value EntryLowering::allocate(llm::Dim bytes) {
  return allocateBytes(size(bytes));
}

void EntryLowering::setView(Value result, MemTensor view, Value source) {
  if (isa<RankedTensorType>(result.getType()))
    checkSizes(result.getType());
  tensors[result] = view;
  roots[result] = source;
}

Value EntryLowering::scratch(llm::Dim bytes) {
  assert(!grouped && "segments would share what their steps use at once");
  bytes = llm::simplified(bytes);
  if (!isKnownAtStart(bytes)) {
    failIfTooLarge(bytes);
    return scratchBlocks.emplace_back(allocate(bytes));
  }
  unsigned slot = takeSlot(bytes);
  scratchSlots.push_back(slot);
  return slots[slot].address;
}

MemTensor EntryLowering::scratchTensor(Type tensor) {
  return makeTensor(scratch(bytesOf(tensor)), tensor);
}

Value EntryLowering::weight(int64_t id) {
  return rt::WeightOp::create(builder, current->getLoc(), code->ptr(), ctx, id);
}

Value EntryLowering::workers() {
  return rt::WorkersOp::create(builder, current->getLoc(), code->i64(), ctx);
}

Value EntryLowering::constantBytes(DenseElementsAttr value) {
  std::string bytes = memoryImage(value);
  bytes.resize(std::max<size_t>(1, bytes.size()));
  std::string name =
      context.kernels.get("constant", bytes, [&](StringRef symbol) {
        OpBuilder::InsertionGuard guard(builder);
        builder.setInsertionPointToStart(context.kernels.module().getBody());
        auto type = LLVM::LLVMArrayType::get(code->i8(), bytes.size());
        LLVM::GlobalOp::create(builder, builder.getUnknownLoc(), type,
                               /*isConstant=*/true, LLVM::Linkage::Internal,
                               symbol, builder.getStringAttr(bytes),
                               /*alignment=*/64);
      });
  return LLVM::AddressOfOp::create(builder, current->getLoc(), code->ptr(),
                                   name);
}

std::optional<EntryLowering::StateInfo> EntryLowering::state(Value v) {
  auto known = states.find(v);
  if (known == states.end())
    return std::nullopt;
  return known->second;
}

void EntryLowering::copy(MemTensor from, MemTensor to) {
  setWork({code->ci(0), code->add(bytesMoved(from), bytesMoved(to))});
  if (target().isReference())
    return plainCopy(*this, from, to);
  launchMap(*this, "copy", {from}, {to},
            [](CodeBuilder &, ValueRange v) { return Values(v); });
}

// ---- buffers ----

void EntryLowering::release(Operation *after) {
  for (Value v : dyingAfter[after])
    if (auto slot = slotOf.find(v); slot != slotOf.end())
      slots[slot->second].busy = false;
    else if (auto block = blockOf.find(v); block != blockOf.end())
      rt::ReleaseOp::create(builder, after->getLoc(), ctx, block->second);
  for (unsigned s : scratchSlots)
    slots[s].busy = false;
  scratchSlots.clear();
  for (Value block : scratchBlocks)
    rt::ReleaseOp::create(builder, after->getLoc(), ctx, block);
  scratchBlocks.clear();
}

/// A free slot that already holds values of this size, else any free one, else
/// a new one.
unsigned EntryLowering::takeSlot(llm::Dim bytes) {
  bytes = llm::simplified(bytes);
  std::optional<unsigned> any;
  for (auto [i, slot] : llvm::enumerate(slots)) {
    if (slot.busy)
      continue;
    if (llvm::is_contained(slot.sizes, bytes)) {
      slot.busy = true;
      return i;
    }
    any = i;
  }
  if (!any) {
    any = slots.size();
    slots.emplace_back();
    // Replaced by the real address once the arena's layout is known.
    slots.back().address =
        LLVM::PoisonOp::create(builder, entry.getLoc(), code->ptr());
    slots.back().address.getDefiningOp()->moveBefore(prologueEnd);
  }
  slots[*any].sizes.push_back(bytes);
  slots[*any].busy = true;
  return *any;
}

/// Lays the slots behind each other, each as large as its largest value.
void EntryLowering::placeSlots() {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(prologueEnd);
  current = entry;
  sizeValues.clear(); // what the body computed does not dominate the prologue
  Value total = code->ci(0);
  SmallVector<Value> offsets;
  for (Slot &slot : slots) {
    Value largest = code->ci(0);
    for (llm::Dim d : slot.sizes) {
      failIfTooLarge(d);
      largest = code->max(largest, size(d));
    }
    offsets.push_back(total);
    total = code->add(total, code->mul(code->ceilDiv(largest, 64), 64));
  }
  Value arena =
      rt::ArenaOp::create(builder, entry.getLoc(), code->ptr(), ctx, total);
  for (auto [slot, offset] : llvm::zip(slots, offsets)) {
    Operation *placeholder = slot.address.getDefiningOp();
    slot.address.replaceAllUsesWith(code->address(arena, code->i8(), offset));
    placeholder->erase();
  }
}

} // namespace llmc
