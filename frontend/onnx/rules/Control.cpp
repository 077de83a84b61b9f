// SPDX-License-Identifier: Apache-2.0
// If and Loop. A branch that is known is converted in the node's place.
// Sizes that only the run tells become symbols that the op binds.
#include "frontend/onnx/ConversionErrors.h"
#include "frontend/onnx/SequenceTypes.h"
#include "frontend/onnx/rules/LoopBuilder.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace llmc::onnx {

/// A condition or number as a scalar.
static Value scalarIn(Binder &b, size_t i, Type element, StringRef what) {
  RankedTensorType type = b.type(i);
  if (type.getElementType() != element || !type.hasStaticShape() ||
      type.getNumElements() != 1)
    b.fail(what + " needs one " +
           (element.isInteger(1) ? "boolean" : "integer") + ", not " +
           describe(type));
  return b.reshape(b.in(i), {});
}

static std::optional<int64_t> knownScalar(Binder &b, size_t i) {
  auto values = b.fixedInts(i);
  if (!values || values->size() != 1)
    return std::nullopt;
  return (*values)[0];
}

// If.

namespace {
struct Branch {
  std::unique_ptr<BodyHolder> body;
  SmallVector<Entry> entries;
  SmallVector<Value> values; ///< null: an optional value without element
};
using SizePairs = llvm::DenseMap<std::pair<llm::Dim, llm::Dim>, llm::Dim>;
} // namespace

/// Nothing where a value could not be converted.
static std::optional<Branch> convertBranch(Binder &b, StringRef attribute) {
  Branch branch;
  branch.body = std::make_unique<BodyHolder>(b);
  BodyScope scope(b.shared());
  b.builder.setInsertionPointToEnd(&branch.body->block());
  branch.entries = b.convert(b.subgraph(attribute), {});
  for (Entry &e : branch.entries) {
    if (e.isUnknown)
      return std::nullopt;
    branch.values.push_back(e.isNone ? Value() : b.valueOf(e));
  }
  return branch;
}

/// Ends a branch: what the other one gives as an optional value is one here as
/// well.
static void yieldValues(Binder &b, Branch &branch, ArrayRef<Value> others) {
  BodyScope scope(b.shared());
  b.builder.setInsertionPointToEnd(&branch.body->block());
  for (auto [v, e, other] : llvm::zip(branch.values, branch.entries, others)) {
    if (!v) {
      if (other)
        e.noneType = optionalType(other.getType());
      v = b.valueOf(e);
    } else if (!other || isOptional(other.getType())) {
      v = asOptional(b.builder, b.loc, v);
    }
  }
  llm::YieldOp::create(b.builder, b.loc, branch.values);
}

static Type mergedSequence(Binder &b, llm::SequenceType x, Type other) {
  auto y = dyn_cast<llm::SequenceType>(other);
  if (!y || x.getElement() != y.getElement() || x.getKind() != y.getKind())
    b.fail("branches give a sequence and something else");
  return x.withRank(llm::SequenceType::joinRanks(x.getRank(), y.getRank()));
}

/// Whether a value of one element is used only where its rank does not matter:
/// broadcast into an operand, or for its element type.
static bool rankIsFree(Value onnxValue) {
  static const llvm::StringSet<> broadcasting = {
      "Add", "Sub", "Mul", "Div", "Pow", "Min", "Max", "Where", "CastLike"};
  return llvm::all_of(onnxValue.getUses(), [](OpOperand &use) {
    if (auto node = dyn_cast<NodeOp>(use.getOwner()))
      return node.getOpDomain().empty() &&
             broadcasting.contains(node.getOpType()) &&
             (node.getOpType() != "CastLike" || use.getOperandNumber() == 1);
    auto around =
        dyn_cast_if_present<NodeOp>(use.getOwner()->getBlock()->getParentOp());
    return around && around.getOpDomain().empty() &&
           around.getOpType() == "If" &&
           rankIsFree(around.getOutputs()[use.getOperandNumber()]);
  });
}

/// Gives one element the larger of two ranks, where nothing tells them apart.
static void joinRanks(Binder &b, Branch &first, Branch &second) {
  auto ones = [](Value v) {
    auto type = v ? dyn_cast<RankedTensorType>(v.getType()) : nullptr;
    return type && type.hasStaticShape() && type.getNumElements() == 1;
  };
  for (auto [x, y, out] :
       llvm::zip(first.values, second.values, b.node.getOutputs())) {
    if (!ones(x) || !ones(y) || llm::rankOf(x) == llm::rankOf(y) ||
        !rankIsFree(out))
      continue;
    bool lower = llm::rankOf(x) < llm::rankOf(y);
    BodyScope scope(b.shared());
    b.builder.setInsertionPointToEnd(&(lower ? first : second).body->block());
    Value &low = lower ? x : y;
    low = b.reshape(low, llm::dimsOf(lower ? y : x));
  }
}

