// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/Rule.h"

#include "frontend/onnx/ConversionErrors.h"

using namespace mlir;

namespace llmc::onnx {

BodyScope::BodyScope(ConversionState &state)
    : state(state), guard(state.builder),
      firstLocalSymbol(state.firstLocalSymbol) {
  ++state.bodyDepth;
  state.firstLocalSymbol = state.sizes.table().size();
}
BodyScope::~BodyScope() {
  --state.bodyDepth;
  state.firstLocalSymbol = firstLocalSymbol;
}

BodyHolder::BodyHolder(Binder &b) {
  OperationState op(b.loc, NodeOp::getOperationName());
  NodeOp::build(b.builder, op, {}, {}, "", "", 1,
                b.builder.getDictionaryAttr({}), b.builder.getArrayAttr({}), 1);
  holder = b.builder.create(op);
  region().emplaceBlock();
}
BodyHolder::~BodyHolder() { holder->erase(); }

Binder::Binder(ConversionState &state, NodeOp node)
    : node(node), ctx(node.getContext()), builder(state.builder),
      loc(node.getLoc()), sizes(state.sizes), state(state) {}

void Binder::fail(const Twine &what) {
  throw InputError(describeSite(loc), what.str());
}
void Binder::unsupported(const Twine &what) {
  throw InputError(describeSite(loc), what.str(), {}, ExitCode::Unsupported);
}

// Operands.

bool Binder::has(size_t i) {
  return i < node.getInputs().size() &&
         !node.getInputs()[i].getDefiningOp<AbsentOp>();
}

const Entry &Binder::entry(size_t i) {
  if (!has(i))
    fail("input " + Twine(i) + " is missing");
  return state.at(node.getInputs()[i]);
}

Value Binder::materialize(Entry &entry) {
  if (entry.value)
    return entry.value;
  if (entry.isNone) {
    if (!entry.noneType)
      unsupported("an optional value of unknown type is not supported");
    return llm::SequenceEmptyOp::create(builder, loc, entry.noneType);
  }
  const Content &c = *entry.content;
  Value made = c.isFloat ? constant(denseFloats(entry.type, c.floats))
                         : sizesAsData(c.ints, entry.type);
  // What a body makes does not dominate uses behind it.
  if (!state.bodyDepth)
    entry.value = made;
  return made;
}

Value Binder::in(size_t i) {
  type(i);
  return materialize(state.entries[node.getInputs()[i]]);
}

Value Binder::value(size_t i) {
  const Entry &e = entry(i);
  if (e.isNone)
    return materialize(state.entries[node.getInputs()[i]]);
  return !e.type && e.value ? e.value : in(i);
}

RankedTensorType Binder::type(size_t i) {
  RankedTensorType type = entry(i).type;
  if (!type)
    fail("input " + Twine(i) + " needs a tensor");
  return type;
}

const Content *Binder::content(size_t i) {
  if (!has(i))
    return nullptr;
  const Entry &e = entry(i);
  return e.content ? &*e.content : nullptr;
}

std::optional<SmallVector<int64_t>> Binder::fixedInts(size_t i) {
  const Content *c = content(i);
  if (!c || c->isFloat || !c->isConstant())
    return std::nullopt;
  SmallVector<int64_t> values;
  for (llm::Dim d : c->ints)
    values.push_back(*llm::fixedDim(d));
  return values;
}

// Results.

bool Binder::isUsed(size_t i) {
  return i < node.getOutputs().size() && !node.getOutputs()[i].use_empty();
}

void Binder::set(size_t i, Value value) {
  if (i >= numOutputs())
    return;
  Entry &e = state.entries[node.getOutputs()[i]];
  e.type = dyn_cast<RankedTensorType>(value.getType());
  e.value = value;
}
void Binder::set(size_t i, const Entry &entry) {
  if (i >= numOutputs())
    return;
  Entry copy = entry; // the reference may lie in the table that grows
  state.entries[node.getOutputs()[i]] = std::move(copy);
}
void Binder::setContent(size_t i, RankedTensorType type, Content content) {
  if (i >= numOutputs())
    return;
  assert(type.hasStaticShape() &&
         type.getNumElements() == static_cast<int64_t>(content.size()) &&
         "a content has one element per element of its type");
  Entry &e = state.entries[node.getOutputs()[i]];
  e.type = type;
  e.content = std::move(content);
}

void Binder::setUnknown() {
  for (Value output : node.getOutputs())
    state.entries[output].isUnknown = true;
}

// Subgraphs.

Block &Binder::subgraph(StringRef attribute) {
  for (auto [name, body] : llvm::zip(node.getSubgraphs(), node.getBodies()))
    if (cast<StringAttr>(name).getValue() == attribute && !body.empty())
      return body.front();
  fail("attribute " + attribute + " is missing");
}

SmallVector<Entry> Binder::convert(Block &subgraph, ArrayRef<Entry> inputs) {
  if (subgraph.getNumArguments() != inputs.size())
    fail("a body with " + Twine(subgraph.getNumArguments()) +
         " inputs, expected " + Twine(inputs.size()));
  // A retry must not see what an earlier try found.
  subgraph.walk([&](Operation *op) {
    for (Value v : op->getResults())
      state.entries.erase(v);
    for (Region &region : op->getRegions())
      for (Value v : region.getArguments())
        state.entries.erase(v);
  });
  for (auto [arg, entry] : llvm::zip(subgraph.getArguments(), inputs))
    state.entries[arg] = entry;
  state.convertNodes(subgraph);
  SmallVector<Entry> results;
  for (Value v : subgraph.getTerminator()->getOperands())
    results.push_back(state.at(v));
  return results;
}

// Ops.

void Binder::checkInferred(LogicalResult result) {
  if (succeeded(result))
    return;
  std::string why = std::exchange(state.diagnostics, {});
  fail(why.empty() ? "does not fit its operands" : why);
}

void Binder::checkSize(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor)
    return;
  // What the address space of a process holds. Zeros don't count, so that no
  // product of some of the sizes overflows either.
  constexpr uint64_t most = uint64_t(1) << 47;
  uint64_t bytes = std::max(1u, tensor.getElementTypeBitWidth() / 8);
  for (int64_t d : tensor.getShape())
    if (!ShapedType::isDynamic(d) && d != 0 &&
        (__builtin_mul_overflow(bytes, static_cast<uint64_t>(d), &bytes) ||
         bytes > most))
      throw InputError(describeSite(loc),
                       describe(tensor) + " is larger than any memory");
}

