// SPDX-License-Identifier: Apache-2.0
// Recurrent layers. Ours take the inputs' products; ONNX's make them, so that a
// product in front is taken apart, and anything else goes through an identity.
#include "frontend/onnx/GraphExporter.h"

using namespace mlir;

namespace llmc::onnx {

using Name = GraphExporter::Name;

namespace {
/// gates = x . transposed(w) + bias; the bias may be empty.
struct Projection {
  Name x, w, bias;
};
} // namespace

static Projection projectionOf(llm::RecurrentOp op, GraphExporter &e) {
  Value gates = op.getGates(), bias;
  if (auto linear = gates.getDefiningOp<llm::LinearOp>();
      linear && !linear.hasEpilogue())
    return {e.name(linear.getX()),
            e.transpose(e.name(linear.getWeight()), {1, 0}),
            linear.getBias() ? e.name(linear.getBias()) : Name()};
  if (auto add = gates.getDefiningOp<llm::AddOp>();
      add && llm::rankOf(add.getY()) == 1)
    gates = add.getX(), bias = add.getY();
  if (auto product = gates.getDefiningOp<llm::MatmulOp>();
      product && llm::rankOf(product.getA()) == 3 &&
      llm::rankOf(product.getB()) == 2)
    return {e.name(product.getA()), e.transpose(e.name(product.getB()), {1, 0}),
            bias ? e.name(bias) : Name()};
  llm::Dim width = llm::dimsOf(op.getGates())[2];
  Name square = e.node("Expand", {e.scalar(llm::elementOf(op.getGates()), 0),
                                  e.shape({width, width})});
  return {e.name(op.getGates()), e.node("EyeLike", {square}), ""};
}

static std::string activationName(StringRef lower) {
  static const char *const names[] = {
      "Relu",     "Tanh",       "Sigmoid",     "Softsign",
      "Softplus", "Affine",     "LeakyRelu",   "ThresholdedRelu",
      "Elu",      "ScaledTanh", "HardSigmoid",
  };
  for (StringRef name : names)
    if (name.equals_insensitive(lower))
      return name.str();
  llvm_unreachable("an activation without a name");
}

static GraphExporter::Attributes attributesOf(llm::RecurrentOp op,
                                              int64_t hidden) {
  std::vector<std::string> names;
  std::vector<float> alphas, betas; // of those that take them
  for (auto [i, a] : llvm::enumerate(op.getActivations())) {
    StringRef name = cast<StringAttr>(a).getValue();
    names.push_back(activationName(name));
    bool both =
        llvm::is_contained({"affine", "scaledtanh", "hardsigmoid"}, name);
    if (both ||
        llvm::is_contained({"leakyrelu", "thresholdedrelu", "elu"}, name))
      alphas.push_back(static_cast<float>(op.getAlpha()[i]));
    if (both)
      betas.push_back(static_cast<float>(op.getBeta()[i]));
  }
  GraphExporter::Attributes attributes = {
      {"hidden_size", hidden},
      {"direction", std::string(op.getReverse() ? "reverse" : "forward")},
      {"activations", std::move(names)}};
  if (!alphas.empty())
    attributes.push_back({"activation_alpha", std::move(alphas)});
  if (!betas.empty())
    attributes.push_back({"activation_beta", std::move(betas)});
  if (auto clip = op.getClip())
    attributes.push_back({"clip", static_cast<float>(clip->convertToDouble())});
  if (op.getKind() == llm::RecurrentKind::Gru)
    attributes.push_back(
        {"linear_before_reset", int64_t(op.getLinearBeforeReset())});
  if (op.getKind() == llm::RecurrentKind::Lstm)
    attributes.push_back({"input_forget", int64_t(op.getInputForget())});
  return attributes;
}

static void exportRecurrent(Operation *o, GraphExporter &e) {
  auto op = cast<llm::RecurrentOp>(o);
  llm::Dims weights = llm::dimsOf(op.getWeights()); // [H, gates * H]
  int64_t hidden = *llm::fixedDim(weights[0]),
          width = *llm::fixedDim(weights[1]);
  Type element = llm::elementOf(op.getGates()),
       i32 = IntegerType::get(e.context(), 32);
  if (element.isBF16())
    e.needOpset(22);
  bool isLstm = op.getKind() == llm::RecurrentKind::Lstm;
  Projection in = projectionOf(op, e);
  auto zeros = [&](int64_t n) {
    return e.node("Expand", {e.scalar(element, 0), e.ints({n})});
  };
  auto first = [&](Value v) {
    return v ? e.unsqueeze(e.name(v), {0}) : Name();
  };
  Name bias, lengths;
  if (!in.bias.empty() || op.getInnerBias()) {
    GraphExporter::Names parts = {in.bias.empty() ? zeros(width) : in.bias};
    int64_t inner = op.getInnerBias() ? hidden : 0;
    parts.push_back(zeros(width - inner));
    if (inner)
      parts.push_back(e.name(op.getInnerBias()));
    bias = e.unsqueeze(e.node("Concat", parts, {{"axis", int64_t(0)}}), {0});
  }
  if (op.getLengths())
    lengths =
        e.castTo(e.name(op.getLengths()), llm::elementOf(op.getLengths()), i32);
  GraphExporter::Names inputs = {
      in.x,
      e.unsqueeze(in.w, {0}),
      e.unsqueeze(e.transpose(e.name(op.getWeights()), {1, 0}), {0}),
      bias,
      lengths,
      first(op.getInitialH())};
  if (isLstm)
    inputs.push_back(first(op.getInitialC()));
  if (op.getPeepholes())
    inputs.push_back(first(op.getPeepholes()));
  const char *name = isLstm                                    ? "LSTM"
                     : op.getKind() == llm::RecurrentKind::Gru ? "GRU"
                                                               : "RNN";
  auto results =
      e.nodes(name, inputs, attributesOf(op, hidden), isLstm ? 3 : 2);
  auto squeezed = [&](const Name &x, int64_t axis) {
    return e.node("Squeeze", {x, e.ints({axis})});
  };
  e.set(op.getStates(), squeezed(results[0], 1)); // the direction
  e.set(op.getLastH(), squeezed(results[1], 0));
  if (isLstm)
    e.set(op.getLastC(), squeezed(results[2], 0));
}

void addRecurrentExports(ExportTable &table) {
  table["llm.recurrent"] = exportRecurrent;
}

} // namespace llmc::onnx
