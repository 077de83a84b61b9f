// SPDX-License-Identifier: Apache-2.0
//
//   llm.gated_mlp %x, %gate, %up, %down
//   ->  %h = llm.gated_linear %x, %gate, %up ; llm.linear %h, %down
#include "passes/fuse/Passes.h"

#include "passes/match/Match.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::fuse {
#define GEN_PASS_DEF_SPLITGATEDMLPS
#include "passes/fuse/Passes.h.inc"

namespace {
struct SplitGatedMlps : impl::SplitGatedMlpsBase<SplitGatedMlps> {
  void runOnOperation() override {
    getOperation()->walk([](GatedMlpOp op) {
      OpBuilder b(op);
      Dims dims = dimsOf(op.getX());
      dims.back() = dimsOf(op.getGate())[1];
      Value hidden = GatedLinearOp::create(
          b, op.getLoc(), tensorType(op.getContext(), dims, elementOf(op)),
          op.getX(), op.getGate(), op.getUp(), op.getGateBias(), op.getUpBias(),
          op.getActivation(), IntegerRoundingAttr());
      Value out = LinearOp::create(b, op.getLoc(), op.getType(), hidden,
                                   op.getDown(), op.getDownBias(), Value(),
                                   Activation::None, IntegerRoundingAttr());
      op.getResult().replaceAllUsesWith(out);
      op.erase();
    });
  }
};
} // namespace
} // namespace llmc::fuse
