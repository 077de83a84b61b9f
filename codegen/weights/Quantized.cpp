// SPDX-License-Identifier: Apache-2.0
#include "codegen/weights/Views.h"

#include "codegen/cpu/Elements.h"
#include "codegen/cpu/Isa.h"
#include "ir/llm/Quantized.h"

#include <cstring>

using namespace mlir;

namespace llmc {

void forEachIndex(ArrayRef<int64_t> dims,
                  llvm::function_ref<void(int64_t, ArrayRef<int64_t>)> f) {
  int64_t rank = dims.size(), count = 1;
  for (int64_t d : dims)
    count *= d;
  SmallVector<int64_t> at(rank, 0);
  for (int64_t flat = 0; flat < count; ++flat) {
    f(flat, at);
    for (int64_t i = rank - 1; i >= 0 && ++at[i] == dims[i]; --i)
      at[i] = 0;
  }
}

static const std::byte *elementAt(const WeightView &v, ArrayRef<int64_t> at) {
  int64_t offset = 0;
  for (size_t i = 0; i < at.size(); ++i)
    offset += at[i] * v.strides[i];
  return v.data + offset * memoryBytes(v.element);
}

WeightView unpackView(const WeightView &bytes, RankedTensorType type) {
  if (!isSubByte(type.getElementType())) { // bytes read as another type
    WeightView v = bytes;
    v.element = type.getElementType();
    return v;
  }
  WeightView v = allocateView(type);
  unpackElements(bytes.data, v.elements(), v.element, v.owner->data());
  return v;
}

WeightView takeView(const WeightView &v, int64_t axis, ArrayRef<int64_t> which,
                    RankedTensorType type) {
  WeightView out = allocateView(type);
  int64_t bytes = memoryBytes(v.element);
  forEachIndex(out.dims, [&](int64_t flat, ArrayRef<int64_t> at) {
    SmallVector<int64_t> from(at);
    from[axis] = which[at[axis]];
    std::memcpy(out.owner->data() + flat * bytes, elementAt(v, from), bytes);
  });
  return out;
}

WeightView broadcastView(const WeightView &v, ArrayRef<int64_t> dims) {
  WeightView out = v;
  for (auto [i, d] : llvm::enumerate(dims))
    if (v.dims[i] != d)
      out.dims[i] = d, out.strides[i] = 0;
  return out;
}

WeightView dequantizeView(const WeightView &q, const WeightView &scales,
                          const WeightView *zeros, ArrayRef<int64_t> blocks,
                          ArrayRef<float> codebook, RankedTensorType type) {
  WeightView out = allocateView(type);
  int64_t bytes = memoryBytes(out.element);
  SmallVector<int64_t> block(blocks.size());
  forEachIndex(out.dims, [&](int64_t flat, ArrayRef<int64_t> at) {
    for (size_t i = 0; i < at.size(); ++i)
      block[i] = at[i] / blocks[i];
    double v = readNumber(elementAt(q, at), q.element);
    if (!codebook.empty())
      v = codebook[static_cast<size_t>(v)];
    if (zeros)
      v -= readNumber(elementAt(broadcastView(*zeros, scales.dims), block),
                      zeros->element);
    // Rounded to f32 before a smaller type, as the op says.
    float product = static_cast<float>(v) *
                    static_cast<float>(
                        readNumber(elementAt(scales, block), scales.element));
    writeNumber(out.owner->data() + flat * bytes, out.element, product);
  });
  return out;
}

uint64_t quantizedBytes(int64_t k, int64_t n, Type element) {
  return llvm::divideCeil(n, panelColumns) *
         llvm::divideCeil(k, llm::quantizedChunk(element)) *
         llm::quantizedWords(element) * panelColumns * 4;
}

void streamQuantized(const WeightView &q, const RecipeEvaluator::Sink &sink) {
  int64_t k = q.dims[0], n = q.dims[1], chunk = llm::quantizedChunk(q.element);
  unsigned width = q.element.getIntOrFloatBitWidth(), mask = (1u << width) - 1;
  int64_t chunkWords = llm::quantizedWords(q.element);
  std::vector<std::byte> panel(llvm::divideCeil(k, chunk) * chunkWords *
                               panelColumns * 4);
  auto put = [&](int64_t word, int64_t byte, unsigned bits) {
    panel[word * 4 + byte] |= static_cast<std::byte>(bits);
  };
  for (int64_t first = 0; first < n; first += panelColumns) {
    std::fill(panel.begin(), panel.end(), std::byte{});
    int64_t columns = std::min<int64_t>(panelColumns, n - first);
    for (int64_t c = 0; c < columns; ++c) {
      const std::byte *from = q.data + (first + c) * q.strides[1];
      for (int64_t row = 0; row < k; ++row) {
        int64_t within = row % chunk;
        unsigned bits =
            std::to_integer<unsigned>(from[row * q.strides[0]]) & mask;
        int64_t word = row / chunk * chunkWords * panelColumns + c;
        if (width != 3) {
          put(word, within % 4, bits << (within / 4 * width));
          continue;
        }
        for (int64_t bit = 0; bit < 3; ++bit) { // they may cross words
          int64_t at = 3 * within + bit;
          put(word + at / 32 * panelColumns, at % 32 / 8,
              (bits >> bit & 1) << at % 8);
        }
      }
    }
    sink(panel);
  }
}

} // namespace llmc
