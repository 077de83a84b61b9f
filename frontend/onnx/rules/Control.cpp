// SPDX-License-Identifier: Apache-2.0
// If, Loop and Scan. A branch that is known is converted in the node's place.
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
  if (!first || !second) {
    for (size_t i = 0; i < b.numOutputs(); ++i)
      b.setUnknown(i);
    return;
  }
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
  for (size_t i = 0; i < b.numOutputs(); ++i)
    if (results)
      b.set(i, (*results)[i]);
    else
      b.setUnknown(i);
}

// Scan.

namespace {
/// What Scan's attributes say, for all of its forms.
struct ScanForm {
  Block *body;
  size_t first, states, scanned; // inputs begin at `first`
  SmallVector<int64_t> inputAxes, inputDirections, outputAxes, outputDirections;
};
} // namespace

static SmallVector<int64_t> listOr(Binder &b, StringRef name, size_t size) {
  auto list = b.intsAttr(name);
  if (!list)
    return SmallVector<int64_t>(size, 0);
  if (list->size() != size)
    b.fail("attribute " + name + " has " + Twine(list->size()) +
           " entries, expected " + Twine(size));
  return *list;
}

static ScanForm scanForm(Binder &b) {
  ScanForm form;
  form.body = &b.subgraph("body");
  form.first = b.version() < 9 ? 1 : 0; // Scan-8 begins with sequence_lens
  int64_t scanned = b.requiredInt("num_scan_inputs"),
          inputs = static_cast<int64_t>(b.numInputs() - form.first);
  if (scanned < 1 || scanned > inputs)
    b.fail("num_scan_inputs " + Twine(scanned) + " is out of the range [1, " +
           Twine(inputs) + "]");
  form.scanned = scanned;
  form.states = inputs - scanned;
  size_t results = form.body->getTerminator()->getNumOperands();
  if (results < form.states || results != b.numOutputs())
    b.fail("a body that returns " + Twine(results) + " values for " +
           Twine(form.states) + " states and " + Twine(b.numOutputs()) +
           " outputs");
  size_t rows = results - form.states;
  bool old = b.version() < 9;
  form.inputDirections =
      listOr(b, old ? "directions" : "scan_input_directions", scanned);
  form.inputAxes = listOr(b, old ? "" : "scan_input_axes", scanned);
  form.outputAxes = listOr(b, old ? "" : "scan_output_axes", rows);
  form.outputDirections = listOr(b, old ? "" : "scan_output_directions", rows);
  return form;
}

/// x's part at a position of an axis, without that axis.
static Value partAt(Binder &b, Value x, int64_t axis, llm::Dim at) {
  Value part = b.slice(x, axis, at, b.constantDim(1));
  llm::Dims dims = llm::dimsOf(part);
  dims.erase(dims.begin() + axis);
  return b.reshape(part, dims);
}

/// The scan itself: states, then rows as they were made, on axis 0.
static std::optional<SmallVector<Value>>
buildScan(Binder &b, const ScanForm &form, ValueRange states,
          ArrayRef<Value> scanned, llm::Dim length, Value trips) {
  LoopSpec spec;
  spec.trips = trips;
  spec.turns = length;
  spec.rowsKeepSizes = true;
  spec.inits.assign(states.begin(), states.end());
  return buildLoop(b, spec, [&](llm::Dim iteration, ValueRange carried) {
    SmallVector<Entry> inputs;
    for (Value v : carried)
      inputs.push_back(storedEntry(v));
    for (auto [i, x] : llvm::enumerate(scanned)) {
      llm::Dim at = form.inputDirections[i]
                        ? llm::simplified(length - iteration - 1)
                        : iteration;
      inputs.push_back(storedEntry(partAt(b, x, form.inputAxes[i], at)));
    }
    LoopTurn out;
    for (auto [i, e] : llvm::enumerate(b.convert(*form.body, inputs))) {
      out.unknown |= e.isUnknown;
      if (!out.unknown)
        (i < carried.size() ? out.next : out.rows).push_back(b.valueOf(e));
    }
    return out;
  });
}

