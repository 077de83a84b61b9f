// SPDX-License-Identifier: Apache-2.0
// From a module of kernels and host code to a shared object. Input: llvm.func /
// func.func with scf, cf, arith, math, vector and llvm ops. Thread-safe for
// modules of different contexts (linking is serialised inside). The bytes
// depend on the module, the target and the options alone.
#ifndef LLMC_CODEGEN_CPU_EMIT_H
#define LLMC_CODEGEN_CPU_EMIT_H

#include "codegen/cpu/Isa.h"
#include "mlir/IR/BuiltinOps.h"

namespace llmc {

struct EmitOptions {
  unsigned optLevel = 3;            ///< 0..3, LLVM's meaning
  std::vector<std::string> exports; ///< symbols that stay visible; all others
                                    ///< become local to the shared object
  bool verifyEach = false;          ///< verify the IR after every pass
  std::string *dumpLLVM = nullptr;  ///< receives the optimized LLVM IR
  std::string *dumpAsm = nullptr;   ///< receives the assembly
};

/// Registers what emission needs (dialects and their translations to LLVM IR).
/// Call once per registry or context.
void registerEmitDialects(mlir::DialectRegistry &registry);
void registerEmitDialects(mlir::MLIRContext &context);

/// One module to one relocatable object. With `wholeProgram` false, symbols
/// stay visible to the other objects of the same link. The module is lowered in
/// place.
llvm::Expected<std::string> emitObject(mlir::ModuleOp module,
                                       const CpuTarget &target,
                                       const EmitOptions &options = {},
                                       bool wholeProgram = false);

/// Objects to a shared object without DT_NEEDED. Fails when a symbol beyond
/// memcpy, memmove and memset is missing.
llvm::Expected<std::string>
linkSharedObject(llvm::ArrayRef<std::string> objects, const CpuTarget &target);

/// emitObject and linkSharedObject of one module.
llvm::Expected<std::string> emitSharedObject(mlir::ModuleOp module,
                                             const CpuTarget &target,
                                             const EmitOptions &options = {});

} // namespace llmc

#endif
