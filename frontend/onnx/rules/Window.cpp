// SPDX-License-Identifier: Apache-2.0
// Windows for the analysis of signals.
#include "frontend/onnx/rules/Terms.h"

#include <cmath>

using namespace mlir;

namespace llmc::onnx {

/// c0 - c1 cos(2 pi n / N) + c2 cos(4 pi n / N) for n = 0 .. size - 1; N is the
/// size, or with `periodic` = 0 one less.
static void window(Binder &b, double c0, double c1, double c2) {
  int64_t type = b.intAttr("output_datatype", 1);
  Type element = mlirType(b.ctx, static_cast<int32_t>(type));
  if (!element)
    b.unsupported("output_datatype " +
                  elementTypeName(static_cast<int32_t>(type)) +
                  " is not supported");
  llm::Dim size = b.sizeOf(0, "window_size");
  auto fixed = llm::fixedDim(size);
  if (fixed && *fixed < 0)
    b.fail("a window of " + Twine(*fixed) + " elements");
  Type real = b.builder.getF64Type(), whole = b.builder.getI64Type();
  llm::Dim period = b.intAttr("periodic", 1) ? size : llm::simplified(size - 1);
  Value n = b.cast(countAlong(b, size, 0, 1, whole), real);
  Value angle =
      div(b, scaled(b, n, 2 * M_PI), b.cast(b.scalarSize(period, whole), real));
  Value first = scaled(b, b.make<llm::CosOp>(angle), -c1);
  Value sum = add(b, first, c0);
  if (c2 != 0)
    sum = add(b, sum, scaled(b, b.make<llm::CosOp>(scaled(b, angle, 2)), c2));
  b.set(0, b.cast(sum, element));
}

void addWindowRules(RuleTable &rules) {
  rules.add({"HannWindow"}, [](Binder &b) { window(b, 0.5, 0.5, 0); });
  rules.add({"HammingWindow"},
            [](Binder &b) { window(b, 25.0 / 46, 21.0 / 46, 0); });
  rules.add({"BlackmanWindow"}, [](Binder &b) { window(b, 0.42, 0.5, 0.08); });
}

} // namespace llmc::onnx
