// SPDX-License-Identifier: Apache-2.0
// What the kernel benchmarks share: loading emitted code, running it on
// threads, timing, and the machine's limits.
#ifndef LLMC_BENCH_KERNELS_BENCH_H
#define LLMC_BENCH_KERNELS_BENCH_H

#include "codegen/cpu/KernelBuilder.h"
#include "runtime/include/llmc/abi.h"
#include <functional>
#include <string>
#include <vector>

namespace llmc::bench {

struct Options {
  std::string target = "host";
  unsigned threads = 1;
  double seconds = 0.1;      ///< per figure
  std::vector<int64_t> rows; ///< values of M; none: the family's own
  std::string filter;        ///< substring of the row's name
  std::string
      dumpAsm; ///< file that receives the assembly of the last compiled module
};

/// Compiles what `fill` emits and gives the addresses of the symbols it
/// returns. The code stays loaded.
std::vector<LlmcKernel>
compile(const Options &options,
        const std::function<std::vector<std::string>(KernelModule &)> &fill);

/// f32 memory from the system, 2 MiB aligned, filled with small random values.
float *allocate(size_t count);

/// Runs kernel over [0, count) on a pool of all threads, as the runtime does.
void parallel(const Options &options, LlmcKernel kernel, const int64_t *args,
              int64_t count);

/// Seconds of the fastest call: of the CPU with one thread, so that what else
/// the machine does counts less, else of the clock.
double best(const Options &options, const std::function<void()> &call);

/// Measured limits of this machine for the target and the threads: GFLOP/s of
/// fused multiply-adds, GB/s of reading.
double pairPeak(const Options &options); ///< of CodeBuilder::dotPairs, or 0
double fmaPeak(const Options &options);
double bytePeak(const Options &options); ///< of emitDot4, Gop/s
double readBandwidth(const Options &options);

void benchMatmul(const Options &options);
void benchAttention(const Options &options);

} // namespace llmc::bench

#endif
