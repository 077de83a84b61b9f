// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/OnnxToLLM.h"

#include "frontend/onnx/ConversionErrors.h"
#include "frontend/onnx/Rule.h"
#include "frontend/onnx/SequenceTypes.h"
#include "frontend/onnx/reader/Schema.h"
#include "frontend/onnx/rules/Quant.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"

#include <set>

using namespace mlir;

namespace llmc::onnx {

static RuleTable allRules() {
  RuleTable table;
  addActivationRules(table);
  addAttentionRules(table);
  addChannelNormRules(table);
  addConstantRules(table);
  addControlRules(table);
  addConvRules(table);
  addDetectionRules(table);
  addEinsumRules(table);
  addElementwiseRules(table);
  addExpertsRules(table);
  addGridRules(table);
  addIndexRules(table);
  addLayoutRules(table);
  addLossRules(table);
  addMatmulRules(table);
  addNormRules(table);
  addPoolRules(table);
  addQuantRules(table);
  addRearrangeRules(table);
  addRecurrentRules(table);
  addReduceRules(table);
  addResizeRules(table);
  addScanRules(table);
  addSequenceRules(table);
  addSignalRules(table);
  return table;
}

/// The elements of a small stored constant.
static std::optional<Content> contentOf(DenseElementsAttr value) {
  if (value.getNumElements() > kMaxContent)
    return std::nullopt;
  MLIRContext *ctx = value.getContext();
  Type element = value.getElementType();
  if (auto floats = dyn_cast<FloatType>(element)) {
    SmallVector<double> numbers;
    for (APFloat f : value.getValues<APFloat>())
      numbers.push_back(f.convertToDouble());
    return Content::of(std::move(numbers));
  }
  llm::Dims dims;
  bool isSigned = element.isSignlessInteger() && !element.isInteger(1);
  for (const APInt &i : value.getValues<APInt>())
    dims.push_back(llm::constantDim(
        ctx,
        isSigned ? i.getSExtValue() : static_cast<int64_t>(i.getZExtValue())));
  return Content::of(std::move(dims));
}

Entry storedEntry(Value value) {
  Entry e;
  e.type = dyn_cast<RankedTensorType>(value.getType());
  e.value = value;
  if (auto c = value.getDefiningOp<llm::ConstantOp>())
    if (auto dense = dyn_cast<DenseElementsAttr>(c.getValue()))
      e.content = contentOf(dense);
  return e;
}

namespace {
class Conversion {
public:
  explicit Conversion(ModuleOp module) : state(module), rules(allRules()) {
    state.convertNodes = [this](Block &block) { convertBody(block); };
  }

  void run() {
    auto main = *state.module.getOps<func::FuncOp>().begin();
    Block &block = main.getBody().front();
    for (BlockArgument arg : block.getArguments())
      state.entries[arg] = storedEntry(arg);
    hoistStored(block);
    SmallVector<Operation *> old;
    for (Operation &op : llvm::make_early_inc_range(block)) {
      if (auto node = dyn_cast<NodeOp>(op)) {
        state.builder.setInsertionPoint(node);
        convert(node);
        old.push_back(node);
      } else if (isa<AbsentOp>(op)) {
        old.push_back(&op);
      } else if (op.getNumResults() == 1) {
        state.entries[op.getResult(0)] = storedEntry(op.getResult(0));
      }
    }
    reportUnsupported();
    finishReturn(main);
    for (Operation *op : llvm::reverse(old))
      op->erase();
    eraseUnused(block);
  }

  ConversionState state;

private:
  /// Initializers of subgraphs are those of the main graph as well.
  static void hoistStored(Block &block) {
    SmallVector<Operation *> stored;
    block.walk([&](Operation *op) {
      if (op->getBlock() != &block && isa<llm::ConstantOp, llm::WeightOp>(op))
        stored.push_back(op);
    });
    for (Operation *op : llvm::reverse(stored))
      op->moveBefore(&block, block.begin());
  }

  void convertBody(Block &block) {
    for (Operation &op : block)
      if (auto node = dyn_cast<NodeOp>(op))
        convert(node);
  }

  void convert(NodeOp node) {
    const RuleFunction *rule = rules.find(node.getOpDomain(), node.getOpType());
    if (!rule)
      addUnsupported(node, rules.refusal(node.getOpDomain(), node.getOpType()));
    bool unknown = llvm::any_of(node.getInputs(),
                                [&](Value v) { return state.at(v).isUnknown; });
    Binder binder(state, node);
    if (!unknown)
      checkTypes(binder);
    if (!rule || unknown)
      return markUnknown(node);
    try {
      if (!evaluateOnContents(binder))
        (*rule)(binder);
    } catch (const InputError &e) {
      if (e.code() != ExitCode::Unsupported)
        throw;
      addUnsupported(node, e.message());
      return markUnknown(node);
    }
    for (auto [i, v] : llvm::enumerate(node.getOutputs()))
      if (const Entry &e = state.at(v);
          !v.use_empty() && !e.type && !e.value && !e.isNone && !e.isUnknown)
        binder.fail("output " + Twine(i) + " is used but not made");
  }

  /// The inputs' element types against the operator's.
  static void checkTypes(Binder &b) {
    StringRef domain = b.node.getOpDomain(), op = b.op();
    const OpSchema *schema = resolve({domain.data(), domain.size()},
                                     {op.data(), op.size()}, b.version());
    if (!schema)
      return;
    SmallVector<int32_t> types;
    for (size_t i = 0; i < b.numInputs(); ++i)
      types.push_back(b.has(i) && b.entry(i).type ? dataTypeOf(b.element(i))
                                                  : 0);
    if (std::string fault = schema->typeFault(types); !fault.empty())
      b.fail(fault);
  }

