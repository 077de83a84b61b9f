// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Norm.h"
#include "codegen/cpu/Math.h"
#include "codegen/cpu/MathDouble.h"
#include "codegen/cpu/kernels/Lanes.h"
#include "codegen/lowering/Loops.h"
#include "codegen/ref/PlainKernel.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace llmc {

/// Sum over a row of f(element), in `acc`.
static Value rowSum(PlainBody &p, Type acc, ValueRange row, Value width,
                    llvm::function_ref<Value(Value)> f) {
  return p.k.forLoop(
      p.k.ci(0), width, p.k.ci(1), {p.k.zero(acc)},
      [&](Value iv, ValueRange carried) -> Values {
        Values at(row);
        at.push_back(iv);
        return {p.k.add(carried[0], f(p.k.convert(p.load(0, at), acc)))};
      })[0];
}

/// The norm kernel, where rows are f32 or halves and regular enough. False: it
/// does not take them.
static bool launchNorm(EntryLowering &e, Value x, Value result, Value weight,
                       Value bias, Value residual, double epsilon,
                       bool centered) {
  MemTensor in = e.get(x);
  auto width = llm::fixedDim(in.shape.back());
  auto takes = [](Value v) { return !v || hasLanes(llm::elementOf(v)); };
  if (e.target().isReference() || !width || !hasLanes(in.element) ||
      !takes(result) || !takes(weight) || !takes(bias))
    return false;
  auto from = rowsOf(e, in);
  if (!from)
    return false;
  MemTensor out = e.resultOver(result, x);
  CodeBuilder &h = e.host();
  NormSpec spec;
  spec.kind = centered ? NormSpec::Layer : NormSpec::Rms;
  spec.n = *width, spec.epsilon = epsilon, spec.weight = bool(weight),
  spec.bias = bool(bias), spec.residual = bool(residual);
  spec.element = in.element, spec.resultElement = out.element;
  if (weight)
    spec.weightElement = llm::elementOf(weight);
  if (bias)
    spec.biasElement = llm::elementOf(bias);
  SmallVector<Value> args(NormArgCount, h.ci(0));
  args[NormX] = in.base, args[NormY] = out.base;
  if (weight)
    args[NormWeight] = e.contiguous(weight).base;
  if (bias)
    args[NormBias] = e.contiguous(bias).base;
  if (residual)
    args[NormResidual] = e.contiguous(residual).base;
  args[NormRows] = from->rows, args[NormInner] = from->inner;
  args[NormXOuter] = from->outerStride, args[NormXInner] = from->innerStride;
  // The result is dense: its rows stand behind each other whatever the
  // operand's grouping is.
  args[NormYOuter] = h.mul(from->inner, *width),
  args[NormYInner] = h.ci(*width);
  std::string symbol = emitNorm(e.kernels(), spec);
  e.launch(symbol, args, normTiles(h, spec, from->rows), h.ci(1));
  return true;
}

/// Both norms: rows of the last dim; `centered` subtracts the mean.
static LogicalResult lowerNorm(EntryLowering &e, Value x, Value result,
                               Value weight, Value bias, Value residual,
                               double epsilon, bool centered) {
  if (launchNorm(e, x, result, weight, bias, residual, epsilon, centered))
    return success();
  MemTensor in = e.get(x), out = e.result(result);
  SmallVector<PlainTensor> tensors = {{in}, {out, true}};
  auto flat = [&](Value v) {
    MemTensor t = e.contiguous(v);
    t.dims = {t.dims.back()}, t.strides = {e.host().ci(1)},
    t.shape = {t.shape.back()};
    return t;
  };
  if (weight)
    tensors.push_back({flat(weight)});
  if (bias)
    tensors.push_back({flat(bias)});
  unsigned residualAt = tensors.size();
  if (residual)
    tensors.push_back({e.get(residual)});
  int64_t outer = in.rank() - 1;
  std::string key =
      (Twine(centered) + (weight ? "w" : "") + (bias ? "b" : "") +
       (residual ? "r" : "") + "," + Twine(llvm::bit_cast<uint64_t>(epsilon)))
          .str();
  launchPlain(e, "norm", key, tensors, {}, 1, outer, [&](PlainBody &p) {
    CodeBuilder &k = p.k;
    Type acc =
        e.target().isReference() || p.element(0).isF64() ? k.f64() : k.f32();
    p.forTiles(1, outer, [&](Values row) {
      Value width = p.dim(0, outer), n = k.convert(width, acc);
      auto meanOf = [&](llvm::function_ref<Value(Value)> term) {
        return k.div(rowSum(p, acc, row, width, term), n);
      };
      Value mean = k.zero(acc);
      // The second pass corrects what the first one's rounding left, as the
      // kernel does.
      for (int pass = 0; centered && pass < 2; ++pass) {
        Value left = meanOf([&](Value v) { return k.sub(v, mean); });
        mean = k.add(mean, left);
      }
      Value variance = meanOf([&](Value v) {
        Value d = k.sub(v, mean);
        return k.mul(d, d);
      });
      Value scale = k.div(k.constant(acc, 1),
                          k.sqrt(k.add(variance, k.constant(acc, epsilon))));
      k.forLoop(width, [&](Value iv) {
        Values at(row);
        at.push_back(iv);
        Value y = k.mul(k.sub(k.convert(p.load(0, at), acc), mean), scale);
        if (weight)
          y = k.mul(y, k.convert(p.load(2, {iv}), acc));
        if (bias)
          y = k.add(y, k.convert(p.load(weight ? 3 : 2, {iv}), acc));
        if (residual)
          y = k.add(y, k.convert(p.load(residualAt, at), acc));
        p.store(k.convert(y, computeType(p.element(1))), 1, at);
      });
    });
  });
  return success();
}

