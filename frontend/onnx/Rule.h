// SPDX-License-Identifier: Apache-2.0
// How a rule of the conversion reads a node and builds llm ops. A rule is a
// function void(Binder &) in rules/<Family>.cpp, registered there; it reads
// operands and attributes, and sets results or fails with one line. A Binder
// lives while one node is converted.
#pragma once

#include "frontend/InputError.h"
#include "frontend/onnx/Content.h"
#include "frontend/onnx/ElementTypes.h"
#include "frontend/onnx/SizeMath.h"
#include "ir/llm/Dialect.h"
#include "ir/onnx/Dialect.h"
#include "mlir/IR/Builders.h"

#include "llvm/ADT/SmallSet.h"
#include "llvm/ADT/StringMap.h"

#include <functional>
#include <map>

namespace llmc::onnx {

/// Sizes that turn out to be equal to expressions; applied to the whole module
/// at the end.
struct SizeEqualities {
  llvm::DenseMap<unsigned, llm::Dim> known; // symbol to expression
};

/// Rewrites all types and expressions of the module accordingly, and drops
/// symbols without use.
void applySizeEqualities(mlir::ModuleOp module, const SizeEqualities &);

/// State of the conversion that binders share.
struct ConversionState {
  explicit ConversionState(mlir::ModuleOp module)
      : module(module), builder(module.getContext()), sizes(module) {}
  mlir::ModuleOp module;
  mlir::OpBuilder builder;
  SizeMath sizes;
  llvm::DenseMap<mlir::Value, Entry> entries; // by the onnx value
  SizeEqualities equalities;
  std::string diagnostics; // of the op that is being made
  /// Converts the nodes of a subgraph's block at the builder's position.
  std::function<void(mlir::Block &)> convertNodes;
  /// Subgraphs around the node at hand that may never run: what is learnt there
  /// of sizes holds for symbols from firstLocalSymbol on, and what is made
  /// there dominates nothing behind.
  unsigned bodyDepth = 0;
  unsigned firstLocalSymbol = 0;
  /// Sizes that a loop was seen to change: what a retry of the conversion
  /// begins with (rules/Control.cpp).
  std::map<mlir::Operation *, std::map<std::pair<unsigned, unsigned>, unsigned>>
      varyingSizes;
  struct Unsupported {
    NodeNote note;
    std::string op;
  };
  std::vector<Unsupported> unsupported; // nodes so far
  const Entry &at(mlir::Value onnxValue) { return entries[onnxValue]; }
};

/// What is known of a stored constant, a weight or an argument.
Entry storedEntry(mlir::Value value);

/// While it lives, nodes are converted into a body that may never run.
class BodyScope {
public:
  explicit BodyScope(ConversionState &state);
  ~BodyScope();

private:
  ConversionState &state;
  mlir::OpBuilder::InsertionGuard guard;
  unsigned firstLocalSymbol;
};

class Binder;

/// A block to convert a body into, in front of the node: ops look for their
/// module. What the op of the body does not take goes with the holder.
class BodyHolder {
public:
  explicit BodyHolder(Binder &b);
  ~BodyHolder();
  BodyHolder(const BodyHolder &) = delete;
  BodyHolder &operator=(const BodyHolder &) = delete;
  mlir::Region &region() { return holder->getRegion(0); }
  mlir::Block &block() { return region().front(); }

private:
  mlir::Operation *holder;
};

class Binder {
public:
  Binder(ConversionState &state, NodeOp node);

  // What the node is.
  NodeOp node;
  mlir::MLIRContext *ctx;
  mlir::OpBuilder &builder;
  mlir::Location loc;
  SizeMath &sizes;
  int64_t version() { return node.getVersion(); }
  llvm::StringRef op() { return node.getOpType(); }

  // Operands, by ONNX's positions.
  size_t numInputs() { return node.getInputs().size(); }
  bool has(size_t i);
  mlir::Value
  in(size_t i); ///< made from its content where needed; fails if absent
  mlir::Value value(size_t i); ///< a tensor or a sequence
  mlir::Value maybe(size_t i) { return has(i) ? in(i) : mlir::Value(); }
  mlir::RankedTensorType type(size_t i);
  llm::Dims dims(size_t i) { return llm::dimsOf(mlir::Type(type(i))); }
  int64_t rank(size_t i) { return type(i).getRank(); }
  mlir::Type element(size_t i) { return type(i).getElementType(); }
  const Content *content(size_t i); ///< null where unknown (or absent)
  /// The elements as integers known at compile time; nothing where they are
  /// not.
  std::optional<llvm::SmallVector<int64_t>> fixedInts(size_t i);

