// SPDX-License-Identifier: Apache-2.0
#include "codegen/weights/Recipe.h"

#include "codegen/cpu/Elements.h"
#include "codegen/cpu/Isa.h"
#include "codegen/weights/Views.h"
#include "llvm/ADT/APFloat.h"

#include <cstring>

using namespace mlir;
using llmc::llm::RecipeAttr;

namespace llmc {

/// Bytes of a dense tensor as programs read it.
static uint64_t denseBytes(RankedTensorType type) {
  return type.getNumElements() * memoryBytes(type.getElementType());
}

void setDense(WeightView &v) {
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

WeightView allocateView(RankedTensorType type) {
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

WeightView copiedView(const WeightView &v, RankedTensorType type) {
  WeightView out = allocateView(type);
  int64_t bytes = memoryBytes(v.element);
  std::byte *to = out.owner->data();
  forEach(v, bytes, [&](int64_t i, const std::byte *from) {
    std::memcpy(to + i * bytes, from, bytes);
  });
  return out;
}

static WeightView densified(const WeightView &v, RankedTensorType type) {
  return v.isDense() ? v : copiedView(v, type);
}

double readNumber(const std::byte *p, Type t) {
  if (auto f = dyn_cast<FloatType>(t)) {
    if (f.isF32())
      return llvm::bit_cast<float>(
          *reinterpret_cast<const std::array<std::byte, 4> *>(p));
    uint64_t bits = 0;
    std::memcpy(&bits, p, memoryBytes(t));
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

void writeNumber(std::byte *p, Type t, double value) {
  if (t.isF32()) {
    auto x = static_cast<float>(value);
    std::memcpy(p, &x, sizeof(x));
    return;
  }
  if (auto f = dyn_cast<FloatType>(t)) {
    llvm::APFloat v(value);
    bool lost;
    v.convert(f.getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven, &lost);
    uint64_t bits = v.bitcastToAPInt().getZExtValue();
    std::memcpy(p, &bits, memoryBytes(t));
    return;
  }
  int64_t bits = static_cast<int64_t>(value);
  std::memcpy(p, &bits, memoryBytes(t));
}

static WeightView
evaluateElementwise(RecipeAttr recipe, ArrayRef<WeightView> inputs,
                    llvm::function_ref<double(ArrayRef<double>)> f) {
  RankedTensorType type = recipe.getType();
  WeightView out = allocateView(type);
  int64_t rank = type.getRank(), n = out.elements(),
          bytes = memoryBytes(type.getElementType());
  SmallVector<int64_t> at(rank, 0);
  SmallVector<double> values(inputs.size());
  for (int64_t flat = 0; flat < n; ++flat) {
    for (auto [i, v] : llvm::enumerate(inputs)) {
      int64_t offset = 0, shift = rank - static_cast<int64_t>(v.dims.size());
      for (size_t d = 0; d < v.dims.size(); ++d)
        offset += v.dims[d] == 1 ? 0 : at[d + shift] * v.strides[d];
      values[i] =
          readNumber(v.data + offset * memoryBytes(v.element), v.element);
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
  WeightView out = allocateView(recipe.getType());
  std::string bytes = memoryImage(value);
  llvm::copy(bytes, reinterpret_cast<char *>(out.owner->data()));
  return out;
}

static WeightView evaluateConcat(RecipeAttr recipe,
                                 ArrayRef<WeightView> inputs) {
  WeightView out = allocateView(recipe.getType());
  int64_t axis = cast<IntegerAttr>(recipe.getParams().get("axis")).getInt(),
          bytes = memoryBytes(out.element), start = 0;
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
    const std::byte *stored =
        source.bytes(cast<IntegerAttr>(params.get("id")).getInt()).data();
    if (isSubByte(type.getElementType())) {
      WeightView v = allocateView(type);
      unpackElements(stored, v.elements(), v.element, v.owner->data());
      return v;
    }
    WeightView v;
    v.data = stored;
    v.dims.assign(type.getShape().begin(), type.getShape().end());
    v.element = type.getElementType();
    setDense(v);
    return v;
  }
  if (kind == "dense")
    return evaluateDense(recipe);
  if (kind == "quantize")
    return quantizedView(recipe);
  if (kind == "rotation")
    return rotationView(type);
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
      v.data += starts[i] * v.strides[i] * memoryBytes(v.element);
      v.strides[i] *= steps[i];
      v.dims[i] = type.getDimSize(i);
    }
    return v;
  }
  if (kind == "concat")
    return evaluateConcat(recipe, in);
  if (kind == "rotate")
    return rotateView(in[0], cast<IntegerAttr>(params.get("axis")).getInt(),
                      cast<IntegerAttr>(params.get("block")).getInt(), type);
  auto inputType = [&](size_t i) {
    return cast<llm::RecipeAttr>(recipe.getInputs()[i]).getType();
  };
  if (kind == "unpack")
    return unpackView(densified(in[0], inputType(0)), type);
  if (kind == "take")
    return takeView(in[0], cast<IntegerAttr>(params.get("axis")).getInt(),
                    cast<DenseI64ArrayAttr>(params.get("which")).asArrayRef(),
                    type);
  if (kind == "broadcast")
    return broadcastView(in[0], type.getShape());
  if (kind == "dequantize") {
    auto codebook = dyn_cast_or_null<DenseF32ArrayAttr>(params.get("codebook"));
    return dequantizeView(
        in[0], in[1], in.size() > 2 ? &in[2] : nullptr,
        cast<DenseI64ArrayAttr>(params.get("blocks")).asArrayRef(),
        codebook ? codebook.asArrayRef() : ArrayRef<float>(), type);
  }
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

static StringRef layoutOf(RecipeAttr pack) {
  return cast<StringAttr>(pack.getParams().get("layout")).getValue();
}

/// Rows of K that lie beside each other in the panels.
static int64_t interleaveOf(RecipeAttr pack) {
  return layoutOf(pack) == "pair16" ? 2 : 1;
}

uint64_t RecipeEvaluator::storedBytes(llm::RecipeAttr recipe) {
  if (recipe.getKind() != "pack")
    return std::max<uint64_t>(1, denseBytes(recipe.getType()));
  uint64_t k = recipe.getType().getDimSize(0),
           n = recipe.getType().getDimSize(1);
  if (layoutOf(recipe) == "quant16")
    return quantizedBytes(k, n, recipe.getType().getElementType());
  return std::max<uint64_t>(1,
                            llvm::alignTo(n, panelColumns) *
                                llvm::alignTo(k, interleaveOf(recipe)) *
                                memoryBytes(recipe.getType().getElementType()));
}

/// [K, N] -> [ceil(N / 16)][K][16], or [ceil(N / 16)][ceil(K / 2)][16][2],
/// padded with zeros.
void RecipeEvaluator::streamPanels(const WeightView &v, int64_t interleave,
                                   const Sink &sink) const {
  int64_t k = v.dims[0], n = v.dims[1], bytes = memoryBytes(v.element);
  std::vector<std::byte> panel(llvm::alignTo(k, interleave) * panelColumns *
                               bytes);
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
        int64_t at = (row / interleave * panelColumns + column) * interleave +
                     row % interleave;
        std::memcpy(panel.data() + at * bytes, from, bytes);
      }
    sink(panel);
  }
}

void RecipeEvaluator::stream(llm::RecipeAttr recipe, const Sink &sink) const {
  if (recipe.getKind() == "pack") {
    WeightView v = view(cast<llm::RecipeAttr>(recipe.getInputs()[0]));
    return layoutOf(recipe) == "quant16"
               ? streamQuantized(v, sink)
               : streamPanels(v, interleaveOf(recipe), sink);
  }
  WeightView v = densified(view(recipe), recipe.getType());
  uint64_t size = denseBytes(recipe.getType());
  if (size)
    sink({v.data, size});
  else
    sink(std::array{std::byte{}}); // an empty weight still has an address
}

} // namespace llmc