/// Rows in the order and on the axis that the node asks for.
static Value placeRows(Binder &b, Value rows, int64_t axis, bool backwards) {
  llm::Dims dims = llm::dimsOf(rows);
  int64_t rank = dims.size();
  if (backwards) {
    llm::Dims starts(rank, b.constantDim(0));
    starts[0] = llm::simplified(dims[0] - 1);
    SmallVector<int64_t> steps(rank, 1);
    steps[0] = -1;
    rows = b.makeAs<llm::SliceOp>(
        rows.getType(), rows,
        {b.named("starts", llm::dimsAttr(b.ctx, starts)),
         b.named("steps", b.builder.getDenseI64ArrayAttr(steps))});
  }
  axis = b.axis(axis, rank);
  if (axis == 0)
    return rows;
  SmallVector<int64_t> perm = upTo(rank);
  perm.erase(perm.begin());
  perm.insert(perm.begin() + axis, 0);
  return b.transpose(rows, perm);
}

static void importScan(Binder &b) {
  ScanForm form = scanForm(b);
  SmallVector<Value> states, scanned;
  llm::Dim length;
  for (size_t i = 0; i < form.states; ++i)
    states.push_back(b.in(i));
  for (size_t i = 0; i < form.scanned; ++i) {
    Value x = b.in(form.states + i);
    int64_t &axis = form.inputAxes[i];
    axis = b.axis(axis, llm::rankOf(x));
    llm::Dim here = llm::dimsOf(x)[axis];
    if (length && b.sizes.equal(length, here) == false)
      b.fail("scans inputs of different lengths");
    // Equal, or the call fails: the longest is not read beyond the others.
    if (length && length != here) {
      llm::Dims dims = llm::dimsOf(x);
      dims[axis] = length;
      x = b.reshape(x, dims);
    }
    length = length ? length : here;
    scanned.push_back(x);
  }
  Value trips = b.scalarSize(length, b.builder.getI64Type());
  auto results = buildScan(b, form, states, scanned, length, trips);
  for (size_t i = 0; i < b.numOutputs(); ++i) {
    if (!results) {
      b.setUnknown(i);
    } else if (i < form.states) {
      b.set(i, (*results)[i]);
    } else {
      size_t k = i - form.states;
      b.set(i, placeRows(b, (*results)[i], form.outputAxes[k],
                         form.outputDirections[k]));
    }
  }
}

/// Scan-8: a scan per element of the batch, axis 0 of everything.
static void importBatchedScan(Binder &b) {
  ScanForm form = scanForm(b);
  if (b.has(0))
    b.unsupported("sequence_lens is not supported");
  llm::Dim batch, length;
  for (size_t i = 1; i < b.numInputs(); ++i) {
    llm::Dims dims = b.dims(i);
    size_t need = i <= form.states ? 1 : 2;
    if (dims.size() < need)
      b.fail("input " + Twine(i) + " has no batch or sequence axis");
    if (batch && batch != dims[0])
      b.fail("inputs with different batch sizes");
    batch = dims[0];
    if (need == 1)
      continue;
    if (length && length != dims[1])
      b.fail("scans inputs of different lengths");
    length = dims[1];
  }
  Type integer = b.builder.getI64Type();
  LoopSpec spec;
  spec.trips = b.scalarSize(batch, integer);
  spec.turns = batch;
  spec.rowsKeepSizes = true;
  auto results = buildLoop(b, spec, [&](llm::Dim element, ValueRange) {
    SmallVector<Value> states, scanned;
    for (size_t i = 1; i < b.numInputs(); ++i)
      (i <= form.states ? states : scanned)
          .push_back(partAt(b, b.in(i), 0, element));
    Value trips = b.scalarSize(length, integer);
    auto made = buildScan(b, form, states, scanned, length, trips);
    LoopTurn out;
    out.unknown = !made;
    if (made)
      out.rows = *made;
    return out;
  });
  for (size_t i = 0; i < b.numOutputs(); ++i)
    if (results)
      b.set(i, (*results)[i]);
    else
      b.setUnknown(i);
}

void addControlRules(RuleTable &rules) {
  rules.add({"If"}, importIf);
  rules.add({"Loop"}, importLoop);
  rules.add({"Scan"}, [](Binder &b) {
    return b.version() < 9 ? importBatchedScan(b) : importScan(b);
  });
}

} // namespace llmc::onnx