  // Attributes.
  int64_t intAttr(llvm::StringRef name, int64_t otherwise);
  std::optional<int64_t> intAttr(llvm::StringRef name);
  int64_t requiredInt(llvm::StringRef name);
  double floatAttr(llvm::StringRef name, double otherwise);
  std::optional<double> floatAttr(llvm::StringRef name);
  llvm::StringRef stringAttr(llvm::StringRef name, llvm::StringRef otherwise);
  std::optional<llvm::SmallVector<int64_t>> intsAttr(llvm::StringRef name);
  /// The same as sizes.
  std::optional<llm::Dims> sizesAttr(llvm::StringRef name);
  mlir::Attribute attr(llvm::StringRef name);
  /// In [0, rank), negative ones counted from the end.
  int64_t axis(int64_t value, int64_t rank);
  int64_t axisAttr(llvm::StringRef name, int64_t otherwise, int64_t rank);

  // Results.
  size_t numOutputs() { return node.getOutputs().size(); }
  bool isUsed(size_t i);
  void set(size_t i, mlir::Value value);
  void set(size_t i, const Entry &entry);
  void setContent(size_t i, mlir::RankedTensorType type, Content content);
  const Entry &entry(size_t i);
  /// Of all outputs: the nodes that use them can't be judged.
  void setUnknown();

  // Subgraphs.
  /// The block of the attribute's subgraph; fails where there is none.
  mlir::Block &subgraph(llvm::StringRef attribute);
  /// Converts a subgraph at the builder's position, with these inputs; what it
  /// returns.
  llvm::SmallVector<Entry> convert(mlir::Block &subgraph,
                                   llvm::ArrayRef<Entry> inputs);
  ConversionState &shared() { return state; }
  /// The value of an entry that is not an operand of the node.
  mlir::Value valueOf(Entry &entry) { return materialize(entry); }

  // Ops. An op whose operands don't fit fails at the node.
  template <typename OpTy>
  mlir::Value make(mlir::ValueRange operands,
                   llvm::ArrayRef<mlir::NamedAttribute> attrs = {});
  /// An op without inference.
  template <typename OpTy>
  mlir::Value makeAs(mlir::Type type, mlir::ValueRange operands,
                     llvm::ArrayRef<mlir::NamedAttribute> attrs = {});
  mlir::NamedAttribute named(llvm::StringRef name, int64_t value);
  mlir::NamedAttribute named(llvm::StringRef name, mlir::Attribute value) {
    return builder.getNamedAttr(name, value);
  }
  mlir::Value reshape(mlir::Value x, llvm::ArrayRef<llm::Dim> dims);
  mlir::Value expand(mlir::Value x, llvm::ArrayRef<llm::Dim> dims);
  mlir::Value transpose(mlir::Value x, llvm::ArrayRef<int64_t> perm);
  mlir::Value slice(mlir::Value x, int64_t axis, llm::Dim start, llm::Dim size);
  mlir::Value cast(mlir::Value x, mlir::Type element);
  mlir::Value concat(mlir::ValueRange parts, int64_t axis);
  mlir::Value constant(mlir::DenseElementsAttr value);
  /// A constant of the element type, which may be an integer for whole values.
  mlir::Value scalarFloat(mlir::Type element, double value);
  /// A tensor of sizes.
  mlir::Value sizesAsData(llvm::ArrayRef<llm::Dim> values,
                          mlir::RankedTensorType type);
  mlir::Value scalarSize(llm::Dim value, mlir::Type element);
  /// A symbol for an element of a tensor of integers that only the data says.
  llm::Dim bindDim(mlir::Value tensor, int64_t index, llvm::StringRef hint,
                   const llm::DataRange &range);
  /// The same of the only element, whatever it is.
  llm::Dim bindDim(mlir::Value one, llvm::StringRef hint) {
    return bindDim(one, 0, hint, {});
  }
  /// A symbol for a size that an op with a body binds.
  llm::Dim boundSymbol(llvm::StringRef hint);
  /// The elements of a small tensor of integers: its content, or symbols that
  /// data binds. Fails where their number is not known; elements outside the
  /// range fail here or at run time.
  llm::Dims sizesOf(size_t i, llvm::StringRef hint,
                    const llm::DataRange &range = {});
  /// The same of one element.
  llm::Dim sizeOf(size_t i, llvm::StringRef hint,
                  const llm::DataRange &range = {});
  mlir::RankedTensorType tensor(llvm::ArrayRef<llm::Dim> dims, mlir::Type e) {
    return llm::tensorType(ctx, dims, e);
  }
  /// Fails at the node if the op's verifier does.
  void check(mlir::Operation *op);
  llm::Dim constantDim(int64_t v) { return llm::constantDim(ctx, v); }
  /// Fails, here or at run time, where a is not b, or is above it.
  void requireEqual(llm::Dim a, llm::Dim b);
  void requireAtMost(llm::Dim a, llm::Dim b);
  /// From here on size = value everywhere, if size is a symbol of its own that
  /// nothing else is known of; false where it is not.
  bool learnEqual(llm::Dim size, llm::Dim value);

