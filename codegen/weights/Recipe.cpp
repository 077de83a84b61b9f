// SPDX-License-Identifier: Apache-2.0
#include "codegen/weights/Recipe.h"

#include "codegen/cpu/Isa.h"
#include "llvm/ADT/APFloat.h"

#include <cstring>

using namespace mlir;
using llmc::llm::RecipeAttr;

namespace llmc {

static int64_t elementBytes(Type t) {
  return std::max(1u, t.getIntOrFloatBitWidth() / 8);
}

/// Bytes of a dense tensor as ONNX packs it: elements below a byte share bytes,
/// booleans take one.
static uint64_t denseBytes(RankedTensorType type) {
  unsigned bits =
      type.getElementTypeBitWidth() == 1 ? 8 : type.getElementTypeBitWidth();
  return (static_cast<uint64_t>(type.getNumElements()) * bits + 7) / 8;
}

static void setDense(WeightView &v) {
  v.strides.resize(v.dims.size());
  int64_t stride = 1;
  for (int64_t i = static_cast<int64_t>(v.dims.size()) - 1; i >= 0; --i)
    v.strides[i] = stride, stride *= v.dims[i];
}

bool WeightView::isDense() const {
  int64_t stride = 1;
  for (int64_t i = static_cast<int64_t>(dims.size()) - 1; i >= 0; --i) {
    if (dims[i] != 1 && strides[i] != stride)
      return false;
    stride *= dims[i];
  }
  return true;
}

int64_t WeightView::elements() const {
  int64_t n = 1;
  for (int64_t d : dims)
    n *= d;
  return n;
}

static WeightView allocate(RankedTensorType type) {
  WeightView v;
  v.dims.assign(type.getShape().begin(), type.getShape().end());
  v.element = type.getElementType();
  setDense(v);
  v.owner = std::make_shared<std::vector<std::byte>>(denseBytes(type));
  v.data = v.owner->data();
  return v;
}

/// Calls f(flat index in row-major order, address of the element) for all
/// elements.
template <class F>
static void forEach(const WeightView &v, int64_t bytes, F f) {
  int64_t rank = v.dims.size(), n = v.elements();
  if (n == 0)
    return;
  SmallVector<int64_t> at(rank, 0);
  int64_t inner = rank ? v.dims[rank - 1] : 1,
          step = rank ? v.strides[rank - 1] * bytes : 0;
  for (int64_t flat = 0; flat < n; flat += inner) {
    int64_t offset = 0;
    for (int64_t i = 0; i + 1 < rank; ++i)
      offset += at[i] * v.strides[i];
    const std::byte *row = v.data + offset * bytes;
    for (int64_t i = 0; i < inner; ++i)
      f(flat + i, row + i * step);
    for (int64_t i = rank - 2; i >= 0 && ++at[i] == v.dims[i]; --i)
      at[i] = 0;
  }
}

static WeightView densified(const WeightView &v, RankedTensorType type) {
  if (v.isDense())
    return v;
  WeightView out = allocate(type);
  int64_t bytes = elementBytes(v.element);
  std::byte *to = out.owner->data();
  forEach(v, bytes, [&](int64_t i, const std::byte *from) {
    std::memcpy(to + i * bytes, from, bytes);
  });
  return out;
}

/// One element as a double (f64 holds every type's values but large 64-bit
/// integers).
static double readNumber(const std::byte *p, Type t) {
  if (auto f = dyn_cast<FloatType>(t)) {
    if (f.isF32())
      return llvm::bit_cast<float>(
          *reinterpret_cast<const std::array<std::byte, 4> *>(p));
    uint64_t bits = 0;
    std::memcpy(&bits, p, f.getWidth() / 8);
    llvm::APFloat value(f.getFloatSemantics(), llvm::APInt(f.getWidth(), bits));
    bool lost;
    value.convert(llvm::APFloat::IEEEdouble(),
                  llvm::APFloat::rmNearestTiesToEven, &lost);
    return value.convertToDouble();
  }
  uint64_t bits = 0;
  unsigned width = std::max(8u, t.getIntOrFloatBitWidth());
  std::memcpy(&bits, p, width / 8);
  return t.isUnsignedInteger() || t.isInteger(1)
             ? static_cast<double>(bits)
             : static_cast<double>(llvm::SignExtend64(bits, width));
}

static void writeNumber(std::byte *p, Type t, double value) {
  if (auto f = dyn_cast<FloatType>(t)) {
    llvm::APFloat v(value);
    bool lost;
    v.convert(f.getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven, &lost);
    uint64_t bits = v.bitcastToAPInt().getZExtValue();
    std::memcpy(p, &bits, f.getWidth() / 8);
    return;
  }
  int64_t bits = static_cast<int64_t>(value);
  std::memcpy(p, &bits, elementBytes(t));
}

static WeightView
evaluateElementwise(RecipeAttr recipe, ArrayRef<WeightView> inputs,
                    llvm::function_ref<double(ArrayRef<double>)> f) {
  RankedTensorType type = recipe.getType();
  WeightView out = allocate(type);
  int64_t rank = type.getRank(), n = out.elements(),
          bytes = elementBytes(type.getElementType());
  SmallVector<int64_t> at(rank, 0);
  SmallVector<double> values(inputs.size());
  for (int64_t flat = 0; flat < n; ++flat) {
    for (auto [i, v] : llvm::enumerate(inputs)) {
      int64_t offset = 0, shift = rank - static_cast<int64_t>(v.dims.size());
      for (size_t d = 0; d < v.dims.size(); ++d)
        offset += v.dims[d] == 1 ? 0 : at[d + shift] * v.strides[d];
      values[i] =
          readNumber(v.data + offset * elementBytes(v.element), v.element);
    }
    writeNumber(out.owner->data() + flat * bytes, type.getElementType(),
                f(values));
    for (int64_t i = rank - 1; i >= 0 && ++at[i] == out.dims[i]; --i)
      at[i] = 0;
  }
  return out;
}

static WeightView evaluateDense(RecipeAttr recipe) {
  auto value = cast<DenseElementsAttr>(recipe.getParams().get("value"));
  WeightView out = allocate(recipe.getType());
  int64_t bytes = elementBytes(out.element);
  std::byte *to = out.owner->data();
  if (out.element.isInteger(1)) {
    for (auto [i, b] : llvm::enumerate(value.getValues<bool>()))
      to[i] = static_cast<std::byte>(b);
    return out;
  }
  ArrayRef<char> raw = value.getRawData();
  for (int64_t i = 0, n = out.elements(); i < n; ++i)
    std::memcpy(to + i * bytes, raw.data() + (value.isSplat() ? 0 : i * bytes),
                bytes);
  return out;
}

static WeightView evaluateConcat(RecipeAttr recipe,
                                 ArrayRef<WeightView> inputs) {
  WeightView out = allocate(recipe.getType());
  int64_t axis = cast<IntegerAttr>(recipe.getParams().get("axis")).getInt(),
          bytes = elementBytes(out.element), start = 0;
  for (const WeightView &v : inputs) {
    // Row-major index of the input -> address in the result, by its dims.
    SmallVector<int64_t> at(v.dims.size(), 0);
    forEach(v, bytes, [&](int64_t, const std::byte *from) {
      int64_t offset = start * out.strides[axis];
      for (size_t d = 0; d < at.size(); ++d)
        offset += at[d] * out.strides[d];
      std::memcpy(out.owner->data() + offset * bytes, from, bytes);
      for (int64_t i = static_cast<int64_t>(at.size()) - 1;
           i >= 0 && ++at[i] == v.dims[i]; --i)
        at[i] = 0;
    });
    start += v.dims[axis];
  }
  return out;
}

WeightView RecipeEvaluator::view(llm::RecipeAttr recipe) const {
  StringRef kind = recipe.getKind().getValue();
  DictionaryAttr params = recipe.getParams();
  RankedTensorType type = recipe.getType();
  if (kind == "source") {
    WeightView v;
    v.data = source.bytes(cast<IntegerAttr>(params.get("id")).getInt()).data();
    v.dims.assign(type.getShape().begin(), type.getShape().end());
    v.element = type.getElementType();
    setDense(v);
    return v;
  }
  if (kind == "dense")
    return evaluateDense(recipe);
  SmallVector<WeightView> in;
  for (Attribute a : recipe.getInputs())
    in.push_back(view(cast<llm::RecipeAttr>(a)));
  if (kind == "transpose") {
    WeightView v = in[0];
    for (auto [i, p] : llvm::enumerate(
             cast<DenseI64ArrayAttr>(params.get("perm")).asArrayRef()))
      v.dims[i] = in[0].dims[p], v.strides[i] = in[0].strides[p];
    return v;
  }
  if (kind == "reshape") {
    WeightView v = densified(
        in[0], cast<llm::RecipeAttr>(recipe.getInputs()[0]).getType());
    v.dims.assign(type.getShape().begin(), type.getShape().end());
    setDense(v);
    return v;
  }
  if (kind == "slice") {
    WeightView v = in[0];
    auto starts = cast<DenseI64ArrayAttr>(params.get("starts")).asArrayRef(),
         steps = cast<DenseI64ArrayAttr>(params.get("steps")).asArrayRef();
    for (size_t i = 0; i < v.dims.size(); ++i) {
      v.data += starts[i] * v.strides[i] * elementBytes(v.element);
      v.strides[i] *= steps[i];
      v.dims[i] = type.getDimSize(i);
    }
    return v;
  }
  if (kind == "concat")
    return evaluateConcat(recipe, in);
  if (kind == "cast")
    return evaluateElementwise(recipe, in,
                               [](ArrayRef<double> x) { return x[0]; });
  if (kind == "scale") {
    double factor = cast<FloatAttr>(params.get("factor")).getValueAsDouble();
    return evaluateElementwise(
        recipe, in, [&](ArrayRef<double> x) { return x[0] * factor; });
  }
  if (kind == "add")
    return evaluateElementwise(recipe, in,
                               [](ArrayRef<double> x) { return x[0] + x[1]; });
  if (kind == "sub")
    return evaluateElementwise(recipe, in,
                               [](ArrayRef<double> x) { return x[0] - x[1]; });
  if (kind == "mul")
    return evaluateElementwise(recipe, in,
                               [](ArrayRef<double> x) { return x[0] * x[1]; });
  if (kind == "div")
    return evaluateElementwise(recipe, in,
                               [](ArrayRef<double> x) { return x[0] / x[1]; });
  llvm::report_fatal_error("a weight recipe of an unknown kind");
}

uint64_t RecipeEvaluator::storedBytes(llm::RecipeAttr recipe) {
  if (recipe.getKind() != "pack")
    return std::max<uint64_t>(1, denseBytes(recipe.getType()));
  uint64_t k = recipe.getType().getDimSize(0),
           n = recipe.getType().getDimSize(1);
  return std::max<uint64_t>(
      1, (n + panelColumns - 1) / panelColumns * panelColumns * k *
             elementBytes(recipe.getType().getElementType()));
}

/// [K, N] -> [ceil(N / 16)][K][16], the last panel padded with zeros.
void RecipeEvaluator::streamPanels(const WeightView &v,
                                   const Sink &sink) const {
  int64_t k = v.dims[0], n = v.dims[1], bytes = elementBytes(v.element);
  std::vector<std::byte> panel(k * panelColumns * bytes);
  for (int64_t first = 0; first < n; first += panelColumns) {
    int64_t columns = std::min<int64_t>(panelColumns, n - first);
    if (columns < panelColumns)
      std::fill(panel.begin(), panel.end(), std::byte{});
    // The order of the loops follows the memory: rows of a transposed weight
    // are columns here.
    bool byColumn = v.strides[0] < v.strides[1];
    int64_t outer = byColumn ? columns : k, inner = byColumn ? k : columns;
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t i = 0; i < inner; ++i) {
        int64_t row = byColumn ? i : o, column = byColumn ? o : i;
        const std::byte *from =
            v.data +
            (row * v.strides[0] + (first + column) * v.strides[1]) * bytes;
        std::memcpy(panel.data() + (row * panelColumns + column) * bytes, from,
                    bytes);
      }
    sink(panel);
  }
}

void RecipeEvaluator::stream(llm::RecipeAttr recipe, const Sink &sink) const {
  if (recipe.getKind() == "pack")
    return streamPanels(view(cast<llm::RecipeAttr>(recipe.getInputs()[0])),
                        sink);
  WeightView v = densified(view(recipe), recipe.getType());
  uint64_t size = denseBytes(recipe.getType());
  if (size)
    sink({v.data, size});
  else
    sink(std::array{std::byte{}}); // an empty weight still has an address
}

} // namespace llmc
