// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/Math.h"
#include "codegen/lowering/Activation.h"
#include "codegen/ref/PlainKernel.h"

using namespace mlir;

namespace llmc {

namespace {
/// One token through the experts that its routing chose.
struct Mixture {
  llm::ExpertsOp op;
  PlainBody &p;
  KernelBuilder &k;
  Type acc;
  int64_t width, inner, outWidth;
  int gateBias, up, upBias, downBias; ///< operand numbers, or -1
  enum : unsigned { X, Routing, Out, Gate, Down };

  Value number(unsigned tensor, Values at) {
    return k.convert(p.load(tensor, at), acc);
  }
  void each(int64_t count, llvm::function_ref<void(Value)> body) {
    k.forLoop(k.ci(count), body);
  }
  void start(Value row, int64_t count, int bias, Value expert) {
    each(count, [&](Value i) {
      k.store(bias >= 0 ? number(bias, {expert, i}) : k.zero(acc), row, i);
    });
  }
  /// row[i] += factor * weights[expert][from][i].
  void addRow(Value row, int64_t count, Value factor, unsigned weights,
              Value expert, Value from) {
    each(count, [&](Value i) {
      Value w = number(weights, {expert, from, i});
      k.store(k.fma(factor, w, k.load(acc, row, i)), row, i);
    });
  }

  Value gated(Value g) {
    double alpha = op.getAlpha().convertToDouble();
    if (alpha == 1)
      return k.convert(llmc::activated(k, op.getActivation(), g), acc);
    Value x = k.convert(g, k.f32());
    return k.convert(k.mul(x, emitSigmoid(k, k.mul(x, k.cf(alpha)))), acc);
  }
  /// act(g) * (u + beta) of one element.
  Value combined(Value g, Value u) {
    double limit = op.getLimit().convertToDouble();
    Value most = k.constant(acc, limit), least = k.constant(acc, -limit);
    if (limit > 0)
      g = k.min(g, most);
    Value y = gated(g);
    if (!u)
      return y;
    if (limit > 0)
      u = k.max(k.min(u, most), least);
    return k.mul(y, k.add(u, k.constant(acc, op.getBeta().convertToDouble())));
  }

  void expert(Value t, Value e, Value weight, Value g, Value u, Value sum) {
    start(g, inner, gateBias, e);
    if (up >= 0)
      start(u, inner, upBias, e);
    each(width, [&](Value d) {
      Value x = number(X, {t, d});
      addRow(g, inner, x, Gate, e, d);
      if (up >= 0)
        addRow(u, inner, x, up, e, d);
    });
    each(inner, [&](Value i) {
      Value y =
          combined(k.load(acc, g, i), up >= 0 ? k.load(acc, u, i) : Value());
      addRow(sum, outWidth, k.mul(y, weight), Down, e, i);
    });
    if (downBias >= 0)
      each(outWidth, [&](Value o) {
        Value b = number(downBias, {e, o});
        k.store(k.fma(weight, b, k.load(acc, sum, o)), sum, o);
      });
  }

  void token(Value t) {
    Value g = p.k.scratch(acc, inner), u = p.k.scratch(acc, inner),
          sum = p.k.scratch(acc, outWidth);
    start(sum, outWidth, -1, Value());
    k.forLoop(p.dim(Routing, 1), [&](Value e) {
      Value weight = number(Routing, {t, e});
      k.ifThen(k.cmp(CmpF::UNE, weight, k.zero(acc)),
               [&] { expert(t, e, weight, g, u, sum); });
    });
    each(outWidth, [&](Value o) {
      p.store(k.convert(k.load(acc, sum, o), computeType(p.element(Out))), Out,
              {t, o});
    });
  }
};
} // namespace

static LogicalResult lowerExperts(Operation *op, EntryLowering &e) {
  auto experts = cast<llm::ExpertsOp>(op);
  SmallVector<PlainTensor> tensors = {{e.get(experts.getX())},
                                      {e.get(experts.getRouting())},
                                      {e.result(experts.getResult()), true},
                                      {e.get(experts.getGate())},
                                      {e.get(experts.getDown())}};
  std::string key;
  llvm::raw_string_ostream name(key);
  auto add = [&](Value operand) -> int {
    name << (operand ? "y" : "n");
    if (!operand)
      return -1;
    tensors.push_back({e.get(operand)});
    return tensors.size() - 1;
  };
  int gateBias = add(experts.getGateBias()), up = add(experts.getUp()),
      upBias = add(experts.getUpBias()), downBias = add(experts.getDownBias());
  llm::Dims gate = llm::dimsOf(experts.getGate());
  int64_t width = *llm::fixedDim(gate[1]), inner = *llm::fixedDim(gate[2]),
          outWidth = *llm::fixedDim(llm::dimsOf(experts.getDown())[2]);
  name << op->getAttrDictionary() << width << "," << inner << "," << outWidth;
  Type acc = sumType(e);
  launchPlain(
      e, "experts", key, tensors, {}, Mixture::Out, 1, [&](PlainBody &p) {
        Mixture body{experts,  p,        p.k, acc,    width,   inner,
                     outWidth, gateBias, up,  upBias, downBias};
        p.forTiles(Mixture::Out, 1, [&](Values at) { body.token(at[0]); });
      });
  return success();
}

void addExpertsLowerings(LoweringTable &table) {
  table["llm.experts"] = lowerExperts;
}

} // namespace llmc
