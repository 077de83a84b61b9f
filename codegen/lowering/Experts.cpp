// SPDX-License-Identifier: Apache-2.0
// Mixtures of experts: on their kernel where the weights are stored panels, and
// as plain loops.
#include "codegen/cpu/kernels/Experts.h"
#include "codegen/cpu/Math.h"
#include "codegen/lowering/Activation.h"
#include "codegen/lowering/Quant.h"
#include "codegen/ref/PlainKernel.h"
#include "ir/llm/Quantized.h"

using namespace mlir;

namespace llmc {

namespace {
/// Sizes of one expert.
struct ExpertSizes {
  int64_t experts, width, inner, out;
  explicit ExpertSizes(llm::ExpertsOp op) {
    auto size = [](Value v, int64_t axis) {
      return *llm::fixedDim(llm::dimsOf(v)[axis]);
    };
    experts = size(op.getRouting(), 1), width = size(op.getGate(), 0);
    inner = size(op.getGate(), 1) / experts,
    out = size(op.getDown(), 1) / experts;
  }
};

/// A weight among the operands of the plain kernel: as it is, or quantized.
struct PlainExperts {
  QuantizedFormat format;
  int w = -1, scales = -1, zeros = -1; ///< operand numbers
};

/// One token through the experts that its routing chose.
struct Mixture {
  llm::ExpertsOp op;
  PlainBody &p;
  KernelBuilder &k;
  Type acc;
  ExpertSizes sizes;
  PlainExperts gate, up, down;
  int gateBias, upBias, downBias; ///< operand numbers, or -1
  enum : unsigned { X, Routing, Out };

