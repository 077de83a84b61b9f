// SPDX-License-Identifier: Apache-2.0
// One element of a tensor as a formula over its indices: what a mask or a table
// of angles says, whatever ops spelled it. Used by the recognisers of masks and
// rotary embeddings. An Elements owns its formulas; not thread-safe.
#pragma once

#include "ir/llm/Dialect.h"
#include "ir/llm/Shape.h"
#include "passes/match/Polynomial.h"

#include <map>
#include <memory>
#include <unordered_map>

namespace llmc::match {

/// A formula. Equal formulas of one Elements are one object.
struct Element {
  enum class Kind {
    Number,   ///< a float or boolean constant, in `number`
    Index,    ///< an integer expression over index variables and sizes
    AtLeast0, ///< boolean: `index` >= 0
    NonZero,  ///< boolean: args[0] != 0
    Load,     ///< an element of `tensor` at `args`, not looked into
    Apply,    ///< the elementwise op `op` (by name) of args
  };
  Kind kind = Kind::Number;
  mlir::Type type; ///< element type
  double number = 0;
  mlir::AffineExpr index;
  mlir::Value tensor;
  llvm::StringRef op;
  llvm::SmallVector<const Element *, 3> args;

  static Element make(Kind kind, mlir::Type type) {
    Element e;
    e.kind = kind;
    e.type = type;
    return e;
  }
  bool isNumber(double n) const { return kind == Kind::Number && number == n; }
  bool is(llvm::StringRef name) const {
    return kind == Kind::Apply && op == name;
  }
};
using Formula = const Element *;

class Elements {
public:
  explicit Elements(mlir::MLIRContext *ctx) : ctx(ctx) {}

  /// A new index variable in [0, extent).
  mlir::AffineExpr variable(llm::Dim extent);
  Extents extents() const { return sizes; }

  /// The element of `v` at the indices.
  Formula at(mlir::Value v, llvm::ArrayRef<mlir::AffineExpr> indices);
  Formula at(mlir::Value v, llvm::ArrayRef<Formula> indices);

  Formula number(double, mlir::Type);
  Formula index(mlir::AffineExpr);
  Formula negated(Formula boolean);

  /// Which variables a formula depends on.
  llvm::SmallVector<bool> dependsOn(Formula) const;

private:
  Formula load(mlir::Value, llvm::ArrayRef<Formula>);
  Formula unique(Element);
  Formula evaluate(mlir::Value, llvm::ArrayRef<Formula>);
  Formula elementwise(mlir::Operation *, llvm::ArrayRef<Formula>);
  Formula constant(llm::ConstantOp, llvm::ArrayRef<Formula>);
  Formula reshaped(llm::ReshapeOp, llvm::ArrayRef<Formula>);
  Formula concatenated(llm::ConcatOp, llvm::ArrayRef<Formula>);
  Formula gathered(mlir::Operation *, llvm::ArrayRef<Formula>);
  Formula product(llm::MatmulOp, llvm::ArrayRef<Formula>);
  Formula apply(mlir::Operation *, llvm::ArrayRef<Formula>);
  Formula applied(llvm::StringRef op, mlir::Type, llvm::ArrayRef<Formula>);
  Formula cast(Formula, mlir::Type to);
  Formula atLeast0(mlir::AffineExpr);
  Formula both(Formula, Formula);
  Formula either(Formula, Formula);
  Formula where(Formula c, Formula x, Formula y, mlir::Type);
  Formula arithmetic(mlir::Operation *, Formula, Formula);
  Formula comparison(mlir::Operation *, Formula, Formula);

  mlir::MLIRContext *ctx;
  llvm::SmallVector<llm::Dim> sizes;
  std::vector<std::unique_ptr<Element>> owned;
  std::unordered_multimap<size_t, Formula> byHash;
  std::map<std::pair<void *, llvm::SmallVector<Formula, 4>>, Formula> memo;
};

} // namespace llmc::match
