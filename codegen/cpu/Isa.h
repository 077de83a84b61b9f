// SPDX-License-Identifier: Apache-2.0
// What the emitters know about a CPU: the named targets of `--target` and the
// numbers that shape kernels. Values are immutable after resolveTarget; free to
// share between threads.
#ifndef LLMC_CODEGEN_CPU_ISA_H
#define LLMC_CODEGEN_CPU_ISA_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace llmc {

/// Columns of one packed weight panel: W[ceil(N /
/// panelColumns)][K][panelColumns], the same for every CPU target.
inline constexpr unsigned panelColumns = 16;

struct CpuTarget {
  std::string name;   ///< canonical: level, then suffixes in alphabetical order
  std::string triple; ///< LLVM's target triple
  std::string cpu;    ///< LLVM's -mcpu
  std::string features; ///< LLVM's -mattr, may be empty
  std::vector<std::string>
      required; ///< LLVM feature names that the running CPU must have
  unsigned rank =
      0; ///< of the code objects that fit a machine, the highest rank runs

  unsigned lanes =
      1; ///< f32 elements of one vector register; 1: scalar code only
  unsigned vectorBits =
      0; ///< width that LLVM's vectorizer should prefer, 0 = leave alone
  unsigned registers = 16; ///< number of vector registers
  bool fma =
      false; ///< has fused multiply-add; else fma() is a multiply and an add
  bool pairDot = false;  ///< has an instruction for CodeBuilder::dotPairs
  bool amxPairs = false; ///< has tile registers that multiply pairs of bf16
  bool amxBytes = false; ///< has tile registers that multiply bytes, and VNNI
  bool maskRegisters =
      false;             ///< masked loads and stores cost as much as plain ones
  unsigned tileRows = 1; ///< MR of the matmul tile
  unsigned tilePanels = 1; ///< NR of the matmul tile, in panels of 16 columns:
                           ///< a power of 2
  unsigned prefetchBytes =
      0; ///< how far ahead streams are prefetched, 0 = never

  /// The plain-loop target that is every other target's oracle: no vectors,
  /// sums in double.
  bool isReference() const { return lanes == 1; }
  /// Whether it has an instruction for CodeBuilder::dotPairSquares: NEON's bf16
  /// comes with one.
  bool pairSquares() const { return pairDot && lanes == 4; }
  /// Whether products of bf16 have instructions of their own.
  bool multipliesPairs() const { return pairDot || amxPairs; }
};

/// "x86-64-v3", "x86-64-v4", "aarch64" or "ref", with suffixes such as
/// "+avx512vnni"; "host" gives the highest level that this machine runs, with
/// the suffixes that kernels of that level have instructions for. The error is
/// one line without a prefix.
llvm::Expected<CpuTarget> resolveTarget(llvm::StringRef spec);

/// Whether this machine can run code compiled for the target.
bool hostRuns(const CpuTarget &target);

} // namespace llmc

#endif
