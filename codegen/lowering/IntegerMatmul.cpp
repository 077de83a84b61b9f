// SPDX-License-Identifier: Apache-2.0
// Products of 8-bit integers, alone and as what products of rounded floats
// compute.
#include "codegen/lowering/IntegerMatmul.h"

#include "codegen/cpu/kernels/QuantMatmul.h"
#include "codegen/lowering/Activation.h"
#include "codegen/lowering/Loops.h"
#include "codegen/lowering/Quant.h"
#include "codegen/lowering/Rounding.h"
#include "codegen/ref/PlainKernel.h"
#include "ir/llm/QuantOps.h"
#include "ir/llm/Quantized.h"

using namespace mlir;

namespace llmc {

/// A zero point that is absent, one number, or one per column of the weight.
static bool isKernelZero(Value zero, bool perColumn) {
  if (!zero)
    return true;
  llm::Dims dims = llm::dimsOf(zero);
  for (size_t i = 0; i < dims.size(); ++i)
    if (llm::fixedDim(dims[i]) != 1 && !(perColumn && i + 1 == dims.size()))
      return false;
  return true;
}

/// Operands of the kernel: a [m, K] bytes without gaps, zero points or null.
namespace {
struct IntegerOperands {
  Value a, aZero;
  llm::RecipeAttr weight;
  Value wZero, out, m;
  llm::Dim rows; ///< m as an expression
};
} // namespace

static void launchIntegerMatmul(EntryLowering &e, const QuantMatmulSpec &spec,
                                const IntegerOperands &o) {
  CodeBuilder &h = e.host();
  SmallVector<Value> args(QuantMatmulArgCount, h.ci(0));
  args[QuantMatmulA] = o.a, args[QuantMatmulC] = o.out;
  args[QuantMatmulW] = e.weight(packedIntegers(e, o.weight));
  if (o.aZero)
    args[QuantMatmulZeroA] = o.aZero;
  if (o.wZero)
    args[QuantMatmulZeroW] = o.wZero;
  MLIRContext *ctx = h.builder().getContext();
  args[QuantMatmulSums] =
      e.scratch(llm::productOf(ctx, {o.rows, llm::constantDim(ctx, 4)}));
  args[QuantMatmulM] = o.m, args[QuantMatmulLda] = h.ci(spec.k);
  Value read = h.mul(o.m, spec.k);
  e.setWork({read, read});
  e.launch(emitQuantRowSums(e.kernels(), spec), args, o.m,
           h.ci(std::max<int64_t>(1, 65536 / spec.k)));
  e.setWork({h.mul(read, 2 * spec.n),
             h.add(read, h.mul(h.add(h.mul(o.m, 4), spec.k), spec.n))});
  e.launch(emitQuantMatmul(e.kernels(), spec), args,
           quantMatmulTiles(h, spec, o.m),
           h.ci(std::max<int64_t>(1, 16384 / spec.k)));
}

/// By a stored matrix, on its kernel; false where the operands don't fit it.
static bool lowerStoredMatmul(llm::IntegerMatmulOp op, EntryLowering &e) {
  llm::RecipeAttr weight = llm::recipeOf(op.getB());
  if (e.target().isReference() || !weight || weight.getType().getRank() != 2 ||
      llm::fixedDim(llm::dimsOf(op.getA()).back()) !=
          weight.getType().getDimSize(0) ||
      !isKernelZero(op.getAZero(), false) || !isKernelZero(op.getBZero(), true))
    return false;
  QuantMatmulSpec spec;
  spec.k = weight.getType().getDimSize(0),
  spec.n = weight.getType().getDimSize(1);
  if (spec.k == 0 || spec.n == 0)
    return false;
  spec.signedA = !llm::elementOf(op.getA()).isUnsignedInteger();
  spec.signedW = !llm::elementOf(op.getB()).isUnsignedInteger();
  spec.zeroA = bool(op.getAZero());
  MemTensor a = e.contiguous(op.getA()), out = e.result(op.getResult());
  IntegerOperands o{a.base, {}, weight, {}, out.base};
  o.m = e.product(ArrayRef(a.dims).drop_back());
  o.rows = llm::productOf(op.getContext(), ArrayRef(a.shape).drop_back());
  if (op.getAZero())
    o.aZero = e.get(op.getAZero()).base;
  if (Value zero = op.getBZero()) {
    auto type = cast<RankedTensorType>(zero.getType());
    bool one = type.hasStaticShape() && type.getNumElements() == 1;
    spec.zeroW = one ? QuantMatmulSpec::One : QuantMatmulSpec::PerColumn;
    o.wZero = e.contiguous(zero).base;
  }
  launchIntegerMatmul(e, spec, o);
  return true;
}

static LogicalResult lowerIntegerMatmul(Operation *op, EntryLowering &e) {
  auto matmul = cast<llm::IntegerMatmulOp>(op);
  if (lowerStoredMatmul(matmul, e))
    return success();
  MemTensor out = e.result(matmul.getResult());
  int64_t rank = out.rank();
  CodeBuilder &h = e.host();
  // Every operand gets the result's rank; dims of 1 stand still.
  auto aligned = [&](Value v) {
    MemTensor t = e.get(v);
    while (t.rank() < rank)
      insertUnit(h, t, 0);
    for (int64_t i = 0; i < rank; ++i)
      t.strides[i] =
          llm::fixedDim(t.shape[i]) == 1
              ? h.ci(0)
              : h.select(h.eq(t.dims[i], h.ci(1)), h.ci(0), t.strides[i]);
    return t;
  };
  SmallVector<PlainTensor> tensors = {
      {aligned(matmul.getA())}, {aligned(matmul.getB())}, {out, true}};
  Value inner = tensors[0].tensor.dims.back(),
        other = tensors[1].tensor.dims[rank - 2];
  if (tensors[0].tensor.shape.back() != tensors[1].tensor.shape[rank - 2])
    e.failIf(h.cmp(CmpI::ne, inner, other), LLMC_FAIL_SHAPE, inner, other);
  unsigned aZero = 0, bZero = 0;
  if (matmul.getAZero())
    aZero = tensors.size(), tensors.push_back({aligned(matmul.getAZero())});
  if (matmul.getBZero())
    bZero = tensors.size(), tensors.push_back({aligned(matmul.getBZero())});
  std::string key = std::to_string(aZero) + "," + std::to_string(bZero);
  launchPlain(e, "integer_matmul", key, tensors, {}, 2, [&](PlainBody &p) {
    CodeBuilder &k = p.k;
    p.forElements(2, [&](Values at) {
      Value sum = k.forLoop(k.ci(0), p.dim(0, rank - 1), k.ci(1), {k.ci32(0)},
                            [&](Value iv, ValueRange carried) -> Values {
                              Values left(at), right(at);
                              left[rank - 1] = iv, right[rank - 2] = iv;
                              Value x = loadWide(p, 0, left),
                                    y = loadWide(p, 1, right);
                              if (aZero)
                                x = k.sub(x, loadWide(p, aZero, left));
                              if (bZero)
                                y = k.sub(y, loadWide(p, bZero, right));
                              return {k.add(carried[0], k.mul(x, y))};
                            })[0];
      p.store(sum, 2, at);
    });
  });
  return success();
}

/// A matrix of bytes whose columns have one scale each, or nothing.
static std::optional<llm::QuantizedMatrix> byteMatrix(Value weight) {
  llm::RecipeAttr recipe = llm::recipeOf(weight);
  auto m = recipe ? llm::quantizedMatrix(recipe) : std::nullopt;
  auto element = [](llm::RecipeAttr r) { return r.getType().getElementType(); };
  if (!m || !isa<IntegerType>(element(m->q)) ||
      element(m->q).getIntOrFloatBitWidth() != 8 || m->codebook ||
      m->group != m->q.getType().getDimSize(0) || !element(m->scales).isF32() ||
      (m->zeros && isa<FloatType>(element(m->zeros))))
    return std::nullopt;
  return m;
}

/// The exact sums of quantized rows by a matrix, i32 [rows, N].
static MemTensor exactSums(EntryLowering &e, const Quantized &x,
                           const llm::QuantizedMatrix &m) {
  CodeBuilder &h = e.host();
  MLIRContext *ctx = h.builder().getContext();
  QuantMatmulSpec spec;
  spec.k = m.q.getType().getDimSize(0), spec.n = m.q.getType().getDimSize(1);
  Type byte = m.q.getType().getElementType();
  spec.signedW = !byte.isUnsignedInteger(), spec.zeroA = true;
  IntegerOperands o{x.q.base, x.zero.base, m.q};
  o.rows = llm::productOf(ctx, ArrayRef(x.q.shape).drop_back());
  o.m = e.product(ArrayRef(x.q.dims).drop_back());
  if (m.zeros) {
    spec.zeroW = QuantMatmulSpec::PerColumn;
    o.wZero = e.weight(packedScales(e, m.zeros));
  } else if (m.zero) {
    spec.zeroW = QuantMatmulSpec::One;
    o.wZero = e.constantBytes(
        DenseElementsAttr::get(RankedTensorType::get({1}, byte),
                               APInt(8, static_cast<uint64_t>(m.zero) & 255)));
  }
  Type type =
      llm::tensorType(ctx, {o.rows, llm::constantDim(ctx, spec.n)}, h.i32());
  MemTensor sums = e.scratchTensor(type);
  o.out = sums.base;
  launchIntegerMatmul(e, spec, o);
  return sums;
}

bool lowerExactProduct(EntryLowering &e, const ExactProduct &p) {
  SmallVector<llm::QuantizedMatrix> matrices;
  for (Value weight : p.weights) {
    auto m = byteMatrix(weight);
    if (!m ||
        llm::fixedDim(llm::dimsOf(p.x).back()) != m->q.getType().getDimSize(0))
      return false;
    matrices.push_back(*m);
  }
  if (e.target().isReference() || !llm::elementOf(p.x).isF32() ||
      !llm::elementOf(p.result).isF32() || !hasKernelForm(p.activation))
    return false;
  e.countSteps();
  Quantized x = quantizedTensor(e, p.x, p.rounding);
  MemTensor out = asMatrix(e, e.result(p.result));
  MemTensor scale = x.scale;
  insertUnit(e.host(), scale, 0), insertUnit(e.host(), scale, 0);
  SmallVector<MemTensor> inputs = {broadcastTo(e, scale, out)};
  auto addRow = [&](MemTensor row) {
    insertUnit(e.host(), row, 0);
    inputs.push_back(broadcastTo(e, row, out));
  };
  for (auto [i, m] : llvm::enumerate(matrices)) {
    inputs.push_back(exactSums(e, x, m));
    Type row =
        RankedTensorType::get({m.q.getType().getDimSize(1)}, e.host().f32());
    addRow(e.makeTensor(e.weight(packedScales(e, m.scales)), row));
    if (p.biases[i])
      addRow(e.contiguous(p.biases[i]));
  }
  if (p.residual)
    inputs.push_back(asMatrix(e, e.rows(p.residual)));
  size_t count = matrices.size();
  SmallVector<bool> biased;
  for (Value bias : p.biases)
    biased.push_back(bool(bias));
  llm::Activation activation = p.activation;
  double before = p.scale, behind = p.gain;
  bool residual = bool(p.residual);
  std::string key = "exact" + std::to_string(count) + "," +
                    stringifyActivation(activation).str() + "," +
                    factorsKey(before, behind);
  for (bool b : biased)
    key += b ? ",b" : ",";
  key += residual ? ",r" : "";
  launchMap(e, key, inputs, {out},
            [=](CodeBuilder &k, ValueRange in) -> Values {
              size_t at = 1;
              Values terms;
              for (size_t i = 0; i < count; ++i) {
                Value sum = k.convert(in[at++], k.f32());
                Value term = k.mul(sum, k.mul(in[0], in[at++]));
                terms.push_back(biased[i] ? k.add(term, in[at++]) : term);
              }
              Value y = emitActivation(k, kernelActivation(activation),
                                       terms[0], before, behind);
              if (count > 1)
                y = k.mul(y, terms[1]);
              return {residual ? k.add(y, in[at]) : y};
            });
  return true;
}

void addIntegerMatmulLowerings(LoweringTable &table) {
  table["llm.integer_matmul"] = lowerIntegerMatmul;
}

} // namespace llmc
