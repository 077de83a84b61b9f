// SPDX-License-Identifier: Apache-2.0
// Loops: a head that tests, a body and an exit. Carried values of fixed sizes
// alternate between two buffers; those whose sizes turns change get a block per
// turn. Rows go where they belong in the result, or into a block that grows
// where their number or sizes are not known before.
#include "codegen/lowering/Control.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace llmc {

namespace {
/// Values that the head's block takes as arguments, by place.
class HeadValues {
public:
  unsigned add(Value initial) {
    inits.push_back(initial);
    return inits.size() - 1;
  }
  void makeBlock(EntryLowering &e) {
    block = e.addBlock(ValueRange(inits).getTypes());
    next.assign(inits.size(), Value());
  }
  Value operator[](unsigned i) const { return block->getArgument(i); }
  /// For the next turn.
  void set(unsigned i, Value v) { next[i] = v; }
  /// What a turn leaves alone stays.
  SmallVector<Value> forNextTurn() const {
    SmallVector<Value> out;
    for (auto [i, v] : llvm::enumerate(next))
      out.push_back(v ? v : block->getArgument(i));
    return out;
  }

  SmallVector<Value> inits;
  Block *block = nullptr;

private:
  SmallVector<Value> next;
};

class LoopLowering {
public:
  LoopLowering(llm::LoopOp op, EntryLowering &e)
      : op(op), e(e), h(e.host()), body(op.getBody().front()),
        symbols(unboundSymbols(e, op.getBinds())) {}

  LogicalResult run() {
    for (Value arg : body.getArguments())
      for (llm::Dim d : sizesOf(arg))
        if (auto s = dyn_cast<AffineSymbolExpr>(d);
            s && !e.isSymbolBound(s.getPosition()) &&
            !llvm::is_contained(locals, s.getPosition()))
          locals.push_back(s.getPosition());
    if (failed(prepareHead()))
      return failure();
    head.makeBlock(e);
    Block *turn = e.addBlock(), *exit = e.addBlock();
    e.branch(head.block, head.inits);
    e.enterBlock(head.block);
    Value goesOn = h.lt(head[iteration], trips);
    if (go)
      goesOn = h.bitAnd(head[*go], goesOn);
    e.branchIf(goesOn, turn, exit);
    e.enterBlock(turn);
    if (failed(lowerTurn()))
      return failure();
    e.enterBlock(exit);
    return lowerExit();
  }

private:
  static llm::Dims sizesOf(Value v) {
    return isa<RankedTensorType>(v.getType()) ? llm::dimsOf(v) : llm::Dims();
  }

  struct Carried {
    bool same = false;    ///< the body passes it on
    bool varying = false; ///< of sizes that turns change
    unsigned at;          ///< its address, a value of the head
    unsigned spare[2];    ///< the two buffers, the next one first
  };
  struct Row {
    Value base; ///< of the result, where it is known before; else:
    unsigned block, capacity;
    SmallVector<std::pair<llm::Dim, unsigned>> dims; ///< of the first row
  };

  LogicalResult prepareHead() {
    trips = h.ci(INT64_MAX);
    if (Value t = op.getTrips())
      trips = h.convert(
          h.load(IntegerType::get(op.getContext(),
                                  llm::elementOf(t).getIntOrFloatBitWidth()),
                 e.get(t).base),
          h.i64());
    iteration = head.add(h.ci(0));
    bool always = matchPattern(op.getGo(), m_One());
    if (op.getCondition() || !always)
      go = head.add(op.getCondition() ? hostBoolean(e, op.getCondition())
                                      : h.constantInt(h.i1(), 1));
    SizeBinding sizes(e, locals);
    for (auto [init, arg] : llvm::zip(op.getInits(), body.getArguments()))
      sizes.match(init.getType(), arg.getType());
    auto values = sizes.values(op);
    if (failed(values))
      return failure();
    for (Value v : *values)
      localAt.push_back(head.add(v));
    for (auto [k, init] : llvm::enumerate(op.getInits()))
      prepareCarried(k, init);
    for (Value r : op.getOutputs().drop_front(carried.size()))
      prepareRow(r);
    return success();
  }

  void prepareCarried(unsigned k, Value init) {
    Carried c;
    BlockArgument arg = body.getArgument(k);
    c.same = op.getNext()[k] == arg;
    c.varying = mentions(arg.getType(), locals);
    if (isa<llm::SequenceType>(arg.getType()) && !c.same) {
      c.at = head.add(copySequence(e, e.get(init).base));
    } else if (c.varying && !c.same) {
      Value block = e.allocate(e.bytesOf(init.getType()));
      e.copy(e.get(init), e.makeTensor(block, init.getType()));
      c.at = head.add(block);
    } else {
      bool isTensor = isa<RankedTensorType>(init.getType());
      if (isTensor && llm::recipeOf(init)) {
        // A weight's address holds for one step only.
        Value copy = e.scratch(e.bytesOf(init.getType()));
        e.copy(e.get(init), e.makeTensor(copy, init.getType()));
        c.at = head.add(copy);
      } else {
        c.at = head.add(isTensor ? e.contiguous(init).base : e.get(init).base);
      }
      if (!c.same)
        for (unsigned &spare : c.spare)
          spare = head.add(e.scratch(e.bytesOf(arg.getType())));
    }
    carried.push_back(c);
  }

