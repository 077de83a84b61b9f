// SPDX-License-Identifier: Apache-2.0
// The dialect's activations as the kernels' ones.
#pragma once

#include "codegen/cpu/Math.h"
#include "ir/llm/Dialect.h"

namespace llmc {

/// None for QuickGelu, which kernels lack (hasKernelForm).
Activation kernelActivation(llm::Activation);
bool hasKernelForm(llm::Activation);
/// gain * activation(scale * sum), in f32.
mlir::Value activated(CodeBuilder &, llm::Activation, mlir::Value sum,
                      double scale = 1, double gain = 1);

} // namespace llmc
