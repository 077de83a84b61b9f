// SPDX-License-Identifier: Apache-2.0
#include "bench/kernels/Bench.h"
#include "codegen/cpu/Emit.h"
#include "codegen/cpu/kernels/IntegerDot.h"
#include "runtime/core/ThreadPool.h"
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <fstream>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

namespace llmc::bench {

[[noreturn]] static void die(const std::string &what) {
  std::fprintf(stderr, "error: %s\n", what.c_str());
  std::exit(1);
}

static CpuTarget resolve(const Options &options) {
  auto target = resolveTarget(options.target);
  if (!target)
    die(llvm::toString(target.takeError()));
  return *target;
}

std::vector<LlmcKernel>
compile(const Options &options,
        const std::function<std::vector<std::string>(KernelModule &)> &fill) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  registerEmitDialects(context);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  CpuTarget cpu = resolve(options);
  KernelModule kernels(*module, cpu);
  EmitOptions emit;
  emit.exports = fill(kernels);
  std::string assembly;
  if (!options.dumpAsm.empty())
    emit.dumpAsm = &assembly;
  auto bytes = emitSharedObject(*module, cpu, emit);
  if (!bytes)
    die(llvm::toString(bytes.takeError()));
  if (!options.dumpAsm.empty())
    std::ofstream(options.dumpAsm) << assembly;
  int file = memfd_create("llmc-bench", MFD_CLOEXEC);
  if (write(file, bytes->data(), bytes->size()) !=
      static_cast<ssize_t>(bytes->size()))
    die("cannot write the code");
  void *handle =
      dlopen(("/proc/self/fd/" + std::to_string(file)).c_str(), RTLD_NOW);
  if (!handle)
    die(dlerror());
  std::vector<LlmcKernel> found;
  for (const std::string &symbol : emit.exports)
    found.push_back(
        reinterpret_cast<LlmcKernel>(dlsym(handle, symbol.c_str())));
  return found;
}

float *allocate(size_t count) {
  size_t bytes = (count * sizeof(float) + (2u << 20)) & ~((2u << 20) - 1ul);
  auto *memory = static_cast<float *>(std::aligned_alloc(2u << 20, bytes));
  madvise(memory, bytes, MADV_HUGEPAGE);
  uint32_t state = 1; // what multiplies bits of all kinds takes its power
  for (size_t i = 0; i < bytes / sizeof(float); ++i) {
    state = state * 1664525 + 1013904223;
    memory[i] = static_cast<float>(state >> 8) * 0x1p-24f - 0.5f;
  }
  return memory;
}

void parallel(const Options &options, LlmcKernel kernel, const int64_t *args,
              int64_t count) {
  static ThreadPool pool(static_cast<int>(options.threads));
  pool.run(kernel, args, count, 1);
}

double best(const Options &options, const std::function<void()> &call) {
  auto now = [&] {
    timespec t;
    clock_gettime(
        options.threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return double(t.tv_sec) + double(t.tv_nsec) * 1e-9;
  };
  double fastest = 1e9, total = 0;
  for (int runs = 0; total < options.seconds || runs < 3; ++runs) {
    double start = now();
    call();
    double took = now() - start;
    fastest = std::min(fastest, took);
    total += took;
  }
  return fastest;
}

/// Billions of operations per second of twelve chains of vectors of floats or
/// integers, which a step adds `operations` to for each element.
static double
peakOf(const Options &options, double operations, bool isInteger,
       llvm::function_ref<mlir::Value(CodeBuilder &, mlir::Value)> step) {
  std::vector<LlmcKernel> code = compile(options, [&](KernelModule &m) {
    KernelBuilder k(m, "peak", {{KernelArg::Write, "out"}});
    mlir::Type element = isInteger ? k.i32() : k.f32();
    auto vector = k.vec(k.lanes(), element);
    Values chains(12, k.broadcast(k.load(element, k.arg(0)), k.lanes()));
    for (int i = 0; i < 12; ++i)
      chains[i] = k.add(chains[i], isInteger ? k.constantInt(vector, i)
                                             : k.constant(vector, i));
    Values sums = k.forLoop(k.begin(), k.end(), k.ci(1), chains,
                            [&](mlir::Value, mlir::ValueRange carried) {
                              Values next;
                              for (mlir::Value c : carried)
                                next.push_back(step(k, c));
                              return next;
                            });
    for (int i = 1; i < 12; ++i)
      sums[0] = k.add(sums[0], sums[i]);
    k.store(sums[0], k.arg(0), k.mul(k.worker(), k.lanes()));
    k.finish();
    return std::vector<std::string>{"peak"};
  });
  int64_t args[] = {reinterpret_cast<int64_t>(allocate(1024))};
  const int64_t steps = 5'000'000;
  double seconds =
      best(options, [&] { parallel(options, code[0], args, steps); });
  return steps * 12 * operations * resolve(options).lanes / seconds * 1e-9;
}

double fmaPeak(const Options &options) {
  return peakOf(options, 2, false, [](CodeBuilder &k, mlir::Value c) {
    return k.fma(c, k.constant(c.getType(), 0.5),
                 k.constant(c.getType(), 0.25));
  });
}

double pairPeak(const Options &options) {
  if (!resolve(options).pairDot)
    return 0;
  return peakOf(options, 4, false, [](CodeBuilder &k, mlir::Value c) {
    // Halves of 1.0 beside 0.
    mlir::Value ones = k.constantInt(k.like(c.getType(), k.i32()), 0x3f80);
    return k.dotPairs(ones, ones, c);
  });
}

double bytePeak(const Options &options) {
  return peakOf(options, 8, true, [](CodeBuilder &k, mlir::Value c) {
    // Of what changes, or it would be computed once.
    DotForm form = dotForm(k.target(), 8);
    DotOperand some(form == DotForm::Halves ? 2 : 1, c);
    return dotAdd(k, form, c, some, some);
  });
}

double readBandwidth(const Options &options) {
  std::vector<LlmcKernel> code = compile(options, [](KernelModule &m) {
    KernelBuilder k(m, "read",
                    {{KernelArg::Read, "x"}, {KernelArg::Write, "out"}});
    auto vector = k.vecF32(k.lanes());
    Values sums =
        k.forLoop(k.begin(), k.end(), k.ci(1), Values(8, k.zero(vector)),
                  [&](mlir::Value i, mlir::ValueRange c) {
                    Values next;
                    mlir::Value at = k.mul(i, 128);
                    for (int64_t v = 0; v < 8; ++v) {
                      mlir::Value sum = c[v];
                      k.prefetch(k.arg(0), k.f32(), at, 2048 + v * 64);
                      for (int64_t e = v * 16; e < v * 16 + 16; e += k.lanes())
                        sum = k.add(sum, k.load(vector, k.arg(0), at, e));
                      next.push_back(sum);
                    }
                    return next;
                  });
    for (int i = 1; i < 8; ++i)
      sums[0] = k.add(sums[0], sums[i]);
    k.store(sums[0], k.arg(1), k.mul(k.worker(), k.lanes()));
    k.finish();
    return std::vector<std::string>{"read"};
  });
  const int64_t count = 1 << 26;
  float *buffer = allocate(count);
  int64_t args[] = {reinterpret_cast<int64_t>(buffer),
                    reinterpret_cast<int64_t>(allocate(1024))};
  double seconds = best(
      options, [&] { parallel(options, code[0], args, count / 128 - 16); });
  std::free(buffer);
  return count * 4.0 / seconds * 1e-9;
}

} // namespace llmc::bench
