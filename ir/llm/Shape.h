// SPDX-License-Identifier: Apache-2.0
// Symbolic sizes. A dim is an AffineExpr over the module's symbols; a tensor
// type carries its dims (fixed ones in the type's shape, all of them in an
// affine map as encoding where any is symbolic). Pure functions, no state.
#pragma once

#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"

namespace llmc::llm {

using Dim = mlir::AffineExpr;
using Dims = llvm::SmallVector<mlir::AffineExpr, 6>;

/// A tensor type with these dims, in the one canonical form (simplified, no
/// encoding when all are fixed).
mlir::RankedTensorType tensorType(mlir::MLIRContext *, llvm::ArrayRef<Dim> dims,
                                  mlir::Type element);
/// The same dims with another element type; `like` may be a scalar type, then
/// the result is `element` itself.
mlir::Type withElement(mlir::Type like, mlir::Type element);
/// All dims of a ranked tensor; a dynamic dim without encoding is an error of
/// ours.
Dims dimsOf(mlir::Type tensor);
inline Dims dimsOf(mlir::Value v) { return dimsOf(v.getType()); }
Dim dimOf(mlir::Type tensor, int64_t axis);
int64_t rankOf(mlir::Value v);
mlir::Type elementOf(mlir::Value v); ///< of a tensor or a scalar

Dim constantDim(mlir::MLIRContext *, int64_t);
std::optional<int64_t> fixedDim(Dim); ///< its value if it is a constant
bool isFixed(llvm::ArrayRef<Dim>);
/// The product of dims, simplified (1 for none).
Dim productOf(mlir::MLIRContext *, llvm::ArrayRef<Dim>);
/// Simplified and brought to the canonical order, so that equal sizes are equal
/// expressions.
Dim simplified(Dim);
/// An affine map `()[s...] -> (dims)` in canonical form, as `llm.dims`,
/// `llm.slice` and friends store expressions.
mlir::AffineMap dimsMap(mlir::MLIRContext *, llvm::ArrayRef<Dim>);
inline mlir::AffineMapAttr dimsAttr(mlir::MLIRContext *c,
                                    llvm::ArrayRef<Dim> d) {
  return mlir::AffineMapAttr::get(dimsMap(c, d));
}

/// What a value that only the data says may be: in [least, most], and not 0
/// where `nonZero`. Anything else fails the call.
struct DataRange {
  std::optional<int64_t> least = {}, most = {};
  bool nonZero = false;
};

/// Of the row of a "data" symbol.
DataRange rangeOf(mlir::Attribute row);

/// The symbols of a module: `llm.symbols`, one row each. A row is
/// - a name: a size, bound by the dims of inputs;
/// - {kind = "data", name, least, most, nonzero}: bound by `llm.bind_dim`, in a
///   DataRange; the only kind that may be negative by itself;
/// - {kind, of = affine map}, computed where its operands are known: "min" and
///   "max" of two, "broadcast" of two (equal, or one of them 1, else the call
///   fails), "less" and "equal" of two (1 or 0), "select" of three (the second
///   where the first is not 0, else the third).
/// Rows only refer to earlier rows.
class Symbols {
public:
  explicit Symbols(mlir::ModuleOp module) : module(module) {}
  unsigned size() const;
  /// The symbol of that name, made if missing.
  Dim named(llvm::StringRef name);
  /// A new symbol whose name is unique, derived from `hint`.
  Dim fresh(llvm::StringRef hint);
  /// A new symbol for `llm.bind_dim`.
  Dim data(llvm::StringRef hint, const DataRange &range = {});
  Dim min(Dim a, Dim b) { return derived("min", {a, b}); }
  Dim max(Dim a, Dim b) { return derived("max", {a, b}); }
  Dim broadcast(Dim a, Dim b) { return derived("broadcast", {a, b}); }
  Dim less(Dim a, Dim b) { return derived("less", {a, b}); }
  Dim equal(Dim a, Dim b) { return derived("equal", {a, b}); }
  Dim select(Dim condition, Dim yes, Dim no) {
    return derived("select", {condition, yes, no});
  }
  /// The symbol of a derived kind, or the expression it is.
  Dim derived(llvm::StringRef kind, llvm::ArrayRef<Dim> of);
  mlir::Attribute row(unsigned i) const;
  llvm::StringRef kind(unsigned i) const; ///< "input" for a plain name
  Dims operands(unsigned i) const;        ///< of a derived symbol, else none
  DataRange range(unsigned i) const { return rangeOf(row(i)); }
  /// Whether the value follows from the inputs' dims alone.
  bool followsFromInputs(Dim) const;
  std::string name(unsigned i) const; ///< for printing
  /// An expression with names in place of numbers, such as "past + seq".
  std::string print(Dim) const;

private:
  bool isName(llvm::StringRef) const;
  std::string unusedName(llvm::StringRef hint) const;
  unsigned append(mlir::Attribute row);
  mlir::ModuleOp module;
};

/// NumPy's broadcast of shapes. Unequal non-constant dims become a "broadcast"
/// symbol where symbols are given, else the first one wins. Failure: fixed dims
/// that don't fit.
mlir::FailureOr<Dims> broadcastDims(llvm::ArrayRef<Dim> a,
                                    llvm::ArrayRef<Dim> b,
                                    Symbols *symbols = nullptr);

/// Where an op came from: a row of the site table. Kept as a fused location
/// with metadata.
struct Site {
  int64_t node = -1; ///< index in the file's graph, in order
  std::string name;
  std::string op;
};
mlir::Location siteLoc(mlir::MLIRContext *, const Site &);
/// The site in a location, also inside call-site and fused ones; node -1 where
/// there is none.
Site siteOf(mlir::Location);

} // namespace llmc::llm
