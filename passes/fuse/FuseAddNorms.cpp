// SPDX-License-Identifier: Apache-2.0
//
//   %s = llm.add %x, %y ; %n = llm.rms_norm %s, %w ; ... %s ...
//   ->  %n, %s = llm.add_norm %x, %y weight %w ; ... %s ...
//
// One pass over the rows where the sum is no product's residual: of embeddings,
// or of a mixture of experts. The op stands in the norm's place, so the sum's
// other users have to stand behind it.
#include "passes/fuse/Passes.h"

#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::fuse {
#define GEN_PASS_DEF_FUSEADDNORMS
#include "passes/fuse/Passes.h.inc"

namespace {
/// The sum that a norm is of, if the norm can compute it.
AddOp openSum(Operation *norm) {
  auto sum = norm->getOperand(0).getDefiningOp<AddOp>();
  Block *block = norm->getBlock();
  if (!sum || sum->getBlock() != block ||
      sum.getX().getType() != sum.getType() ||
      sum.getY().getType() != sum.getType())
    return {};
  bool isFirst = llvm::all_of(sum->getUsers(), [&](Operation *user) {
    return user == norm ||
           norm->isBeforeInBlock(block->findAncestorOpInBlock(*user));
  });
  return isFirst ? sum : AddOp();
}

void replace(Operation *norm, AddOp sum, Value weight, Value bias,
             APFloat epsilon, bool isCentered) {
  OpBuilder b(norm);
  auto both = AddNormOp::create(b, norm->getLoc(), norm->getResult(0).getType(),
                                sum.getType(), sum.getX(), sum.getY(), weight,
                                bias, epsilon, isCentered);
  norm->getResult(0).replaceAllUsesWith(both.getResult());
  norm->erase();
  sum.getResult().replaceAllUsesWith(both.getSum());
  sum.erase();
}

struct FuseAddNorms : impl::FuseAddNormsBase<FuseAddNorms> {
  void runOnOperation() override {
    getOperation()->walk([](Operation *op) {
      if (auto norm = dyn_cast<RmsNormOp>(op); norm && !norm.getResidual()) {
        if (AddOp sum = openSum(norm))
          replace(norm, sum, norm.getWeight(), Value(), norm.getEpsilon(),
                  false);
      } else if (auto norm = dyn_cast<LayerNormOp>(op)) {
        if (AddOp sum = openSum(norm))
          replace(norm, sum, norm.getWeight(), norm.getBias(),
                  norm.getEpsilon(), true);
      }
    });
  }
};
} // namespace
} // namespace llmc::fuse