static LogicalResult lowerRmsNorm(Operation *op, EntryLowering &e) {
  auto norm = cast<llm::RmsNormOp>(op);
  return lowerNorm(e, norm.getX(), norm.getResult(), norm.getWeight(), {},
                   norm.getResidual(), norm.getEpsilon().convertToDouble(),
                   false);
}

static LogicalResult lowerLayerNorm(Operation *op, EntryLowering &e) {
  auto norm = cast<llm::LayerNormOp>(op);
  return lowerNorm(e, norm.getX(), norm.getResult(), norm.getWeight(),
                   norm.getBias(), {}, norm.getEpsilon().convertToDouble(),
                   true);
}

static bool launchSoftmax(EntryLowering &e, llm::SoftmaxOp softmax,
                          const MemTensor &in, const MemTensor &out) {
  if (e.target().isReference() || !in.element.isF32() ||
      static_cast<int64_t>(softmax.getAxis()) != in.rank() - 1)
    return false;
  auto rows = rowsOf(e, in);
  if (!rows || !matchPattern(rows->inner, m_One()))
    return false;
  SmallVector<Value> args(SoftmaxArgCount);
  args[SoftmaxX] = in.base, args[SoftmaxY] = out.base,
  args[SoftmaxRows] = rows->rows, args[SoftmaxN] = in.dims.back();
  args[SoftmaxXStride] = rows->outerStride,
  args[SoftmaxYStride] = in.dims.back();
  e.launch(emitSoftmax(e.kernels(), softmax.getLog()), args,
           softmaxTiles(e.host(), rows->rows), e.host().ci(4));
  return true;
}

static LogicalResult lowerSoftmax(Operation *op, EntryLowering &e) {
  auto softmax = cast<llm::SoftmaxOp>(op);
  MemTensor in = e.get(softmax.getX()), out = e.result(softmax.getResult());
  if (launchSoftmax(e, softmax, in, out))
    return success();
  // The axis moves to the end: its elements are a row.
  int64_t axis = softmax.getAxis(), outer = in.rank() - 1;
  for (MemTensor *t : {&in, &out}) {
    std::rotate(t->dims.begin() + axis, t->dims.begin() + axis + 1,
                t->dims.end());
    std::rotate(t->strides.begin() + axis, t->strides.begin() + axis + 1,
                t->strides.end());
    std::rotate(t->shape.begin() + axis, t->shape.begin() + axis + 1,
                t->shape.end());
  }
  bool log = softmax.getLog();
  launchPlain(e, "softmax", log ? "log" : "", {{in}, {out, true}}, {}, 1, outer,
              [&](PlainBody &p) {
                CodeBuilder &k = p.k;
                Type acc = e.target().isReference() || p.element(0).isF64()
                               ? k.f64()
                               : k.f32();
                p.forTiles(1, outer, [&](Values row) {
                  Value width = p.dim(0, outer);
                  auto value = [&](Value iv) {
                    Values at(row);
                    at.push_back(iv);
                    return k.convert(p.load(0, at), acc);
                  };
                  Value top = k.forLoop(k.ci(0), width, k.ci(1),
                                        {k.constant(acc, -INFINITY)},
                                        [&](Value iv, ValueRange c) -> Values {
                                          return {k.maximum(c[0], value(iv))};
                                        })[0];
                  Value sum = k.forLoop(
                      k.ci(0), width, k.ci(1), {k.zero(acc)},
                      [&](Value iv, ValueRange c) -> Values {
                        return {k.add(c[0], emitExp(k, k.sub(value(iv), top)))};
                      })[0];
                  Value logSum =
                      log ? k.convert(emitLog(k, k.convert(sum, k.f64())), acc)
                          : Value();
                  k.forLoop(width, [&](Value iv) {
                    Values at(row);
                    at.push_back(iv);
                    Value d = k.sub(value(iv), top);
                    p.store(k.convert(log ? k.sub(d, logSum)
                                          : k.div(emitExp(k, d), sum),
                                      computeType(p.element(1))),
                            1, at);
                  });
                });
              });
  return success();
}

void addNormLowerings(LoweringTable &table) {
  table["llm.rms_norm"] = lowerRmsNorm;
  table["llm.layer_norm"] = lowerLayerNorm;
  table["llm.softmax"] = lowerSoftmax;
}

} // namespace llmc
