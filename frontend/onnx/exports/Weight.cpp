// SPDX-License-Identifier: Apache-2.0
// Weights. A quantized one stays so in the file: its integers, scales and zero
// points are initializers, and DequantizeLinear stands in front of its uses.
#include "frontend/onnx/exports/Weight.h"

#include "ir/llm/QuantOps.h"
#include "ir/llm/Quantized.h"

#include <limits>

using namespace mlir;

namespace llmc::onnx {

using Name = GraphExporter::Name;
using llm::RecipeAttr;

static SmallVector<RecipeAttr> inputsOf(RecipeAttr recipe) {
  SmallVector<RecipeAttr> inputs;
  for (Attribute a : recipe.getInputs())
    inputs.push_back(cast<RecipeAttr>(a));
  return inputs;
}

static bool hasQuantized(RecipeAttr recipe) {
  return recipe.getKind() == "dequantize" ||
         llvm::any_of(inputsOf(recipe), hasQuantized);
}

static ArrayRef<int64_t> list(RecipeAttr recipe, StringRef name) {
  return cast<DenseI64ArrayAttr>(recipe.getParams().get(name)).asArrayRef();
}

/// Integers of 2 and 3 bits as those of 4: few tools have tensors of these.
static RecipeAttr withKnownWidth(RecipeAttr q) {
  auto type = dyn_cast<IntegerType>(q.getType().getElementType());
  if (!type || (type.getWidth() != 2 && type.getWidth() != 3))
    return q;
  return castRecipe(q,
                    IntegerType::get(q.getContext(), 4, type.getSignedness()));
}

namespace {
/// (q - zeros) * scales, or codebook[q] * scales: one scale for every block.
class Dequantization {
public:
  Dequantization(RecipeAttr recipe, GraphExporter &e)
      : e(e), dims(recipe.getType().getShape()), blocks(list(recipe, "blocks")),
        element(recipe.getType().getElementType()) {
    SmallVector<RecipeAttr> in = inputsOf(recipe);
    q = withKnownWidth(in[0]), scales = in[1];
    if (in.size() > 2)
      zeros = withKnownWidth(in[2]);
    codebook =
        dyn_cast_or_null<DenseF32ArrayAttr>(recipe.getParams().get("codebook"));
    Type s = scales.getType().getElementType();
    if (!s.isF32() && !s.isF16() && !s.isBF16())
      scales = castRecipe(scales, Float32Type::get(e.context()));
    if (auto matrix = llm::quantizedMatrix(recipe); matrix && !matrix->zeros)
      commonZero = matrix->zero;
    // A parameter of all blocks may be stored once.
    SmallVector<int64_t> counts;
    for (auto [d, b] : llvm::zip(dims, blocks))
      counts.push_back(llvm::divideCeil(d, std::max<int64_t>(b, 1)));
    scales = broadcastRecipe(scales, counts);
    if (zeros)
      zeros = broadcastRecipe(zeros, counts);
  }

  Name run() {
    bool integral = !zeros || zeros.getType().getElementType() ==
                                  q.getType().getElementType();
    return codebook || !integral ? inPrimitives() : linear();
  }

  /// Rows at indices of any shape, or nothing for a matrix that tools gather no
  /// rows of.
  Name rows(Name indices) {
    auto type = dyn_cast<IntegerType>(q.getType().getElementType());
    bool packed = type && type.getWidth() == 4;
    if (!type || dims.size() != 2 || (blocks[0] != 1 && !isWhole(0)) ||
        (packed && (dims[1] % 2 || q.getKind() == "dense")))
      return {};
    Type f32 = Float32Type::get(e.context());
    Name x = packed ? nibbleRows(indices, type.isSignless())
                    : e.node("Gather", {e.weight(q), indices});
    x = codebook ? codes(x) : e.cast(x, f32);
    auto parameter = [&](RecipeAttr r) {
      if (r.getType().getElementTypeBitWidth() < 8)
        r = castRecipe(r, IntegerType::get(e.context(), 8));
      Name p = e.weight(isWhole(0) ? reshapeRecipe(r, r.getType().getDimSize(1))
                                   : r);
      if (!isWhole(0))
        p = e.node("Gather", {p, indices});
      if (!r.getType().getElementType().isF32())
        p = e.cast(p, f32);
      return isWhole(1) ? p : spread(p, 1, -1);
    };
    if (zeros)
      x = e.node("Sub", {x, parameter(zeros)});
    return asElement(e.node("Mul", {x, parameter(scales)}), f32);
  }

