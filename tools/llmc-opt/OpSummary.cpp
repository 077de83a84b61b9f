// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc-opt/OpSummary.h"

#include "passes/Summary.h"

using namespace mlir;

namespace llmc {
namespace {
struct OpSummary : PassWrapper<OpSummary, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(OpSummary)
  StringRef getArgument() const override { return "llmc-op-summary"; }
  StringRef getDescription() const override {
    return "Print the ops of each layer";
  }
  void runOnOperation() override {
    for (const passes::LayerSummary &layer :
         passes::opSummary(getOperation())) {
      llvm::errs() << layer.layer << ":";
      for (const std::string &op : layer.ops)
        llvm::errs() << " " << op;
      llvm::errs() << "\n";
    }
  }
};
} // namespace

std::unique_ptr<Pass> createOpSummaryPass() {
  return std::make_unique<OpSummary>();
}
} // namespace llmc