  Value number(unsigned tensor, Values at) {
    return k.convert(p.load(tensor, at), acc);
  }
  Value weight(const PlainExperts &m, Value row, Value column) {
    if (!m.format)
      return number(m.w, {row, column});
    return k.convert(
        emitQuantizedElement(k, m.format, p.pointer(m.w), p.pointer(m.scales),
                             p.pointer(m.zeros >= 0 ? m.zeros : m.scales), row,
                             column),
        acc);
  }
  void each(int64_t count, llvm::function_ref<void(Value)> body) {
    k.forLoop(k.ci(count), body);
  }
  void start(Value row, int64_t count, int bias, Value expert) {
    each(count, [&](Value i) {
      k.store(bias >= 0 ? number(bias, {expert, i}) : k.zero(acc), row, i);
    });
  }
  /// row[i] += factor * weights[from][expert, i].
  void addRow(Value row, int64_t count, Value factor,
              const PlainExperts &weights, Value expert, Value from) {
    Value first = k.mul(expert, count);
    each(count, [&](Value i) {
      Value w = weight(weights, from, k.add(first, i));
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
    bool hasUp = up.w >= 0;
    start(g, sizes.inner, gateBias, e);
    if (hasUp)
      start(u, sizes.inner, upBias, e);
    each(sizes.width, [&](Value d) {
      Value x = number(X, {t, d});
      addRow(g, sizes.inner, x, gate, e, d);
      if (hasUp)
        addRow(u, sizes.inner, x, up, e, d);
    });
    each(sizes.inner, [&](Value i) {
      Value y =
          combined(k.load(acc, g, i), hasUp ? k.load(acc, u, i) : Value());
      addRow(sum, sizes.out, k.mul(y, weight), down, e, i);
    });
    if (downBias >= 0)
      each(sizes.out, [&](Value o) {
        Value b = number(downBias, {e, o});
        k.store(k.fma(weight, b, k.load(acc, sum, o)), sum, o);
      });
  }

  void token(Value t) {
    Value g = p.k.scratch(acc, sizes.inner), u = p.k.scratch(acc, sizes.inner),
          sum = p.k.scratch(acc, sizes.out);
    start(sum, sizes.out, -1, Value());
    k.forLoop(k.ci(sizes.experts), [&](Value e) {
      Value weight = number(Routing, {t, e});
      k.ifThen(k.cmp(CmpF::UNE, weight, k.zero(acc)),
               [&] { expert(t, e, weight, g, u, sum); });
    });
    each(sizes.out, [&](Value o) {
      p.store(k.convert(k.load(acc, sum, o), computeType(p.element(Out))), Out,
              {t, o});
    });
  }
};

/// The two layers on their kernel.
struct KernelExperts {
  llm::ExpertsOp op;
  EntryLowering &e;
  ExpertSizes sizes;

  /// Whether it covers the operands: f32 rows, and weights that are stored as
  /// quantized matrices or f32, an expert's columns being whole panels.
  bool fits() {
    auto isFloat = [](Value v) { return !v || llm::elementOf(v).isF32(); };
    auto isStored = [&](Value v) {
      llm::RecipeAttr recipe = v ? llm::recipeOf(v) : llm::RecipeAttr();
      return !v || (recipe && (isFloat(v) || llm::quantizedMatrix(recipe)));
    };
    return !e.target().isReference() && hasKernelForm(op.getActivation()) &&
           sizes.inner > 0 && sizes.out > 0 && sizes.width > 0 &&
           sizes.inner % panelColumns == 0 && sizes.out % panelColumns == 0 &&
           isFloat(op.getX()) && isFloat(op.getRouting()) &&
           isFloat(op.getResult()) && isFloat(op.getGateBias()) &&
           isFloat(op.getUpBias()) && isFloat(op.getDownBias()) &&
           isStored(op.getGate()) && isStored(op.getUp()) &&
           isStored(op.getDown());
  }

  void put(SmallVectorImpl<Value> &args, ExpertsArg at, Value weight,
           QuantizedFormat &format) {
    StoredMatrix m = storedMatrix(e, llm::recipeOf(weight));
    format = m.format;
    args[at] = m.weight.base;
    if (m.format)
      args[at + 1] = m.scales.base;
    if (m.zeros.base)
      args[at + 2] = m.zeros.base;
  }
  /// Whether there is one.
  bool putBias(SmallVectorImpl<Value> &args, ExpertsArg at, Value bias) {
    if (bias)
      args[at] = e.contiguous(bias).base;
    return bool(bias);
  }
  /// As many experts for every token as it may take, each read once.
  EntryLowering::Work work(const ExpertsSpec &spec, Value tokens) {
    CodeBuilder &h = e.host();
    int64_t weights = spec.k * spec.n * (spec.gated ? 2 : 1);
    Value taken = h.mul(tokens, spec.slots);
    unsigned bits = spec.weight ? spec.weight.bits : 32;
    return {h.mul(taken, 2 * weights),
            h.mul(h.min(taken, h.ci(spec.experts)), weights * bits / 8)};
  }
  void launch(const ExpertsSpec &spec, ArrayRef<Value> args) {
    CodeBuilder &h = e.host();
    e.setWork(work(spec, args[ExpertsTokens]));
    e.launch(emitExperts(e.kernels(), spec), args,
             expertsTiles(h, spec, args[ExpertsTokens]),
             h.ci(std::max<int64_t>(1, 4096 / (spec.k * spec.slots))));
  }

  void lower() {
    CodeBuilder &h = e.host();
    MLIRContext *ctx = op.getContext();
    ExpertsSpec spec;
    spec.experts = sizes.experts;
    spec.slots = std::min<int64_t>(op.getTopK(), sizes.experts);
    SmallVector<Value> args(ExpertsArgCount, h.ci(0));
    MemTensor x = e.contiguous(op.getX());
    args[ExpertsRouting] = e.contiguous(op.getRouting()).base;
    args[ExpertsTokens] = x.dims[0];
    Value hidden = e.scratch(llm::productOf(
        ctx,
        {x.shape[0], llm::constantDim(ctx, spec.slots * sizes.inner * 4)}));
    SmallVector<Value> outer = args;
    ExpertsSpec down = spec;
    spec.k = sizes.width, spec.n = sizes.inner;
    spec.activation = kernelActivation(op.getActivation());
    spec.alpha = op.getAlpha().convertToDouble();
    spec.beta = op.getBeta().convertToDouble();
    spec.limit = op.getLimit().convertToDouble();
    spec.gated = bool(op.getUp());
    args[ExpertsA] = x.base, args[ExpertsC] = hidden;
    put(args, ExpertsW, op.getGate(), spec.weight);
    if (spec.gated)
      put(args, ExpertsUp, op.getUp(), spec.up);
    spec.bias = putBias(args, ExpertsBias, op.getGateBias());
    spec.upBias = putBias(args, ExpertsBiasUp, op.getUpBias());
    launch(spec, args);
    down.down = true, down.k = sizes.inner, down.n = sizes.out;
    outer[ExpertsA] = hidden;
    outer[ExpertsC] = e.result(op.getResult()).base;
    put(outer, ExpertsW, op.getDown(), down.weight);
    down.bias = putBias(outer, ExpertsBias, op.getDownBias());
    launch(down, outer);
  }
};
} // namespace

static LogicalResult lowerExperts(Operation *op, EntryLowering &e) {
  auto experts = cast<llm::ExpertsOp>(op);
  ExpertSizes sizes(experts);
  if (KernelExperts kernel{experts, e, sizes}; kernel.fits()) {
    kernel.lower();
    return success();
  }
  SmallVector<PlainTensor> tensors = {{e.get(experts.getX())},
                                      {e.get(experts.getRouting())},
                                      {e.result(experts.getResult()), true}};
  std::string key;
  llvm::raw_string_ostream name(key);
  auto put = [&](const MemTensor &t) -> int {
    tensors.push_back({t});
    return tensors.size() - 1;
  };
  auto bias = [&](Value operand) {
    name << (operand ? "y" : "n");
    return operand ? put(e.get(operand)) : -1;
  };
  auto weight = [&](Value operand) -> PlainExperts {
    name << (operand ? "w" : "n");
    if (!operand)
      return {};
    llm::RecipeAttr recipe = llm::recipeOf(operand);
    if (!recipe || !llm::quantizedMatrix(recipe))
      return {{}, put(e.get(operand))};
    StoredMatrix m = storedMatrix(e, recipe);
    name << m.format.key();
    return {m.format, put(m.weight), put(m.scales),
            m.zeros.base ? put(m.zeros) : -1};
  };
  PlainExperts gate = weight(experts.getGate()), up = weight(experts.getUp()),
               down = weight(experts.getDown());
  int gateBias = bias(experts.getGateBias()),
      upBias = bias(experts.getUpBias()),
      downBias = bias(experts.getDownBias());
  name << op->getAttrDictionary() << sizes.experts << "," << sizes.width << ","
       << sizes.inner << "," << sizes.out;
  Type acc = sumType(e);
  launchPlain(
      e, "experts", key, tensors, {}, Mixture::Out, 1, [&](PlainBody &p) {
        Mixture body{experts, p,    p.k,      acc,    sizes,   gate,
                     up,      down, gateBias, upBias, downBias};
        p.forTiles(Mixture::Out, 1, [&](Values at) { body.token(at[0]); });
      });
  return success();
}

void addExpertsLowerings(LoweringTable &table) {
  table["llm.experts"] = lowerExperts;
}

} // namespace llmc
