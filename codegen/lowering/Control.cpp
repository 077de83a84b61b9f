// SPDX-License-Identifier: Apache-2.0
// Conditionals: two bodies in blocks of their own, which meet in a third with
// the sizes and the memory that only one of them knows.
#include "codegen/lowering/Control.h"

using namespace mlir;

namespace llmc {

Value hostBoolean(EntryLowering &e, Value v) {
  CodeBuilder &h = e.host();
  return h.cmp(CmpI::ne, h.load(h.i8(), e.get(v).base),
               h.constantInt(h.i8(), 0));
}

SmallVector<unsigned> unboundSymbols(EntryLowering &e, AffineMap binds) {
  SmallVector<unsigned> out;
  for (AffineExpr x : binds.getResults())
    if (auto s = dyn_cast<AffineSymbolExpr>(x);
        s && !e.isSymbolBound(s.getPosition()))
      out.push_back(s.getPosition());
  return out;
}

bool mentions(Type type, ArrayRef<unsigned> symbols) {
  if (!isa<RankedTensorType>(type))
    return true; // only a run knows a sequence's
  bool found = false;
  for (llm::Dim d : llm::dimsOf(type))
    d.walk([&](AffineExpr x) {
      auto s = dyn_cast<AffineSymbolExpr>(x);
      found |= s && llvm::is_contained(symbols, s.getPosition());
    });
  return found;
}

void SizeBinding::match(llm::Dim have, llm::Dim want) {
  CodeBuilder &h = e.host();
  if (have == want)
    if (auto s = dyn_cast<AffineSymbolExpr>(want);
        !s || !llvm::is_contained(symbols, s.getPosition()))
      return;
  auto s = dyn_cast<AffineSymbolExpr>(want);
  Value expected;
  if (s && llvm::is_contained(symbols, s.getPosition())) {
    auto [it, isNew] = got.try_emplace(s.getPosition(), have, Value());
    if (isNew)
      it->second.second = e.size(have);
    if (isNew || it->second.first == have)
      return;
    expected = it->second.second;
  } else {
    expected = e.size(want);
  }
  Value v = e.size(have);
  e.failIf(h.cmp(CmpI::ne, v, expected), LLMC_FAIL_SHAPE, v, expected);
}

void SizeBinding::match(Type have, Type want) {
  if (!isa<RankedTensorType>(want))
    return;
  for (auto [a, b] : llvm::zip(llm::dimsOf(have), llm::dimsOf(want)))
    match(a, b);
}

FailureOr<SmallVector<Value>> SizeBinding::values(Operation *op) {
  SmallVector<Value> out;
  for (unsigned s : symbols) {
    auto it = got.find(s);
    if (it == got.end())
      return op->emitError("binds a size that is of no result");
    out.push_back(it->second.second);
  }
  return out;
}

namespace {
class IfLowering {
public:
  IfLowering(llm::IfOp op, EntryLowering &e)
      : op(op), e(e), symbols(unboundSymbols(e, op.getBinds())) {}

  LogicalResult run() {
    CodeBuilder &h = e.host();
    Value condition = hostBoolean(e, op.getCondition());
    SmallVector<Type> joined(symbols.size(), h.i64());
    for (Value r : op.getOutputs()) {
      EntryLowering::Destination to;
      if (mentions(r.getType(), symbols)) {
        to.output = e.outputOfValue(r);
        joined.push_back(h.ptr());
      } else {
        to.base = e.result(r).base;
      }
      places.push_back(to);
    }
    Block *yes = e.addBlock(), *no = e.addBlock(), *end = e.addBlock(joined);
    e.branchIf(condition, yes, no);
    if (failed(lowerBranch(op.getThenBody().front(), yes, end)) ||
        failed(lowerBranch(op.getElseBody().front(), no, end)))
      return failure();
    e.enterBlock(end);
    unsigned next = 0;
    for (unsigned s : symbols)
      e.bindSymbol(s, end->getArgument(next++));
    for (auto [r, to] : llvm::zip(op.getOutputs(), places))
      if (!to.base)
        e.own(r, end->getArgument(next++));
    return success();
  }

private:
  LogicalResult lowerBranch(Block &body, Block *from, Block *end) {
    e.enterBlock(from);
    EntryLowering::BodyScope scope(e);
    Operation *yield = body.getTerminator();
    SmallVector<bool> asked;
    for (auto [v, r, to] :
         llvm::zip(yield->getOperands(), op.getOutputs(), places))
      asked.push_back((!to.base || v.getType() == r.getType()) &&
                      e.makeIn(v, body, to));
    if (failed(e.lowerBody(body)))
      return failure();
    SizeBinding sizes(e, symbols);
    for (auto [v, r] : llvm::zip(yield->getOperands(), op.getOutputs()))
      sizes.match(v.getType(), r.getType());
    auto values = sizes.values(op);
    if (failed(values))
      return failure();
    for (auto [v, to, here] : llvm::zip(yield->getOperands(), places, asked)) {
      Value base = e.deliver(v, to, here);
      if (!to.base)
        values->push_back(base);
    }
    e.endBody(body);
    e.branch(end, *values);
    return success();
  }

  llm::IfOp op;
  EntryLowering &e;
  SmallVector<unsigned> symbols;
  SmallVector<EntryLowering::Destination> places;
};
} // namespace

void addControlLowerings(LoweringTable &table) {
  table["llm.if"] = [](Operation *op, EntryLowering &e) {
    return IfLowering(cast<llm::IfOp>(op), e).run();
  };
  table["llm.loop"] = lowerLoop;
}

} // namespace llmc
