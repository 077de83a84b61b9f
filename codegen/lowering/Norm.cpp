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

/// Sum over a row of tensor x of f(element), in `acc`.
static Value rowSum(PlainBody &p, int x, Type acc, ValueRange row, Value width,
                    llvm::function_ref<Value(Value)> f) {
  return p.k.forLoop(
      p.k.ci(0), width, p.k.ci(1), {p.k.zero(acc)},
      [&](Value iv, ValueRange carried) -> Values {
        Values at(row);
        at.push_back(iv);
        return {p.k.add(carried[0], f(p.k.convert(p.load(x, at), acc)))};
      })[0];
}

namespace {
/// norm(x + addend) * weight + bias + residual, and x + addend in `sum`. All
/// but x and the result may be absent.
struct Norm {
  Value x = {}, result = {}, weight = {}, bias = {}, residual = {}, addend = {},
        sum = {};
  double epsilon = 0;
  bool centered = false; ///< subtracts the mean
};
} // namespace

/// The norm kernel, where rows are f32 or halves and regular enough. False: it
/// does not take them.
static bool launchNorm(EntryLowering &e, const Norm &norm) {
  MemTensor in = e.get(norm.x);
  auto width = llm::fixedDim(in.shape.back());
  auto takes = [](Value v) { return !v || hasLanes(llm::elementOf(v)); };
  if (e.target().isReference() || !width || !hasLanes(in.element) ||
      !takes(norm.result) || !takes(norm.weight) || !takes(norm.bias))
    return false;
  auto from = rowsOf(e, in);
  if (!from)
    return false;
  MemTensor out = e.resultOver(norm.result, norm.x);
  CodeBuilder &h = e.host();
  NormSpec spec;
  spec.kind = norm.centered ? NormSpec::Layer : NormSpec::Rms;
  spec.n = *width, spec.epsilon = norm.epsilon;
  spec.element = in.element, spec.resultElement = out.element;
  SmallVector<Value> args(NormArgCount, h.ci(0));
  auto take = [&](bool &present, NormArg at, Value v) {
    present = bool(v);
    if (v)
      args[at] = e.contiguous(v).base;
  };
  take(spec.weight, NormWeight, norm.weight);
  take(spec.bias, NormBias, norm.bias);
  take(spec.residual, NormResidual, norm.residual);
  take(spec.addend, NormAddend, norm.addend);
  if (norm.weight)
    spec.weightElement = llm::elementOf(norm.weight);
  if (norm.bias)
    spec.biasElement = llm::elementOf(norm.bias);
  spec.sum = bool(norm.sum);
  if (norm.sum)
    args[NormSum] = e.resultOver(norm.sum, norm.addend).base;
  args[NormX] = in.base, args[NormY] = out.base;
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

namespace {
/// The operands of a norm by plain loops: where they are among the tensors, -1
/// for those that are absent.
struct PlainNorm {
  int x = 0, out = 1, weight = -1, bias = -1, residual = -1, addend = -1,
      sum = -1;
};
} // namespace

static std::string plainKey(const Norm &norm) {
  return (Twine(norm.centered) + (norm.weight ? "w" : "") +
          (norm.bias ? "b" : "") + (norm.residual ? "r" : "") +
          (norm.addend ? "a" : "") + (norm.sum ? "s" : "") + "," +
          Twine(llvm::bit_cast<uint64_t>(norm.epsilon)))
      .str();
}

/// One row. The sum with the addend is stored, in the result where nobody asks
/// for it, and read back from there.
static void plainRow(PlainBody &p, const Norm &norm, PlainNorm at, Type acc,
                     ValueRange row) {
  CodeBuilder &k = p.k;
  int64_t outer = row.size();
  Value width = p.dim(0, outer), n = k.convert(width, acc);
  auto place = [&](Value iv) {
    Values indices(row);
    indices.push_back(iv);
    return indices;
  };
  auto load = [&](int tensor, const Values &indices) {
    return k.convert(p.load(tensor, indices), acc);
  };
  auto store = [&](Value y, int tensor, const Values &indices) {
    p.store(k.convert(y, computeType(p.element(tensor))), tensor, indices);
  };
  int x = at.x;
  if (at.addend >= 0) {
    x = at.sum >= 0 ? at.sum : at.out;
    k.forLoop(width, [&](Value iv) {
      Values i = place(iv);
      store(k.add(load(at.x, i), load(at.addend, i)), x, i);
    });
  }
  auto meanOf = [&](llvm::function_ref<Value(Value)> term) {
    return k.div(rowSum(p, x, acc, row, width, term), n);
  };
  Value mean = k.zero(acc);
  // The second pass corrects what the first one's rounding left, as the kernel
  // does.
  for (int pass = 0; norm.centered && pass < 2; ++pass) {
    Value left = meanOf([&](Value v) { return k.sub(v, mean); });
    mean = k.add(mean, left);
  }
  Value variance = meanOf([&](Value v) {
    Value d = k.sub(v, mean);
    return k.mul(d, d);
  });
  Value scale = k.div(k.constant(acc, 1),
                      k.sqrt(k.add(variance, k.constant(acc, norm.epsilon))));
  k.forLoop(width, [&](Value iv) {
    Values i = place(iv);
    Value y = k.mul(k.sub(load(x, i), mean), scale);
    if (at.weight >= 0)
      y = k.mul(y, load(at.weight, {iv}));
    if (at.bias >= 0)
      y = k.add(y, load(at.bias, {iv}));
    if (at.residual >= 0)
      y = k.add(y, load(at.residual, i));
    store(y, at.out, i);
  });
}

static LogicalResult lowerNorm(EntryLowering &e, const Norm &norm) {
  if (launchNorm(e, norm))
    return success();
  MemTensor in = e.get(norm.x), out = e.result(norm.result);
  SmallVector<PlainTensor> tensors = {{in}, {out, true}};
  auto add = [&](int &at, Value v, llvm::function_ref<PlainTensor()> tensor) {
    if (v)
      at = tensors.size(), tensors.push_back(tensor());
  };
  auto flat = [&](Value v) {
    MemTensor t = e.contiguous(v);
    t.dims = {t.dims.back()}, t.strides = {e.host().ci(1)},
    t.shape = {t.shape.back()};
    return PlainTensor{t};
  };
  PlainNorm at;
  add(at.weight, norm.weight, [&] { return flat(norm.weight); });
  add(at.bias, norm.bias, [&] { return flat(norm.bias); });
  add(at.residual, norm.residual,
      [&] { return PlainTensor{e.get(norm.residual)}; });
  add(at.addend, norm.addend, [&] { return PlainTensor{e.get(norm.addend)}; });
  add(at.sum, norm.sum, [&] { return PlainTensor{e.result(norm.sum), true}; });
  int64_t outer = in.rank() - 1;
  launchPlain(
      e, "norm", plainKey(norm), tensors, {}, 1, outer, [&](PlainBody &p) {
        Type acc = e.target().isReference() || p.element(0).isF64() ? p.k.f64()
                                                                    : p.k.f32();
        p.forTiles(1, outer,
                   [&](Values row) { plainRow(p, norm, at, acc, row); });
      });
  return success();
}

static LogicalResult lowerRmsNorm(Operation *op, EntryLowering &e) {
  auto norm = cast<llm::RmsNormOp>(op);
  return lowerNorm(e, {.x = norm.getX(),
                       .result = norm.getResult(),
                       .weight = norm.getWeight(),
                       .residual = norm.getResidual(),
                       .epsilon = norm.getEpsilon().convertToDouble()});
}

static LogicalResult lowerLayerNorm(Operation *op, EntryLowering &e) {
  auto norm = cast<llm::LayerNormOp>(op);
  return lowerNorm(e, {.x = norm.getX(),
                       .result = norm.getResult(),
                       .weight = norm.getWeight(),
                       .bias = norm.getBias(),
                       .epsilon = norm.getEpsilon().convertToDouble(),
                       .centered = true});
}

static LogicalResult lowerAddNorm(Operation *op, EntryLowering &e) {
  auto norm = cast<llm::AddNormOp>(op);
  Value sum = norm.getSum();
  // Else the result's memory holds it on the way.
  bool isStored =
      !sum.use_empty() || norm.getResult().getType() != sum.getType();
  return lowerNorm(e, {.x = norm.getX(),
                       .result = norm.getResult(),
                       .weight = norm.getWeight(),
                       .bias = norm.getBias(),
                       .addend = norm.getAddend(),
                       .sum = isStored ? sum : Value(),
                       .epsilon = norm.getEpsilon().convertToDouble(),
                       .centered = norm.getCentered()});
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
  table["llm.add_norm"] = lowerAddNorm;
  table["llm.softmax"] = lowerSoftmax;
}

} // namespace llmc
