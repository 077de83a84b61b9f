// SPDX-License-Identifier: Apache-2.0
// The two pass pipelines of CPU code, used by Emit.cpp and by tools that run a
// stage alone.
#ifndef LLMC_CODEGEN_CPU_PIPELINE_H
#define LLMC_CODEGEN_CPU_PIPELINE_H

#include "codegen/cpu/Isa.h"

namespace mlir {
class OpPassManager;
}
namespace llvm {
class Module;
class TargetMachine;
} // namespace llvm

namespace llmc {

/// scf, cf, arith, math, vector and func to the LLVM dialect, on a
/// builtin.module.
void buildLowerToLLVM(mlir::OpPassManager &pm, const CpuTarget &target);

/// LLVM's optimizations. `level` 0..3.
void optimizeModule(llvm::Module &module, llvm::TargetMachine &machine,
                    const CpuTarget &target, unsigned level);

} // namespace llmc

#endif
