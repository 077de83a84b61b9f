// SPDX-License-Identifier: Apache-2.0
// Writes the ops of one function as ONNX nodes; exports/<Family>.cpp say how.
#pragma once

#include "frontend/onnx/writer/ModelFile.h"
#include "ir/llm/Dialect.h"
#include "ir/llm/Shape.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace llmc::onnx {

class GraphExporter {
public:
  using Name = std::string;
  using Names = std::vector<Name>;
  using Attributes = std::vector<WrittenAttribute>;

  GraphExporter(WrittenModel &model, mlir::ModuleOp module)
      : model(model), symbols(module), ctx(module.getContext()) {}
  void run(mlir::func::FuncOp);
  /// An op of the function, or of a map's body.
  void write(mlir::Operation *);

  // Values.
  Name name(mlir::Value v) const { return names.lookup(v); }
  void set(mlir::Value v, Name n) { names[v] = std::move(n); }
  void bindSymbol(unsigned symbol, Name size) {
    symbolNames[symbol] = std::move(size);
  }

  // Nodes; the result's name.
  Name node(llvm::StringRef op, Names inputs, Attributes = {});
  /// A node of several results.
  Names nodes(llvm::StringRef op, Names inputs, Attributes, size_t results);
  /// For an op that the exporter's own version does not have.
  void needOpset(int64_t version) {
    model.opsets[""] = std::max(model.opsets[""], version);
  }
  Name cast(Name x, mlir::Type element);
  Name reshape(Name x, Name shape);
  Name unsqueeze(Name x, std::vector<int64_t> axes);
  Name transpose(Name x, std::vector<int64_t> perm);
  Name slice(Name x, int64_t axis, int64_t from, int64_t to, int64_t step = 1);

  // Constants.
  Name initializer(mlir::DenseElementsAttr);
  Name ints(llvm::ArrayRef<int64_t>); ///< i64, rank 1
  Name scalar(int64_t);               ///< i64, rank 0
  Name scalar(mlir::Type element, double);
  /// An `llm.weight`'s tensor.
  Name weight(llm::RecipeAttr);
  const std::vector<std::pair<llm::RecipeAttr, size_t>> &weights() const {
    return stored; ///< with the number of the initializer
  }

  // Sizes: i64, rank 1.
  Name size(llm::Dim); ///< one element
  Name shape(llvm::ArrayRef<llm::Dim>);
  Name shape(mlir::Value v) { return shape(llm::dimsOf(v)); }
  mlir::MLIRContext *context() const { return ctx; }
  WrittenType describe(mlir::Type) const;
  /// Gives the symbols of `binds` the value's sizes.
  void bindSizes(mlir::Value v, mlir::AffineMap binds);

private:
  Name fresh() { return "v" + std::to_string(count++); }
  Name symbolSize(unsigned symbol);

  WrittenModel &model;
  llm::Symbols symbols;
  mlir::MLIRContext *ctx;
  llvm::DenseMap<mlir::Value, Name> names;
  llvm::DenseMap<unsigned, Name> symbolNames;
  llvm::DenseMap<mlir::AffineExpr, Name> sizes;
  llvm::DenseMap<mlir::Attribute, Name> constants;
  std::vector<std::pair<llm::RecipeAttr, size_t>> stored;
  mlir::Operation *current = nullptr;
  size_t count = 0;
};

using ExportRule = void (*)(mlir::Operation *, GraphExporter &);
using ExportTable = llvm::StringMap<ExportRule>;
/// By the op's name.
const ExportTable &exportTable();

// Each family registers its rules.
void addConstantExports(ExportTable &);
void addConvExports(ExportTable &);
void addElementwiseExports(ExportTable &);
void addLayoutExports(ExportTable &);
void addIndexExports(ExportTable &);
void addReduceExports(ExportTable &);
void addMatmulExports(ExportTable &);
void addNormExports(ExportTable &);
void addAttentionExports(ExportTable &);
void addCacheExports(ExportTable &);
void addSequenceExports(ExportTable &);

} // namespace llmc::onnx
