// SPDX-License-Identifier: Apache-2.0
// Computes only some tokens of what only these are used of: their choice moves
// from a result to the operands that it is made of. Used by MakeEntries, for
// the last token's logits and for those of chosen tokens.
#pragma once

#include "ir/llm/Dialect.h"
#include "ir/llm/Shape.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace llmc::recognise {

/// Which tokens are kept, on axis 1.
class TokenChoice {
public:
  virtual ~TokenChoice() = default;
  /// How many.
  virtual llm::Dim count() const = 0;
  /// These tokens of a value.
  virtual mlir::Value choose(mlir::OpBuilder &, mlir::Value) const = 0;
  /// Whether the op is choose() of the value.
  virtual bool isChoice(mlir::Operation *, mlir::Value) const = 0;
};

/// The last of `seq` tokens.
class LastToken : public TokenChoice {
public:
  explicit LastToken(llm::Dim seq) : seq(seq) {}
  llm::Dim count() const override;
  mlir::Value choose(mlir::OpBuilder &, mlir::Value) const override;
  bool isChoice(mlir::Operation *, mlir::Value) const override;

private:
  llm::Dim seq;
};

/// Those that a tensor of indices names.
class NamedTokens : public TokenChoice {
public:
  explicit NamedTokens(mlir::Value indices) : indices(indices) {}
  llm::Dim count() const override { return llm::dimsOf(indices)[0]; }
  mlir::Value choose(mlir::OpBuilder &, mlir::Value) const override;
  bool isChoice(mlir::Operation *, mlir::Value) const override;

private:
  mlir::Value indices;
};

/// Whether an op's result at a token depends on its operands at that token
/// alone, where these have tokens on axis 1.
bool isPerToken(mlir::Operation *op);

/// Whether a value has tokens on axis 1.
bool hasTokens(mlir::Value v, llm::Dim seq);

/// Whether such an op leaves tokens where they are: false for a reshape or a
/// slice that mixes or drops some.
bool keepsTokens(mlir::Operation *op, llm::Dim seq);

/// The result named `logits`, where it is [batch, seq, vocabulary]; else null.
mlir::OpOperand *tokenLogits(mlir::func::FuncOp f, llm::Dim seq);

/// Returns only these tokens of `result`, an operand of the function's return.
void keepTokens(mlir::func::FuncOp f, mlir::OpOperand &result, llm::Dim seq,
                const TokenChoice &choice);

} // namespace llmc::recognise
