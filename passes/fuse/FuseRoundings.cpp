// SPDX-License-Identifier: Apache-2.0
//
//   %r = llm.fake_quantize %x {rounding = R} ; llm.linear %r, %w
//   ->  llm.linear %x, %w {rounding = R}
//
// where nothing else reads %r, which may be reshaped if it is rounded as a
// whole: the product's kernel quantizes its input.
#include "passes/fuse/Passes.h"

#include "ir/llm/QuantOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::fuse {
#define GEN_PASS_DEF_FUSEROUNDINGS
#include "passes/fuse/Passes.h.inc"

namespace {
/// Whether the op took the rounding of its first operand.
template <typename OpTy>
bool take(Operation *user, Value rounded, IntegerRoundingAttr rounding) {
  auto product = dyn_cast<OpTy>(user);
  if (!product || product.getX() != rounded || product.getRounding())
    return false;
  product.setRoundingAttr(rounding);
  return true;
}

struct FuseRoundings : impl::FuseRoundingsBase<FuseRoundings> {
  void runOnOperation() override {
    getOperation()->walk([](FakeQuantizeOp fake) {
      IntegerRoundingAttr rounding = fake.getRounding();
      Value rounded = fake;
      auto onlyUser = [&]() -> Operation * {
        Operation *user = rounded.hasOneUse() ? *rounded.user_begin() : nullptr;
        return user && user->getBlock() == fake->getBlock() ? user : nullptr;
      };
      Operation *user = onlyUser();
      while (rounding.isPerTensor() && isa_and_present<ReshapeOp>(user))
        rounded = user->getResult(0), user = onlyUser();
      if (user && (take<LinearOp>(user, rounded, rounding) ||
                   take<GatedLinearOp>(user, rounded, rounding))) {
        fake.getResult().replaceAllUsesWith(fake.getX());
        fake.erase();
      }
    });
  }
};
} // namespace
} // namespace llmc::fuse
