// SPDX-License-Identifier: Apache-2.0
// Mixtures of experts with quantized weights: onnxruntime's QMoE. All experts'
// weights of a layer become one quantized matrix, which kernels read as it is
// stored.
#include "frontend/onnx/rules/Experts.h"
#include "frontend/onnx/rules/Quant.h"
#include "frontend/onnx/rules/Sizes.h"
#include "ir/llm/Quantized.h"

using namespace mlir;

namespace llmc::onnx {

using llm::RecipeAttr;

namespace {
struct QuantExperts : MixtureOfExperts {
  int64_t block;
  explicit QuantExperts(Binder &b)
      : MixtureOfExperts(b, 5, 1), block(b.intAttr("block_size", 0)) {}

  /// A projection of an expert: inputs are its weights, scales, biases and zero
  /// points; x [k] gives [n].
  struct Projection {
    size_t weights, scales, bias, zeros;
    StringRef bitsName;
    int64_t k, n;
  };
  int64_t bitsOf(const Projection &p) {
    int64_t bits = b.intAttr(p.bitsName, b.intAttr("expert_weight_bits", 4));
    if (bits == 3)
      b.unsupported("weights of 3 bits are not supported");
    if (bits != 2 && bits != 4 && bits != 8)
      b.fail("weights of " + Twine(bits) + " bits: 2, 4 and 8 are known");
    return bits;
  }

  /// Half of [experts, n, rest], as the fusion says, or all of it, as
  /// [experts * rows, rest].
  RecipeAttr rowsOf(RecipeAttr r, int64_t half) {
    ArrayRef<int64_t> dims = r.getType().getShape();
    int64_t n = dims[1], rest = dims[2];
    if (half < 0)
      return llm::reshapeRecipe(r, {count * n, rest});
    bool interleaved = fusion == Fusion::Interleaved;
    SmallVector<int64_t> pairs{count, interleaved ? n / 2 : 2,
                               interleaved ? 2 : n / 2, rest},
        starts(4, 0), steps(4, 1), sizes = pairs;
    starts[interleaved ? 2 : 1] = half, sizes[interleaved ? 2 : 1] = 1;
    return llm::reshapeRecipe(
        llm::sliceRecipe(llm::reshapeRecipe(r, pairs), starts, steps, sizes),
        {count * (n / 2), rest});
  }

  void needShape(size_t i, StringRef what, ArrayRef<int64_t> dims) {
    RankedTensorType want = RankedTensorType::get(dims, b.element(i));
    if (b.type(i).getShape() != dims)
      b.fail("has " + what + " " + describe(b.type(i)) + " where " +
             describe(want) + " are needed");
  }

  void checkWeights(const Projection &p, int64_t bits) {
    if (!b.element(p.weights).isUnsignedInteger(8))
      b.fail("needs weights of bytes, not " + describe(b.type(p.weights)));
    // The layout that a device's own kernels read has K before N.
    if (b.intAttr("weights_prepacked", -1) == -1 &&
        b.type(p.weights).getShape() != ArrayRef{count, p.n, p.k * bits / 8} &&
        b.type(p.weights).getShape() == ArrayRef{count, p.k, p.n * bits / 8})
      b.unsupported("weights " + describe(b.type(p.weights)) +
                    " in the layout of one device are not supported; export "
                    "with weights_prepacked 0");
    if (p.k * bits % 8)
      b.fail("has rows of " + Twine(p.k) +
             " weights, which are no whole bytes");
    if (block && p.k % block)
      b.fail("has rows of " + Twine(p.k) + " weights in blocks of " +
             Twine(block));
    needShape(p.weights, "weights", {count, p.n, p.k * bits / 8});
  }

  /// Zero points [experts, n, blocks], or one for all.
  RecipeAttr zerosOf(const Projection &p, int64_t bits, int64_t blocks,
                     int64_t half) {
    Type element = unsignedType(b, bits);
    if (!b.has(p.zeros))
      return splatRecipe(element, 2, int64_t(1) << (bits - 1));
    RecipeAttr stored = storedInput(b, p.zeros);
    auto bytes = [&](int64_t n) { return llvm::divideCeil(n * bits, 8); };
    SmallVector<int64_t> packed =
        block ? SmallVector<int64_t>{count, p.n, int64_t(bytes(blocks))}
              : SmallVector<int64_t>{count, int64_t(bytes(p.n))};
    if (!b.element(p.zeros).isUnsignedInteger(8))
      b.fail("needs zero points of bytes, not " + describe(b.type(p.zeros)));
    needShape(p.zeros, "zero points", packed);
    RecipeAttr all =
        unpackedRecipe(stored, packed, element, block ? blocks : p.n);
    return rowsOf(llm::reshapeRecipe(all, {count, p.n, blocks}), half);
  }

