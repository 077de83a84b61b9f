// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Matmul.h"
#include "codegen/ref/PlainKernel.h"

using namespace mlir;

namespace llmc {

/// f64 on the reference target, f32 elsewhere.
static Type sumType(EntryLowering &e) {
  return e.target().isReference() ? e.host().f64() : e.host().f32();
}

static Activation kernelActivation(llm::Activation a) {
  switch (a) {
  case llm::Activation::Relu:
    return Activation::Relu;
  case llm::Activation::GeluErf:
    return Activation::Gelu;
  case llm::Activation::GeluTanh:
    return Activation::GeluTanh;
  case llm::Activation::Silu:
    return Activation::Silu;
  case llm::Activation::Tanh:
    return Activation::Tanh;
  case llm::Activation::Sigmoid:
    return Activation::Sigmoid;
  default:
    return Activation::None;
  }
}

/// The activation of a sum, in f32. QuickGelu is x * sigmoid(1.702 x).
static Value activated(CodeBuilder &k, llm::Activation a, Value sum) {
  Value x = k.convert(sum, k.f32());
  if (a == llm::Activation::QuickGelu)
    return k.mul(x, emitSigmoid(k, k.mul(x, k.cf(1.702))));
  return emitActivation(k, kernelActivation(a), x);
}

/// The operands with one batch shape; ranks of 1 become matrices as NumPy says.
static LogicalResult lowerMatmul(Operation *op, EntryLowering &e) {
  auto matmul = cast<llm::MatmulOp>(op);
  MemTensor a = e.get(matmul.getA()), b = e.get(matmul.getB()),
            out = e.result(matmul.getResult());
  CodeBuilder &h = e.host();
  MLIRContext *ctx = op->getContext();
  auto insertOne = [&](MemTensor &t, int64_t at) {
    t.dims.insert(t.dims.begin() + at, h.ci(1)),
        t.strides.insert(t.strides.begin() + at, h.ci(0));
    t.shape.insert(t.shape.begin() + at, llm::constantDim(ctx, 1));
  };
  if (a.rank() == 1)
    insertOne(a, 0), insertOne(out, out.rank() - (b.rank() == 1 ? 0 : 1));
  if (b.rank() == 1)
    insertOne(b, 1), insertOne(out, out.rank());
  Value k1 = a.dims.back(), k2 = b.dims[b.rank() - 2];
  if (a.shape.back() != b.shape[b.rank() - 2])
    e.failIf(h.cmp(CmpI::ne, k1, k2), LLMC_FAIL_SHAPE, k1, k2);
  auto alignBatch = [&](MemTensor &t) {
    while (t.rank() < out.rank())
      insertOne(t, 0);
    for (int64_t i = 0; i + 2 < out.rank(); ++i)
      if (t.shape[i] != out.shape[i])
        t.strides[i] =
            llm::fixedDim(t.shape[i]) == 1
                ? h.ci(0)
                : h.select(h.eq(t.dims[i], h.ci(1)), h.ci(0), t.strides[i]);
  };
  alignBatch(a), alignBatch(b);
  int64_t rank = out.rank();
  launchPlain(
      e, "matmul", "", {{a}, {b}, {out, true}}, {}, 2, [&](PlainBody &p) {
        bool whole = !isa<FloatType>(p.element(0));
        Type acc = whole                  ? computeType(p.element(0))
                   : p.element(0).isF64() ? p.k.f64()
                                          : sumType(e);
        p.forElements(2, [&](Values at) {
          Values sum = p.k.forLoop(
              p.k.ci(0), p.dim(0, rank - 1), p.k.ci(1), {p.k.zero(acc)},
              [&](Value iv, ValueRange carried) -> Values {
                Values left(at), right(at);
                left[rank - 1] = iv, right[rank - 2] = iv;
                Value x = p.k.convert(p.load(0, left), acc),
                      y = p.k.convert(p.load(1, right), acc);
                return {whole ? p.k.add(carried[0], p.k.mul(x, y))
                              : p.k.fma(x, y, carried[0])};
              });
          p.store(p.k.convert(sum[0], computeType(p.element(2))), 2, at);
        });
      });
  return success();
}

/// [rows, width] of a tensor whose leading dims are rows of one stride.
static MemTensor asMatrix(EntryLowering &e, MemTensor t) {
  CodeBuilder &h = e.host();
  MLIRContext *ctx = h.builder().getContext();
  int64_t rank = t.rank();
  MemTensor m = t;
  m.shape = {llm::productOf(ctx, ArrayRef(t.shape).drop_back()),
             t.shape.back()};
  m.dims = {e.size(m.shape[0]), t.dims.back()};
  m.strides = {rank > 1 ? t.strides[rank - 2] : h.ci(0), t.strides.back()};
  // The stride of rows is that of the innermost dim above 1.
  for (int64_t i = rank - 2; i >= 0; --i)
    if (llm::fixedDim(t.shape[i]) != 1) {
      m.strides[0] = t.strides[i];
      break;
    }
  return m;
}

/// sum over k of x[row, k] * W[k, column], with W in panels of 16 columns.
static Value plainDot(PlainBody &p, Type acc, unsigned weight, Value row,
                      Value column) {
  CodeBuilder &k = p.k;
  Value depth = p.dim(0, 1);
  Value base =
      k.add(k.mul(k.mul(k.divSize(column, panelColumns), depth), panelColumns),
            k.remSize(column, panelColumns));
  return k.forLoop(k.ci(0), depth, k.ci(1), {k.zero(acc)},
                   [&](Value iv, ValueRange carried) -> Values {
                     Value x = k.convert(p.load(0, {row, iv}), acc);
                     Value stored =
                         k.load(p.element(weight), p.pointer(weight),
                                k.add(base, k.mul(iv, panelColumns)));
                     return {k.fma(x, k.convert(stored, acc), carried[0])};
                   })[0];
}

static MemTensor packedWeight(EntryLowering &e, Value weight) {
  return e.makeTensor(e.weight(e.weights().packed(llm::recipeOf(weight))),
                      weight.getType());
}

/// Whether the matmul emitter covers these operands: dense f32 rows on a target
/// with vectors.
static bool takesKernel(EntryLowering &e, const MemTensor &x,
                        const MemTensor &out, llm::Activation act) {
  return !e.target().isReference() && x.element.isF32() &&
         out.element.isF32() && act != llm::Activation::QuickGelu;
}

/// Operands of the matmul kernel; absent ones are null.
struct MatmulOperands {
  MemTensor x, out, weight, up, bias, upBias, residual;
};

static void launchMatmul(EntryLowering &e, MatmulSpec spec,
                         const MatmulOperands &o) {
  CodeBuilder &h = e.host();
  spec.n = *llm::fixedDim(o.out.shape[1]),
  spec.k = *llm::fixedDim(o.x.shape[1]);
  spec.bias = bool(o.bias.base), spec.residual = bool(o.residual.base);
  std::string symbol = emitMatmul(e.kernels(), spec);
  MatmulGrid grid = matmulGrid(h, spec, o.out.dims[0], e.workers());
  Value none = h.ci(0);
  SmallVector<Value> args(MatmulArgCount, none);
  auto pointer = [&](MatmulArg at, const MemTensor &t) {
    if (t.base)
      args[at] = t.base;
  };
  pointer(MatmulA, o.x), pointer(MatmulW, o.weight), pointer(MatmulUp, o.up),
      pointer(MatmulBias, o.bias), pointer(MatmulBiasUp, o.upBias);
  pointer(MatmulResidual, o.residual), pointer(MatmulC, o.out);
  args[MatmulM] = o.out.dims[0], args[MatmulLda] = o.x.strides[0],
  args[MatmulLdc] = o.out.strides[0];
  if (spec.residual)
    args[MatmulLdr] = o.residual.strides[0];
  args[MatmulTileRows] = grid.tileRows,
  args[MatmulTilePanels] = grid.tilePanels;
  e.launch(symbol, args, grid.count, grid.grain);
}

static LogicalResult lowerLinear(Operation *op, EntryLowering &e) {
  auto linear = cast<llm::LinearOp>(op);
  if (!llm::recipeOf(linear.getWeight()))
    return op->emitError("needs a stored weight");
  MemTensor x = asMatrix(e, e.rows(linear.getX())),
            out = asMatrix(e, e.result(linear.getResult()));
  SmallVector<PlainTensor> tensors = {
      {x}, {packedWeight(e, linear.getWeight())}, {out, true}};
  if (linear.getBias())
    tensors.push_back({e.contiguous(linear.getBias())});
  if (linear.getResidual())
    tensors.push_back({asMatrix(e, e.rows(linear.getResidual()))});
  bool bias = bool(linear.getBias()), residual = bool(linear.getResidual());
  llm::Activation act = linear.getActivation();
  if (takesKernel(e, x, out, act)) {
    MatmulSpec spec;
    spec.activation = kernelActivation(act);
    launchMatmul(e, spec,
                 {x,
                  out,
                  tensors[1].tensor,
                  {},
                  bias ? tensors[3].tensor : MemTensor(),
                  {},
                  residual ? tensors.back().tensor : MemTensor()});
    return success();
  }
  std::string key =
      (stringifyActivation(act) + (bias ? ",b" : "") + (residual ? ",r" : ""))
          .str();
  launchPlain(e, "linear", key, tensors, {}, 2, [&](PlainBody &p) {
    p.forElements(2, [&](Values at) {
      Type acc = sumType(e);
      Value sum = plainDot(p, acc, 1, at[0], at[1]);
      if (bias)
        sum = p.k.add(sum, p.k.convert(p.load(3, {at[1]}), acc));
      Value y = act == llm::Activation::None
                    ? sum
                    : p.k.convert(activated(p.k, act, sum), acc);
      if (residual)
        y = p.k.add(y, p.k.convert(p.load(bias ? 4 : 3, at), acc));
      p.store(p.k.convert(y, p.k.f32()), 2, at);
    });
  });
  return success();
}

static LogicalResult lowerGatedLinear(Operation *op, EntryLowering &e) {
  auto gated = cast<llm::GatedLinearOp>(op);
  if (!llm::recipeOf(gated.getGate()) || !llm::recipeOf(gated.getUp()))
    return op->emitError("needs stored weights");
  MemTensor x = asMatrix(e, e.rows(gated.getX())),
            out = asMatrix(e, e.result(gated.getResult()));
  SmallVector<PlainTensor> tensors = {{x},
                                      {packedWeight(e, gated.getGate())},
                                      {packedWeight(e, gated.getUp())},
                                      {out, true}};
  bool bias = bool(gated.getGateBias());
  if (bias)
    tensors.append({{e.contiguous(gated.getGateBias())},
                    {e.contiguous(gated.getUpBias())}});
  llm::Activation act = gated.getActivation();
  if (takesKernel(e, x, out, act)) {
    MatmulSpec spec;
    spec.activation = kernelActivation(act), spec.gated = true;
    MemTensor none;
    launchMatmul(e, spec,
                 {x, out, tensors[1].tensor, tensors[2].tensor,
                  bias ? tensors[4].tensor : none,
                  bias ? tensors[5].tensor : none, none});
    return success();
  }
  std::string key = (stringifyActivation(act) + (bias ? ",b" : "")).str();
  launchPlain(e, "gated_linear", key, tensors, {}, 3, [&](PlainBody &p) {
    p.forElements(3, [&](Values at) {
      Type acc = sumType(e);
      Value gate = plainDot(p, acc, 1, at[0], at[1]),
            up = plainDot(p, acc, 2, at[0], at[1]);
      if (bias) {
        gate = p.k.add(gate, p.k.convert(p.load(4, {at[1]}), acc));
        up = p.k.add(up, p.k.convert(p.load(5, {at[1]}), acc));
      }
      Value y = p.k.mul(activated(p.k, act, gate), p.k.convert(up, p.k.f32()));
      p.store(y, 3, at);
    });
  });
  return success();
}

void addMatmulLowerings(LoweringTable &table) {
  table["llm.matmul"] = lowerMatmul;
  table["llm.linear"] = lowerLinear;
  table["llm.gated_linear"] = lowerGatedLinear;
}

} // namespace llmc