  void markUnknown(NodeOp node) {
    for (Value v : node.getOutputs())
      state.entries[v].isUnknown = true;
  }

  void addUnsupported(NodeOp node, std::string why) {
    state.unsupported.push_back(
        {{describeSite(node.getLoc()), std::move(why)},
         (node.getOpDomain() + ":" + node.getOpType()).str()});
  }

  void reportUnsupported() {
    if (state.unsupported.empty())
      return;
    std::vector<NodeNote> notes;
    std::set<std::string> operators;
    for (ConversionState::Unsupported &u : state.unsupported) {
      notes.push_back(std::move(u.note));
      operators.insert(std::move(u.op));
    }
    auto count = [](size_t n, const char *what) {
      return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
    };
    std::string what = count(notes.size(), "node") + " (" +
                       count(operators.size(), "operator") +
                       (notes.size() == 1 ? ") is" : ") are") +
                       " not supported";
    InputError error("", what, {}, ExitCode::Unsupported);
    error.withNodes(std::move(notes));
    throw error;
  }

  static constexpr llvm::StringLiteral kDeclared = "llm.declared";
  /// Of an output that is declared as a sequence or an optional value.
  static llm::SequenceType declaredType(func::FuncOp main, unsigned i) {
    auto declared = main.getResultAttrOfType<TypeAttr>(i, kDeclared);
    if (!declared)
      return {};
    main.removeResultAttr(i, StringAttr::get(main.getContext(), kDeclared));
    return cast<llm::SequenceType>(declared.getValue());
  }

  Value returned(Entry &e, Value from, llm::SequenceType declared) {
    if (!e.value) {
      if (e.isNone && !e.noneType && declared)
        e.noneType = declared.withRank(llm::SequenceType::kNoRank);
      Binder binder(state, cast<NodeOp>(from.getDefiningOp()));
      e.value = binder.materialize(e);
    }
    // What is known to be there is an optional value all the same.
    if (declared && declared.isOptional())
      return asOptional(state.builder, from.getLoc(), e.value);
    // A loop's state may be absent before its first turn only.
    auto type = dyn_cast<llm::SequenceType>(e.value.getType());
    if (declared && type &&
        type.getKind() == llm::SequenceKind::OptionalSequence)
      return llm::OptionalGetOp::create(
          state.builder, from.getLoc(), type.withKind(declared.getKind()),
          e.value, llm::dimsAttr(state.module.getContext(), {}));
    return e.value;
  }

  void finishReturn(func::FuncOp main) {
    auto ret = cast<func::ReturnOp>(main.getBody().front().getTerminator());
    state.builder.setInsertionPoint(ret);
    SmallVector<Value> values;
    SmallVector<Type> types;
    for (auto [i, v] : llvm::enumerate(ret.getOperands())) {
      Value value = returned(state.entries[v], v, declaredType(main, i));
      if (auto sequence = dyn_cast<llm::SequenceType>(value.getType());
          sequence && isPacked(sequence.getElement())) {
        auto name = main.getResultAttrOfType<StringAttr>(i, "llm.name");
        throw InputError(
            "output " + inQuotes(name ? name.str() : ""),
            "sequences of element type " +
                elementTypeName(dataTypeOf(sequence.getElement())) +
                " are not supported",
            {}, ExitCode::Unsupported);
      }
      values.push_back(value);
      types.push_back(value.getType());
    }
    ret->setOperands(values);
    main.setFunctionType(state.builder.getFunctionType(
        main.getFunctionType().getInputs(), types));
  }

  static void eraseUnused(Block &block) {
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (isOpTriviallyDead(&op))
        op.erase();
  }

  RuleTable rules;
};

class ConvertOnnxToLLM
    : public PassWrapper<ConvertOnnxToLLM, OperationPass<ModuleOp>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ConvertOnnxToLLM)
  StringRef getArgument() const override { return "llmc-convert-onnx-to-llm"; }
  StringRef getDescription() const override {
    return "Map onnx.node to the llm dialect";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<llm::LlmDialect>();
  }
  void runOnOperation() override {
    try {
      convertOnnxToLLM(getOperation());
    } catch (const InputError &e) {
      auto diagnostic = emitError(getOperation().getLoc(), e.what());
      for (const NodeNote &n : e.nodes())
        diagnostic.attachNote() << InputError::line(n.where, n.what);
      signalPassFailure();
    }
  }
};
} // namespace

void convertOnnxToLLM(ModuleOp module) {
  Conversion conversion(module);
  {
    ScopedDiagnosticHandler capture(module.getContext(),
                                    [&](Diagnostic &diagnostic) {
                                      std::string text = diagnostic.str();
                                      // An op's own name in front says nothing
                                      // to a user.
                                      StringRef rest = text;
                                      if (rest.consume_front("'llm."))
                                        rest = rest.split("' op ").second;
                                      conversion.state.diagnostics = rest.str();
                                      return success();
                                    });
    conversion.run();
  }
  applySizeEqualities(module, conversion.state.equalities);
}

std::unique_ptr<Pass> createConvertOnnxToLLMPass() {
  return std::make_unique<ConvertOnnxToLLM>();
}

std::vector<std::string> supportedOperators() { return allRules().operators(); }

} // namespace llmc::onnx