  /// The product of x, of this element type, and a matrix of bytes or halves of
  /// them: [n, blocks, bytes of a block]. x is rounded in the same blocks, or
  /// not at all.
  Name product(Name x, bool rounds, Type type) {
    auto integer = dyn_cast<IntegerType>(q.getType().getElementType());
    int64_t group = blocks[0];
    if (isNF4() && !rounds)
      return nf4Product(x, type);
    bool fits = integer && integer.isUnsigned() && integer.getWidth() <= 8 &&
                dims.size() == 2 && blocks[1] == 1 && group >= 16 &&
                llvm::isPowerOf2_64(group) && dims[0] % group == 0 && zeros &&
                !codebook && zeros.getType().getElementType() == integer &&
                (type.isF32() || scales.getType().getElementType() == type);
    if (!fits)
      return {};
    scales = castRecipe(scales, type);
    int64_t width = integer.getWidth(), count = dims[0] / group, n = dims[1];
    GraphExporter::Attributes attributes = {
        {"K", dims[0]},
        {"N", n},
        {"bits", width},
        {"block_size", group},
        {"accuracy_level", int64_t(rounds ? 4 : 1)}};
    auto bytes = [&](RecipeAttr r, ArrayRef<int64_t> shape) {
      return width == 4 ? e.packedWeight(r, shape)
                        : e.weight(reshapeRecipe(r, shape));
    };
    auto turned = [](RecipeAttr r) { return transposeRecipe(r, {1, 0}); };
    GraphExporter::Names in = {std::move(x),
                               bytes(turned(q), {n, count, group * width / 8}),
                               e.weight(turned(scales))};
    if (commonZero == int64_t(1) << (width - 1)) // what an absent one means
      return e.contribNode("MatMulNBits", in, attributes);
    RecipeAttr z = turned(zeros); // [n, blocks], each row in bytes of its own
    int64_t zeroBytes = llvm::divideCeil(count * width, 8);
    if (count * width % 8) {
      auto column = RankedTensorType::get({n, 1}, integer);
      z = llm::concatRecipe({z, llm::denseRecipe(DenseElementsAttr::get(
                                    column, APInt(width, 0)))},
                            1);
    }
    in.push_back(bytes(z, {n, zeroBytes}));
    return e.contribNode("MatMulNBits", in, attributes);
  }

  int64_t group() const { return blocks[0]; }

  /// The product of x, rounded as a whole, and a matrix of bytes whose columns
  /// have one scale each.
  Name integerProduct(Name x, Type type) {
    Type element = q.getType().getElementType();
    bool fits =
        dims.size() == 2 && isWhole(0) && !codebook && type.isF32() &&
        (element.isSignlessInteger(8) || element.isUnsignedInteger(8)) &&
        scales.getType().getElementType() == type &&
        (!zeros || zeros.getType().getElementType() == element);
    if (!fits)
      return {};
    auto perColumn = [&](RecipeAttr r) {
      return e.weight(reshapeRecipe(r, r.getType().getDimSize(1)));
    };
    auto rounded = e.nodes("DynamicQuantizeLinear", {std::move(x)}, {}, 3);
    GraphExporter::Names in = {rounded[0], e.weight(q), rounded[2]};
    if (zeros)
      in.push_back(perColumn(zeros));
    Name sums = e.cast(e.node("MatMulInteger", in), type);
    return e.node("Mul",
                  {sums, e.node("Mul", {rounded[1], perColumn(scales)})});
  }

private:
  bool isNF4() const {
    return codebook &&
           codebook == llm::codebookAttr(e.context(), llm::Codes::NF4);
  }

  /// MatMulBnb4 of [n, k] with whole groups, where a byte's first code is its
  /// high half; empty for others.
  Name nf4Product(const Name &x, Type type) {
    int64_t group = blocks[0];
    bool fits = dims.size() == 2 && blocks[1] == 1 && group >= 16 &&
                llvm::isPowerOf2_64(group) && dims[0] % group == 0 &&
                type.isF32();
    if (!fits)
      return {};
    int64_t k = dims[0], n = dims[1], pairs = n * k / 2;
    auto turned = [](RecipeAttr r) { return transposeRecipe(r, {1, 0}); };
    RecipeAttr swapped = llm::sliceRecipe(reshapeRecipe(turned(q), {pairs, 2}),
                                          {0, 1}, {1, -1}, {pairs, 2});
    Name codes = e.packedWeight(swapped, {pairs}),
         scale = e.weight(reshapeRecipe(turned(castRecipe(scales, type)),
                                        {n * (k / group)}));
    return e.contribNode("MatMulBnb4", {x, codes, scale},
                         {{"K", k},
                          {"N", n},
                          {"block_size", group},
                          {"quant_type", int64_t(1)}});
  }

  bool isWhole(size_t i) const { return blocks[i] >= dims[i]; }

