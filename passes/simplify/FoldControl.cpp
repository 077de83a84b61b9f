// SPDX-License-Identifier: Apache-2.0
//
//   %0 = llm.if true { A ; yield %x } else { B }   ->   A, and %x for %0
//   %0:2 = llm.if %c ... with %0#1 unused          ->   %0 = llm.if %c ...
//   rows of a loop without uses                    ->   not kept
//
// A result whose dim is a symbol that something else still uses stays.
#include "passes/simplify/Passes.h"

#include "ir/llm/Dialect.h"
#include "ir/llm/Shape.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/match/Match.h"
#include "passes/match/Substitute.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::simplify {
#define GEN_PASS_DEF_FOLDCONTROL
#include "passes/simplify/Passes.h.inc"

namespace {
using SymbolSet = llvm::DenseSet<unsigned>;

/// Symbols that a size is made of, derived ones with what they derive from.
void addSymbols(Symbols &table, AffineExpr size, SymbolSet &out) {
  size.walk([&](AffineExpr e) {
    auto s = dyn_cast<AffineSymbolExpr>(e);
    if (s && out.insert(s.getPosition()).second)
      for (Dim of : table.operands(s.getPosition()))
        addSymbols(table, of, out);
  });
}

void addSymbols(Symbols &table, Type type, SymbolSet &out) {
  if (isa<RankedTensorType>(type))
    for (Dim d : dimsOf(type))
      addSymbols(table, d, out);
}

/// Symbols used in a function by anything but results and binds of one op.
SymbolSet symbolsBeside(Symbols &table, func::FuncOp f, Operation *op) {
  SymbolSet out;
  for (Type type : f.getArgumentTypes())
    addSymbols(table, type, out);
  f.walk([&](Operation *other) {
    for (Region &region : other->getRegions())
      for (Block &block : region)
        for (Type type : block.getArgumentTypes())
          addSymbols(table, type, out);
    if (other == op)
      return;
    for (Type type : other->getResultTypes())
      addSymbols(table, type, out);
    for (NamedAttribute a : other->getAttrs())
      if (auto map = dyn_cast<AffineMapAttr>(a.getValue());
          map && a.getName() != "binds")
        for (AffineExpr e : map.getValue().getResults())
          addSymbols(table, e, out);
  });
  return out;
}

bool isDimOf(Dim d, Type type) {
  return isa<RankedTensorType>(type) && llvm::is_contained(dimsOf(type), d);
}

/// The taken branch in the op's place.
void inlineBranch(IfOp op, bool taken) {
  Block &body = (taken ? op.getThenBody() : op.getElseBody()).front();
  Operation *yield = body.getTerminator();
  auto f = op->getParentOfType<func::FuncOp>();
  llvm::DenseMap<unsigned, Dim> given;
  for (auto [v, r] : llvm::zip(yield->getOperands(), op.getOutputs())) {
    if (!isa<RankedTensorType>(r.getType()))
      continue;
    for (auto [have, want] : llvm::zip(dimsOf(v), dimsOf(r)))
      if (llvm::is_contained(op.getBinds().getResults(), want))
        if (auto s = dyn_cast<AffineSymbolExpr>(want))
          given.try_emplace(s.getPosition(), have);
  }
  SmallVector<Value> values(yield->getOperands());
  op->getBlock()->getOperations().splice(op->getIterator(),
                                         body.getOperations(), body.begin(),
                                         yield->getIterator());
  match::substituteSymbols(f, f->getParentOfType<ModuleOp>(), given);
  OpBuilder builder(op);
  for (auto [v, r] : llvm::zip(values, op.getOutputs())) {
    if (v.getType() != r.getType())
      v = isa<RankedTensorType>(r.getType())
              ? Value(ReshapeOp::create(builder, op.getLoc(), r.getType(), v))
              : Value(SequenceCastOp::create(builder, op.getLoc(), r.getType(),
                                             v));
    r.replaceAllUsesWith(v);
  }
  op.erase();
}

/// Which results, from `first` on, have to stay; `binds` becomes what they and
/// the others bind.
llvm::BitVector keptResults(Operation *op, unsigned first, Dims &binds) {
  auto f = op->getParentOfType<func::FuncOp>();
  Symbols table(f->getParentOfType<ModuleOp>());
  SymbolSet used = symbolsBeside(table, f, op);
  llvm::BitVector kept(op->getNumResults());
  for (OpResult r : op->getResults())
    if (r.getResultNumber() < first || !r.use_empty()) {
      kept.set(r.getResultNumber());
      addSymbols(table, r.getType(), used);
    }
  llvm::erase_if(binds, [&](Dim d) {
    auto s = dyn_cast<AffineSymbolExpr>(d);
    return s && !used.contains(s.getPosition());
  });
  for (Dim d : binds) {
    auto has = [&](OpResult r) { return isDimOf(d, r.getType()); };
    if (llvm::any_of(op->getResults(), [&](OpResult r) {
          return kept[r.getResultNumber()] && has(r);
        }))
      continue;
    auto all = op->getResults();
    if (auto it = llvm::find_if(all, has); it != all.end())
      kept.set((*it).getResultNumber());
  }
  return kept;
}

/// The op again with some of its results; `skipped` operands of each yield
/// stand before the first result's.
void keepResults(Operation *op, const llvm::BitVector &kept,
                 ArrayRef<Dim> binds, unsigned skipped) {
  OpBuilder builder(op);
  OperationState state(op->getLoc(), op->getName());
  state.addOperands(op->getOperands());
  SmallVector<Value> old;
  for (OpResult r : op->getResults())
    if (kept[r.getResultNumber()]) {
      state.addTypes(r.getType());
      old.push_back(r);
    }
  state.propertiesAttr = op->getPropertiesAsAttribute();
  state.addAttributes(op->getDiscardableAttrDictionary().getValue());
  for (Region &region : op->getRegions())
    state.addRegion()->takeBody(region);
  Operation *made = builder.create(state);
  made->setAttr("binds", dimsAttr(op->getContext(), binds));
  for (Region &region : made->getRegions()) {
    Operation *yield = region.front().getTerminator();
    llvm::BitVector gone(yield->getNumOperands());
    for (unsigned i = 0; i < kept.size(); ++i)
      if (!kept[i])
        gone.set(skipped + i);
    yield->eraseOperands(gone);
  }
  for (auto [from, to] : llvm::zip(old, made->getResults()))
    from.replaceAllUsesWith(to);
  op->erase();
}

/// Whether anything changed.
bool dropUnused(Operation *op) {
  auto loop = dyn_cast<LoopOp>(op);
  unsigned carried = loop ? loop.getInits().size() : 0;
  AffineMap map = loop ? loop.getBinds() : cast<IfOp>(op).getBinds();
  Dims binds(map.getResults());
  llvm::BitVector kept = keptResults(op, carried, binds);
  bool all = kept.all() && binds.size() == map.getNumResults();
  if (op->use_empty() && binds.empty()) {
    op->erase();
    return true;
  }
  if (all)
    return false;
  keepResults(op, kept, binds, loop ? 1 : 0);
  return true;
}

struct FoldControl : impl::FoldControlBase<FoldControl> {
  void runOnOperation() override {
    // Inner ops first; one at a time, as folding one may show another.
    while (foldOne()) {
    }
  }

  bool foldOne() {
    return getOperation()
        ->walk([](Operation *op) {
          if (auto branch = dyn_cast<IfOp>(op))
            if (auto taken = match::splatOf(branch.getCondition())) {
              inlineBranch(branch, *taken != 0);
              return WalkResult::interrupt();
            }
          if (isa<IfOp, LoopOp>(op) && dropUnused(op))
            return WalkResult::interrupt();
          return WalkResult::advance();
        })
        .wasInterrupted();
  }
};
} // namespace
} // namespace llmc::simplify