void Binder::check(Operation *op) {
  checkInferred(op->getName().verifyInvariants(op));
}

Value Binder::finish(OperationState &opState) {
  for (Type type : opState.types)
    checkSize(type);
  Operation *op = builder.create(opState);
  check(op);
  if (!isa<llm::ReshapeOp, llm::TransposeOp, llm::SliceOp, llm::ExpandOp,
           llm::ConcatOp>(op))
    return op->getResult(0);
  // Layout of weights extends their recipes. A fold in place gives no results
  // and may open another one.
  for (int i = 0; i < 2; ++i) {
    SmallVector<Value> folded;
    if (succeeded(builder.tryFold(op, folded)) && folded.size() == 1) {
      op->erase();
      return folded[0];
    }
  }
  return op->getResult(0);
}

NamedAttribute Binder::named(StringRef name, int64_t value) {
  return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
}

Value Binder::reshape(Value x, ArrayRef<llm::Dim> dims) {
  RankedTensorType type = tensor(dims, llm::elementOf(x));
  return type == x.getType() ? x : makeAs<llm::ReshapeOp>(type, x);
}

Value Binder::expand(Value x, ArrayRef<llm::Dim> dims) {
  RankedTensorType type = tensor(dims, llm::elementOf(x));
  if (type == x.getType())
    return x;
  return makeAs<llm::ExpandOp>(type, x);
}

