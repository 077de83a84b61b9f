// SPDX-License-Identifier: Apache-2.0
// Writes the ops of one function as ONNX nodes; exports/<Family>.cpp say how.
#pragma once

#include "frontend/InputError.h"
#include "frontend/onnx/SizeMath.h"
#include "frontend/onnx/writer/ModelFile.h"
#include "ir/llm/Dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <set>

namespace llmc::onnx {

class GraphExporter {
public:
  using Name = std::string;
  using Names = std::vector<Name>;
  using Attributes = std::vector<WrittenAttribute>;

  GraphExporter(WrittenModel &model, mlir::ModuleOp module)
      : model(model), graph(&model.graph), symbols(module), math(module),
        ctx(module.getContext()) {}
  void run(mlir::func::FuncOp);
  /// An op of the function, or of a body.
  void write(mlir::Operation *);
  /// Says that the op being written can't be: the model is not whole then.
  void refuse(const std::string &why = "");
  const std::vector<NodeNote> &refusals() const { return refused; }
  size_t refusedOperators() const { return refusedNames.size(); }

  // Values.
  Name name(mlir::Value v) const { return names.lookup(v); }
  void set(mlir::Value v, Name n) { names[v] = std::move(n); }
  void bindSymbol(unsigned symbol, Name size) {
    symbolNames[symbol] = std::move(size);
  }

  // Nodes; the result's name.
  Name node(llvm::StringRef op, Names inputs, Attributes = {});
  /// A body for a node's attribute: `fill` writes its ops, inputs and outputs.
  /// Sizes that it computes stay in it.
  std::shared_ptr<const WrittenGraph> body(llvm::function_ref<void()> fill);
  Name input(const WrittenType &); ///< of the body
  void output(Name value, const WrittenType &);
  /// One of com.microsoft's, where ONNX has no such op.
  Name contribNode(llvm::StringRef op, Names inputs, Attributes);
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
  Name castTo(Name x, mlir::Type from, mlir::Type to) {
    return from == to ? x : cast(x, to);
  }
  /// An op's operand in another element type.
  Name castTo(mlir::Value x, mlir::Type to) {
    return castTo(name(x), llm::elementOf(x), to);
  }
  /// Slices along an axis, each row of the batch by its own indices [batch, n];
  /// the result's dims are `dims`.
  Name gatherRows(Name data, Name indices, int64_t axis, const llm::Dims &dims);

  // Constants.
  Name initializer(mlir::DenseElementsAttr);
  Name ints(llvm::ArrayRef<int64_t>); ///< i64, rank 1
  Name scalar(int64_t);               ///< i64, rank 0
  Name scalar(mlir::Type element, double);
  /// A tensor in the data file.
  Name weight(llm::RecipeAttr);
  /// The same of integers of 4 bits as bytes that hold two each, in other dims.
  Name packedWeight(llm::RecipeAttr, llvm::ArrayRef<int64_t> dims);
  /// Whether some `llm.weight` is this one as it stands.
  bool isWeight(llm::RecipeAttr recipe) const {
    return recipes.contains(recipe);
  }
  const std::vector<std::pair<Name, llm::RecipeAttr>> &weights() const {
    return stored; ///< of all initializers in the data file, and more
  }

  // Sizes: i64, rank 1.
  Name size(llm::Dim); ///< one element
  Name shape(llvm::ArrayRef<llm::Dim>);
  Name shape(mlir::Value v) { return shape(llm::dimsOf(v)); }
  mlir::MLIRContext *context() const { return ctx; }
  WrittenType describe(mlir::Type) const;
  SizeMath &sizeMath() { return math; }
  /// Gives the symbols of `binds` the value's sizes.
  void bindSizes(mlir::Value v, mlir::AffineMap binds);

private:
  Name fresh();
  void nameOutput(mlir::Value, const Name &as);
  Name symbolSize(unsigned symbol);
  Name store(llm::RecipeAttr, mlir::RankedTensorType);

  WrittenModel &model;
  WrittenGraph *graph; ///< being written; constants go to the model's
  llm::Symbols symbols;
  SizeMath math;
  mlir::MLIRContext *ctx;
  llvm::DenseMap<mlir::Value, Name> names;
  llvm::DenseMap<unsigned, Name> symbolNames;
  llvm::DenseMap<mlir::AffineExpr, Name> sizes;
  llvm::DenseMap<mlir::Attribute, Name> constants;
  llvm::DenseSet<mlir::Attribute> recipes;
  std::vector<std::pair<Name, llm::RecipeAttr>> stored;
  mlir::Operation *current = nullptr;
  std::set<Name> taken; ///< by inputs and outputs of the model
  llvm::DenseMap<mlir::Value, Name> outputs;
  std::vector<NodeNote> refused;
  std::set<std::string> refusedNames;
  size_t count = 0;
};

using ExportRule = void (*)(mlir::Operation *, GraphExporter &);
using ExportTable = llvm::StringMap<ExportRule>;
/// By the op's name.
const ExportTable &exportTable();

// Each family registers its rules.
void addConstantExports(ExportTable &);
void addConvExports(ExportTable &);
void addControlExports(ExportTable &);
void addDetectionExports(ExportTable &);
void addElementwiseExports(ExportTable &);
void addExpertsExports(ExportTable &);
void addLayoutExports(ExportTable &);
void addLinearAttentionExports(ExportTable &);
void addIndexExports(ExportTable &);
void addPoolExports(ExportTable &);
void addQuantExports(ExportTable &);
void addRecurrentExports(ExportTable &);
void addReduceExports(ExportTable &);
void addResizeExports(ExportTable &);
void addMatmulExports(ExportTable &);
void addNormExports(ExportTable &);
void addAttentionExports(ExportTable &);
void addCacheExports(ExportTable &);
void addSequenceExports(ExportTable &);
void addSignalExports(ExportTable &);
void addWeightExports(ExportTable &);

} // namespace llmc::onnx
