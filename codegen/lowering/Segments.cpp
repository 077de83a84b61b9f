// SPDX-License-Identifier: Apache-2.0
// An entry whose tokens are those of several sequences, one segment behind the
// other (its input of the role "segments" has their numbers of tokens). Ops
// that append to caches or read them run for each segment, with its tokens and
// its states: a loop of the host program gathers what their kernels take, and
// one launch then does the tiles of all segments. Everything else does not know
// of segments.
#include "codegen/cpu/Elements.h"
#include "codegen/lowering/EntryLowering.h"

using namespace mlir;

namespace llmc {
namespace {

/// A row of the table of a launch: what all segments up to this one come to,
/// and the kernel's arguments.
enum Word : int64_t { Tiles, Grain, Flops, Bytes, Arguments };

/// Runs another kernel over the tiles of all segments. Its arguments: the
/// table, and the number of segments.
std::string emitSegmentsKernel(KernelModule &kernels, StringRef kernel,
                               int64_t words) {
  return kernels.get("segments", kernel, [&](StringRef symbol) {
    KernelBuilder k(kernels, symbol,
                    {{KernelArg::Pointer, "table"}, {KernelArg::Int, "count"}});
    auto type = LLVM::LLVMFunctionType::get(
        k.i32(), {k.ptr(), k.i64(), k.i64(), k.i64()});
    auto tilesOf = [&](Value segment) {
      return k.load(k.i64(), k.arg(0), k.mul(segment, words), Tiles);
    };
    Values results = k.forLoop(
        k.ci(0), k.arg(1), k.ci(1), {k.ci(0), k.ci32(LLMC_OK)},
        [&](Value s, ValueRange carried) -> Values {
          Value first = carried[0], end = tilesOf(s);
          Value from = k.max(k.begin(), first), to = k.min(k.end(), end);
          Value status = k.ifElse(
              k.lt(from, to),
              [&]() -> Values {
                Value args =
                    k.address(k.arg(0), k.i64(), k.mul(s, words), Arguments);
                auto call = LLVM::CallOp::create(
                    k.builder(), k.location(), type,
                    FlatSymbolRefAttr::get(k.builder().getContext(), kernel),
                    ValueRange{args, k.sub(from, first), k.sub(to, first),
                               k.worker()});
                return {call.getResult()};
              },
              [&]() -> Values { return {k.ci32(LLMC_OK)}; })[0];
          Value failed = k.cmp(CmpI::ne, status, k.ci32(LLMC_OK));
          return {end, k.select(failed, status, carried[1])};
        });
    k.finish(results[1]);
  });
}

} // namespace

void EntryLowering::findSegments() {
  int64_t states = 0;
  for (BlockArgument arg : entry.getArguments()) {
    unsigned i = arg.getArgNumber();
    auto role = entry.getArgAttrOfType<StringAttr>(i, "llm.role");
    if (role && role.getValue() == "segments")
      segments = Segments{{}, {}, {}, {}, i, 0};
    states += entry.getArgAttr(i, "llm.state") ? 1 : 0;
  }
  if (!segments)
    return;
  segments->states = states;
  for (BlockArgument arg : entry.getArguments()) {
    unsigned i = arg.getArgNumber();
    auto role = entry.getArgAttrOfType<StringAttr>(i, "llm.role");
    if (role && role.getValue() == "tokens")
      segments->seq = llm::dimsOf(arg)[1];
    else if (entry.getArgAttr(i, "llm.state"))
      segments->past = llm::dimsOf(arg)[2];
  }
}

/// Every segment has a token, and the tokens are theirs.
void EntryLowering::checkSegments() {
  MemTensor lengths = get(entry.getArgument(segments->argument));
  segments->lengths = lengths.base, segments->count = lengths.dims[0];
  Values sums = code->forLoop(
      code->ci(0), segments->count, code->ci(1),
      {code->ci(0), code->ci(INT64_MAX)},
      [&](Value s, ValueRange carried) -> Values {
        Value length = code->load(code->i64(), lengths.base, s);
        // Bounded, so that no sum overflows.
        Value bounded =
            code->max(code->min(length, size(segments->seq)), code->ci(0));
        return {code->add(carried[0], bounded), code->min(carried[1], length)};
      });
  Value least = code->min(sums[1], segments->count);
  failIf(code->lt(least, code->ci(1)), LLMC_FAIL_VALUE, least, code->ci(1),
         code->ci(INT64_MAX));
  failIf(code->cmp(CmpI::ne, sums[0], size(segments->seq)), LLMC_FAIL_SHAPE,
         sums[0], size(segments->seq));
}

/// The state that a cache or an op on one has; null: none.
static BlockArgument stateOf(Value v) {
  if (auto append = v.getDefiningOp<llm::KvAppendOp>())
    v = append.getPast();
  return dyn_cast<BlockArgument>(v);
}

bool EntryLowering::isPerSegment(Operation *op) const {
  return segments && isa<llm::KvAppendOp, llm::AttentionOp>(op);
}

void EntryLowering::bindState(BlockArgument arg) {
  auto number =
      entry.getArgAttrOfType<IntegerAttr>(arg.getArgNumber(), "llm.state");
  Value first = code->mul(grouped->segment, segments->states);
  auto op =
      rt::StateOp::create(builder, current->getLoc(), code->ptr(), code->i64(),
                          code->i64(), ctx, first, number.getInt());
  states[arg] = {op.getData(), op.getCapacity(), op.getLength()};
  bindSymbol(cast<AffineSymbolExpr>(segments->past).getPosition(),
             op.getLength());
}

/// What the op has of the segment: its rows of the tensors of all tokens, and
/// its caches. Sizes are those of the segment.
void EntryLowering::enterSegment(Operation *op, Value begin, Value length) {
  sizeValues.clear();
  for (unsigned i = 0; i < symbolValues.size(); ++i)
    if (!symbols.operands(i).empty())
      symbolValues[i] = {};
  bindSymbol(cast<AffineSymbolExpr>(segments->seq).getPosition(), length);
  auto narrow = [&](Value v) {
    MemTensor t = get(v);
    t.base = code->address(t.base, memoryType(t.element),
                           code->mul(begin, t.strides[1]));
    t.dims[1] = length;
    tensors[v] = t;
  };
  if (auto append = dyn_cast<llm::KvAppendOp>(op)) {
    bindState(stateOf(append.getPast()));
    tensors[append.getPast()] = stateTensor(stateOf(append.getPast()));
    return narrow(append.getUpdate());
  }
  auto attention = cast<llm::AttentionOp>(op);
  narrow(attention.getQ()), narrow(attention.getResult());
  for (Value cache : {attention.getK(), attention.getV()}) {
    bindState(stateOf(cache));
    MemTensor t = stateTensor(stateOf(cache));
    t.shape = llm::dimsOf(cache);
    t.dims[2] = size(t.shape[2]);
    tensors[cache] = t;
  }
}

LogicalResult EntryLowering::lowerPerSegment(Operation *op,
                                             const LowerFn &lower) {
  if (isa<llm::AttentionOp>(op))
    (void)result(op->getResult(0)); // the rows of all tokens
  Type i64 = code->i64();
  Block *head = addBlock({i64, i64}), *body = addBlock(), *end = addBlock();
  branch(head, {code->ci(0), code->ci(0)});
  enterBlock(head);
  Value segment = head->getArgument(0), begin = head->getArgument(1);
  branchIf(code->lt(segment, segments->count), body, end);
  enterBlock(body);
  grouped = Grouped{segment, {}};
  auto before = tensors;
  {
    SizeScope sizes(*this);
    Value length = code->load(i64, segments->lengths, segment);
    enterSegment(op, begin, length);
    if (failed(lower(op, *this)))
      return failure();
    branch(head, {code->add(segment, 1), code->add(begin, length)});
  }
  tensors = std::move(before);
  auto launches = std::move(grouped->launches);
  grouped.reset();
  enterBlock(end);
  for (const Grouped::Launch &launch : launches)
    launchGroup(launch);
  return success();
}

void EntryLowering::addToGroup(StringRef kernel, ValueRange args, Value count,
                               Value grain) {
  int64_t words = Arguments + args.size();
  llm::Dim rows = llm::dimsOf(entry.getArgument(segments->argument))[0];
  unsigned slot = takeSlot(rows * (words * 8));
  scratchSlots.push_back(slot);
  Value table = slots[slot].address;
  grouped->launches.push_back({kernel.str(), table, words});
  Value row = code->mul(grouped->segment, words);
  Value isFirst = code->eq(grouped->segment, code->ci(0));
  Value previous = code->select(isFirst, row, code->sub(row, words));
  auto before = [&](Word word) {
    Value known = code->load(code->i64(), table, previous, word);
    return code->select(isFirst, code->ci(0), known);
  };
  Work work = takeWork();
  auto put = [&](int64_t word, Value v) { code->store(v, table, row, word); };
  put(Tiles, code->add(before(Tiles), count));
  put(Grain, code->max(before(Grain), grain));
  put(Flops, code->add(before(Flops), work.flops));
  put(Bytes, code->add(before(Bytes), work.bytes));
  for (auto [i, arg] : llvm::enumerate(args))
    LLVM::StoreOp::create(builder, current->getLoc(), arg,
                          code->address(table, code->i64(), row, Arguments + i),
                          /*alignment=*/8);
}

void EntryLowering::launchGroup(const Grouped::Launch &launch) {
  Value last = code->mul(code->sub(segments->count, 1), launch.words);
  auto total = [&](Word word) {
    return code->load(code->i64(), launch.table, last, word);
  };
  std::string kernel =
      emitSegmentsKernel(context.kernels, launch.kernel, launch.words);
  poll();
  rt::ParallelOp::create(builder, current->getLoc(), ctx, kernel,
                         ValueRange{launch.table, segments->count},
                         total(Tiles), total(Grain), total(Flops), total(Bytes),
                         site(launch.kernel));
}

} // namespace llmc
