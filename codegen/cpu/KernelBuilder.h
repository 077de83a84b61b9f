// SPDX-License-Identifier: Apache-2.0
// Opens, fills and closes one kernel of the border
// (runtime/include/llmc/abi.h): int32_t k(args, begin, end, worker). Emitters
// use it to write a body; KernelModule keeps equal kernels from being emitted
// twice. One thread at a time.
#ifndef LLMC_CODEGEN_CPU_KERNELBUILDER_H
#define LLMC_CODEGEN_CPU_KERNELBUILDER_H

#include "codegen/cpu/CodeBuilder.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"

namespace llmc {

/// One 64-bit word of a kernel's argument array.
struct KernelArg {
  enum Kind {
    Read,    ///< pointer that is only read and that no written pointer overlaps
    Write,   ///< pointer that no other argument overlaps
    Pointer, ///< pointer that others may overlap
    Int,     ///< i64: size, stride or flag
    Float    ///< f32 in the low half of the word
  };
  Kind kind;
  const char *name; ///< for the IR's reader
};

/// The functions of one code object and the memo from a specification's key to
/// its symbol.
class KernelModule {
public:
  KernelModule(mlir::ModuleOp module, const CpuTarget &target)
      : root(module), cpu(target) {}

  mlir::ModuleOp module() { return root; }
  const CpuTarget &target() const { return cpu; }
  /// The symbol for `key`; `emit` writes the function of that name when the key
  /// is new. Symbols are
  /// `<family>_<number>`, numbered in the order of first use.
  std::string get(llvm::StringRef family, llvm::StringRef key,
                  llvm::function_ref<void(llvm::StringRef symbol)> emit);

private:
  mlir::ModuleOp root;
  const CpuTarget &cpu;
  llvm::StringMap<std::string> symbols;
};

/// The module's own OpBuilder: CodeBuilder borrows it, so it must be built
/// first.
struct BuilderOwner {
  explicit BuilderOwner(mlir::MLIRContext *context) : own(context) {}
  mlir::OpBuilder own;
};

/// The builder stands inside the body after construction; finish() must be
/// called once.
class KernelBuilder : private BuilderOwner, public CodeBuilder {
public:
  KernelBuilder(mlir::ModuleOp module, const CpuTarget &target,
                llvm::StringRef symbol, llvm::ArrayRef<KernelArg> args);
  KernelBuilder(KernelModule &kernels, llvm::StringRef symbol,
                llvm::ArrayRef<KernelArg> args)
      : KernelBuilder(kernels.module(), kernels.target(), symbol, args) {}

  /// args[index] as !llvm.ptr, i64 or f32, as its kind says.
  Value arg(unsigned index) { return body.getArgument(index); }
  Value begin() { return body.getArgument(count); }
  Value end() { return body.getArgument(count + 1); }
  Value worker() { return body.getArgument(count + 2); }

  /// A loop over the tiles [begin, end).
  void forTiles(llvm::function_ref<void(Value tile)> fill) {
    forLoop(begin(), end(), ci(1), fill);
  }
  /// Memory of the kernel's frame, allocated once in the entry block.
  Value scratch(Type element, int64_t elements, unsigned align = 64);

  /// Returns LLMC_OK, or the status (i32).
  void finish(Value status = {});
  /// A loop over the tiles [begin, end), each with a status, and the kernel's
  /// end: returns the last that is not LLMC_OK.
  void finishTiles(llvm::function_ref<Value(Value tile)> fill);

private:
  void emitWrapper(llvm::StringRef symbol, llvm::ArrayRef<KernelArg> args);

  mlir::LLVM::LLVMFuncOp body;
  unsigned count;
};

/// A function that the kernels of a code object share: not inlined, of no
/// result, with pointers that don't overlap. `types` are its arguments'; `fill`
/// writes the body before the return.
mlir::LLVM::LLVMFuncOp emitSharedFunction(
    KernelModule &kernels, llvm::StringRef family, llvm::StringRef key,
    llvm::function_ref<llvm::SmallVector<mlir::Type>(CodeBuilder &)> types,
    llvm::function_ref<void(CodeBuilder &, mlir::LLVM::LLVMFuncOp)> fill);

} // namespace llmc

#endif