  void prepareRow(Value result) {
    Row row;
    if (mentions(result.getType(), symbols)) {
      row.block = head.add(e.allocateBytes(h.ci(0)));
      row.capacity = head.add(h.ci(0));
      for (llm::Dim d : rowDims(result.getType()))
        if (auto s = dyn_cast<AffineSymbolExpr>(d);
            s && llvm::is_contained(symbols, s.getPosition()))
          row.dims.push_back({d, head.add(h.ci(0))});
    } else {
      row.base = e.result(result).base;
    }
    rows.push_back(row);
  }

  Value bytesOfRow(Value row) { return e.size(e.bytesOf(row.getType())); }
  Value addressAt(Value base, Value bytes) {
    return h.address(base, h.i8(), bytes);
  }

  LogicalResult lowerTurn() {
    EntryLowering::BodyScope scope(e);
    e.poll();
    auto counter = cast<AffineSymbolExpr>(op.getIteration().getResult(0));
    e.bindSymbol(counter.getPosition(), head[iteration]);
    for (auto [s, at] : llvm::zip(locals, localAt))
      e.bindSymbol(s, head[at]);
    for (auto [c, arg] : llvm::zip(carried, body.getArguments()))
      e.setTensor(arg, carriedTensor(head[c.at], arg.getType()));
    SmallVector<bool> asked = askForPlaces();
    if (failed(e.lowerBody(body)))
      return failure();
    SizeBinding sizes(e, locals);
    for (auto [next, arg] : llvm::zip(op.getNext(), body.getArguments()))
      sizes.match(next.getType(), arg.getType());
    auto values = sizes.values(op);
    if (failed(values))
      return failure();
    for (auto [at, v] : llvm::zip(localAt, *values))
      head.set(at, v);
    deliverAll(asked);
    if (go && !matchPattern(op.getGo(), m_One()))
      head.set(*go, hostBoolean(e, op.getGo()));
    head.set(iteration, h.add(head[iteration], 1));
    e.endBody(body);
    e.branch(head.block, head.forNextTurn());
    return success();
  }

  MemTensor carriedTensor(Value base, Type type) {
    if (isa<RankedTensorType>(type))
      return e.makeTensor(base, type);
    MemTensor sequence;
    sequence.base = base;
    return sequence;
  }

  /// Lets ops make what they can in its place.
  SmallVector<bool> askForPlaces() {
    SmallVector<bool> asked;
    for (auto [c, next, arg] :
         llvm::zip(carried, op.getNext(), body.getArguments())) {
      bool fits = c.varying || next.getType() == arg.getType();
      EntryLowering::Destination to;
      if (!c.varying && !c.same)
        to.base = head[c.spare[0]];
      asked.push_back(!c.same && fits && e.makeIn(next, body, to));
    }
    for (auto [k, row] : llvm::enumerate(rows)) {
      Value v = op.getRows()[k];
      asked.push_back(row.base && fitsRow(k) &&
                      e.makeIn(v, body, {rowPlace(row, v), std::nullopt}));
    }
    return asked;
  }

  Type resultOfRow(unsigned k) {
    return op.getOutputs()[carried.size() + k].getType();
  }
  /// Of one row of a result.
  static llm::Dims rowDims(Type result) {
    llm::Dims dims = llm::dimsOf(result);
    dims.erase(dims.begin());
    return dims;
  }
  bool fitsRow(unsigned k) {
    return llm::dimsOf(op.getRows()[k]) == rowDims(resultOfRow(k));
  }
  Value rowPlace(const Row &row, Value v) {
    return addressAt(row.base, h.mul(head[iteration], bytesOfRow(v)));
  }

  void deliverAll(ArrayRef<bool> asked) {
    // Rows first: they may be carried values, whose blocks go.
    for (auto [k, row] : llvm::enumerate(rows)) {
      Value v = op.getRows()[k];
      SizeBinding known(e, {});
      for (auto [have, want] :
           llvm::zip(llm::dimsOf(v), rowDims(resultOfRow(k)))) {
        bool isOfFirstRow =
            !row.base &&
            llvm::is_contained(llvm::make_first_range(row.dims), want);
        if (!isOfFirstRow)
          known.match(have, want);
      }
      if (row.base)
        e.deliver(v, {rowPlace(row, v), std::nullopt},
                  asked[carried.size() + k]);
      else
        appendRow(row, v, resultOfRow(k));
    }
    SmallVector<Value> old;
    for (auto [k, c] : llvm::enumerate(carried)) {
      if (c.same)
        continue;
      EntryLowering::Destination to;
      if (!c.varying)
        to.base = head[c.spare[0]];
      Value base = e.deliver(op.getNext()[k], to, asked[k]);
      head.set(c.at, base);
      if (c.varying) {
        old.push_back(head[c.at]);
      } else {
        head.set(c.spare[0], head[c.spare[1]]);
        head.set(c.spare[1], base);
      }
    }
    for (Value block : old)
      e.releaseBlock(block);
  }

