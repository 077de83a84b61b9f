// SPDX-License-Identifier: Apache-2.0
// Emits kernels for a target, loads them into this process and calls them. For
// the tests and benchmarks of kernels.
#ifndef LLMC_TEST_UNIT_CODEGEN_HARNESS_H
#define LLMC_TEST_UNIT_CODEGEN_HARNESS_H

#include "codegen/cpu/Emit.h"
#include "codegen/cpu/KernelBuilder.h"
#include "runtime/include/llmc/abi.h"
#include <functional>
#include <memory>
#include <random>

namespace llmc::test {

/// The named target; fails the test when there is none.
CpuTarget target(llvm::StringRef name);

/// The vector targets that this machine can run.
std::vector<std::string> runnableTargets();
/// Those, and the reference code.
std::vector<std::string> allTargets();

/// A loaded shared object.
class Loaded {
public:
  explicit Loaded(const std::string &bytes);
  ~Loaded();
  Loaded(const Loaded &) = delete;
  LlmcKernel kernel(const std::string &symbol) const;
  void *symbol(const std::string &name) const;

private:
  int file; ///< stays open: its number is what the loader knows it by
  void *handle;
};

/// Builds a module with `fill`, which returns the symbols to export, then
/// compiles and loads it.
struct Compiled {
  Compiled(llvm::StringRef targetName,
           const std::function<std::vector<std::string>(KernelModule &)> &fill);
  std::string assembly;
  std::vector<std::string> symbols;
  std::unique_ptr<Loaded> code;
  LlmcKernel operator[](size_t i) const { return code->kernel(symbols[i]); }
};

/// The assembly of a module whose one export `emit` gives, for any target.
std::string assemblyOf(llvm::StringRef targetName,
                       const std::function<std::string(KernelModule &)> &emit);
/// Occurrences of an instruction in the functions of these families, where no
/// vector may go over the stack: else the test fails.
int64_t countUnspilled(llvm::StringRef assembly,
                       llvm::ArrayRef<llvm::StringRef> families,
                       llvm::StringRef instruction);

/// One word of a kernel's arguments.
inline int64_t word(const void *p) { return reinterpret_cast<int64_t>(p); }
int64_t word(float value);

/// Values in [-1, 1), the same for the same seed.
std::vector<float> randomFloats(size_t count, unsigned seed);

/// Elements of panels of f32 in the order that a type's panels have.
std::vector<float> interleavePanels(const std::vector<float> &panels, int64_t k,
                                    llvm::StringRef type);

/// W[N][K] (row n is output column n) into panels [ceil(N/16)][K][16], zeros
/// beyond N.
std::vector<float> packPanels(const std::vector<float> &rows, int64_t n,
                              int64_t k);

/// Floats as they lie in memory of "f32", "f16" or "bf16", rounded to nearest
/// even, and back.
std::vector<std::byte> stored(const std::vector<float> &values,
                              const std::string &type);
std::vector<float> loaded(const std::vector<std::byte> &bytes,
                          const std::string &type);
mlir::Type floatType(mlir::MLIRContext *context, const std::string &type);
/// What rounding a value below 1 to the type may change it by.
double roundingOf(const std::string &type);

/// Largest |got - want| / (1 + |want|).
double maxError(const std::vector<float> &got, const std::vector<double> &want);

} // namespace llmc::test

#endif
