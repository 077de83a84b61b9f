// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/Panels.h"

using namespace mlir;

namespace llmc {

int64_t panelInterleave(Type element) { return element.isBF16() ? 2 : 1; }

int64_t panelSize(Type element, int64_t k) {
  int64_t rows = panelInterleave(element);
  return (k + rows - 1) / rows * rows * panelColumns;
}

Value panelIndex(CodeBuilder &k, Type element, Value depth, Value row,
                 Value column) {
  Value panel = k.divSize(column, panelColumns),
        lane = k.remSize(column, panelColumns);
  if (int64_t rows = panelInterleave(element); rows > 1) {
    Value groups =
        k.add(k.mul(panel, k.ceilDiv(depth, rows)), k.divSize(row, rows));
    return k.add(k.mul(k.add(k.mul(groups, panelColumns), lane), rows),
                 k.remSize(row, rows));
  }
  return k.add(k.mul(k.add(k.mul(panel, depth), row), panelColumns), lane);
}

} // namespace llmc
