// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/SmallTensor.h"

using namespace mlir;

namespace llmc::onnx {

int64_t elementsOf(ArrayRef<int64_t> shape) {
  int64_t n = 1;
  for (int64_t d : shape)
    n *= d;
  return n;
}

Shape stridesOf(ArrayRef<int64_t> shape) {
  Shape strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;)
    strides[i - 1] = strides[i] * shape[i];
  return strides;
}

Content picked(const Content &c, ArrayRef<int64_t> source) {
  Content out;
  out.isFloat = c.isFloat;
  for (int64_t i : source) {
    if (c.isFloat)
      out.floats.push_back(c.floats[i]);
    else
      out.ints.push_back(c.ints[i]);
  }
  return out;
}

SmallVector<int64_t> stridedSource(ArrayRef<int64_t> shape,
                                   ArrayRef<int64_t> strides, int64_t first) {
  SmallVector<int64_t> source;
  Shape index(shape.size());
  for (int64_t n = elementsOf(shape); n > 0; --n) {
    int64_t at = first;
    for (size_t a = 0; a < shape.size(); ++a)
      at += index[a] * strides[a];
    source.push_back(at);
    for (size_t a = shape.size(); a-- > 0;) {
      if (++index[a] < shape[a])
        break;
      index[a] = 0;
    }
  }
  return source;
}

SmallVector<int64_t> broadcastSource(ArrayRef<int64_t> from,
                                     ArrayRef<int64_t> shape) {
  Shape own = stridesOf(from), strides(shape.size(), 0);
  size_t shift = shape.size() - from.size();
  for (size_t a = 0; a < from.size(); ++a)
    strides[shift + a] = from[a] == 1 ? 0 : own[a];
  return stridedSource(shape, strides, 0);
}

std::optional<Shape> broadcastShape(ArrayRef<int64_t> a, ArrayRef<int64_t> b) {
  if (a.size() < b.size())
    std::swap(a, b);
  Shape out(a);
  size_t shift = a.size() - b.size();
  for (size_t i = 0; i < b.size(); ++i) {
    if (out[shift + i] == 1)
      out[shift + i] = b[i];
    else if (b[i] != 1 && b[i] != out[shift + i])
      return std::nullopt;
  }
  return out;
}

double roundedTo(Type element, double value) {
  APFloat number(value);
  bool lost;
  number.convert(cast<FloatType>(element).getFloatSemantics(),
                 APFloat::rmNearestTiesToEven, &lost);
  number.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
  return number.convertToDouble();
}

} // namespace llmc::onnx
