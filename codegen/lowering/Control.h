// SPDX-License-Identifier: Apache-2.0
// Shared by the lowerings of conditionals and loops.
#pragma once

#include "codegen/lowering/EntryLowering.h"

namespace llmc {

/// The element of a tensor of one boolean, read by the host program.
mlir::Value hostBoolean(EntryLowering &, mlir::Value);

/// Those symbols of `binds` that have no value yet.
llvm::SmallVector<unsigned> unboundSymbols(EntryLowering &,
                                           mlir::AffineMap binds);
/// Whether a dim of the type is made of one of the symbols.
bool mentions(mlir::Type, llvm::ArrayRef<unsigned> symbols);

/// Matches the sizes of what a body has with those of the type that it is taken
/// as: `symbols` get their values so, at their first occurrence; all else is
/// checked where it is not the same expression.
class SizeBinding {
public:
  SizeBinding(EntryLowering &e, llvm::ArrayRef<unsigned> symbols)
      : e(e), symbols(symbols) {}
  void match(llm::Dim have, llm::Dim want);
  void match(mlir::Type have, mlir::Type want);
  mlir::Value valueOf(unsigned symbol) const { ///< null: none yet
    return got.lookup(symbol).second;
  }
  /// Of all symbols, in order; an error at the op where one has none.
  mlir::FailureOr<llvm::SmallVector<mlir::Value>> values(mlir::Operation *);

private:
  EntryLowering &e;
  llvm::SmallVector<unsigned> symbols;
  llvm::DenseMap<unsigned, std::pair<llm::Dim, mlir::Value>> got;
};

/// A loop of the host program itself: the body is made once, for i in
/// [0, count).
void hostLoop(EntryLowering &, mlir::Value count,
              llvm::function_ref<void(mlir::Value i)> body);
/// A sequence's block again.
mlir::Value copySequence(EntryLowering &, mlir::Value block);

mlir::LogicalResult lowerLoop(mlir::Operation *, EntryLowering &);

} // namespace llmc
