// SPDX-License-Identifier: Apache-2.0
#include "codegen/lowering/EntryLowering.h"

#include "codegen/cpu/Elements.h"
#include "codegen/lowering/Packing.h"
#include "codegen/lowering/Quant.h"

using namespace mlir;

namespace llmc {

const LoweringTable &loweringTable() {
  static const LoweringTable table = [] {
    LoweringTable t;
    addConstantLowerings(t);
    addConvLowerings(t);
    addDetLowerings(t);
    addDetectionLowerings(t);
    addControlLowerings(t);
    addElementwiseLowerings(t);
    addPoolLowerings(t);
    addRecurrentLowerings(t);
    addResizeLowerings(t);
    addSignalLowerings(t);
    addReduceLowerings(t);
    addSequenceLowerings(t);
    addLayoutLowerings(t);
    addIndexLowerings(t);
    addMatmulLowerings(t);
    addNormLowerings(t);
    addAttentionLowerings(t);
    addRopeLowerings(t);
    addLinearLowerings(t);
    addLinearAttentionLowerings(t);
    addExpertsLowerings(t);
    addCacheLowerings(t);
    addPackedRowsLowerings(t);
    addQuantLowerings(t);
    return t;
  }();
  return table;
}

EntryLowering::EntryLowering(func::FuncOp entry, StringRef symbol,
                             LoweringContext &context)
    : entry(entry), context(context),
      symbols(entry->getParentOfType<ModuleOp>()), builder(entry.getContext()) {
  builder.setInsertionPointToEnd(context.kernels.module().getBody());
  auto ptr = LLVM::LLVMPointerType::get(entry.getContext());
  function = LLVM::LLVMFuncOp::create(
      builder, entry.getLoc(), symbol,
      LLVM::LLVMFunctionType::get(builder.getI32Type(), {ptr}));
  function->setAttr("llmc.entry", builder.getUnitAttr());
  builder.setInsertionPointToStart(function.addEntryBlock(builder));
  ctx = function.getArgument(0);
  code.emplace(builder, entry.getLoc(), context.kernels.target());
}

LogicalResult EntryLowering::run() {
  findSharedSymbols();
  findSegments();
  if (failed(bindInputs()))
    return failure();
  if (segments)
    checkSegments();
  // Slot addresses are computed here once all slots are known.
  prologueEnd = code->ci(0).getDefiningOp();
  int64_t input = 0;
  for (BlockArgument arg : entry.getArguments()) {
    if (auto sequence = dyn_cast<llm::SequenceType>(arg.getType()))
      tensors[arg].base = readSequence(input, sequence);
    input += !states.count(arg);
  }
  for (BlockArgument arg : entry.getArguments())
    if (auto t = tensors.find(arg); t != tensors.end() &&
                                    isa<RankedTensorType>(arg.getType()) &&
                                    isSubByte(t->second.element)) {
      unsigned slot = takeSlot(bytesOf(arg.getType())); // for the whole call
      MemTensor plain = makeTensor(slots[slot].address, arg.getType());
      unpack(*this, t->second, plain);
      t->second = plain;
    }
  findLastUses(entry.front());
  for (Operation &op : entry.front())
    if (failed(lowerOp(&op)))
      return failure();
  placeSlots();
  return failure(broken);
}

int64_t EntryLowering::site(StringRef kernel) {
  llm::Site s = llm::siteOf(current->getLoc());
  if (s.op.empty())
    s.op = current->getName().getStringRef().str();
  for (auto [i, known] : llvm::enumerate(context.sites)) {
    if (known.node != s.node || known.op != s.op || known.name != s.name)
      continue;
    if (known.kernel.empty())
      known.kernel = kernel;
    if (kernel.empty() || known.kernel == kernel)
      return i;
  }
  context.sites.push_back({s, kernel.str()});
  return context.sites.size() - 1;
}

// ---- inputs ----

/// Binds every symbol that is a dim of an input by itself, then checks all
/// other dims.
LogicalResult EntryLowering::bindInputs() {
  current = entry;
  int64_t input = 0;
  SmallVector<std::tuple<int64_t, int64_t, llm::Dim, Value>> checks;
  for (BlockArgument arg : entry.getArguments()) {
    unsigned index = arg.getArgNumber();
    if (isa<llm::SequenceType>(arg.getType())) {
      ++input;
      continue;
    }
    llm::Dims dims = llm::dimsOf(arg);
    if (auto stateIndex =
            entry.getArgAttrOfType<IntegerAttr>(index, "llm.state")) {
      if (segments) { // each of them has states of its own
        states[arg] = {};
        continue;
      }
      auto op =
          rt::StateOp::create(builder, entry.getLoc(), code->ptr(), code->i64(),
                              code->i64(), ctx, Value(), stateIndex.getInt());
      states[arg] = {op.getData(), op.getCapacity(), op.getLength()};
      if (auto s = dyn_cast<AffineSymbolExpr>(dims[2]);
          s && (symbolValues.size() <= s.getPosition() ||
                !symbolValues[s.getPosition()]))
        bindSymbol(s.getPosition(), op.getLength());
      continue;
    }
    for (auto [axis, dim] : llvm::enumerate(dims)) {
      Value v = rt::InputDimOp::create(builder, entry.getLoc(), code->i64(),
                                       ctx, input, axis);
      auto s = dyn_cast<AffineSymbolExpr>(dim);
      if (s && isa<StringAttr>(symbols.row(s.getPosition())) &&
          (symbolValues.size() <= s.getPosition() ||
           !symbolValues[s.getPosition()]))
        bindSymbol(s.getPosition(), v);
      else
        checks.push_back({input, axis, dim, v});
    }
    ++input;
  }
  for (auto &[in, axis, dim, v] : checks) {
    Value expected = size(dim);
    rt::FailIfOp::create(builder, entry.getLoc(), ctx,
                         code->cmp(CmpI::ne, v, expected), code->ci(axis), v,
                         expected, LLMC_FAIL_INPUT_DIM, in);
  }
  bindDerived();
  input = 0;
  for (BlockArgument arg : entry.getArguments()) {
    if (states.count(arg)) {
      if (!segments)
        tensors[arg] = stateTensor(arg);
      continue;
    }
    if (isa<llm::SequenceType>(arg.getType())) {
      ++input;
      continue;
    }
    tensors[arg] = makeTensor(
        rt::InputOp::create(builder, entry.getLoc(), code->ptr(), ctx, input++),
        arg.getType());
  }
  return success();
}

// ---- steps ----

void EntryLowering::launch(StringRef kernel, ValueRange args, Value count,
                           Value grain) {
  if (grouped)
    return addToGroup(kernel, args, count, grain);
  // A check costs a call; a few steps are a few microseconds.
  constexpr unsigned kStepsPerPoll = 8;
  if (launches++ % kStepsPerPoll == 0)
    poll();
  Work work = takeWork();
  rt::ParallelOp::create(builder, current->getLoc(), ctx, kernel, args, count,
                         grain, work.flops, work.bytes, site(kernel));
}

void EntryLowering::failIf(Value condition, LlmcFail kind, Value a, Value b,
                           Value c) {
  Value zero = code->ci(0);
  rt::FailIfOp::create(builder, current->getLoc(), ctx, condition, a ? a : zero,
                       b ? b : zero, c ? c : zero, kind, site());
}

LogicalResult EntryLowering::lowerOp(Operation *op) {
  current = op;
  if (isa<func::ReturnOp>(op))
    return lowerReturn(op);
  auto lowering = loweringTable().find(op->getName().getStringRef());
  if (lowering == loweringTable().end())
    return op->emitError("is not supported by the code generator");
  counted = false;
  if (failed(isPerSegment(op) ? lowerPerSegment(op, lowering->second)
                              : lowering->second(op, *this)) ||
      broken)
    return failure();
  counted = true;
  release(op);
  return success();
}

LogicalResult EntryLowering::lowerReturn(Operation *op) {
  for (auto [i, v] : llvm::enumerate(op->getOperands())) {
    auto owner = outputOf.find(v);
    if (owner != outputOf.end() && owner->second == static_cast<int64_t>(i) &&
        !isa<BlockArgument>(v) && tensors.count(v) && !roots.count(v))
      continue; // written in place
    if (Operation *from = v.getDefiningOp())
      current = from; // its node is what a failure names
    if (isa<llm::SequenceType>(v.getType())) {
      writeSequence(static_cast<int64_t>(i), get(v).base);
      continue;
    }
    Value base = outputBuffer(static_cast<int64_t>(i), v.getType());
    MemTensor to = makeTensor(base, v.getType());
    if (isSubByte(to.element))
      pack(*this, contiguous(v), to);
    else
      copy(get(v), to);
  }
  LLVM::ReturnOp::create(builder, op->getLoc(), code->ci32(0));
  return success();
}

} // namespace llmc
