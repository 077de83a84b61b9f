// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/rules/Sizes.h"

using namespace mlir;

namespace llmc::onnx {

int64_t fixedSize(Binder &b, llm::Dim d, const Twine &what) {
  if (auto v = llm::fixedDim(d))
    return *v;
  b.unsupported(what + " of symbolic size is not supported");
}

void requireEqual(Binder &b, llm::Dim x, llm::Dim y, const Twine &what) {
  auto m = llm::fixedDim(x), n = llm::fixedDim(y);
  if (m && n && *m != *n)
    b.fail("has " + what + " of " + Twine(*m) + " and " + Twine(*n));
  if (!b.learnEqual(x, y) && !b.learnEqual(y, x))
    b.requireEqual(x, y);
}

Value sized(Binder &b, size_t i, int64_t axis, llm::Dim size,
            const Twine &what) {
  llm::Dims dims = b.dims(i);
  if (dims[axis] == size)
    return b.in(i);
  requireEqual(b, dims[axis], size, what);
  dims[axis] = size;
  return b.reshape(b.in(i), dims);
}

Value sizeAsFloat(Binder &b, llm::Dim d, Type element) {
  return b.cast(b.scalarSize(d, b.builder.getI64Type()), element);
}

Value elementAt(Binder &b, Value list, int64_t i) {
  return b.reshape(b.slice(list, 0, b.constantDim(i), b.constantDim(1)), {});
}

} // namespace llmc::onnx
