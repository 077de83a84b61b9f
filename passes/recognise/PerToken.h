// SPDX-License-Identifier: Apache-2.0
// Whether an op works token by token, wherever its tensors have their tokens:
// what it gives for a token depends on its operands at that token and on what
// all tokens share. Used by MakeEntries, which lets tokens of several sequences
// run through such ops together.
#pragma once

#include "ir/llm/Dialect.h"
#include "ir/llm/Shape.h"

namespace llmc::recognise {

class PerToken {
public:
  /// `seq` is the number of tokens, a symbol; nothing may depend on `past`.
  PerToken(mlir::ModuleOp module, llm::Dim seq, llm::Dim past)
      : symbols(module), seq(seq), past(past) {}

  bool isOf(mlir::Operation *op) const;

private:
  bool mentions(mlir::AffineExpr, bool onlyPast) const;
  bool mentions(mlir::Attribute) const;
  /// -1: the value has no tokens; none: not one axis of them alone.
  std::optional<int64_t> axisOf(mlir::Value) const;
  bool keepsAxis(mlir::Operation *op, int64_t in, int64_t out) const;
  bool othersFollow(mlir::Operation *op, int64_t axis) const;

  llm::Symbols symbols;
  llm::Dim seq, past;
};

} // namespace llmc::recognise
