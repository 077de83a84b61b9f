// SPDX-License-Identifier: Apache-2.0
// The quantized ops of com.microsoft with weights of their own layout:
// MatMulNBits and GatherBlockQuantized. Their weights become dequantized ones,
// which kernels read as they are stored.
#include "frontend/onnx/rules/Quant.h"
#include "ir/llm/Quantized.h"

using namespace mlir;

namespace llmc::onnx {

using llm::RecipeAttr;

Type unsignedType(Binder &b, int64_t bits) {
  return IntegerType::get(b.ctx, bits, IntegerType::Unsigned);
}

RecipeAttr storedInput(Binder &b, size_t i) {
  RecipeAttr recipe = llm::recipeOf(b.in(i));
  if (!recipe)
    b.unsupported("input " + Twine(i) +
                  " is computed; only stored weights are supported");
  return recipe;
}

static int64_t bitsAttr(Binder &b) {
  int64_t bits = b.intAttr("bits", 4);
  if (bits != 2 && bits != 4 && bits != 8)
    b.fail("bits " + Twine(bits) + " is not 2, 4 or 8");
  return bits;
}

static int64_t blockAttr(Binder &b, int64_t otherwise) {
  int64_t block = b.intAttr("block_size", otherwise);
  if (block < 16 || !llvm::isPowerOf2_64(block))
    b.fail("block_size " + Twine(block) +
           " is not a power of two of 16 or more");
  return block;
}

static void needElements(Binder &b, size_t i, StringRef what, int64_t count) {
  RankedTensorType type = b.type(i);
  if (!type.hasStaticShape() || type.getNumElements() != count)
    b.fail("needs " + Twine(count) + " " + what + ", has " + describe(type));
}

RecipeAttr unpackedRecipe(RecipeAttr bytes, ArrayRef<int64_t> packedDims,
                          Type element, int64_t width) {
  RecipeAttr all =
      llm::unpackRecipe(llm::reshapeRecipe(bytes, packedDims), element);
  SmallVector<int64_t> dims(all.getType().getShape());
  dims.back() = width;
  SmallVector<int64_t> zeros(dims.size(), 0), ones(dims.size(), 1);
  return llm::sliceRecipe(all, zeros, ones, dims);
}

RecipeAttr splatRecipe(Type element, int64_t rank, int64_t value) {
  auto type = RankedTensorType::get(SmallVector<int64_t>(rank, 1), element);
  return llm::denseRecipe(denseInts(type, {value}));
}

namespace {
struct NBits {
  int64_t k, n, bits, block, blocks, blob, zeroBytes;
};
} // namespace

static NBits nBitsOf(Binder &b) {
  NBits m;
  m.k = b.requiredInt("K"), m.n = b.requiredInt("N");
  m.bits = bitsAttr(b), m.block = blockAttr(b, 0);
  if (m.k < 1 || m.n < 1 || m.k > INT32_MAX || m.n > INT32_MAX ||
      m.block > (int64_t(1) << 30))
    b.fail("K " + Twine(m.k) + ", N " + Twine(m.n) +
           " and block_size are no sizes of a weight");
  m.blocks = llvm::divideCeil(m.k, m.block);
  m.blob = m.block * m.bits / 8;
  m.zeroBytes = llvm::divideCeil(m.blocks * m.bits, 8);
  return m;
}

static void checkNBits(Binder &b, const NBits &m) {
  if (!isa<FloatType>(b.element(0)) || b.rank(0) < 1)
    b.fail("multiplies rows of floats, not " + describe(b.type(0)));
  auto k = llm::fixedDim(b.dims(0).back());
  if (k && *k != m.k)
    b.fail("multiplies rows of " + Twine(*k) + " by a weight for " +
           Twine(m.k));
  if (b.intAttr("weight_prepacked", 0) != 0)
    b.unsupported("weight_prepacked " +
                  Twine(b.intAttr("weight_prepacked", 0)) +
                  " is not supported: a layout of one device");
  if (!b.element(1).isUnsignedInteger(8))
    b.fail("needs a weight of bytes, not " + describe(b.type(1)));
  needElements(b, 1, "bytes of weights", m.n * m.blocks * m.blob);
  needElements(b, 2, "scales", m.n * m.blocks);
  if (b.element(2) != b.element(0))
    b.fail("needs scales of the input's type, not " + describe(b.type(2)));
  if (b.has(3)) {
    bool packed = b.element(3).isUnsignedInteger(8);
    if (!packed && b.element(3) != b.element(0))
      b.fail("needs zero points of bytes or of the input's type, not " +
             describe(b.type(3)));
    needElements(b, 3, packed ? "bytes of zero points" : "zero points",
                 m.n * (packed ? m.zeroBytes : m.blocks));
  }
  if (b.has(4)) {
    needElements(b, 4, "group indices", m.k);
    if (!b.element(4).isSignlessInteger(32))
      b.fail("needs group indices of int32, not " + describe(b.type(4)));
  }
  if (b.has(5)) {
    needElements(b, 5, "elements of bias", m.n);
    if (b.element(5) != b.element(0))
      b.fail("needs a bias of the input's type, not " + describe(b.type(5)));
  }
}

/// The zero points [N, blocks], or one for all.
static RecipeAttr zerosOf(Binder &b, const NBits &m) {
  if (!b.has(3))
    return splatRecipe(unsignedType(b, m.bits), 2, int64_t(1) << (m.bits - 1));
  RecipeAttr stored = storedInput(b, 3);
  if (isa<FloatType>(b.element(3)))
    return llm::reshapeRecipe(stored, {m.n, m.blocks});
  return unpackedRecipe(stored, {m.n, m.zeroBytes}, unsignedType(b, m.bits),
                        m.blocks);
}

/// The group of each row of K; nothing if that is its block.
static std::optional<SmallVector<int64_t>> groupsOf(Binder &b, const NBits &m) {
  if (!b.has(4))
    return std::nullopt;
  auto dense = b.in(4).getDefiningOp<llm::ConstantOp>();
  auto values = dense ? dyn_cast<DenseIntElementsAttr>(dense.getValue())
                      : DenseIntElementsAttr();
  if (!values)
    b.unsupported("group indices that are not a small constant are not "
                  "supported");
  SmallVector<int64_t> groups;
  bool regular = true;
  for (const APInt &v : values.getValues<APInt>()) {
    int64_t g = v.getSExtValue();
    if (g < 0 || g >= m.blocks)
      b.fail("group index " + Twine(g) + " is outside " + Twine(m.blocks) +
             " groups");
    regular &= g == static_cast<int64_t>(groups.size()) / m.block;
    groups.push_back(g);
  }
  if (regular)
    return std::nullopt;
  return groups;
}

/// The rows of K sorted by their group, where every group is a whole block.
static std::optional<SmallVector<int64_t>> sortedRows(ArrayRef<int64_t> groups,
                                                      const NBits &m) {
  SmallVector<int64_t> rows = upTo(m.k);
  llvm::sort(rows, [&](int64_t x, int64_t y) {
    return std::pair(groups[x], x) < std::pair(groups[y], y);
  });
  for (auto [i, row] : llvm::enumerate(rows))
    if (groups[row] != static_cast<int64_t>(i) / m.block)
      return std::nullopt;
  return rows;
}

static void importMatMulNBits(Binder &b) {
  NBits m = nBitsOf(b);
  checkNBits(b, m);
  Value x = b.in(0);
  Type element = b.element(0);
  RecipeAttr q = unpackedRecipe(storedInput(b, 1), {m.n, m.blocks * m.blob},
                                unsignedType(b, m.bits), m.k);
  RecipeAttr scales = llm::reshapeRecipe(storedInput(b, 2), {m.n, m.blocks});
  RecipeAttr zeros = zerosOf(b, m);
  int64_t block = m.block;
  if (auto groups = groupsOf(b, m)) {
    if (auto rows = sortedRows(*groups, m)) {
      auto type = RankedTensorType::get({m.k}, b.builder.getI64Type());
      Value order = llm::WeightOp::create(
          b.builder, b.loc, llm::denseRecipe(denseInts(type, *rows)));
      x = b.make<llm::GatherOp>({x, order}, b.named("axis", b.rank(0) - 1));
      q = llm::takeRecipe(q, 1, *rows);
    } else {
      scales = llm::takeRecipe(scales, 1, *groups);
      if (b.has(3))
        zeros = llm::takeRecipe(zeros, 1, *groups);
      block = 1;
    }
  }
  RecipeAttr weight = llm::transposeRecipe(
      llm::dequantizeRecipe(q, scales, zeros, {1, block}, element), {1, 0});
  Value stored = llm::WeightOp::create(b.builder, b.loc, weight);
  // Level 4 asks for integer products: activations of 8 bits. Float zero points
  // and halves are computed in floats by onnxruntime too.
  bool floatZeros = b.has(3) && isa<FloatType>(b.element(3));
  if (b.intAttr("accuracy_level", 0) == 4 && element.isF32() && !floatZeros &&
      !b.has(4))
    x = checked(b, llm::FakeQuantizeOp::create(
                       b.builder, b.loc, x,
                       llm::IntegerRoundingAttr::get(b.ctx, m.block)));
  Value y = b.make<llm::MatmulOp>({x, stored});
  if (b.has(5))
    y = b.make<llm::AddOp>({y, b.reshape(b.in(5), {b.constantDim(m.n)})});
  b.set(0, y);
}

namespace {
/// What GatherBlockQuantized says of its table.
struct Table {
  RecipeAttr q, scales, zeros;
  SmallVector<int64_t> blocks;
};
} // namespace

static Table tableOf(Binder &b, int64_t quantizeAxis) {
  int64_t bits = bitsAttr(b), block = blockAttr(b, 128), rank = b.rank(0);
  Type stored = b.element(0);
  bool packed = stored.isUnsignedInteger(8);
  if (!packed && !stored.isInteger(4))
    b.fail("needs a table of bytes or of integers of 4 bits, not " +
           describe(b.type(0)));
  if (!isa<FloatType>(b.element(2)))
    b.fail("needs scales of floats, not " + describe(b.type(2)));
  Type element = packed ? unsignedType(b, bits) : stored;
  int64_t perByte = packed ? 8 / bits : 1;
  if (packed && quantizeAxis != rank - 1)
    b.fail("a table of bytes needs the last axis as quantize_axis");
  Table t;
  SmallVector<int64_t> shape(b.type(0).getShape());
  shape.back() *= perByte;
  t.q = llm::unpackRecipe(storedInput(b, 0), element);
  SmallVector<int64_t> counts = shape;
  counts[quantizeAxis] = llvm::divideCeil(shape[quantizeAxis], block);
  if (b.type(2).getShape() != ArrayRef<int64_t>(counts))
    b.fail("has scales " + describe(b.type(2)) + " where " +
           describe(RankedTensorType::get(counts, b.element(2))) +
           " are needed");
  t.scales = storedInput(b, 2);
  t.blocks.assign(rank, 1), t.blocks[quantizeAxis] = block;
  if (!b.has(3)) {
    t.zeros = packed ? splatRecipe(element, rank, int64_t(1) << (bits - 1))
                     : RecipeAttr();
    return t;
  }
  if (b.element(3) != stored)
    b.fail("needs zero points of the table's type, not " + describe(b.type(3)));
  SmallVector<int64_t> bytes = counts;
  bytes.back() = llvm::divideCeil(counts.back(), perByte);
  if (b.type(3).getShape() != ArrayRef<int64_t>(bytes))
    b.fail("has zero points " + describe(b.type(3)) + " where " +
           describe(RankedTensorType::get(bytes, stored)) + " are needed");
  t.zeros = unpackedRecipe(storedInput(b, 3), bytes, element, counts.back());
  return t;
}

/// Slices of the dequantized table; what an index outside it gives is 0.
static void importGatherBlockQuantized(Binder &b) {
  if (!b.type(0).hasStaticShape() || b.rank(0) < 1)
    b.fail("needs a table of fixed sizes");
  int64_t axis = b.axisAttr("gather_axis", 0, b.rank(0)),
          quantizeAxis = b.axisAttr("quantize_axis", 1, b.rank(0));
  if (axis == quantizeAxis)
    b.fail("gather_axis and quantize_axis are the same");
  if (!isa<IntegerType>(b.element(1)))
    b.fail("needs indices of integers, not " + describe(b.type(1)));
  Table t = tableOf(b, quantizeAxis);
  Value table = llm::WeightOp::create(
      b.builder, b.loc,
      llm::dequantizeRecipe(t.q, t.scales, t.zeros, t.blocks, b.element(2)));
  Value index = b.in(1);
  Type element = b.element(1);
  auto scalar = [&](int64_t v) {
    return b.scalarSize(b.constantDim(v), element);
  };
  int64_t size = t.q.getType().getDimSize(axis);
  Value inside =
      b.make<llm::AndOp>({b.make<llm::GreaterEqualOp>({index, scalar(-size)}),
                          b.make<llm::LessOp>({index, scalar(size)})});
  Value safe = b.make<llm::WhereOp>({inside, index, scalar(0)});
  Value y = b.make<llm::GatherOp>({table, safe}, b.named("axis", axis));
  llm::Dims mask(llm::rankOf(y), b.constantDim(1));
  for (auto [i, d] : llvm::enumerate(b.dims(1)))
    mask[axis + i] = d;
  b.set(0, b.make<llm::WhereOp>(
               {b.reshape(inside, mask), y, b.scalarFloat(b.element(2), 0.0)}));
}

void addQuantContribRules(RuleTable &rules) {
  rules.add(kMicrosoft, {"MatMulNBits"}, importMatMulNBits);
  rules.add(kMicrosoft, {"GatherBlockQuantized"}, importGatherBlockQuantized);
}

} // namespace llmc::onnx