  /// A row behind those in the block, which grows by doubling.
  void appendRow(const Row &row, Value v, Type result) {
    Value isFirst = h.eq(head[iteration], h.ci(0));
    llm::Dims have = llm::dimsOf(v), want = rowDims(result);
    for (auto [d, at] : row.dims) {
      Value size = e.size(have[llvm::find(want, d) - want.begin()]);
      Value differs = h.cmp(CmpI::ne, size, head[at]);
      e.failIf(h.bitAnd(differs, h.cmp(CmpI::ne, head[iteration], h.ci(0))),
               LLMC_FAIL_SHAPE, size, head[at]);
      head.set(at, h.select(isFirst, size, head[at]));
    }
    e.checkSizes(v.getType());
    Value bytes = bytesOfRow(v), used = h.mul(head[iteration], bytes),
          need = h.add(used, bytes);
    Block *grow = e.addBlock(), *write = e.addBlock({h.ptr(), h.i64()});
    Block *keep = e.addBlock();
    e.branchIf(h.lt(head[row.capacity], need), grow, keep);
    e.enterBlock(keep);
    e.branch(write, {head[row.block], head[row.capacity]});
    e.enterBlock(grow);
    Value capacity = h.max(h.max(need, h.mul(head[row.capacity], 2)), h.ci(64));
    Value larger = e.allocateBytes(capacity);
    LLVM::MemcpyOp::create(h.builder(), op.getLoc(), larger, head[row.block],
                           used, /*isVolatile=*/false);
    e.releaseBlock(head[row.block]);
    e.branch(write, {larger, capacity});
    e.enterBlock(write);
    Value base = write->getArgument(0);
    e.copy(e.get(v), e.makeTensor(addressAt(base, used), v.getType()));
    head.set(row.block, base);
    head.set(row.capacity, write->getArgument(1));
  }

  LogicalResult lowerExit() {
    // Sizes of results from the last ones of the carried values and rows.
    SmallVector<Value> values;
    {
      EntryLowering::SizeScope scope(e);
      for (auto [s, at] : llvm::zip(locals, localAt))
        e.bindSymbol(s, head[at]);
      SizeBinding sizes(e, symbols);
      for (auto [arg, r] : llvm::zip(body.getArguments(), op.getOutputs()))
        sizes.match(arg.getType(), r.getType());
      for (unsigned s : symbols) {
        Value v = sizes.valueOf(s);
        values.push_back(v ? v : sizeOfRows(s));
        if (!values.back())
          return op.emitError("binds a size that is of no result");
      }
    }
    for (auto [s, v] : llvm::zip(symbols, values))
      e.bindSymbol(s, v);
    for (auto [c, r] : llvm::zip(carried, op.getOutputs())) {
      if (c.varying && !c.same)
        give(r, head[c.at]);
      else if (isa<llm::SequenceType>(r.getType()))
        e.ownSequence(r, copySequence(e, head[c.at]));
      else
        e.copy(e.makeTensor(head[c.at], r.getType()), e.result(r));
    }
    for (auto [row, r] :
         llvm::zip(rows, op.getOutputs().drop_front(carried.size())))
      if (!row.base)
        give(r, head[row.block]);
    return success();
  }

  Value sizeOfRows(unsigned symbol) {
    llm::Dim d = getAffineSymbolExpr(symbol, op.getContext());
    for (auto [k, row] : llvm::enumerate(rows)) {
      if (llm::dimOf(resultOfRow(k), 0) == d)
        return head[iteration];
      for (auto [dim, at] : row.dims)
        if (dim == d)
          return head[at];
    }
    return {};
  }

  /// A block that becomes the result's memory.
  void give(Value result, Value block) {
    if (isa<llm::SequenceType>(result.getType()))
      return e.ownSequence(result, block);
    bool leaves = e.outputOfValue(result) || e.hasDestination(result);
    if (!leaves)
      return e.own(result, block);
    e.copy(e.makeTensor(block, result.getType()), e.result(result));
    e.releaseBlock(block);
  }

  llm::LoopOp op;
  EntryLowering &e;
  CodeBuilder &h;
  Block &body;
  SmallVector<unsigned> symbols, locals; ///< bound by the op, and by a turn
  HeadValues head;
  Value trips;
  unsigned iteration = 0;
  std::optional<unsigned> go;
  SmallVector<unsigned> localAt;
  SmallVector<Carried> carried;
  SmallVector<Row> rows;
};
} // namespace

LogicalResult lowerLoop(Operation *op, EntryLowering &e) {
  return LoopLowering(cast<llm::LoopOp>(op), e).run();
}

} // namespace llmc
