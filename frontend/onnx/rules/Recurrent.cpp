// SPDX-License-Identifier: Apache-2.0
// RNN, GRU and LSTM: the inputs' products for all steps at once, then one
// llm.recurrent per direction.
#include "frontend/onnx/rules/Quant.h"

using namespace mlir;

namespace llmc::onnx {

namespace {
/// A layer's sizes and operands, with the sequence first.
struct Layer {
  llm::RecurrentKind kind;
  int64_t gates, directions, hidden;
  bool batchFirst;
  Type element; ///< computed in
  Value x, b, h, c, p, lengths;
  /// By direction: the inputs' products [seq, batch, gates * hidden], and the
  /// states' weights [hidden, gates * hidden].
  SmallVector<Value> products, recurrent;
  llm::Dim batch;
  SmallVector<std::string> activations; ///< of all directions
  SmallVector<double> alpha, beta;
  bool isLstm() const { return kind == llm::RecurrentKind::Lstm; }
};
/// Results of one direction: all states, last state, last cell.
struct Direction {
  Value states, h, c;
};
} // namespace

static SmallVector<double> floatList(Binder &b, StringRef name) {
  Attribute a = b.attr(name);
  if (!a)
    return {};
  if (auto f = dyn_cast<DenseF32ArrayAttr>(a))
    return SmallVector<double>(f.asArrayRef());
  b.fail("attribute " + name + " is not a list of floats");
}

/// Which parameters an activation takes, with their defaults.
static void addActivation(Binder &b, Layer &l, StringRef name,
                          ArrayRef<double> &alphas, ArrayRef<double> &betas) {
  struct Known {
    const char *name;
    std::optional<double> alpha, beta;
  };
  static const Known known[] = {
      {"relu", {}, {}},         {"tanh", {}, {}},
      {"sigmoid", {}, {}},      {"softsign", {}, {}},
      {"softplus", {}, {}},     {"affine", 1.0, 0.0},
      {"leakyrelu", 0.01, {}},  {"thresholdedrelu", 1.0, {}},
      {"scaledtanh", 1.0, 1.0}, {"hardsigmoid", 0.2, 0.5},
      {"elu", 1.0, {}}};
  const auto *it = llvm::find_if(
      known, [&](const Known &k) { return name.equals_insensitive(k.name); });
  if (it == std::end(known))
    b.fail("has an unknown activation");
  auto take = [](ArrayRef<double> &list, std::optional<double> otherwise) {
    if (!otherwise || list.empty())
      return otherwise.value_or(0.0);
    double v = list.front();
    list = list.drop_front();
    return v;
  };
  l.activations.push_back(it->name);
  l.alpha.push_back(take(alphas, it->alpha));
  l.beta.push_back(take(betas, it->beta));
}

static void readActivations(Binder &b, Layer &l) {
  SmallVector<StringRef> names;
  if (auto list = dyn_cast_or_null<ArrayAttr>(b.attr("activations"))) {
    for (Attribute a : list)
      if (auto s = dyn_cast<StringAttr>(a))
        names.push_back(s.getValue());
  } else if (b.attr("activations")) {
    b.fail("attribute activations is not a list of names");
  }
  size_t each = l.kind == llm::RecurrentKind::Rnn   ? 1
                : l.kind == llm::RecurrentKind::Gru ? 2
                                                    : 3;
  if (names.empty()) {
    for (int64_t d = 0; d < l.directions; ++d) {
      if (each > 1)
        names.push_back("Sigmoid");
      names.append(each > 1 ? each - 1 : 1, "Tanh");
    }
  }
  if (names.size() != each * l.directions)
    b.fail("has " + Twine(names.size()) + " activations for " +
           Twine(each * l.directions));
  SmallVector<double> alphaList = floatList(b, "activation_alpha"),
                      betaList = floatList(b, "activation_beta");
  ArrayRef<double> alphas = alphaList, betas = betaList;
  for (StringRef name : names)
    addActivation(b, l, name, alphas, betas);
}

/// A fixed size of an operand, or the model is beyond us.
static void expectDims(Binder &b, size_t i, ArrayRef<int64_t> dims) {
  if (!b.has(i))
    return;
  if (b.rank(i) != static_cast<int64_t>(dims.size()))
    b.fail("input " + Twine(i) + " needs rank " + Twine(dims.size()));
  for (auto [have, want] : llvm::zip(b.dims(i), dims)) {
    auto fixed = llm::fixedDim(have);
    if (want >= 0 && fixed && *fixed != want)
      b.fail("input " + Twine(i) + " has a dim of " + Twine(*fixed) +
             " where " + Twine(want) + " is needed");
  }
}

static int64_t directionCount(Binder &b) {
  StringRef direction = b.stringAttr("direction", "forward");
  if (direction == "bidirectional")
    return 2;
  if (direction != "forward" && direction != "reverse")
    b.fail("direction is none of forward, reverse and bidirectional");
  return 1;
}

/// Everything but products and recurrent; weights are [directions, gates *
/// hidden, in], or `turned` [directions, in, gates * hidden].
static Layer readLayer(Binder &b, llm::RecurrentKind kind, int64_t gates,
                       bool turned) {
  Layer l;
  l.kind = kind, l.gates = gates;
  l.directions = directionCount(b);
  l.batchFirst = b.intAttr("layout", 0) != 0;
  expectDims(b, 0, {-1, -1, -1});
  expectDims(b, 2, {l.directions, -1, -1});
  auto hidden = llm::fixedDim(b.dims(2)[turned ? 1 : 2]);
  auto inputs = llm::fixedDim(b.dims(0)[2]);
  if (!hidden || *hidden < 1)
    b.unsupported("a hidden size that is not fixed is not supported");
  if (*hidden > (int64_t(1) << 31))
    b.fail("has a hidden size of " + Twine(*hidden));
  l.hidden = *hidden;
  if (b.intAttr("hidden_size", l.hidden) != l.hidden)
    b.fail("attribute hidden_size is not that of the weights");
  int64_t width = gates * l.hidden, d = l.directions;
  auto expectWeights = [&](size_t i, int64_t in) {
    if (turned)
      expectDims(b, i, {d, in, width});
    else
      expectDims(b, i, {d, width, in});
  };
  expectWeights(1, inputs.value_or(-1));
  expectWeights(2, l.hidden);
  expectDims(b, 3, {d, 2 * width});
  auto batch = llm::fixedDim(b.dims(0)[l.batchFirst ? 0 : 1]);
  expectDims(b, 4, {batch.value_or(-1)});
  for (size_t i = 5; i <= (l.isLstm() ? 6u : 5u); ++i)
    if (l.batchFirst)
      expectDims(b, i, {batch.value_or(-1), d, l.hidden});
    else
      expectDims(b, i, {d, batch.value_or(-1), l.hidden});
  if (l.isLstm())
    expectDims(b, 7, {d, 3 * l.hidden});
  if (!isa<FloatType>(b.element(0)))
    b.fail("needs a tensor of floats");
  l.element = b.element(0).getIntOrFloatBitWidth() < 32 ? b.builder.getF32Type()
                                                        : b.element(0);
  auto operand = [&](size_t i) {
    Value v = b.maybe(i);
    return v ? b.cast(v, l.element) : v;
  };
  auto sequenceFirst = [&](Value v) {
    return v && l.batchFirst ? b.transpose(v, {1, 0, 2}) : v;
  };
  l.x = sequenceFirst(operand(0));
  l.b = operand(3);
  l.lengths = b.maybe(4);
  if (l.lengths && !isa<IntegerType>(b.element(4)))
    b.fail("sequence_lens are not integers");
  l.h = sequenceFirst(operand(5));
  if (l.isLstm())
    l.c = sequenceFirst(operand(6)), l.p = operand(7);
  l.batch = llm::dimsOf(l.x)[1];
  b.learnEqual(llm::dimsOf(l.x)[2], b.dims(1)[turned ? 1 : 2]);
  readActivations(b, l);
  return l;
}

/// Row d of an operand, without its first dim.
static Value rowOf(Binder &b, Value v, int64_t d) {
  llm::Dims dims = llm::dimsOf(v);
  dims.erase(dims.begin());
  return b.reshape(b.slice(v, 0, b.constantDim(d), b.constantDim(1)), dims);
}

static Value initialState(Binder &b, const Layer &l, Value states, int64_t d) {
  if (states)
    return rowOf(b, states, d);
  return b.expand(b.scalarFloat(l.element, 0.0),
                  {l.batch, b.constantDim(l.hidden)});
}

static void multiplyInputs(Binder &b, Layer &l) {
  auto weights = [&](size_t i, int64_t d) {
    return b.transpose(rowOf(b, b.cast(b.in(i), l.element), d), {1, 0});
  };
  for (int64_t d = 0; d < l.directions; ++d) {
    l.products.push_back(b.make<llm::MatmulOp>({l.x, weights(1, d)}));
    l.recurrent.push_back(weights(2, d));
  }
}

/// The same of DynamicQuantizeLSTM: the inputs are quantized for their product,
/// the states are not.
static void multiplyQuantizedInputs(Binder &b, Layer &l) {
  if (!l.element.isF32())
    b.fail("quantizes floats, not " + describe(b.type(0)));
  auto q = makeDynamicQuantize(b, l.x);
  for (size_t i : {8, 9, 10, 11})
    if (b.rank(i) != 1 && b.rank(i) != 2)
      b.fail("needs a scale or zero point per direction, and column or not, as "
             "input " +
             Twine(i));
  auto parameter = [&](size_t i, int64_t d) {
    return rowOf(b, b.in(i), d); // scalar or [gates * hidden]
  };
  for (int64_t d = 0; d < l.directions; ++d) {
    Value product = integerMatmul(b, q.getResult(), rowOf(b, b.in(1), d),
                                  q.getZeroPoint(), parameter(9, d));
    l.products.push_back(
        scaledProduct(b, product, q.getScale(), parameter(8, d), {}));
    Value r = rowOf(b, b.in(2), d);
    l.recurrent.push_back(checked(
        b, llm::DequantizeOp::create(
               b.builder, b.loc, llm::withElement(r.getType(), l.element), r,
               parameter(10, d), parameter(11, d), 1, 0)));
  }
}

/// The inputs times their weights plus all biases but the one inside the reset
/// gate's product, which is returned beside.
static Value projected(Binder &b, const Layer &l, int64_t d, bool splitInner,
                       Value &inner) {
  Value y = l.products[d];
  if (!l.b)
    return y;
  auto part = [&](int64_t from, int64_t count) {
    return b.slice(rowOf(b, l.b, d), 0, b.constantDim(from * l.hidden),
                   b.constantDim(count * l.hidden));
  };
  int64_t g = l.gates;
  if (!splitInner)
    return b.make<llm::AddOp>(
        {y, b.make<llm::AddOp>({part(0, g), part(g, g)})});
  Value outer = b.make<llm::AddOp>({part(0, g - 1), part(g, g - 1)});
  inner = part(2 * g - 1, 1);
  return b.make<llm::AddOp>({y, b.concat({outer, part(g - 1, 1)}, 0)});
}

static Direction runDirection(Binder &b, const Layer &l, int64_t d) {
  bool reverse = d == 1 || b.stringAttr("direction", "forward") == "reverse";
  bool linear = l.kind == llm::RecurrentKind::Gru &&
                b.intAttr("linear_before_reset", 0) != 0;
  Value inner;
  Value gates = projected(b, l, d, linear, inner);
  llm::Dim hidden = b.constantDim(l.hidden);
  Type all = b.tensor({llm::dimsOf(l.x)[0], l.batch, hidden}, l.element),
       last = b.tensor({l.batch, hidden}, l.element);
  size_t each = l.activations.size() / l.directions;
  SmallVector<Attribute> names;
  for (size_t i = d * each; i < (d + 1) * each; ++i)
    names.push_back(b.builder.getStringAttr(l.activations[i]));
  auto slice = [&](ArrayRef<double> list) {
    return b.builder.getDenseF64ArrayAttr(list.slice(d * each, each));
  };
  FloatAttr clip;
  if (auto limit = b.floatAttr("clip"); limit && *limit > 0)
    clip = b.builder.getF64FloatAttr(*limit);
  auto unit = [&](bool set) {
    return set ? b.builder.getUnitAttr() : UnitAttr();
  };
  auto op = llm::RecurrentOp::create(
      b.builder, b.loc, all, last, l.isLstm() ? last : Type(), gates,
      l.recurrent[d], initialState(b, l, l.h, d),
      l.isLstm() ? initialState(b, l, l.c, d) : Value(), l.lengths, inner,
      l.p ? rowOf(b, l.p, d) : Value(),
      llm::RecurrentKindAttr::get(b.ctx, l.kind), b.builder.getArrayAttr(names),
      slice(l.alpha), slice(l.beta), clip, unit(reverse), unit(linear),
      unit(l.isLstm() && b.intAttr("input_forget", 0) != 0));
  b.check(op);
  return {op.getStates(), op.getLastH(), op.getLastC()};
}

/// The directions' values along a new axis, in the type of the model.
static void setStacked(Binder &b, size_t output, ArrayRef<Value> values,
                       int64_t axis) {
  if (!b.isUsed(output))
    return;
  SmallVector<Value> parts;
  for (Value v : values) {
    llm::Dims dims = llm::dimsOf(v);
    dims.insert(dims.begin() + axis, b.constantDim(1));
    parts.push_back(b.reshape(v, dims));
  }
  Value all = parts.size() == 1 ? parts[0] : b.concat(parts, axis);
  b.set(output, b.cast(all, b.element(0)));
}

static void runLayer(Binder &b, const Layer &l) {
  SmallVector<Value> states, h, c;
  for (int64_t d = 0; d < l.directions; ++d) {
    Direction r = runDirection(b, l, d);
    states.push_back(l.batchFirst ? b.transpose(r.states, {1, 0, 2})
                                  : r.states);
    h.push_back(r.h);
    if (r.c)
      c.push_back(r.c);
  }
  // [seq, directions, batch, H], or batch first [batch, seq, directions, H].
  setStacked(b, 0, states, l.batchFirst ? 2 : 1);
  setStacked(b, 1, h, l.batchFirst ? 1 : 0);
  if (l.isLstm())
    setStacked(b, 2, c, l.batchFirst ? 1 : 0);
}

template <llm::RecurrentKind kind, int64_t gates>
static void importRecurrent(Binder &b) {
  Layer l = readLayer(b, kind, gates, false);
  multiplyInputs(b, l);
  runLayer(b, l);
}

static void importDynamicQuantizeLSTM(Binder &b) {
  Layer l = readLayer(b, llm::RecurrentKind::Lstm, 4, true);
  multiplyQuantizedInputs(b, l);
  runLayer(b, l);
}

void addRecurrentRules(RuleTable &rules) {
  using llm::RecurrentKind;
  rules.add({"RNN"}, importRecurrent<RecurrentKind::Rnn, 1>);
  rules.add({"GRU"}, importRecurrent<RecurrentKind::Gru, 3>);
  rules.add({"LSTM"}, importRecurrent<RecurrentKind::Lstm, 4>);
  rules.add(kMicrosoft, {"DynamicQuantizeLSTM"}, importDynamicQuantizeLSTM);
}

} // namespace llmc::onnx
