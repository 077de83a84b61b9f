// SPDX-License-Identifier: Apache-2.0
// The dialect's activations as the kernels' ones.
#pragma once

#include "codegen/cpu/Math.h"
#include "ir/llm/Dialect.h"

namespace llmc {

/// None for QuickGelu, which kernels lack (hasKernelForm).
Activation kernelActivation(llm::Activation);
bool hasKernelForm(llm::Activation);
/// The activation of a sum, in f32.
mlir::Value activated(CodeBuilder &, llm::Activation, mlir::Value sum);

} // namespace llmc
