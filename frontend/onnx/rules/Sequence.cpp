// SPDX-License-Identifier: Apache-2.0
// Sequences and optional values. Splitting, joining and mapping are loops over
// the basic ops.
#include "frontend/onnx/ConversionErrors.h"
#include "frontend/onnx/SequenceTypes.h"
#include "frontend/onnx/rules/LoopBuilder.h"

using namespace mlir;

namespace llmc::onnx {

static Value sequenceIn(Binder &b, size_t i) {
  const Entry &e = b.entry(i);
  if (!e.value || !isa<llm::SequenceType>(e.value.getType()) ||
      isOptional(e.value.getType()))
    b.fail("input " + Twine(i) + " needs a sequence");
  return e.value;
}

static llm::SequenceType typeOf(Value sequence) {
  return cast<llm::SequenceType>(sequence.getType());
}

/// A scalar of 32 or 64 bits.
static Value positionIn(Binder &b, size_t i) {
  RankedTensorType type = b.type(i);
  unsigned width = type.getElementTypeBitWidth();
  if (!isa<IntegerType>(type.getElementType()) ||
      (width != 32 && width != 64) || !type.hasStaticShape() ||
      type.getNumElements() != 1)
    b.fail("the position needs one integer, not " + describe(type));
  return b.in(i);
}

static Value empty(Binder &b, Type element, int64_t rank) {
  return llm::SequenceEmptyOp::create(
      b.builder, b.loc, llm::SequenceType::get(b.ctx, element, rank));
}

static Value inserted(Binder &b, Value sequence, Value x, Value position) {
  llm::SequenceType type = typeOf(sequence);
  if (type.getElement() != llm::elementOf(x))
    b.fail("a tensor of another element type than the sequence's");
  int64_t rank = llm::SequenceType::joinRanks(type.getRank(), llm::rankOf(x));
  return llm::SequenceInsertOp::create(b.builder, b.loc, type.withRank(rank),
                                       sequence, x, position);
}

/// Sizes of a tensor of it, which its op binds.
static llm::Dims itemDims(Binder &b, llm::SequenceType type) {
  if (!type.hasRank())
    b.unsupported("a sequence whose tensors' rank is unknown is not supported");
  llm::Dims dims;
  for (int64_t i = 0; i < type.getRank(); ++i)
    dims.push_back(b.boundSymbol("element"));
  return dims;
}

static Value at(Binder &b, Value sequence, Value position) {
  llm::SequenceType type = typeOf(sequence);
  llm::Dims dims = itemDims(b, type);
  return llm::SequenceAtOp::create(b.builder, b.loc,
                                   b.tensor(dims, type.getElement()), sequence,
                                   position, llm::dimsAttr(b.ctx, dims));
}

static Value length(Binder &b, Value sequence) {
  return llm::SequenceLengthOp::create(
      b.builder, b.loc, RankedTensorType::get({}, b.builder.getI64Type()),
      sequence);
}

static void importEmpty(Binder &b) {
  Type element = mlirType(b.ctx, static_cast<int32_t>(b.intAttr("dtype", 1)));
  if (!element)
    b.unsupported("sequences of this element type are not supported");
  b.set(0, empty(b, element, -1));
}

static void importConstruct(Binder &b) {
  Value sequence = empty(b, b.element(0), b.rank(0));
  for (size_t i = 0; i < b.numInputs(); ++i)
    sequence = inserted(b, sequence, b.in(i), {});
  b.set(0, sequence);
}

static void importInsert(Binder &b) {
  Value position = b.has(2) ? positionIn(b, 2) : Value();
  b.set(0, inserted(b, sequenceIn(b, 0), b.in(1), position));
}

static void importErase(Binder &b) {
  Value sequence = sequenceIn(b, 0);
  Value position = b.has(1) ? positionIn(b, 1) : Value();
  b.set(0, llm::SequenceEraseOp::create(b.builder, b.loc, sequence.getType(),
                                        sequence, position));
}

static void importAt(Binder &b) {
  b.set(0, at(b, sequenceIn(b, 0), positionIn(b, 1)));
}

static void importLength(Binder &b) { b.set(0, length(b, sequenceIn(b, 0))); }

// Loops.

static Value scalar(Binder &b, llm::Dim value) {
  return b.scalarSize(value, b.builder.getI64Type());
}

/// The results of a loop over `trips` that carries `inits`.
static SmallVector<Value> overTurns(Binder &b, Value trips, llm::Dim turns,
                                    ArrayRef<Value> inits, TurnFn turn) {
  LoopSpec spec;
  spec.trips = trips;
  spec.turns = turns;
  spec.inits.assign(inits.begin(), inits.end());
  return *buildLoop(b, spec, turn);
}

/// Without the axis.
static Value squeezed(Binder &b, Value x, int64_t axis) {
  llm::Dims dims = llm::dimsOf(x);
  dims.erase(dims.begin() + axis);
  return b.reshape(x, dims);
}

/// Parts of equal sizes (the last one may be smaller), or of the sizes given.
static void importSplit(Binder &b) {
  Value x = b.in(0);
  int64_t rank = b.rank(0), axis = b.axisAttr("axis", 0, rank);
  llm::Dim whole = b.dims(0)[axis], zero = b.constantDim(0);
  bool squeeze = !b.has(1) && !b.intAttr("keepdims", 1);
  Value none = empty(b, b.element(0), squeeze ? rank - 1 : rank);
  if (!b.has(1) || b.rank(1) == 0) {
    llm::Dim size =
        b.has(1) ? b.sizeOf(1, "split", {.least = 1}) : b.constantDim(1);
    llm::Dim turns = llm::simplified(whole.ceilDiv(size));
    auto turn = [&](llm::Dim i, ValueRange carried) {
      llm::Dim start = llm::simplified(i * size);
      Value part = b.slice(x, axis, start,
                           b.sizes.min(size, llm::simplified(whole - start)));
      if (squeeze)
        part = squeezed(b, part, axis);
      LoopTurn out;
      out.next.push_back(inserted(b, carried[0], part, {}));
      return out;
    };
    b.set(0, overTurns(b, scalar(b, turns), turns, none, turn)[0]);
    return;
  }
  if (b.rank(1) != 1)
    b.fail("split needs rank 0 or 1, not " + Twine(b.rank(1)));
  Value sizes = b.in(1);
  llm::Dim turns = b.dims(1)[0];
  auto turn = [&](llm::Dim i, ValueRange carried) {
    // Both stay within the axis: the sum is checked before the part is read.
    llm::Dim start = b.bindDim(carried[1], 0, "start", {.least = 0});
    Value own = b.slice(sizes, 0, i, b.constantDim(1));
    llm::Dim size = b.bindDim(own, 0, "split", {.least = 0});
    llm::Dim end = llm::simplified(start + size);
    b.requireAtMost(end, whole);
    LoopTurn out;
    out.next.push_back(
        inserted(b, carried[0], b.slice(x, axis, start, size), {}));
    out.next.push_back(scalar(b, end));
    return out;
  };
  auto results =
      overTurns(b, scalar(b, turns), turns, {none, scalar(b, zero)}, turn);
  b.requireEqual(b.bindDim(results[1], 0, "split", {.least = 0}), whole);
  b.set(0, results[0]);
}

/// The first tensor, then the others behind it.
static void importConcat(Binder &b) {
  Value sequence = sequenceIn(b, 0);
  bool stack = b.intAttr("new_axis", 0);
  int64_t rank = typeOf(sequence).getRank();
  if (rank < 0)
    b.unsupported("a sequence whose tensors' rank is unknown is not supported");
  int64_t axis = b.axis(b.requiredInt("axis"), stack ? rank + 1 : rank);
  auto element = [&](llm::Dim i) {
    Value x = at(b, sequence, scalar(b, i));
    if (!stack)
      return x;
    llm::Dims dims = llm::dimsOf(x);
    dims.insert(dims.begin() + axis, b.constantDim(1));
    return b.reshape(x, dims);
  };
  Value one = scalar(b, b.constantDim(1));
  Value rest = b.make<llm::SubOp>({length(b, sequence), one});
  auto turn = [&](llm::Dim i, ValueRange carried) {
    Value x = element(llm::simplified(i + 1));
    llm::Dims dims = llm::dimsOf(carried[0]);
    for (auto [k, d] : llvm::enumerate(llm::dimsOf(x)))
      if (static_cast<int64_t>(k) == axis)
        dims[k] = d;
      else
        b.requireEqual(d, dims[k]);
    LoopTurn out;
    out.next.push_back(b.concat({carried[0], b.reshape(x, dims)}, axis));
    return out;
  };
  b.set(0, overTurns(b, rest, {}, element(b.constantDim(0)), turn)[0]);
}

/// The body for each tensor of the first sequence; further inputs are sequences
/// of the same length, or tensors for all turns.
static void importMap(Binder &b) {
  Block &body = b.subgraph("body");
  Value first = sequenceIn(b, 0);
  SmallVector<Value> none;
  // The results' element types and ranks are what a trial turn makes.
  std::optional<SmallVector<Value>> results;
  SmallVector<llm::SequenceType> types;
  {
    BodyHolder trial(b);
    BodyScope scope(b.shared());
    size_t notes = b.shared().unsupported.size();
    b.builder.setInsertionPointToEnd(&trial.block());
    SmallVector<Entry> inputs;
    for (size_t i = 0; i < b.numInputs(); ++i) {
      Entry e = b.entry(i);
      if (e.value && isa<llm::SequenceType>(e.value.getType()))
        e = storedEntry(at(b, e.value, scalar(b, b.constantDim(0))));
      inputs.push_back(e);
    }
    for (Entry &e : b.convert(body, inputs)) {
      if (e.isUnknown || !e.type)
        return b.setUnknown();
      types.push_back(llm::SequenceType::get(b.ctx, e.type.getElementType(),
                                             e.type.getRank()));
    }
    b.shared().unsupported.resize(notes);
  }
  for (llm::SequenceType t : types)
    none.push_back(empty(b, t.getElement(), t.getRank()));
  auto turn = [&](llm::Dim k, ValueRange carried) {
    SmallVector<Entry> inputs;
    for (size_t i = 0; i < b.numInputs(); ++i) {
      Entry e = b.entry(i);
      if (e.value && isa<llm::SequenceType>(e.value.getType()))
        e = storedEntry(at(b, e.value, scalar(b, k)));
      inputs.push_back(e);
    }
    LoopTurn out;
    for (auto [i, e] : llvm::enumerate(b.convert(body, inputs))) {
      out.unknown |= e.isUnknown;
      if (!out.unknown)
        out.next.push_back(inserted(b, carried[i], b.valueOf(e), {}));
    }
    return out;
  };
  auto made = overTurns(b, length(b, first), {}, none, turn);
  for (size_t i = 0; i < b.numOutputs(); ++i)
    b.set(i, made[i]);
}

// Optional values: what is known here to be there is its element, and what is
// known not to be is none; the rest are values of the run.

static void importOptional(Binder &b) {
  Entry e;
  if (b.has(0)) {
    e = b.entry(0);
    if (e.isNone || (e.value && isOptional(e.value.getType())))
      b.fail("an optional value in an optional value");
  } else {
    e.isNone = true;
    if (auto attr = dyn_cast_or_null<TypeAttr>(b.attr("type"))) {
      auto type = cast<llm::SequenceType>(attr.getValue());
      e.noneType =
          type.hasRank() ? type : type.withRank(llm::SequenceType::kNoRank);
    }
  }
  b.set(0, e);
}

static void importHasElement(Binder &b) {
  bool has = b.has(0) && !b.entry(0).isNone;
  if (has && b.entry(0).value && isOptional(b.entry(0).value.getType())) {
    b.set(0, llm::OptionalHasOp::create(
                 b.builder, b.loc,
                 RankedTensorType::get({}, b.builder.getI1Type()),
                 b.entry(0).value));
    return;
  }
  b.setContent(0, RankedTensorType::get({}, b.builder.getI1Type()),
               Content::of(llm::Dims{b.constantDim(has)}));
}

static void importGetElement(Binder &b) {
  if (b.entry(0).isNone)
    b.fail("the optional value has no element");
  Value optional = b.entry(0).value;
  if (!optional || !isOptional(optional.getType()))
    return b.set(0, b.entry(0));
  llm::SequenceType type = typeOf(optional);
  llm::Dims dims;
  Type element = type.withKind(llm::SequenceKind::Sequence);
  if (type.getKind() == llm::SequenceKind::Optional) {
    dims = itemDims(b, type);
    element = b.tensor(dims, type.getElement());
  }
  b.set(0, llm::OptionalGetOp::create(b.builder, b.loc, element, optional,
                                      llm::dimsAttr(b.ctx, dims)));
}

void addSequenceRules(RuleTable &rules) {
  rules.add({"SequenceEmpty"}, importEmpty);
  rules.add({"SequenceConstruct"}, importConstruct);
  rules.add({"SequenceInsert"}, importInsert);
  rules.add({"SequenceErase"}, importErase);
  rules.add({"SequenceAt"}, importAt);
  rules.add({"SequenceLength"}, importLength);
  rules.add({"SplitToSequence"}, importSplit);
  rules.add({"ConcatFromSequence"}, importConcat);
  rules.add({"SequenceMap"}, importMap);
  rules.add({"Optional"}, importOptional);
  rules.add({"OptionalHasElement"}, importHasElement);
  rules.add({"OptionalGetElement"}, importGetElement);
}

} // namespace llmc::onnx
