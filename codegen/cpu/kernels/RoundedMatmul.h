// SPDX-License-Identifier: Apache-2.0
// Products of rounded rows by a quantized weight. Used by Matmul.cpp.
#ifndef LLMC_CODEGEN_CPU_KERNELS_ROUNDEDMATMUL_H
#define LLMC_CODEGEN_CPU_KERNELS_ROUNDEDMATMUL_H

#include "codegen/cpu/kernels/Matmul.h"

namespace llmc {

/// Emits the body of a kernel with the arguments of MatmulArg.
void emitRoundedMatmul(KernelModule &kernels, KernelBuilder &k,
                       const MatmulSpec &spec);

} // namespace llmc

#endif
