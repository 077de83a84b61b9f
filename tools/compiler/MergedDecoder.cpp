// SPDX-License-Identifier: Apache-2.0
#include "tools/compiler/MergedDecoder.h"

#include "ir/llm/Dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/Pass/PassManager.h"
#include "passes/simplify/Passes.h"

using namespace mlir;

namespace llmc::compiler {

static std::optional<unsigned> argumentNamed(func::FuncOp f, StringRef name) {
  for (unsigned i = 0; i < f.getNumArguments(); ++i)
    if (auto known = f.getArgAttrOfType<StringAttr>(i, "llm.name"))
      if (known.getValue() == name)
        return i;
  return std::nullopt;
}

/// The input that chooses; of one bool.
static std::optional<unsigned> choiceOf(func::FuncOp f) {
  std::optional<unsigned> at = argumentNamed(f, "use_cache_branch");
  if (!at)
    return std::nullopt;
  auto type = dyn_cast<RankedTensorType>(f.getArgumentTypes()[*at]);
  bool isOne = type && type.hasStaticShape() && type.getNumElements() == 1 &&
               type.getElementType().isInteger(1);
  return isOne ? at : std::nullopt;
}

bool isMergedDecoder(ModuleOp module) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  return main && choiceOf(main) && argumentNamed(main, "encoder_hidden_states");
}

/// Results that nothing given goes into stand for those of the other branch.
static void dropForeignResults(func::FuncOp f) {
  llvm::DenseSet<Value> given(f.getArguments().begin(), f.getArguments().end());
  for (Operation &op : f.front()) {
    bool any = false;
    op.walk([&](Operation *inner) {
      any |= llvm::any_of(inner->getOperands(),
                          [&](Value v) { return given.contains(v); });
    });
    if (any)
      given.insert(op.result_begin(), op.result_end());
  }
  llvm::BitVector gone(f.getNumResults());
  Operation *ret = f.front().getTerminator();
  for (OpOperand &result : ret->getOpOperands())
    gone[result.getOperandNumber()] =
        !given.contains(result.get()) || isa<BlockArgument>(result.get());
  ret->eraseOperands(gone);
  (void)f.eraseResults(gone);
}

LogicalResult takeBranch(ModuleOp module, bool withCaches) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  BlockArgument choice = main.getArgument(*choiceOf(main));
  OpBuilder builder = OpBuilder::atBlockBegin(&main.front());
  auto type = cast<RankedTensorType>(choice.getType());
  choice.replaceAllUsesWith(llm::ConstantOp::create(
      builder, main.getLoc(), DenseElementsAttr::get(type, withCaches)));
  PassManager pm(module.getContext());
  simplify::buildPipeline(pm);
  if (failed(pm.run(module)))
    return failure();
  dropForeignResults(main);
  llvm::BitVector gone(main.getNumArguments());
  for (BlockArgument arg : main.getArguments())
    gone[arg.getArgNumber()] = arg.use_empty();
  (void)main.eraseArguments(gone);
  return success();
}

} // namespace llmc::compiler
