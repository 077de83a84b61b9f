// SPDX-License-Identifier: Apache-2.0
// Builds llm.loop from a function that converts one turn, for Loop, Scan and
// what else repeats a body. The sizes that turns change are found by trying.
#pragma once

#include "frontend/onnx/Rule.h"

namespace llmc::onnx {

struct LoopSpec {
  mlir::Value trips;     ///< null: no bound
  mlir::Value condition; ///< null: holds
  llvm::SmallVector<mlir::Value> inits;
  /// The number of turns if no condition ends them; null: unknown.
  llm::Dim turns;
  /// Whether rows keep their sizes where there is no turn. Loop's don't: only
  /// turns tell them.
  bool rowsKeepSizes = false;
};

/// What one turn makes.
struct LoopTurn {
  mlir::Value go; ///< null: always
  llvm::SmallVector<mlir::Value> next, rows;
  bool unknown = false; ///< some of it could not be converted
};

/// Converts a turn at the builder's position, given the number of turns done
/// and the carried values. Called again where sizes turn out to change.
using TurnFn =
    llvm::function_ref<LoopTurn(llm::Dim iteration, mlir::ValueRange carried)>;

/// The loop's results: carried values, then rows on axis 0. Nothing where the
/// body could not be converted.
std::optional<llvm::SmallVector<mlir::Value>>
buildLoop(Binder &, const LoopSpec &, TurnFn);

/// Whether a size may be known only inside of a body whose symbols begin at
/// `firstLocal`.
bool isLocalSize(llm::Symbols &, llm::Dim, unsigned firstLocal);

} // namespace llmc::onnx