  /// With one element of a parameter for every element along an axis.
  RecipeAttr repeated(RecipeAttr r, size_t axis) const {
    SmallVector<int64_t> which;
    for (int64_t i = 0; i < dims[axis]; ++i)
      which.push_back(i / blocks[axis]);
    if (r.getType().getDimSize(axis) > 1)
      return takeRecipe(r, axis, which);
    SmallVector<int64_t> shape(r.getType().getShape());
    shape[axis] = dims[axis];
    return broadcastRecipe(r, shape);
  }

  /// DequantizeLinear has one scale for all, one per slice along an axis, or
  /// blocks along one axis alone; along others scales are repeated.
  Name linear() {
    if (element.isF32()) // the node rounds to the type of its scales
      scales = castRecipe(scales, element);
    SmallVector<size_t> split; // axes with several blocks
    for (size_t i = 0; i < dims.size(); ++i)
      if (!isWhole(i))
        split.push_back(i);
    GraphExporter::Attributes attributes;
    std::function<RecipeAttr(RecipeAttr)> shaped; // a parameter for the node
    if (split.empty()) {
      shaped = [](RecipeAttr r) { return reshapeRecipe(r, {}); };
    } else if (split.size() == 1 && blocks[split[0]] == 1) {
      attributes = {{"axis", int64_t(split[0])}};
      shaped = [&](RecipeAttr r) { return reshapeRecipe(r, dims[split[0]]); };
    } else {
      size_t axis = *llvm::max_element(
          split, [&](size_t a, size_t b) { return blocks[a] < blocks[b]; });
      attributes = {{"axis", int64_t(axis)}, {"block_size", blocks[axis]}};
      shaped = [&, axis](RecipeAttr r) {
        for (size_t i = 0; i < dims.size(); ++i)
          if (i != axis && r.getType().getDimSize(i) != dims[i])
            r = repeated(r, i);
        return r;
      };
    }
    GraphExporter::Names inputs = {e.weight(q), e.weight(shaped(scales))};
    if (zeros)
      inputs.push_back(e.weight(shaped(zeros)));
    return asElement(
        e.node("DequantizeLinear", std::move(inputs), std::move(attributes)),
        scales.getType().getElementType());
  }

  Name asElement(Name x, Type from) {
    return from == element ? x : e.cast(x, element);
  }

  /// With the block's element for every element of dim i, which is an axis of
  /// x.
  Name spread(Name x, size_t i, int64_t axis) {
    if (blocks[i] == 1)
      return x;
    std::vector<int64_t> which;
    for (int64_t at = 0; at < dims[i]; ++at)
      which.push_back(at / blocks[i]);
    return e.node("Gather", {x, e.ints(which)}, {{"axis", axis}});
  }

  /// A parameter in f32 that broadcasts to the elements.
  Name spread(RecipeAttr r) {
    Name x = e.weight(r);
    if (!r.getType().getElementType().isF32())
      x = e.cast(x, Float32Type::get(e.context()));
    for (size_t i = 0; i < dims.size(); ++i)
      if (!isWhole(i))
        x = spread(x, i, static_cast<int64_t>(i));
    return x;
  }

  /// What places in the codebook stand for.
  Name codes(Name x) {
    Type f32 = Float32Type::get(e.context());
    auto type = RankedTensorType::get({int64_t(codebook.size())}, f32);
    Name book =
        e.initializer(DenseElementsAttr::get(type, codebook.asArrayRef()));
    return e.node("Gather",
                  {book, e.cast(x, IntegerType::get(e.context(), 32))});
  }

  /// Rows of integers of 4 bits, which Gather does not take: of bytes that hold
  /// two each.
  Name nibbleRows(Name indices, bool isSigned) {
    Type byte = IntegerType::get(e.context(), 8, IntegerType::Unsigned);
    auto number = [&](double v) { return e.scalar(byte, v); };
    Name bytes =
        e.node("Gather", {e.packedWeight(q, {dims[0], dims[1] / 2}), indices});
    Name low = e.node("BitwiseAnd", {bytes, number(15)});
    Name high = e.node("BitShift", {bytes, number(4)},
                       {{"direction", std::string("RIGHT")}});
    Name pairs =
        e.node("Concat", {e.unsqueeze(low, {-1}), e.unsqueeze(high, {-1})},
               {{"axis", int64_t(-1)}});
    // [..., width / 2, 2] -> [..., width]
    Name shape =
        e.node("Concat", {e.node("Shape", {indices}), e.ints({dims[1]})},
               {{"axis", int64_t(0)}});
    Name x = e.reshape(pairs, shape);
    if (!isSigned)
      return x;
    x = e.cast(e.node("BitwiseXor", {x, number(8)}),
               IntegerType::get(e.context(), 8));
    return e.node("Sub", {x, e.scalar(IntegerType::get(e.context(), 8), 8)});
  }

