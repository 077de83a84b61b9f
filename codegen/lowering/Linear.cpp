// SPDX-License-Identifier: Apache-2.0
// Products with packed weights.
#include "codegen/cpu/Panels.h"
#include "codegen/cpu/kernels/Lanes.h"
#include "codegen/cpu/kernels/Matmul.h"
#include "codegen/cpu/kernels/RoundedTile.h"
#include "codegen/lowering/Activation.h"
#include "codegen/lowering/IntegerMatmul.h"
#include "codegen/lowering/Loops.h"
#include "codegen/lowering/Quant.h"
#include "codegen/lowering/Rounding.h"
#include "codegen/ref/PlainKernel.h"

using namespace mlir;

namespace llmc {

namespace {
/// A weight among the operands of a plain kernel.
struct PlainWeight {
  QuantizedFormat format;
  unsigned q, scales, zeros;
};
} // namespace

static PlainWeight addWeight(SmallVectorImpl<PlainTensor> &tensors,
                             const StoredMatrix &m) {
  unsigned first = tensors.size();
  tensors.push_back({m.weight});
  if (!m.format)
    return {{}, first, 0, 0};
  tensors.push_back({m.scales});
  if (m.zeros.base)
    tensors.push_back({m.zeros});
  return {m.format, first, first + 1, m.zeros.base ? first + 2 : first + 1};
}

static Value panelElement(PlainBody &p, unsigned weight, Value depth, Value row,
                          Value column) {
  Type element = p.element(weight);
  Value index = panelIndex(p.k, element, depth, row, column);
  Value stored = p.k.load(memoryType(element), p.pointer(weight), index);
  return fromMemory(p.k, stored, element);
}

/// sum over k of x[row, k] * W[k, column], with W packed.
static Value plainDot(PlainBody &p, Type acc, const PlainWeight &w, Value row,
                      Value column) {
  CodeBuilder &k = p.k;
  Value depth = p.dim(0, 1);
  return k.forLoop(k.ci(0), depth, k.ci(1), {k.zero(acc)},
                   [&](Value iv, ValueRange carried) -> Values {
                     Value x = k.convert(p.load(0, {row, iv}), acc);
                     Value stored =
                         w.format
                             ? emitQuantizedElement(k, w.format, p.pointer(w.q),
                                                    p.pointer(w.scales),
                                                    p.pointer(w.zeros), iv,
                                                    column)
                             : panelElement(p, w.q, depth, iv, column);
                     return {k.fma(x, k.convert(stored, acc), carried[0])};
                   })[0];
}

/// x's rows are as long as the weight [K, N] says, or the call fails.
static void takeDepth(EntryLowering &e, MemTensor &x, Value weight) {
  llm::Dim depth = llm::dimsOf(weight)[0];
  if (x.shape[1] == depth)
    return;
  Value k = e.size(depth);
  e.failIf(e.host().cmp(CmpI::ne, x.dims[1], k), LLMC_FAIL_SHAPE, x.dims[1], k);
  x.shape[1] = depth, x.dims[1] = k;
}

namespace {
/// Operands of the matmul kernel; absent ones are null.
struct MatmulOperands {
  MemTensor x, out;
  StoredMatrix weight, up;
  MemTensor bias, upBias, residual;
  llm::IntegerRoundingAttr rounding; ///< of x, where the kernel does that
};
} // namespace

/// Whether the matmul emitter covers these operands, rows of type x and a
/// result of this type.
static bool takesKernel(EntryLowering &e, const MatmulOperands &o, Type x,
                        Type result, llm::Activation act) {
  auto fits = [](const MemTensor &t) { return !t.base || hasLanes(t.element); };
  auto matrixFits = [](const StoredMatrix &m) {
    return !m.weight.base || m.format || hasLanes(m.weight.element);
  };
  return !e.target().isReference() && hasKernelForm(act) && hasLanes(x) &&
         hasLanes(result) && fits(o.bias) && fits(o.upBias) &&
         fits(o.residual) && matrixFits(o.weight) && matrixFits(o.up) &&
         (!o.upBias.base || o.bias.element == o.upBias.element);
}

/// Elements of a row that share a scale, where the kernel multiplies the
/// integers that x is rounded to; else 0.
static int64_t integerRounding(EntryLowering &e, const MatmulOperands &o,
                               llm::IntegerRoundingAttr rounding) {
  if (!rounding || rounding.isPerTensor() || !o.weight.format ||
      !takesRoundedRows(o.weight.format, rounding.getGroup()))
    return 0;
  bool alike = !o.up.weight.base || o.up.format.key() == o.weight.format.key();
  return alike ? rounding.getGroup() : 0;
}

/// Rows that a product takes, rounded before it where the kernel does not do
/// that: then says how many of their elements share a scale.
static int64_t takeRows(EntryLowering &e, Value x, Value weight,
                        llm::IntegerRoundingAttr rounding, bool kernel,
                        MatmulOperands &o) {
  int64_t group = kernel ? integerRounding(e, o, rounding) : 0;
  if (group)
    o.rounding = rounding;
  o.x = asMatrix(e, group ? e.rows(x) : rounded(e, x, rounding));
  takeDepth(e, o.x, weight);
  return group;
}

/// Rounds the rows of x: the arguments of the product that read them.
static void launchRounding(EntryLowering &e, const MatmulSpec &spec,
                           const MatmulOperands &o,
                           MutableArrayRef<Value> args) {
  const MemTensor &x = o.x;
  CodeBuilder &h = e.host();
  RoundedRows layout = roundedLayout(e.target(), spec.weight, spec.rounding);
  float scale = o.rounding.fixedScale();
  layout.fixedScale = scale != 0, layout.rotation = o.rounding.getRotation();
  auto perRow = [&](int64_t bytes) {
    MLIRContext *ctx = h.builder().getContext();
    return e.scratch(
        llm::productOf(ctx, {x.shape[0], llm::constantDim(ctx, bytes)}));
  };
  args[MatmulA] = perRow(layout.stride());
  args[MatmulRowScales] = perRow(layout.groups() * 4);
  args[MatmulRowSums] = perRow(layout.blocks() * 4);
  SmallVector<Value> rounding(RoundRowsArgCount);
  rounding[RoundRowsX] = x.base, rounding[RoundRowsQ] = args[MatmulA];
  rounding[RoundRowsScales] = args[MatmulRowScales];
  rounding[RoundRowsSums] = args[MatmulRowSums];
  rounding[RoundRowsLdx] = x.strides[0];
  rounding[RoundRowsScale] = h.ci(llvm::bit_cast<uint32_t>(scale));
  Value count = h.mul(x.dims[0], spec.k);
  e.setWork({h.mul(count, 2), h.mul(count, elementBytes(x.element) + 1)});
  // Under 32 K elements it is done before another thread is awake.
  int64_t grain = std::max<int64_t>(1, 32768 / std::max<int64_t>(spec.k, 1));
  e.launch(emitRoundRows(e.kernels(), layout, x.element), rounding, x.dims[0],
           h.ci(grain));
}

static void launchMatmul(EntryLowering &e, MatmulSpec spec,
                         const MatmulOperands &o) {
  CodeBuilder &h = e.host();
  spec.n = *llm::fixedDim(o.out.shape[1]),
  spec.k = *llm::fixedDim(o.x.shape[1]);
  spec.bias = bool(o.bias.base), spec.residual = bool(o.residual.base);
  spec.weight = o.weight.format, spec.up = o.up.format;
  spec.typeA = o.x.element, spec.typeC = o.out.element;
  for (const StoredMatrix *m : {&o.weight, &o.up})
    if (m->weight.base && !m->format)
      spec.typeW = m->weight.element;
  spec.pairs = e.target().multipliesPairs() && spec.typeA.isBF16() &&
               spec.typeW && spec.typeW.isBF16();
  spec.typeBias = o.bias.element, spec.typeResidual = o.residual.element;
  if (APInt lda; matchPattern(o.x.strides[0], m_ConstantInt(&lda)))
    spec.lda = lda.getSExtValue();
  std::string symbol = emitMatmul(e.kernels(), spec);
  MatmulGrid grid = matmulGrid(h, spec, o.out.dims[0], e.workers());
  Value none = h.ci(0);
  SmallVector<Value> args(MatmulArgCount, none);
  auto pointer = [&](MatmulArg at, const MemTensor &t) {
    if (t.base)
      args[at] = t.base;
  };
  pointer(MatmulA, o.x), pointer(MatmulW, o.weight.weight),
      pointer(MatmulUp, o.up.weight);
  pointer(MatmulBias, o.bias), pointer(MatmulBiasUp, o.upBias);
  pointer(MatmulScales, o.weight.scales), pointer(MatmulZeros, o.weight.zeros);
  pointer(MatmulUpScales, o.up.scales), pointer(MatmulUpZeros, o.up.zeros);
  pointer(MatmulResidual, o.residual), pointer(MatmulC, o.out);
  args[MatmulM] = o.out.dims[0], args[MatmulLda] = o.x.strides[0],
  args[MatmulLdc] = o.out.strides[0];
  if (spec.residual)
    args[MatmulLdr] = o.residual.strides[0];
  args[MatmulTileRows] = grid.tileRows,
  args[MatmulTilePanels] = grid.tilePanels;
  if (spec.rounding)
    launchRounding(e, spec, o, args);
  e.launch(symbol, args, grid.count, grid.grain);
}

static LogicalResult lowerLinear(Operation *op, EntryLowering &e) {
  auto linear = cast<llm::LinearOp>(op);
  if (!llm::recipeOf(linear.getWeight()))
    return op->emitError("needs a stored weight");
  double scale = linear.getScale().convertToDouble(),
         gain = linear.getGain().convertToDouble();
  if (linear.getRounding() && linear.getRounding()->isPerTensor() &&
      lowerExactProduct(e, {linear.getX(),
                            linear.getRoundingAttr(),
                            {linear.getWeight()},
                            {linear.getBias()},
                            linear.getResidual(),
                            linear.getResult(),
                            linear.getActivation(),
                            scale,
                            gain}))
    return success();
  StoredMatrix weight = storedMatrix(e, llm::recipeOf(linear.getWeight()));
  MemTensor bias, residual;
  if (linear.getBias())
    bias = e.contiguous(linear.getBias());
  if (linear.getResidual())
    residual = asMatrix(e, e.rows(linear.getResidual()));
  llm::Activation act = linear.getActivation();
  Value result = linear.getResult();
  MatmulOperands operands{{}, {}, weight, {}, bias, {}, residual};
  bool kernel = takesKernel(e, operands, llm::elementOf(linear.getX()),
                            llm::elementOf(result), act);
  MatmulSpec spec;
  spec.rounding = takeRows(e, linear.getX(), linear.getWeight(),
                           linear.getRoundingAttr(), kernel, operands);
  if (kernel) {
    operands.out = asMatrix(e, e.resultOver(result, linear.getResidual()));
    spec.activation = kernelActivation(act);
    spec.scale = scale, spec.gain = gain;
    launchMatmul(e, spec, operands);
    return success();
  }
  MemTensor out = asMatrix(e, e.result(result));
  SmallVector<PlainTensor> tensors = {{operands.x}, {out, true}};
  unsigned biasAt = tensors.size();
  if (bias.base)
    tensors.push_back({bias});
  unsigned residualAt = tensors.size();
  if (residual.base)
    tensors.push_back({residual});
  PlainWeight w = addWeight(tensors, weight);
  std::string key = (stringifyActivation(act) + (bias.base ? ",b" : "") +
                     (residual.base ? ",r" : ""))
                        .str() +
                    factorsKey(scale, gain) + (w.format ? w.format.key() : "");
  launchPlain(e, "linear", key, tensors, {}, 1, [&](PlainBody &p) {
    p.forElements(1, [&](Values at) {
      Type acc = sumType(e);
      Value sum = plainDot(p, acc, w, at[0], at[1]);
      if (bias.base)
        sum = p.k.add(sum, p.k.convert(p.load(biasAt, {at[1]}), acc));
      Value y = linear.isScaled() || act != llm::Activation::None
                    ? p.k.convert(activated(p.k, act, sum, scale, gain), acc)
                    : sum;
      if (residual.base)
        y = p.k.add(y, p.k.convert(p.load(residualAt, at), acc));
      p.store(p.k.convert(y, p.k.f32()), 1, at);
    });
  });
  return success();
}

static LogicalResult lowerGatedLinear(Operation *op, EntryLowering &e) {
  auto gated = cast<llm::GatedLinearOp>(op);
  if (!llm::recipeOf(gated.getGate()) || !llm::recipeOf(gated.getUp()))
    return op->emitError("needs stored weights");
  if (gated.getRounding() && gated.getRounding()->isPerTensor() &&
      lowerExactProduct(e, {gated.getX(),
                            gated.getRoundingAttr(),
                            {gated.getGate(), gated.getUp()},
                            {gated.getGateBias(), gated.getUpBias()},
                            Value(),
                            gated.getResult(),
                            gated.getActivation()}))
    return success();
  StoredMatrix gate = storedMatrix(e, llm::recipeOf(gated.getGate())),
               up = storedMatrix(e, llm::recipeOf(gated.getUp()));
  MemTensor gateBias, upBias;
  bool bias = bool(gated.getGateBias());
  if (bias)
    gateBias = e.contiguous(gated.getGateBias()),
    upBias = e.contiguous(gated.getUpBias());
  llm::Activation act = gated.getActivation();
  MatmulOperands operands{{}, {}, gate, up, gateBias, upBias, {}};
  bool kernel = takesKernel(e, operands, llm::elementOf(gated.getX()),
                            llm::elementOf(gated.getResult()), act);
  MatmulSpec spec;
  spec.rounding = takeRows(e, gated.getX(), gated.getGate(),
                           gated.getRoundingAttr(), kernel, operands);
  MemTensor out = operands.out = asMatrix(e, e.result(gated.getResult()));
  if (kernel) {
    spec.activation = kernelActivation(act), spec.gated = true;
    launchMatmul(e, spec, operands);
    return success();
  }
  SmallVector<PlainTensor> tensors = {{operands.x}, {out, true}};
  if (bias)
    tensors.append({{gateBias}, {upBias}});
  PlainWeight g = addWeight(tensors, gate), u = addWeight(tensors, up);
  std::string key = (stringifyActivation(act) + (bias ? ",b" : "")).str();
  for (const QuantizedFormat &format : {g.format, u.format})
    key += format ? format.key() : "";
  launchPlain(e, "gated_linear", key, tensors, {}, 1, [&](PlainBody &p) {
    p.forElements(1, [&](Values at) {
      Type acc = sumType(e);
      Value left = plainDot(p, acc, g, at[0], at[1]),
            right = plainDot(p, acc, u, at[0], at[1]);
      if (bias) {
        left = p.k.add(left, p.k.convert(p.load(2, {at[1]}), acc));
        right = p.k.add(right, p.k.convert(p.load(3, {at[1]}), acc));
      }
      Value y =
          p.k.mul(activated(p.k, act, left), p.k.convert(right, p.k.f32()));
      p.store(y, 1, at);
    });
  });
  return success();
}

void addLinearLowerings(LoweringTable &table) {
  table["llm.linear"] = lowerLinear;
  table["llm.gated_linear"] = lowerGatedLinear;
}

} // namespace llmc
