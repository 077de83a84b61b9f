// SPDX-License-Identifier: Apache-2.0
//
//   %0 = llm.mul %x, %y ; %1 = llm.tanh %0 ; %2 = llm.add %1, %z
//   ->  %2 = llm.map(%x, %y, %z) { mul, tanh, add on scalars }
//
// From each elementwise op upwards: producers of the same size join whose every
// use is inside, and casts, which are cheaper to repeat than to store. Smaller
// operands and constants stay inputs, which broadcast; an expand in front of an
// input goes. Integer division stays out: it may fail, and names its node then.
#include "passes/fuse/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "passes/match/Match.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::fuse {
#define GEN_PASS_DEF_FUSEMAPS
#include "passes/fuse/Passes.h.inc"

namespace {
bool isFusable(Operation *op) {
  if (!op || !isa<ElementwiseOp>(op) || op->getNumResults() != 1 ||
      !isa<RankedTensorType>(op->getResult(0).getType()) ||
      isa<MapOp>(op->getParentOp()))
    return false;
  return !isa<ModOp>(op) &&
         !(isa<DivOp>(op) && isa<IntegerType>(elementOf(op->getResult(0))));
}

/// The tensor a loop of these dims can read in place of v.
Value inputFor(Value v, ArrayRef<Dim> dims) {
  auto expand = v.getDefiningOp<ExpandOp>();
  return expand && match::broadcastsTo(expand.getX(), dims) ? expand.getX() : v;
}

class Group {
public:
  Group(Operation *root, int64_t maxOps, int64_t maxInputs)
      : root(root), dims(dimsOf(root->getResult(0))), maxOps(maxOps),
        maxInputs(maxInputs) {
    members.insert(root);
    // Producers join while it fits; the order only decides what is left out.
    for (size_t next = 0; next < members.size(); ++next)
      for (Value v : members[next]->getOperands())
        tryJoin(v.getDefiningOp());
  }

  bool isWorthIt() const {
    return members.size() > 1 ||
           llvm::any_of(root->getOperands(),
                        [&](Value v) { return inputFor(v, dims) != v; });
  }

  void fuse(llvm::SmallPtrSetImpl<Operation *> &dead) {
    auto ordered = members.takeVector();
    llvm::sort(ordered, [](Operation *a, Operation *b) {
      return a->isBeforeInBlock(b);
    });
    llvm::SmallPtrSet<Operation *, 16> inside(ordered.begin(), ordered.end());
    llvm::SetVector<Value> inputs;
    for (Operation *op : ordered)
      for (Value v : op->getOperands())
        if (!inside.contains(v.getDefiningOp()))
          inputs.insert(inputFor(v, dims));
    OpBuilder builder(root);
    auto map = MapOp::create(builder, root->getLoc(), root->getResultTypes(),
                             inputs.getArrayRef());
    Block &body = map.getBody().emplaceBlock();
    IRMapping scalars;
    for (Value v : inputs)
      scalars.map(v, body.addArgument(elementOf(v), v.getLoc()));
    builder.setInsertionPointToEnd(&body);
    for (Operation *op : ordered) {
      for (Value v : op->getOperands())
        if (!scalars.contains(v))
          scalars.map(v, scalars.lookup(inputFor(v, dims)));
      Operation *scalar = builder.clone(*op, scalars);
      scalar->getResult(0).setType(elementOf(op->getResult(0)));
      scalars.map(op->getResult(0), scalar->getResult(0));
    }
    YieldOp::create(builder, root->getLoc(),
                    scalars.lookup(root->getResult(0)));
    root->getResult(0).replaceAllUsesWith(map.getResult(0));
    for (Operation *op : llvm::reverse(ordered))
      if (op->use_empty()) {
        dead.insert(op);
        op->dropAllReferences();
      }
  }

private:
  void tryJoin(Operation *op) {
    if (!isFusable(op) || members.contains(op) ||
        op->getBlock() != root->getBlock() ||
        dimsOf(op->getResult(0)) != dims ||
        static_cast<int64_t>(members.size()) >= maxOps)
      return;
    bool allInside = llvm::all_of(op->getUsers(), [&](Operation *user) {
      return members.contains(user);
    });
    if (!allInside && !isa<CastOp>(op))
      return;
    members.insert(op);
    if (countInputs() > maxInputs)
      members.remove(op);
  }

  int64_t countInputs() const {
    llvm::SmallPtrSet<Value, 16> inputs;
    for (Operation *op : members)
      for (Value v : op->getOperands())
        if (!members.contains(v.getDefiningOp()))
          inputs.insert(inputFor(v, dims));
    return inputs.size();
  }

  Operation *root;
  Dims dims;
  int64_t maxOps, maxInputs;
  llvm::SetVector<Operation *> members;
};

struct FuseMaps : impl::FuseMapsBase<FuseMaps> {
  using FuseMapsBase::FuseMapsBase;
  void runOnOperation() override {
    for (auto f : getOperation().getOps<func::FuncOp>())
      f.walk([&](Block *block) {
        if (!isa<MapOp>(block->getParentOp()))
          fuseIn(*block);
      });
  }

  void fuseIn(Block &block) {
    SmallVector<Operation *> ops;
    for (Operation &op : block)
      ops.push_back(&op);
    llvm::SmallPtrSet<Operation *, 16> dead;
    // From the end: a chain's last op is its root.
    for (Operation *op : llvm::reverse(ops)) {
      if (dead.contains(op) || !isFusable(op))
        continue;
      Group group(op, maxOps, maxInputs);
      if (group.isWorthIt())
        group.fuse(dead);
    }
    for (Operation *op : llvm::reverse(ops))
      if (dead.contains(op))
        op->erase();
  }
};
} // namespace
} // namespace llmc::fuse
