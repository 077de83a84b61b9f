// SPDX-License-Identifier: Apache-2.0
// Symbolic sizes of graph inputs: `dim_param`s as symbols and as expressions of
// them. Used by the importer, once per model.
#pragma once

#include "frontend/onnx/reader/Model.h"
#include "ir/llm/Shape.h"

#include <set>

namespace llmc::onnx {

class DimParams {
public:
  /// plain: the dim_params that stand alone somewhere; an expression is read as
  /// one only if all its names are among them, else it is a name itself.
  DimParams(llm::Symbols &symbols, std::set<std::string, std::less<>> plain)
      : symbols(symbols), plain(std::move(plain)) {}

  /// True where text could be a name rather than an expression.
  static bool isName(std::string_view text);
  /// `past_sequence_length + 1` and the like: names, integers, + - * / // ( ).
  llm::Dim parse(mlir::MLIRContext *, std::string_view text);

private:
  llm::Symbols &symbols;
  std::set<std::string, std::less<>> plain;
};

} // namespace llmc::onnx
