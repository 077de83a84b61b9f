// SPDX-License-Identifier: Apache-2.0
//
//   @main(%mask: tensor<batch x total>, %past: tensor<batch x 4 x past x 32>,
//   ...)   with total free
//   -> @main(%mask: tensor<batch x (past + seq)>, ...)
//
// Applies to the input named attention_mask (or its second name in such graphs)
// of rank 2 when its length is a symbol that no other input has, and the model
// has tokens of length seq and caches of length past. A call with another mask
// length is refused with the sizes of the input, where the original graph would
// fail in some later node or read a mask that does not fit its keys.
#include "passes/simplify/Passes.h"

#include "ir/llm/Shape.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/match/Substitute.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::simplify {
#define GEN_PASS_DEF_UNIFYSIZES
#include "passes/simplify/Passes.h.inc"

namespace {
StringRef nameOf(func::FuncOp f, unsigned i) {
  if (auto s = f.getArgAttrOfType<StringAttr>(i, "llm.name"))
    return s.getValue();
  return {};
}

bool mentions(Type type, Dim symbol) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor)
    return false;
  bool found = false;
  for (Dim d : dimsOf(tensor))
    d.walk([&](AffineExpr e) { found |= e == symbol; });
  return found;
}

/// Whether a value has a size with the symbol in it.
bool isUsed(ModuleOp module, Dim symbol) {
  return module
      ->walk([&](Operation *op) {
        auto has = [&](Type t) { return mentions(t, symbol); };
        bool found = llvm::any_of(op->getResultTypes(), has) ||
                     llvm::any_of(op->getOperandTypes(), has);
        return found ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

/// min(a, c) that has to broadcast with a: it is a, or c < a and the call fails
/// (c is above 1), which the row of the table still checks.
bool unifyClamped(ModuleOp module) {
  Symbols symbols(module);
  for (unsigned i = 0; i < symbols.size(); ++i) {
    if (symbols.kind(i) != "broadcast")
      continue;
    Dims of = symbols.operands(i);
    for (int side : {0, 1}) {
      auto clamped = dyn_cast<AffineSymbolExpr>(of[side]);
      if (!clamped || symbols.kind(clamped.getPosition()) != "min")
        continue;
      Dims parts = symbols.operands(clamped.getPosition());
      Dim whole = of[1 - side];
      std::optional<int64_t> limit = parts[0] == whole   ? fixedDim(parts[1])
                                     : parts[1] == whole ? fixedDim(parts[0])
                                                         : std::nullopt;
      if (!limit || *limit < 2 || !isUsed(module, clamped))
        continue;
      match::substituteSymbols(module, module,
                               {{clamped.getPosition(), whole}, {i, whole}});
      return true;
    }
  }
  return false;
}

struct UnifySizes : impl::UnifySizesBase<UnifySizes> {
  void runOnOperation() override {
    while (unifyClamped(getOperation())) {
    }
    for (auto f : getOperation().getOps<func::FuncOp>())
      if (!f.isDeclaration())
        unify(f);
  }

  void unify(func::FuncOp f) {
    std::optional<unsigned> mask;
    Dim past, seq;
    for (unsigned i = 0; i < f.getNumArguments(); ++i) {
      StringRef name = nameOf(f, i);
      Type type = f.getArgument(i).getType();
      auto tensor = dyn_cast<RankedTensorType>(type);
      if (!tensor)
        continue;
      if (name == "attention_mask" && tensor.getRank() == 2)
        mask = i;
      else if ((name == "input_ids" || name == "inputs_embeds") &&
               tensor.getRank() >= 2)
        seq = dimOf(type, 1);
      else if (name.starts_with("past_key_values.") && tensor.getRank() == 4)
        past = past && past != dimOf(type, 2) ? Dim() : dimOf(type, 2);
    }
    if (!mask || !past || !seq)
      return;
    Dim total = dimOf(f.getArgument(*mask).getType(), 1);
    auto symbol = dyn_cast<AffineSymbolExpr>(total);
    if (!symbol || total == past || total == seq)
      return;
    for (unsigned i = 0; i < f.getNumArguments(); ++i)
      if (i != *mask && mentions(f.getArgument(i).getType(), total))
        return;
    match::substituteSymbols(getOperation(), getOperation(),
                             {{symbol.getPosition(), simplified(past + seq)}});
  }
};
} // namespace
} // namespace llmc::simplify
