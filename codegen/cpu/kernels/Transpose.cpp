// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Transpose.h"

namespace llmc {

void emitTranspose(CodeBuilder &k, Values &rows) {
  // Stage by stage, the off-diagonal quarters of each 2d x 2d square swap.
  int64_t n = rows.size(), lanes = laneCount(rows[0].getType());
  for (int64_t d = 1; d < n; d *= 2)
    for (int64_t i = 0; i < n; ++i) {
      if (i & d)
        continue;
      llvm::SmallVector<int64_t> low, high;
      for (int64_t lane = 0; lane < lanes; ++lane) {
        low.push_back(lane & d ? lanes + lane - d : lane);
        high.push_back(lane & d ? lanes + lane : lane + d);
      }
      mlir::Value a = rows[i], b = rows[i + d];
      rows[i] = k.shuffle(a, b, low);
      rows[i + d] = k.shuffle(a, b, high);
    }
}

} // namespace llmc
