// SPDX-License-Identifier: Apache-2.0
// Reasoning about expressions of sizes: signs, minima, exact quotients. Every
// symbol is a size, hence at least 0, except those bound by data. Used by the
// shape arithmetic and the layout rules; may add derived symbols to the module.
#pragma once

#include "ir/llm/Shape.h"

namespace llmc::onnx {

class SizeMath {
public:
  explicit SizeMath(mlir::ModuleOp module)
      : symbols(module), ctx(module.getContext()) {}

  llm::Dim constant(int64_t v) const { return llm::constantDim(ctx, v); }
  llm::Symbols &table() { return symbols; }

  /// A value that e never is below (above); nothing where none is known.
  std::optional<int64_t> lowerBound(llm::Dim e) const;
  std::optional<int64_t> upperBound(llm::Dim e) const;
  bool isNonNegative(llm::Dim e) const {
    return lowerBound(e).value_or(-1) >= 0;
  }
  bool isNegative(llm::Dim e) const { return upperBound(e).value_or(0) < 0; }

  /// a < b, a <= b, a = b where that follows; nothing where it depends.
  std::optional<bool> less(llm::Dim a, llm::Dim b) const;
  std::optional<bool> lessEqual(llm::Dim a, llm::Dim b) const;
  std::optional<bool> equal(llm::Dim a, llm::Dim b) const;

  llm::Dim min(llm::Dim a, llm::Dim b);
  llm::Dim max(llm::Dim a, llm::Dim b);
  /// 1 or 0, and a choice by such a value.
  llm::Dim lessThan(llm::Dim a, llm::Dim b);
  llm::Dim equals(llm::Dim a, llm::Dim b);
  llm::Dim select(llm::Dim condition, llm::Dim yes, llm::Dim no) {
    return symbols.select(condition, yes, no);
  }
  /// The quotient, rounded up, of a and a positive step.
  llm::Dim ceilDiv(llm::Dim a, llm::Dim step) const;
  llm::Dim ceilDiv(llm::Dim a, int64_t step) const {
    return ceilDiv(a, constant(step));
  }
  /// The product of `of` by that of `by`, equal factors cancelled first.
  llm::Dim quotient(llvm::ArrayRef<llm::Dim> of,
                    llvm::ArrayRef<llm::Dim> by) const;

private:
  std::optional<int64_t> bound(llm::Dim e, bool lower, int depth) const;
  std::optional<int64_t> symbolBound(unsigned i, bool lower) const;
  std::optional<int64_t> computedBound(unsigned i, bool lower) const;
  /// Bounds of symbols, each computed once: derived ones share operands.
  mutable llvm::DenseMap<std::pair<unsigned, unsigned>, std::optional<int64_t>>
      known;
  llm::Symbols symbols;
  mlir::MLIRContext *ctx;
};

} // namespace llmc::onnx
