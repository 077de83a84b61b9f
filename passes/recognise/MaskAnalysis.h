// SPDX-License-Identifier: Apache-2.0
// What an attention mask says, found from the formula of its elements: a
// conjunction of the predicates that llm.attention knows. Used by
// MatchAttention. One MaskAnalysis per pass run; not thread-safe.
#pragma once

#include "passes/match/Element.h"

namespace llmc::recognise {

/// Key t of query i is kept if all that is set here holds.
struct Mask {
  bool causal = false;
  llm::Dim offset;    ///< with causal or a window: query i stands at offset + i
  int64_t window = 0; ///< as in llm.attention; 0: none
  mlir::Value keys;   ///< a tensor [batch or 1, total] of integers or booleans
  bool keysAreOne = false; ///< kept where keys == 1; else where keys != 0
  bool finite =
      false; ///< masked scores get the smallest finite float, not -inf
};

class MaskAnalysis {
public:
  explicit MaskAnalysis(mlir::MLIRContext *ctx) : ctx(ctx) {}

  /// The mask that adding `bias` to scores [batch, heads, seq, total] makes.
  /// Nothing, with a reason, if it says anything else.
  const std::optional<Mask> &ofBias(mlir::Value bias,
                                    llvm::ArrayRef<llm::Dim> scores);
  llvm::StringRef reason() const { return why; }

private:
  std::optional<Mask> analyse(mlir::Value, llvm::ArrayRef<llm::Dim>);
  mlir::MLIRContext *ctx;
  llvm::DenseMap<mlir::Value, std::optional<Mask>> known;
  std::string why;
};

} // namespace llmc::recognise
