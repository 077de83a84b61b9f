// SPDX-License-Identifier: Apache-2.0
//
//   %past {llm.state} : f32 ; %present = llm.kv_append %past, %k
//   ->  %past {llm.state} : f16
//       %present = llm.kv_append %past, (llm.cast %k)
//
// Attention reads keys and values of any type; what else reads them gets them
// cast back. Entries without states (`raw`) keep the types of the model.
#include "passes/quantize/Passes.h"

#include "ir/llm/Shape.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::quantize {
#define GEN_PASS_DEF_STORECACHES
#include "passes/quantize/Passes.h.inc"

namespace {
Value castTo(OpBuilder &b, Value v, Type element) {
  return CastOp::create(b, v.getLoc(), withElement(v.getType(), element), v);
}

bool isKeyOrValue(OpOperand &use) {
  auto attention = dyn_cast<AttentionOp>(use.getOwner());
  return attention &&
         (use.get() == attention.getK() || use.get() == attention.getV()) &&
         use.get() != attention.getQ();
}

void store(KvAppendOp append, Type element) {
  Type before = elementOf(append.getResult());
  OpBuilder b(append);
  append.getUpdateMutable().assign(castTo(b, append.getUpdate(), element));
  Value present = append.getResult();
  present.setType(withElement(present.getType(), element));
  b.setInsertionPointAfter(append);
  Value back;
  for (OpOperand &use : llvm::make_early_inc_range(present.getUses())) {
    if (isKeyOrValue(use))
      continue;
    if (!back)
      back = castTo(b, present, before);
    if (use.getOwner() != back.getDefiningOp())
      use.set(back);
  }
}

struct StoreCaches : impl::StoreCachesBase<StoreCaches> {
  using StoreCachesBase::StoreCachesBase;

  void runOnOperation() override {
    Type element = llvm::StringSwitch<Type>(type)
                       .Case("f32", Float32Type::get(&getContext()))
                       .Case("f16", Float16Type::get(&getContext()))
                       .Case("bf16", BFloat16Type::get(&getContext()))
                       .Default(Type());
    if (!element) {
      getOperation().emitError("caches are of f32, f16 or bf16, not ") << type;
      return signalPassFailure();
    }
    for (auto f : getOperation().getOps<func::FuncOp>())
      for (BlockArgument arg : f.getArguments())
        if (f.getArgAttr(arg.getArgNumber(), "llm.state"))
          if (auto append = dyn_cast<KvAppendOp>(*arg.user_begin());
              append && elementOf(arg) != element) {
            arg.setType(withElement(arg.getType(), element));
            store(append, element);
            f.setFunctionType(
                FunctionType::get(&getContext(), f.front().getArgumentTypes(),
                                  f.getFunctionType().getResults()));
          }
  }
};
} // namespace
} // namespace llmc::quantize