  /// The weight [k, experts * rows] of half a projection, or of all of it
  /// (half < 0).
  Value weightOf(const Projection &p, int64_t half = -1) {
    int64_t bits = bitsOf(p), blocks = block ? p.k / block : 1;
    checkWeights(p, bits);
    if (!b.has(p.scales))
      b.fail("needs scales as input " + Twine(p.scales));
    if (!isa<FloatType>(b.element(p.scales)) ||
        b.element(p.scales).getIntOrFloatBitWidth() < 16)
      b.fail("needs scales of floats, not " + describe(b.type(p.scales)));
    if (block || b.rank(p.scales) == 3)
      needShape(p.scales, "scales", {count, p.n, blocks});
    else
      needShape(p.scales, "scales", {count, p.n});
    RecipeAttr q = llm::unpackRecipe(rowsOf(storedInput(b, p.weights), half),
                                     unsignedType(b, bits));
    RecipeAttr scales = rowsOf(
        llm::reshapeRecipe(storedInput(b, p.scales), {count, p.n, blocks}),
        half);
    RecipeAttr weight =
        llm::dequantizeRecipe(q, scales, zerosOf(p, bits, blocks, half),
                              {1, block ? block : p.k}, b.builder.getF32Type());
    return llm::WeightOp::create(b.builder, b.loc,
                                 llm::transposeRecipe(weight, {1, 0}));
  }
  Value floatBias(const Projection &p) {
    Value bias = biasOf(p.bias, b.constantDim(p.n));
    return bias ? b.cast(bias, b.builder.getF32Type()) : bias;
  }

  /// The softmax of the k largest logits, which onnxruntime takes whatever
  /// normalize_routing_weights says, or weights of their own.
  void readRouting() {
    Value logits = perExpert(1);
    if (readSparseMixer(logits))
      return;
    Value most = chosen(logits, k, true);
    if (!b.has(14)) {
      Value least =
          constantLike(b, logits, -std::numeric_limits<double>::infinity());
      routing = b.make<llm::SoftmaxOp>(where(b, most, logits, least),
                                       b.named("axis", 1));
      return;
    }
    routing = where(b, most, perExpert(14), constantLike(b, logits, 0));
    if (b.intAttr("normalize_routing_weights", 0))
      normalize();
  }

  void checkFormat() {
    StringRef type = b.stringAttr("quant_type", "int");
    if (type != "int")
      b.unsupported("quant_type '" + type + "' is not supported, only 'int'");
    int64_t prepacked = b.intAttr("weights_prepacked", -1);
    if (prepacked != 0 && prepacked != -1)
      b.unsupported("weights_prepacked " + Twine(prepacked) +
                    " is not supported: a layout of one device");
    if (block < 0)
      block = 0;
    if (block && (block < 16 || !llvm::isPowerOf2_64(block)))
      b.fail("block_size " + Twine(block) +
             " is not a power of two of 16 or more");
    for (size_t i = 15; i < b.numInputs(); ++i)
      if (b.has(i))
        b.fail("has input " + Twine(i) + ", which integer weights lack");
  }

  void import() {
    checkFormat();
    readRouting();
    bool separate = b.has(8);
    readActivation(separate);
    int64_t hidden = fixedSize(b, width, "an expert");
    for (size_t i : {2, 5})
      if (b.rank(i) != 3 || !b.type(i).hasStaticShape())
        b.fail("needs weights of rank 3 and fixed sizes");
    bool fused = fusion != Fusion::None;
    int64_t rows = b.type(2).getDimSize(1);
    if (fused && rows % 2)
      b.fail("splits " + Twine(rows) + " elements into two halves");
    Projection fc1{2, 3, 4, 11, "fc1_expert_weight_bits", hidden, rows},
        fc2{5,     6, 7, 12, "fc2_expert_weight_bits", fused ? rows / 2 : rows,
            hidden},
        fc3{8, 9, 10, 13, "fc3_expert_weight_bits", hidden, rows};
    x = b.cast(x, b.builder.getF32Type());
    Value bias = floatBias(fc1);
    Layer gate{weightOf(fc1, fused ? 0 : -1), halfOf(bias, 0)}, up;
    if (separate)
      up = {weightOf(fc3), floatBias(fc3)};
    else if (fused)
      up = {weightOf(fc1, 1), halfOf(bias, 1)};
    finish(gate, up, {weightOf(fc2), floatBias(fc2)});
  }
};
} // namespace

static void importQMoE(Binder &b) { QuantExperts(b).import(); }

void addQuantExpertsRules(RuleTable &rules) {
  rules.add(kMicrosoft, {"QMoE"}, importQMoE);
}

} // namespace llmc::onnx
