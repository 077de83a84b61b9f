// SPDX-License-Identifier: Apache-2.0
// Products with stored weights that are floats of few bits in blocks: places in
// a codebook (MatMulBnb4, MatMulBlockQuantizedFp4Weight), which kernels read as
// they are stored, and floats of 8 bits (MatMulBlockQuantizedFp8Weight).
#include "frontend/onnx/rules/Quant.h"
#include "ir/llm/Quantized.h"

using namespace mlir;

namespace llmc::onnx {

using llm::RecipeAttr;

// The 4-bit floats of bitsandbytes, sign and three bits of its own scale.
constexpr float fp4Codebook[16] = {0.0f,         5.208333333e-03f,
                                   0.66666667f,  1.0f,
                                   0.33333333f,  0.5f,
                                   0.16666667f,  0.25f,
                                   -0.0f,        -5.208333333e-03f,
                                   -0.66666667f, -1.0f,
                                   -0.33333333f, -0.5f,
                                   -0.16666667f, -0.25f};

static Value weightOf(Binder &b, RecipeAttr recipe) {
  return llm::WeightOp::create(b.builder, b.loc, recipe);
}

static int64_t countOf(Binder &b, size_t i) {
  if (!b.type(i).hasStaticShape())
    b.unsupported("input " + Twine(i) + " of symbolic size is not supported");
  return b.type(i).getNumElements();
}

static void needCount(Binder &b, size_t i, StringRef what, int64_t count) {
  if (countOf(b, i) != count)
    b.fail("needs " + Twine(count) + " " + what + ", has " +
           describe(b.type(i)));
}

/// Rows [.., columns of x] by a weight of this many.
static void needColumns(Binder &b, int64_t columns) {
  if (!isa<FloatType>(b.element(0)) || b.rank(0) < 1)
    b.fail("multiplies rows of floats, not " + describe(b.type(0)));
  auto k = llm::fixedDim(b.dims(0).back());
  if (k && *k != columns)
    b.fail("multiplies rows of " + Twine(*k) + " by a weight for " +
           Twine(columns));
}

/// The weight [N, K], flattened, is cut into blocks, which need not end with a
/// row; the first element of a byte is its high half.
static void importMatMulBnb4(Binder &b) {
  int64_t k = b.requiredInt("K"), n = b.requiredInt("N"),
          block = b.requiredInt("block_size"),
          kind = b.requiredInt("quant_type");
  bool transposed = b.intAttr("transB", 1) != 0;
  if (k < 1 || n < 1 || k > INT32_MAX || n > INT32_MAX)
    b.fail("K " + Twine(k) + " and N " + Twine(n) +
           " are no sizes of a weight");
  if (block < 16 || block > (int64_t(1) << 30) || !llvm::isPowerOf2_64(block))
    b.fail("block_size " + Twine(block) +
           " is not a power of two of 16 or more");
  if (kind != 0 && kind != 1)
    b.fail("quant_type " + Twine(kind) + " is neither 0 (FP4) nor 1 (NF4)");
  needColumns(b, transposed ? k : n);
  int64_t count = n * k, bytes = (count + 1) / 2,
          blocks = llvm::divideCeil(count, block);
  if (!b.element(1).isUnsignedInteger(8))
    b.fail("needs a weight of bytes, not " + describe(b.type(1)));
  needCount(b, 1, "bytes of weights", bytes);
  needCount(b, 2, "scales", blocks);
  Type element = b.element(0);
  RecipeAttr pairs = llm::unpackRecipe(
      llm::reshapeRecipe(storedInput(b, 1), {bytes, 1}), unsignedType(b, 4));
  RecipeAttr flat = llm::reshapeRecipe(
      llm::sliceRecipe(pairs, {0, 1}, {1, -1}, {bytes, 2}), {2 * bytes});
  flat = llm::sliceRecipe(flat, {0}, {1}, {count});
  RecipeAttr scales = storedInput(b, 2);
  auto codebook = kind == 0 ? b.builder.getDenseF32ArrayAttr(fp4Codebook)
                            : llm::codebookAttr(b.ctx, llm::Codes::NF4);
  RecipeAttr weight;
  if (k % block == 0)
    weight = llm::codebookRecipe(llm::reshapeRecipe(flat, {n, k}),
                                 llm::reshapeRecipe(scales, {n, k / block}),
                                 codebook, {1, block}, element);
  else
    weight = llm::reshapeRecipe(
        llm::codebookRecipe(flat, llm::reshapeRecipe(scales, {blocks}),
                            codebook, {block}, element),
        {n, k});
  if (transposed)
    weight = llm::transposeRecipe(weight, {1, 0});
  b.set(0, b.make<llm::MatmulOp>({b.in(0), weightOf(b, weight)}));
}

/// [N, K] and K's blocks, with everything checked.
namespace {
struct BlockedWeight {
  int64_t n, k, block, blocks;
  BlockedWeight(Binder &b, int64_t perByte, int64_t usual)
      : block(b.intAttr("block_size", usual)) {
    if (b.rank(1) != 2 || !b.type(1).hasStaticShape())
      b.fail("needs a weight of rank 2 and fixed sizes");
    n = b.type(1).getDimSize(0), k = b.type(1).getDimSize(1) * perByte;
    if (block < 1)
      b.fail("has block_size " + Twine(block));
    needColumns(b, k);
    blocks = llvm::divideCeil(k, block);
    needCount(b, 2, "scales", n * blocks);
  }
};
} // namespace

static void multiplyBlocked(Binder &b, Value x, RecipeAttr weight,
                            size_t bias) {
  Value y = b.make<llm::MatmulOp>(
      {x, weightOf(b, llm::transposeRecipe(weight, {1, 0}))});
  b.set(0, b.has(bias) ? b.make<llm::AddOp>({y, b.in(bias)}) : y);
}

/// Weights of 8 bits, and activations too where they have a scale.
static void importFp8(Binder &b) {
  BlockedWeight w(b, 1, 128);
  RecipeAttr scales = llm::reshapeRecipe(storedInput(b, 2), {w.n, w.blocks});
  Value x = b.in(0);
  if (b.has(3)) {
    Value scale = scalarized(b, b.in(3));
    if (llm::rankOf(scale) != 0)
      b.fail("needs one a_scale, not " + describe(b.type(3)));
    Value q = checked(
        b, llm::QuantizeOp::create(b.builder, b.loc,
                                   llm::withElement(x.getType(), b.element(1)),
                                   x, scale, Value(), 0, 0, true, TypeAttr()));
    x = checked(b, llm::DequantizeOp::create(b.builder, b.loc, x.getType(), q,
                                             scale, Value(), 0, 0));
  }
  multiplyBlocked(b, x,
                  llm::dequantizeRecipe(storedInput(b, 1), scales, {},
                                        {1, w.block}, b.element(0)),
                  4);
}

/// Scales are the bytes of floats of 8 bits, times one for all.
static void importFp4(Binder &b) {
  BlockedWeight w(b, 2, 16);
  if (!b.element(1).isUnsignedInteger(8) || !b.element(2).isUnsignedInteger(8))
    b.fail("needs a weight and scales of bytes");
  Type f32 = b.builder.getF32Type();
  needCount(b, 3, "global scale", 1);
  RecipeAttr scales = llm::castRecipe(
      llm::unpackRecipe(llm::reshapeRecipe(storedInput(b, 2), {w.n, w.blocks}),
                        Float8E4M3FNType::get(b.ctx)),
      f32);
  scales = llm::binaryRecipe("mul", scales,
                             llm::reshapeRecipe(storedInput(b, 3), {1, 1}));
  RecipeAttr q = llm::unpackRecipe(storedInput(b, 1), unsignedType(b, 4));
  multiplyBlocked(
      b, b.in(0),
      llm::codebookRecipe(q, scales, llm::codebookAttr(b.ctx, llm::Codes::E2M1),
                          {1, w.block}, b.element(0)),
      5);
}

void addQuantFloatRules(RuleTable &rules) {
  rules.add(kMicrosoft, {"MatMulBnb4"}, importMatMulBnb4);
  rules.add(kMicrosoft, {"MatMulBlockQuantizedFp8Weight"}, importFp8);
  rules.add(kMicrosoft, {"MatMulBlockQuantizedFp4Weight"}, importFp4);
}

} // namespace llmc::onnx