  /// Zero points between integers, and codebooks.
  Name inPrimitives() {
    Type f32 = Float32Type::get(e.context());
    Name x = codebook ? codes(e.weight(q)) : e.cast(e.weight(q), f32);
    if (zeros)
      x = e.node("Sub", {x, spread(zeros)});
    return asElement(e.node("Mul", {x, spread(scales)}), f32);
  }

  GraphExporter &e;
  ArrayRef<int64_t> dims, blocks;
  Type element;
  RecipeAttr q, scales, zeros;
  std::optional<int64_t> commonZero; ///< of all blocks of a matrix
  DenseF32ArrayAttr codebook;
};
} // namespace

/// What a recipe does with quantized weights, as nodes; weights without are
/// stored as they come out.
static Name weightValue(RecipeAttr recipe, GraphExporter &e) {
  StringRef kind = recipe.getKind().getValue();
  // A table that is tied to another use of it is stored once.
  bool isTied = kind == "transpose" && e.isWeight(inputsOf(recipe)[0]);
  if (!hasQuantized(recipe) && !isTied)
    return e.weight(recipe);
  if (kind == "dequantize")
    return Dequantization(recipe, e).run();
  GraphExporter::Names in;
  for (RecipeAttr r : inputsOf(recipe))
    in.push_back(weightValue(r, e));
  ArrayRef<int64_t> shape = recipe.getType().getShape();
  auto ints = [&](ArrayRef<int64_t> values) { return e.ints(values); };
  auto axis = [&] {
    return cast<IntegerAttr>(recipe.getParams().get("axis")).getInt();
  };
  if (kind == "transpose")
    return e.transpose(in[0], list(recipe, "perm").vec());
  if (kind == "reshape")
    return e.reshape(in[0], ints(shape));
  if (kind == "broadcast")
    return e.node("Expand", {in[0], ints(shape)});
  if (kind == "concat")
    return e.node("Concat", in, {{"axis", axis()}});
  if (kind == "take")
    return e.node("Gather", {in[0], ints(list(recipe, "which"))},
                  {{"axis", axis()}});
  if (kind == "slice") {
    std::vector<int64_t> ends, axes;
    ArrayRef<int64_t> starts = list(recipe, "starts"),
                      steps = list(recipe, "steps");
    for (size_t i = 0; i < shape.size(); ++i) {
      int64_t end = starts[i] + shape[i] * steps[i];
      ends.push_back(end < 0 ? std::numeric_limits<int64_t>::min() : end);
      axes.push_back(i);
    }
    return e.node("Slice",
                  {in[0], ints(starts), ints(ends), ints(axes), ints(steps)});
  }
  if (kind == "scale") {
    auto factor = cast<FloatAttr>(recipe.getParams().get("factor"));
    return e.node("Mul", {in[0], e.scalar(recipe.getType().getElementType(),
                                          factor.getValueAsDouble())});
  }
  if (kind == "cast")
    return e.cast(in[0], recipe.getType().getElementType());
  const char *op = llvm::StringSwitch<const char *>(kind)
                       .Case("add", "Add")
                       .Case("sub", "Sub")
                       .Case("mul", "Mul")
                       .Case("div", "Div")
                       .Default(nullptr);
  return op ? e.node(op, in) : e.weight(recipe);
}

static void exportWeight(Operation *op, GraphExporter &e) {
  e.set(op->getResult(0), weightValue(cast<llm::WeightOp>(op).getRecipe(), e));
}

GraphExporter::Name quantizedRows(Value table, Name indices, GraphExporter &e) {
  auto weight = table.getDefiningOp<llm::WeightOp>();
  if (!weight || weight.getRecipe().getKind() != "dequantize")
    return {};
  return Dequantization(weight.getRecipe(), e).rows(std::move(indices));
}

GraphExporter::Name quantizedProduct(Value x, llm::IntegerRoundingAttr rounding,
                                     Value weight, GraphExporter &e) {
  auto w = weight.getDefiningOp<llm::WeightOp>();
  if (!w || w.getRecipe().getKind() != "dequantize")
    return {};
  Dequantization matrix(w.getRecipe(), e);
  if (rounding && rounding.mixesRows())
    return matrix.integerProduct(e.name(x), llm::elementOf(x));
  if (rounding &&
      (rounding.isPerTensor() || rounding.getGroup() != matrix.group()))
    return {};
  return matrix.product(e.name(x), bool(rounding), llm::elementOf(x));
}

void addWeightExports(ExportTable &table) {
  table["llm.weight"] = exportWeight;
}

} // namespace llmc::onnx
