// SPDX-License-Identifier: Apache-2.0
#include "test/unit/codegen/Harness.h"
#include "llvm/Object/ELFObjectFile.h"
#include <catch2/catch.hpp>

using namespace llmc;
using namespace llmc::test;

/// y[i] += a * x[i] for tiles of 64 elements of n.
static std::string emitAxpy(KernelModule &kernels) {
  return kernels.get("axpy", "f32", [&](llvm::StringRef symbol) {
    KernelBuilder k(kernels, symbol,
                    {{KernelArg::Read, "x"},
                     {KernelArg::Write, "y"},
                     {KernelArg::Int, "n"},
                     {KernelArg::Float, "a"}});
    auto vector = k.vecF32(k.lanes());
    int64_t lanes = k.lanes();
    k.forTiles([&](mlir::Value tile) {
      mlir::Value from = k.mul(tile, 64), to = k.min(k.add(from, 64), k.arg(2));
      k.forLoop(from, to, k.ci(lanes), [&](mlir::Value i) {
        auto step = [&](mlir::Value x, mlir::Value y) {
          return k.fma(k.broadcast(k.arg(3), lanes), x, y);
        };
        if (lanes == 1)
          return k.store(
              step(k.load(vector, k.arg(0), i), k.load(vector, k.arg(1), i)),
              k.arg(1), i);
        mlir::Value mask = k.tailMask(k.sub(to, i), lanes);
        k.maskedStore(step(k.maskedLoad(vector, mask, k.arg(0), i),
                           k.maskedLoad(vector, mask, k.arg(1), i)),
                      mask, k.arg(1), i);
      });
    });
    k.finish();
  });
}

TEST_CASE("a kernel goes from ops to machine code on every target") {
  for (const std::string &name : allTargets()) {
    INFO(name);
    Compiled compiled(name, [](KernelModule &m) {
      std::string first = emitAxpy(m);
      REQUIRE(emitAxpy(m) == first);
      return std::vector<std::string>{first};
    });
    for (int64_t n : {0, 1, 15, 64, 133}) {
      std::vector<float> x = randomFloats(n, 1), y = randomFloats(n, 2),
                         got = y;
      std::vector<double> want(n);
      for (int64_t i = 0; i < n; ++i)
        want[i] = 0.5 * x[i] + y[i];
      int64_t args[] = {word(x.data()), word(got.data()), n, word(0.5f)};
      REQUIRE(compiled[0](args, 0, (n + 63) / 64, 0) == LLMC_OK);
      REQUIRE(maxError(got, want) < 1e-7);
    }
  }
}

TEST_CASE("equal modules give equal bytes, without needs and with only the "
          "exported symbol") {
  auto build = [](const char *name) {
    mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
    registerEmitDialects(context);
    mlir::OwningOpRef<mlir::ModuleOp> module =
        mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
    CpuTarget cpu = target(name);
    KernelModule kernels(*module, cpu);
    EmitOptions options;
    options.exports = {emitAxpy(kernels)};
    auto bytes = emitSharedObject(*module, cpu, options);
    REQUIRE(bool(bytes));
    return *bytes;
  };
  for (const char *name : {"ref", "x86-64-v3", "x86-64-v4", "aarch64"}) {
    std::string bytes = build(name);
    REQUIRE(bytes == build(name));
    auto object = llvm::object::ObjectFile::createELFObjectFile(
        llvm::MemoryBufferRef(bytes, "code"));
    REQUIRE(bool(object));
    std::vector<std::string> visible;
    for (auto symbol : llvm::cast<llvm::object::ELFObjectFileBase>(**object)
                           .getDynamicSymbolIterators())
      visible.push_back(llvm::cantFail(symbol.getName()).str());
    REQUIRE(visible == std::vector<std::string>{"axpy_0"});
  }
}

TEST_CASE("target names") {
  CHECK(target("x86-64-v4+avx512vnni+avx512bf16").name ==
        "x86-64-v4+avx512bf16+avx512vnni");
  CHECK(target("x86-64-v4").rank > target("x86-64-v3+avxvnni").rank);
  CHECK(target("ref").isReference());
  auto bad = resolveTarget("x86-64-v3+i8mm");
  REQUIRE(!bool(bad));
  CHECK(llvm::toString(bad.takeError()) ==
        "target 'x86-64-v3+i8mm': 'x86-64-v3' has no feature 'i8mm'");
  CHECK(
      llvm::toString(resolveTarget("z80").takeError()) ==
      "unknown target 'z80' (known: host, x86-64-v3, x86-64-v4, aarch64, ref)");
}
