// SPDX-License-Identifier: Apache-2.0
#include "test/unit/codegen/Harness.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/APFloat.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <dlfcn.h>
#include <span>
#include <sys/mman.h>
#include <unistd.h>

namespace llmc::test {

CpuTarget target(llvm::StringRef name) {
  auto found = resolveTarget(name);
  if (!found)
    FAIL(llvm::toString(found.takeError()));
  return *found;
}

std::vector<std::string> runnableTargets() {
  std::vector<std::string> names;
  for (const char *name : {"x86-64-v3", "x86-64-v4", "aarch64"})
    if (hostRuns(target(name)))
      names.push_back(name);
  return names;
}

std::vector<std::string> allTargets() {
  std::vector<std::string> names = runnableTargets();
  names.push_back("ref");
  return names;
}

Loaded::Loaded(const std::string &bytes) {
  file = memfd_create("llmc-test", MFD_CLOEXEC);
  REQUIRE(file >= 0);
  REQUIRE(write(file, bytes.data(), bytes.size()) ==
          static_cast<ssize_t>(bytes.size()));
  std::string path = "/proc/self/fd/" + std::to_string(file);
  handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  INFO((handle ? "" : dlerror()));
  REQUIRE(handle);
}

Loaded::~Loaded() {
  dlclose(handle);
  close(file);
}

void *Loaded::symbol(const std::string &name) const {
  void *found = dlsym(handle, name.c_str());
  INFO(name);
  REQUIRE(found);
  return found;
}

LlmcKernel Loaded::kernel(const std::string &name) const {
  return reinterpret_cast<LlmcKernel>(symbol(name));
}

Compiled::Compiled(
    llvm::StringRef targetName,
    const std::function<std::vector<std::string>(KernelModule &)> &fill) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  registerEmitDialects(context);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  CpuTarget cpu = target(targetName);
  KernelModule kernels(*module, cpu);
  symbols = fill(kernels);
  EmitOptions options;
  options.exports = symbols;
  options.verifyEach = true;
  options.dumpAsm = &assembly;
  auto bytes = emitSharedObject(*module, cpu, options);
  if (!bytes)
    FAIL(llvm::toString(bytes.takeError()));
  code = std::make_unique<Loaded>(*bytes);
}

std::string assemblyOf(llvm::StringRef targetName,
                       const std::function<std::string(KernelModule &)> &emit) {
  std::string assembly;
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  registerEmitDialects(context);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  CpuTarget cpu = target(targetName);
  KernelModule kernels(*module, cpu);
  EmitOptions options;
  options.exports = {emit(kernels)};
  options.dumpAsm = &assembly;
  REQUIRE(bool(emitSharedObject(*module, cpu, options)));
  return assembly;
}

int64_t countUnspilled(llvm::StringRef assembly,
                       llvm::ArrayRef<llvm::StringRef> families,
                       llvm::StringRef instruction) {
  llvm::SmallVector<llvm::StringRef> lines;
  assembly.split(lines, '\n');
  llvm::StringRef function;
  int64_t count = 0;
  for (llvm::StringRef line : lines) {
    if (!line.empty() && llvm::isAlpha(line[0]))
      function = line.split(':').first;
    if (llvm::none_of(families, [&](auto family) {
          return function.starts_with(family);
        }))
      continue;
    count += line.contains(instruction);
    // Integer registers may be saved there, and tiles' sizes stand there.
    if (function.starts_with("amx_tile"))
      continue;
    bool isVector = line.contains("ymm") || line.contains("zmm") ||
                    line.trim().starts_with("str\tq") ||
                    line.trim().starts_with("ldr\tq");
    INFO(function.str() << line.str());
    CHECK(!(isVector && (line.contains("(%rsp)") || line.contains("[sp"))));
  }
  return count;
}

int64_t word(float value) {
  int64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  return bits;
}

std::vector<float> randomFloats(size_t count, unsigned seed) {
  std::mt19937 engine(seed);
  std::vector<float> values(count);
  for (float &v : values)
    v = static_cast<float>(static_cast<int32_t>(engine())) * 0x1p-31f;
  return values;
}

std::vector<float> interleavePanels(const std::vector<float> &panels, int64_t k,
                                    llvm::StringRef type) {
  if (type != "bf16" || k == 0)
    return panels;
  int64_t count = panels.size() / (k * panelColumns), pairs = (k + 1) / 2;
  std::vector<float> out(count * pairs * 2 * panelColumns, 0.0f);
  for (int64_t p = 0; p < count; ++p)
    for (int64_t i = 0; i < k; ++i)
      for (int64_t c = 0; c < panelColumns; ++c)
        out[((p * pairs + i / 2) * panelColumns + c) * 2 + i % 2] =
            panels[(p * k + i) * panelColumns + c];
  return out;
}

std::vector<float> packPanels(const std::vector<float> &rows, int64_t n,
                              int64_t k) {
  int64_t panels = (n + panelColumns - 1) / panelColumns;
  std::vector<float> packed(panels * k * panelColumns, 0.0f);
  for (int64_t col = 0; col < n; ++col)
    for (int64_t i = 0; i < k; ++i)
      packed[(col / panelColumns * k + i) * panelColumns + col % panelColumns] =
          rows[col * k + i];
  return packed;
}

mlir::Type floatType(mlir::MLIRContext *context, const std::string &type) {
  mlir::Builder b(context);
  return type == "f32"   ? mlir::Type(b.getF32Type())
         : type == "f16" ? mlir::Type(b.getF16Type())
                         : mlir::Type(b.getBF16Type());
}

static const llvm::fltSemantics &semanticsOf(const std::string &type) {
  return type == "f16" ? llvm::APFloat::IEEEhalf() : llvm::APFloat::BFloat();
}

double roundingOf(const std::string &type) {
  return type == "f32" ? 0 : type == "f16" ? 0x1p-11 : 0x1p-8;
}

std::vector<std::byte> stored(const std::vector<float> &values,
                              const std::string &type) {
  size_t size = type == "f32" ? 4 : 2;
  std::vector<std::byte> bytes(values.size() * size);
  if (size == 4) {
    std::ranges::copy(std::as_bytes(std::span(values)), bytes.begin());
    return bytes;
  }
  for (size_t i = 0; i < values.size(); ++i) {
    llvm::APFloat x(values[i]);
    bool lost = false;
    x.convert(semanticsOf(type), llvm::APFloat::rmNearestTiesToEven, &lost);
    auto bits = static_cast<uint16_t>(x.bitcastToAPInt().getZExtValue());
    std::memcpy(&bytes[2 * i], &bits, 2);
  }
  return bytes;
}

std::vector<float> loaded(const std::vector<std::byte> &bytes,
                          const std::string &type) {
  std::vector<float> values(bytes.size() / (type == "f32" ? 4 : 2));
  if (type == "f32") {
    std::ranges::copy(bytes, std::as_writable_bytes(std::span(values)).begin());
    return values;
  }
  for (size_t i = 0; i < values.size(); ++i) {
    uint16_t bits;
    std::memcpy(&bits, &bytes[2 * i], 2);
    values[i] = llvm::APFloat(semanticsOf(type), llvm::APInt(16, bits))
                    .convertToFloat();
  }
  return values;
}

double maxError(const std::vector<float> &got,
                const std::vector<double> &want) {
  REQUIRE(got.size() == want.size());
  double worst = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    double error = std::fabs(got[i] - want[i]) / (1 + std::fabs(want[i]));
    worst = std::isnan(error) ? INFINITY : std::max(worst, error);
  }
  return worst;
}

} // namespace llmc::test
