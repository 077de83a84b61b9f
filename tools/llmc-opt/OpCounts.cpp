// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc-opt/OpCounts.h"

#include "ir/onnx/Dialect.h"
#include "mlir/IR/BuiltinOps.h"

#include <map>

using namespace mlir;

namespace llmc {
namespace {
struct OpCounts : PassWrapper<OpCounts, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(OpCounts)
  StringRef getArgument() const override { return "llmc-op-counts"; }
  StringRef getDescription() const override {
    return "Print how often each op occurs";
  }
  void runOnOperation() override {
    std::map<std::string, int> counts;
    getOperation().walk([&](Operation *op) {
      std::string name = op->getName().getStringRef().str();
      if (auto node = dyn_cast<onnx::NodeOp>(op))
        name += " " + node.getOpType().str();
      ++counts[name];
    });
    for (auto &[name, n] : counts)
      llvm::errs() << n << " " << name << "\n";
  }
};
} // namespace

std::unique_ptr<Pass> createOpCountsPass() {
  return std::make_unique<OpCounts>();
}
} // namespace llmc
