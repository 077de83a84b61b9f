// SPDX-License-Identifier: Apache-2.0
// The passes that work on weights, with what they ask and tell: for
// Pipelines.cpp. As textual passes they know no names of tensors, have nothing
// to calibrate with and tell nothing.
#pragma once

#include "passes/WeightStore.h"
#include "passes/quantize/Passes.h"

namespace llmc::quantize {

// `spec` as passes/quantize/Spec.h says.

/// For rules with rotate.
std::unique_ptr<mlir::Pass>
createRotateInputs(const std::string &spec, const passes::QuantizeTools &tools);
/// For rules with awq or smooth.
std::unique_ptr<mlir::Pass>
createBalanceChannels(const std::string &spec,
                      const passes::QuantizeTools &tools);
std::unique_ptr<mlir::Pass>
createQuantizeWeights(const std::string &spec,
                      const passes::QuantizeTools &tools);

} // namespace llmc::quantize