Value Binder::transpose(Value x, ArrayRef<int64_t> perm) {
  return make<llm::TransposeOp>(
      x, named("perm", builder.getDenseI64ArrayAttr(perm)));
}

Value Binder::slice(Value x, int64_t axis, llm::Dim start, llm::Dim size) {
  llm::Dims dims = llm::dimsOf(x), starts(dims.size(), constantDim(0));
  dims[axis] = size;
  starts[axis] = start;
  SmallVector<int64_t> steps(dims.size(), 1);
  return makeAs<llm::SliceOp>(
      tensor(dims, llm::elementOf(x)), x,
      {named("starts", llm::dimsAttr(ctx, starts)),
       named("steps", builder.getDenseI64ArrayAttr(steps))});
}

Value Binder::cast(Value x, Type element) {
  if (llm::elementOf(x) == element)
    return x;
  return makeAs<llm::CastOp>(llm::withElement(x.getType(), element), x);
}

Value Binder::concat(ValueRange parts, int64_t axis) {
  return make<llm::ConcatOp>(parts, named("axis", axis));
}

Value Binder::constant(DenseElementsAttr value) {
  return llm::ConstantOp::create(builder, loc, value);
}

Value Binder::scalarFloat(Type element, double value) {
  if (isa<IntegerType>(element))
    return constant(denseInts(RankedTensorType::get({}, element),
                              static_cast<int64_t>(value)));
  return constant(splatFloat(RankedTensorType::get({}, element), value));
}

Value Binder::sizesAsData(ArrayRef<llm::Dim> values, RankedTensorType type) {
  if (llm::isFixed(values)) {
    SmallVector<int64_t> numbers;
    for (llm::Dim d : values)
      numbers.push_back(*llm::fixedDim(d));
    return constant(denseInts(type, numbers));
  }
  unsigned width = type.getElementTypeBitWidth();
  if (width == 32 || width == 64)
    return makeAs<llm::DimsOp>(type, {},
                               named("values", llm::dimsAttr(ctx, values)));
  auto wide = RankedTensorType::get(type.getShape(), builder.getI64Type());
  return cast(sizesAsData(values, wide), type.getElementType());
}

Value Binder::scalarSize(llm::Dim value, Type element) {
  return sizesAsData(value, RankedTensorType::get({}, element));
}

SmallVector<int64_t> upTo(int64_t n) {
  SmallVector<int64_t> numbers;
  for (int64_t i = 0; i < n; ++i)
    numbers.push_back(i);
  return numbers;
}

// The table.

static std::string key(StringRef domain, StringRef op) {
  return (domain + ":" + op).str();
}

void RuleTable::add(StringRef domain, ArrayRef<StringRef> ops,
                    RuleFunction rule) {
  for (StringRef op : ops) {
    bool isNew = rules.try_emplace(key(domain, op), rule).second;
    assert(isNew && "an operator has one rule");
    (void)isNew;
  }
}

const RuleFunction *RuleTable::find(StringRef domain, StringRef op) const {
  auto it = rules.find(key(domain, op));
  return it == rules.end() ? nullptr : &it->second;
}

void RuleTable::refuse(StringRef domain, StringRef op, StringRef why) {
  refusals[key(domain, op)] = why.str();
}

std::string RuleTable::refusal(StringRef domain, StringRef op) const {
  std::string what = "is not supported";
  if (auto it = refusals.find(key(domain, op)); it != refusals.end())
    return what + ": " + it->second;
  return domain.empty() ? what : what + " (domain " + escaped(domain) + ")";
}

std::vector<std::string> RuleTable::operators() const {
  std::vector<std::string> out;
  for (StringRef key : rules.keys())
    out.push_back(key.str());
  llvm::sort(out);
  return out;
}

} // namespace llmc::onnx