  /// The input is broken (exit 2), or valid but beyond what is supported (3).
  [[noreturn]] void fail(const llvm::Twine &what);
  [[noreturn]] void unsupported(const llvm::Twine &what);

  /// The entry's value, made here if it has only a content yet.
  mlir::Value materialize(Entry &entry);

private:
  /// Fails with the diagnostics of a failed result.
  void checkInferred(mlir::LogicalResult result);
  void checkSize(mlir::Type type);
  mlir::Value finish(mlir::OperationState &state);
  ConversionState &state;
};

/// 0, 1, ..., n - 1.
llvm::SmallVector<int64_t> upTo(int64_t n);

using RuleFunction = std::function<void(Binder &)>;

/// The rules by domain and op.
class RuleTable {
public:
  void add(llvm::StringRef domain, llvm::ArrayRef<llvm::StringRef> ops,
           RuleFunction rule);
  /// In ai.onnx.
  void add(llvm::ArrayRef<llvm::StringRef> ops, RuleFunction rule) {
    add("", ops, std::move(rule));
  }
  const RuleFunction *find(llvm::StringRef domain, llvm::StringRef op) const;
  /// Says why an operator has no rule.
  void refuse(llvm::StringRef domain, llvm::StringRef op, llvm::StringRef why);
  /// What to say of an operator without a rule.
  std::string refusal(llvm::StringRef domain, llvm::StringRef op) const;
  /// "domain:op" of all, sorted.
  std::vector<std::string> operators() const;

private:
  llvm::StringMap<RuleFunction> rules;   // "domain:op"
  llvm::StringMap<std::string> refusals; // the same
};

inline constexpr llvm::StringLiteral kMicrosoft = "com.microsoft";

/// One per family, called by the conversion.
void addActivationRules(RuleTable &);
void addAttentionRules(RuleTable &);
void addChannelNormRules(RuleTable &);
void addConstantRules(RuleTable &);
void addControlRules(RuleTable &);
void addConvRules(RuleTable &);
void addDetectionRules(RuleTable &);
void addEinsumRules(RuleTable &);
void addElementwiseRules(RuleTable &);
void addExpertsRules(RuleTable &);
void addGridRules(RuleTable &);
void addIndexRules(RuleTable &);
void addLayoutRules(RuleTable &);
void addLossRules(RuleTable &);
void addMatmulRules(RuleTable &);
void addNormRules(RuleTable &);
void addPoolRules(RuleTable &);
void addRearrangeRules(RuleTable &);
void addRecurrentRules(RuleTable &);
void addReduceRules(RuleTable &);
void addResizeRules(RuleTable &);
void addScanRules(RuleTable &);
void addSequenceRules(RuleTable &);
void addSignalRules(RuleTable &);

/// Evaluates the node on contents if it is shape arithmetic whose result
/// follows from them; false where it must become ops.
bool evaluateOnContents(Binder &);

template <typename OpTy>
mlir::Value Binder::make(mlir::ValueRange operands,
                         llvm::ArrayRef<mlir::NamedAttribute> attrs) {
  mlir::OperationState op(loc, OpTy::getOperationName());
  mlir::DictionaryAttr dictionary = builder.getDictionaryAttr(attrs);
  typename OpTy::Properties properties{};
  if constexpr (!std::is_same_v<typename OpTy::Properties,
                                mlir::EmptyProperties>) {
    if (failed(OpTy::setPropertiesFromAttr(
            properties, dictionary, [&] { return mlir::emitError(loc); })))
      checkInferred(mlir::failure());
  }
  llvm::SmallVector<mlir::Type> types;
  checkInferred(OpTy::inferReturnTypes(ctx, loc, operands, dictionary,
                                       mlir::OpaqueProperties(&properties), {},
                                       types));
  op.addTypes(types);
  op.addOperands(operands);
  op.addAttributes(attrs);
  return finish(op);
}

template <typename OpTy>
mlir::Value Binder::makeAs(mlir::Type type, mlir::ValueRange operands,
                           llvm::ArrayRef<mlir::NamedAttribute> attrs) {
  mlir::OperationState op(loc, OpTy::getOperationName());
  op.addTypes(type);
  op.addOperands(operands);
  op.addAttributes(attrs);
  return finish(op);
}

} // namespace llmc::onnx
