// SPDX-License-Identifier: Apache-2.0
// What the conversion knows of one ONNX value: its type, the llm value that
// holds it (made at the first use as data) and, of small tensors, the elements.
// Used by OnnxToLLM, Rule and ShapeArithmetic.
#pragma once

#include "ir/llm/Shape.h"

#include "mlir/IR/Value.h"

#include <optional>

namespace llmc::onnx {

/// The elements of a small tensor, in row-major order: integers and booleans
/// (0 or 1) as expressions over the symbols, floats as numbers that their type
/// holds exactly.
struct Content {
  llm::Dims ints;
  llvm::SmallVector<double> floats;
  bool isFloat = false;

  size_t size() const { return isFloat ? floats.size() : ints.size(); }
  bool isConstant() const { return isFloat || llm::isFixed(ints); }

  static Content of(llm::Dims ints) { return {std::move(ints), {}, false}; }
  static Content of(llvm::SmallVector<double> floats) {
    return {{}, std::move(floats), true};
  }
};

/// Tensors with more elements have no Content.
inline constexpr int64_t kMaxContent = 1024;

struct Entry {
  mlir::RankedTensorType type; ///< null: absent, unknown, or no tensor
  mlir::Value value;           ///< null where only the content is known yet
  std::optional<Content> content;
  /// Its producer could not be converted; nothing that uses it can be judged.
  bool isUnknown = false;
  bool isNone = false; ///< an optional value without element
  mlir::Type noneType; ///< of it, an optional's; null: not known
};

} // namespace llmc::onnx
