// SPDX-License-Identifier: Apache-2.0
// Constants and sizes as values of the graph.
#include "frontend/onnx/ElementTypes.h"
#include "frontend/onnx/GraphExporter.h"

using namespace mlir;

namespace llmc::onnx {

// ---- constants ----

/// raw_data of a tensor: booleans a byte each, sub-byte elements packed, low
/// bits first.
static std::string rawBytes(DenseElementsAttr value) {
  unsigned width = value.getElementType().getIntOrFloatBitWidth();
  std::string bytes;
  if (width >= 8) {
    StringRef raw(value.getRawData().data(), value.getRawData().size());
    for (int64_t i = 0, n = value.isSplat() ? value.getNumElements() : 1; i < n;
         ++i)
      bytes += raw;
    return value.getNumElements() ? bytes : "";
  }
  if (width == 1) {
    for (bool b : value.getValues<bool>())
      bytes.push_back(b);
    return bytes;
  }
  unsigned perByte = 8 / width;
  for (auto [i, v] : llvm::enumerate(value.getValues<APInt>())) {
    if (i % perByte == 0)
      bytes.push_back(0);
    bytes.back() |=
        static_cast<char>(v.getZExtValue() << (i % perByte * width));
  }
  return bytes;
}

GraphExporter::Name GraphExporter::initializer(DenseElementsAttr value) {
  auto [known, isNew] = constants.try_emplace(value);
  if (isNew) {
    known->second = fresh();
    ArrayRef<int64_t> dims = value.getType().getShape();
    model.graph.initializers.push_back({known->second,
                                        dataTypeOf(value.getElementType()),
                                        {dims.begin(), dims.end()},
                                        rawBytes(value),
                                        "",
                                        0,
                                        0});
  }
  return known->second;
}

GraphExporter::Name GraphExporter::ints(ArrayRef<int64_t> values) {
  auto type = RankedTensorType::get({static_cast<int64_t>(values.size())},
                                    IntegerType::get(context(), 64));
  return initializer(DenseElementsAttr::get(type, values));
}

GraphExporter::Name GraphExporter::scalar(int64_t value) {
  auto type = RankedTensorType::get({}, IntegerType::get(context(), 64));
  return initializer(DenseElementsAttr::get(type, value));
}

GraphExporter::Name GraphExporter::scalar(Type element, double value) {
  auto type = RankedTensorType::get({}, element);
  if (auto integer = dyn_cast<IntegerType>(element))
    return initializer(DenseElementsAttr::get(
        type, APInt(integer.getWidth(), static_cast<int64_t>(value),
                    /*isSigned=*/true)));
  return initializer(splatFloat(type, value));
}

GraphExporter::Name GraphExporter::weight(llm::RecipeAttr recipe) {
  if (recipe.getKind() == "dense")
    return initializer(
        cast<DenseElementsAttr>(recipe.getParams().get("value")));
  Name &known = constants[recipe];
  if (known.empty())
    known = store(recipe, recipe.getType());
  return known;
}

GraphExporter::Name GraphExporter::packedWeight(llm::RecipeAttr recipe,
                                                ArrayRef<int64_t> dims) {
  auto type = RankedTensorType::get(
      dims, IntegerType::get(ctx, 8, IntegerType::Unsigned));
  Name &known = constants[ArrayAttr::get(ctx, {recipe, TypeAttr::get(type)})];
  if (known.empty())
    known = store(recipe, type);
  return known;
}

GraphExporter::Name GraphExporter::store(llm::RecipeAttr recipe,
                                         RankedTensorType type) {
  Name name = fresh();
  ArrayRef<int64_t> dims = type.getShape();
  if (type.getNumElements())
    stored.emplace_back(name, recipe);
  model.graph.initializers.push_back({name,
                                      dataTypeOf(type.getElementType()),
                                      {dims.begin(), dims.end()},
                                      "",
                                      "",
                                      0,
                                      0});
  return name;
}

// ---- sizes ----

GraphExporter::Name GraphExporter::symbolSize(unsigned symbol) {
  if (auto known = symbolNames.find(symbol); known != symbolNames.end())
    return known->second;
  llm::Dims of = symbols.operands(symbol);
  assert((!of.empty() || !refused.empty()) && "a symbol that nothing binds");
  if (of.empty()) // by an op that is refused
    return {};
  Names x;
  for (llm::Dim d : of)
    x.push_back(size(d));
  StringRef kind = symbols.kind(symbol);
  Type index = IntegerType::get(ctx, 64), truth = IntegerType::get(ctx, 1);
  Name result;
  if (kind == "min")
    result = node("Min", x);
  else if (kind == "max")
    result = node("Max", x);
  else if (kind == "less")
    result = cast(node("Less", x), index);
  else if (kind == "equal")
    result = cast(node("Equal", x), index);
  else if (kind == "select")
    result = node("Where", {cast(x[0], truth), x[1], x[2]});
  else
    result = node("Where", {node("Equal", {x[0], ints({1})}), x[1], x[0]});
  bindSymbol(symbol, result);
  return result;
}

GraphExporter::Name GraphExporter::size(llm::Dim dim) {
  if (auto fixed = llm::fixedDim(dim))
    return ints({*fixed});
  if (auto s = dyn_cast<AffineSymbolExpr>(dim))
    return symbolSize(s.getPosition());
  if (auto known = sizes.find(dim); known != sizes.end())
    return known->second;
  auto binary = cast<AffineBinaryOpExpr>(dim);
  Name a = size(binary.getLHS()), b = size(binary.getRHS()), result;
  bool divides = dim.getKind() != AffineExprKind::Add &&
                 dim.getKind() != AffineExprKind::Mul;
  if (divides && !symbols.followsFromInputs(binary.getRHS()))
    b = node("Max", {b, ints({1})}); // a size of 0 divides 0 only
  switch (dim.getKind()) {
  case AffineExprKind::Add:
    result = node("Add", {a, b});
    break;
  case AffineExprKind::Mul:
    result = node("Mul", {a, b});
    break;
  case AffineExprKind::CeilDiv: // sizes are not negative
    result = node("Div", {node("Add", {a, node("Sub", {b, ints({1})})}), b});
    break;
  case AffineExprKind::FloorDiv:
    result = node("Div", {a, b});
    break;
  default:
    result = node("Mod", {a, b});
  }
  return sizes[dim] = result;
}

GraphExporter::Name GraphExporter::shape(ArrayRef<llm::Dim> dims) {
  if (llm::isFixed(dims)) {
    std::vector<int64_t> fixed;
    for (llm::Dim d : dims)
      fixed.push_back(*llm::fixedDim(d));
    return ints(fixed);
  }
  Names parts;
  for (llm::Dim d : dims)
    parts.push_back(size(d));
  return parts.size() == 1
             ? parts[0]
             : node("Concat", std::move(parts), {{"axis", int64_t(0)}});
}

} // namespace llmc::onnx
