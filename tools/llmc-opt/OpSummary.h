// SPDX-License-Identifier: Apache-2.0
// A pass of llmc-opt that prints what `inspect --ops` shows.
#pragma once

#include "mlir/Pass/Pass.h"

namespace llmc {
std::unique_ptr<mlir::Pass> createOpSummaryPass();
} // namespace llmc
