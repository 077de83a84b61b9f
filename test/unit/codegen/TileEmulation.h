// SPDX-License-Identifier: Apache-2.0
// Intel's AMX in plain loops, so that code for it runs on any machine.
#ifndef LLMC_TEST_UNIT_CODEGEN_TILEEMULATION_H
#define LLMC_TEST_UNIT_CODEGEN_TILEEMULATION_H

#include "codegen/cpu/KernelBuilder.h"

namespace llmc::test {

/// Replaces the intrinsics of tile registers in all functions of the module,
/// which keeps registers in a global: for one thread at a time.
void emulateTiles(KernelModule &kernels);

} // namespace llmc::test

#endif
