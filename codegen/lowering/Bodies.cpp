// SPDX-License-Identifier: Apache-2.0
// What EntryLowering offers for ops with bodies: scopes, where values that
// leave a body are made, lifetimes across bodies, blocks and branches.
#include "codegen/cpu/Elements.h"
#include "codegen/lowering/Control.h"

using namespace mlir;

namespace llmc {

// ---- lifetimes ----

/// What an op reads of values of its own block, in its bodies as well.
static void forReads(Operation &op, llvm::function_ref<void(Value)> read) {
  for (Value v : op.getOperands())
    read(v);
  Block *block = op.getBlock();
  for (Region &region : op.getRegions())
    region.walk([&](Operation *inner) {
      for (Value v : inner->getOperands())
        if (v.getParentBlock() == block)
          read(v);
    });
}

/// Which values are results in place, and after which op each owner of memory
/// is not read any more. Views are known only while lowering, so every op that
/// may make one keeps its operands alive as long as its results.
void EntryLowering::findLastUses(Block &block) {
  Operation *end = block.getTerminator();
  if (&block == &entry.front())
    for (auto [i, v] : llvm::enumerate(end->getOperands()))
      if (!isa<BlockArgument>(v) && isa<RankedTensorType>(v.getType()) &&
          !isSubByte(llm::elementOf(v)) &&
          !v.getDefiningOp()->hasTrait<OpTrait::ConstantLike>() &&
          !isa<llm::WeightOp>(v.getDefiningOp()))
        outputOf.try_emplace(v, i);
  DenseMap<Value, Operation *> last;
  auto mayBeView = [](Operation *op) {
    return isa<llm::ReshapeOp, llm::BitcastOp, llm::TransposeOp, llm::SliceOp,
               llm::ExpandOp, llm::SequenceAtOp, llm::SequenceCastOp,
               llm::OptionalOp, llm::OptionalGetOp>(op);
  };
  for (Operation &op : llvm::reverse(block)) {
    forReads(op, [&](Value v) {
      Operation *until = &op;
      if (mayBeView(&op))
        if (auto later = last.find(op.getResult(0)); later != last.end())
          until = later->second;
      auto [it, isNew] = last.try_emplace(v, until);
      if (!isNew && it->second->isBeforeInBlock(until))
        it->second = until;
    });
    for (Value r : op.getResults())
      last.try_emplace(r, &op);
  }
  for (Operation &op : block)
    for (Value r : op.getResults())
      dyingAfter[last[r]].push_back(r);
}

/// Symbols that something outside of bodies needs: the prologue computes them.
void EntryLowering::findSharedSymbols() {
  std::function<void(AffineExpr)> add = [&](AffineExpr e) {
    e.walk([&](AffineExpr x) {
      auto s = dyn_cast<AffineSymbolExpr>(x);
      if (s && sharedSymbols.insert(s.getPosition()).second)
        for (llm::Dim of : symbols.operands(s.getPosition()))
          add(of);
    });
  };
  auto addType = [&](Type type) {
    if (isa<RankedTensorType>(type))
      for (llm::Dim d : llm::dimsOf(type))
        add(d);
  };
  for (Type type : entry.getArgumentTypes())
    addType(type);
  for (Operation &op : entry.front()) {
    for (Type type : op.getResultTypes())
      addType(type);
    for (NamedAttribute a : op.getAttrs())
      if (auto map = dyn_cast<AffineMapAttr>(a.getValue()))
        for (AffineExpr e : map.getValue().getResults())
          add(e);
  }
}

// ---- bodies ----

EntryLowering::BodyScope::BodyScope(EntryLowering &e)
    : lowering(e), sizes(e), current(e.current) {
  // What the op with the body holds stays held.
  scratchSlots.swap(e.scratchSlots);
  scratchBlocks.swap(e.scratchBlocks);
}

EntryLowering::BodyScope::~BodyScope() {
  lowering.current = current;
  scratchSlots.swap(lowering.scratchSlots);
  scratchBlocks.swap(lowering.scratchBlocks);
}

LogicalResult EntryLowering::lowerBody(Block &body) {
  findLastUses(body);
  for (Operation &op : body.without_terminator())
    if (failed(lowerOp(&op)))
      return failure();
  current = body.getTerminator();
  return success();
}

bool EntryLowering::makeIn(Value v, Block &body, Destination to) {
  Operation *op = v.getDefiningOp();
  return op && op->getBlock() == &body &&
         !op->hasTrait<OpTrait::ConstantLike>() && !isa<llm::WeightOp>(op) &&
         destinations.try_emplace(v, to).second;
}

Value EntryLowering::deliver(Value v, Destination to, bool asked) {
  MemTensor from = get(v);
  if (asked && placed.contains(v) && !roots.count(v))
    return from.base;
  if (isa<llm::SequenceType>(v.getType()))
    return copySequence(*this, from.base);
  checkSizes(v.getType());
  Value base = to.base     ? to.base
               : to.output ? outputBuffer(*to.output, v.getType())
                           : allocate(bytesOf(v.getType()));
  copy(from, makeTensor(base, v.getType()));
  return base;
}

void EntryLowering::endBody(Block &body) { release(body.getTerminator()); }

std::optional<int64_t> EntryLowering::outputOfValue(Value v) const {
  if (auto to = destinations.find(v); to != destinations.end())
    return to->second.output;
  if (auto output = outputOf.find(v); output != outputOf.end())
    return output->second;
  return std::nullopt;
}

void EntryLowering::ownSequence(Value result, Value block) {
  tensors[result].base = block;
  if (destinations.count(result))
    placed.insert(result);
  else
    blockOf[result] = block;
}

void EntryLowering::own(Value result, Value block) {
  if (isa<llm::SequenceType>(result.getType()))
    return ownSequence(result, block);
  tensors[result] = makeTensor(block, result.getType());
  // What goes on out of an outer body is that body's to give.
  if (destinations.count(result))
    placed.insert(result);
  else if (!outputOfValue(result))
    blockOf[result] = block;
}

Value EntryLowering::allocateBytes(Value bytes) {
  return rt::AllocOp::create(builder, current->getLoc(), code->ptr(), ctx,
                             bytes, site());
}

void EntryLowering::releaseBlock(Value block) {
  rt::ReleaseOp::create(builder, current->getLoc(), ctx, block);
}

void EntryLowering::poll() {
  rt::PollOp::create(builder, current->getLoc(), ctx);
}

// ---- blocks ----

Block *EntryLowering::addBlock(TypeRange arguments) {
  Block *block = new Block;
  function.getBody().push_back(block);
  for (Type type : arguments)
    block->addArgument(type, current->getLoc());
  return block;
}

void EntryLowering::enterBlock(Block *block) {
  builder.setInsertionPointToEnd(block);
}

void EntryLowering::branch(Block *to, ValueRange arguments) {
  LLVM::BrOp::create(builder, current->getLoc(), arguments, to);
}

void EntryLowering::branchIf(Value condition, Block *yes, Block *no) {
  LLVM::CondBrOp::create(builder, current->getLoc(), condition, yes, no);
}

} // namespace llmc
