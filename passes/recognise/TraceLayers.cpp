// SPDX-License-Identifier: Apache-2.0
//
//   @main {llm.entry = "raw"}
//   ->  @main                                 as it was
//       @layers {llm.entry = "layers"}        the same inputs; what each layer
//       leaves to the next one, as "layer.0", "layer.1", ...
#include "passes/recognise/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "passes/match/Layers.h"
#include "passes/match/Match.h"

using namespace mlir;

namespace llmc::recognise {
#define GEN_PASS_DEF_TRACELAYERS
#include "passes/recognise/Passes.h.inc"

namespace {
struct TraceLayers : impl::TraceLayersBase<TraceLayers> {
  void runOnOperation() override {
    auto main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!main || main.isDeclaration() || !main.getBody().hasOneBlock())
      return;
    OpBuilder b(main);
    b.setInsertionPointAfter(main);
    func::FuncOp f = main.clone();
    b.insert(f);
    SmallVector<Value> results = match::layerResults(f);
    if (results.empty()) {
      f.erase();
      return match::missed(main, "trace-layers", "no layers are recognised");
    }
    f.setName("layers");
    f->setAttr("llm.entry", b.getStringAttr("layers"));
    f.front().getTerminator()->setOperands(results);
    (void)f.eraseResults(llvm::BitVector(f.getNumResults(), true));
    f.setFunctionType(b.getFunctionType(
        f.getArgumentTypes(),
        llvm::map_to_vector(results, [](Value v) { return v.getType(); })));
    for (auto [i, v] : llvm::enumerate(results))
      f.setResultAttr(i, "llm.name",
                      b.getStringAttr("layer." + std::to_string(i)));
  }
};
} // namespace
} // namespace llmc::recognise
