// SPDX-License-Identifier: Apache-2.0
// --llmc-op-counts: one line `count op` per kind of op, on stderr. For looking
// at coverage.
#pragma once

#include "mlir/Pass/Pass.h"

namespace llmc {
std::unique_ptr<mlir::Pass> createOpCountsPass();
}