/// The dims that both branches agree on, and new symbols for the rest. One
/// symbol serves all pairs that are the same.
static Type mergedType(Binder &b, Type x, Type y, unsigned firstLocal,
                       SizePairs &merged, llm::Dims &binds) {
  if (auto s = dyn_cast<llm::SequenceType>(x))
    return mergedSequence(b, s, y);
  auto first = cast<RankedTensorType>(x),
       second = dyn_cast<RankedTensorType>(y);
  if (!second)
    b.fail("branches give a tensor and a sequence");
  if (first.getElementType() != second.getElementType())
    b.fail("branches give " + describe(first) + " and " + describe(second));
  if (first.getRank() != second.getRank())
    b.unsupported("branches whose results have different ranks, " +
                  describe(first) + " and " + describe(second) +
                  ", are not supported");
  llm::Dims dims;
  for (auto [m, n] : llvm::zip(llm::dimsOf(x), llm::dimsOf(y))) {
    if (m == n && !isLocalSize(b.sizes.table(), m, firstLocal)) {
      dims.push_back(m);
      continue;
    }
    llm::Dim &symbol = merged[{m, n}];
    if (!symbol)
      binds.push_back(symbol = b.boundSymbol("either"));
    dims.push_back(symbol);
  }
  return b.tensor(dims, first.getElementType());
}

static void importIf(Binder &b) {
  Value condition = scalarIn(b, 0, b.builder.getI1Type(), "the condition");
  if (auto known = knownScalar(b, 0)) {
    Block &taken = b.subgraph(*known ? "then_branch" : "else_branch");
    for (auto [i, entry] : llvm::enumerate(b.convert(taken, {})))
      b.set(i, entry);
    return;
  }
  unsigned firstLocal = b.sizes.table().size();
  auto first = convertBranch(b, "then_branch"),
       second = convertBranch(b, "else_branch");
  if (!first || !second)
    return b.setUnknown();
  if (first->values.size() != b.numOutputs() ||
      second->values.size() != b.numOutputs())
    b.fail("branches with another number of outputs");
  joinRanks(b, *first, *second);
  SmallVector<Value> values(first->values);
  yieldValues(b, *first, second->values);
  yieldValues(b, *second, values);
  SizePairs merged;
  llm::Dims binds;
  SmallVector<Type> types;
  for (auto [x, y] : llvm::zip(first->values, second->values))
    types.push_back(
        mergedType(b, x.getType(), y.getType(), firstLocal, merged, binds));
  auto op = llm::IfOp::create(b.builder, b.loc, types, condition,
                              llm::dimsAttr(b.ctx, binds));
  op.getThenBody().takeBody(first->body->region());
  op.getElseBody().takeBody(second->body->region());
  b.check(op);
  for (auto [i, v] : llvm::enumerate(op.getOutputs()))
    b.set(i, v);
}

// Loop.

static Entry knownEntry(Binder &b, Type element, llm::Dim value) {
  Entry e;
  e.type = RankedTensorType::get({}, element);
  e.content = Content::of(llm::Dims{value});
  return e;
}

/// Inputs: trip count, condition, states. Body: iteration, condition, states ->
/// condition, states, rows.
static void importLoop(Binder &b) {
  Type boolean = b.builder.getI1Type(), integer = b.builder.getI64Type();
  Block &body = b.subgraph("body");
  LoopSpec spec;
  bool bounded = b.has(0);
  if (bounded) {
    spec.trips = scalarIn(b, 0, integer, "the trip count");
    if (const Content *trips = b.content(0))
      spec.turns = b.sizes.max(trips->ints[0], b.constantDim(0));
  }
  if (b.has(1) && knownScalar(b, 1) != 1) {
    spec.condition = scalarIn(b, 1, boolean, "the condition");
    spec.turns = {};
  }
  for (size_t i = 2; i < b.numInputs(); ++i)
    spec.inits.push_back(b.value(i));
  auto turn = [&](llm::Dim iteration, ValueRange carried) {
    // The body runs only where the condition holds.
    SmallVector<Entry> inputs = {knownEntry(b, integer, iteration),
                                 knownEntry(b, boolean, b.constantDim(1))};
    for (Value v : carried)
      inputs.push_back(storedEntry(v));
    SmallVector<Entry> results = b.convert(body, inputs);
    LoopTurn out;
    out.unknown = llvm::any_of(results, [](Entry &e) { return e.isUnknown; });
    if (out.unknown)
      return out;
    if (results.size() < 1 + carried.size())
      b.fail("a body that returns less than its condition and states");
    Entry &go = results.front();
    if (!go.type || go.type.getElementType() != boolean ||
        go.type.getNumElements() != 1)
      b.fail("the condition that the body returns needs one boolean");
    bool always = go.content && llm::fixedDim(go.content->ints[0]) == 1;
    if (!always)
      out.go = b.reshape(b.valueOf(go), {});
    for (auto [i, e] : llvm::enumerate(ArrayRef(results).drop_front())) {
      Entry copy = e;
      (i < carried.size() ? out.next : out.rows).push_back(b.valueOf(copy));
    }
    return out;
  };
  auto results = buildLoop(b, spec, turn);
  if (!results)
    return b.setUnknown();
  for (size_t i = 0; i < b.numOutputs(); ++i)
    b.set(i, (*results)[i]);
}

void addControlRules(RuleTable &rules) {
  rules.add({"If"}, importIf);
  rules.add({"Loop"}, importLoop);
}

} // namespace llmc::onnx
