// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/Math.h"
#include "test/unit/codegen/Harness.h"
#include <catch2/catch.hpp>
#include <cmath>

using namespace llmc;
using namespace llmc::test;

namespace {

struct Function {
  const char *name;
  mlir::Value (*emit)(CodeBuilder &, mlir::Value);
  double (*truth)(double);
  double low, high, ulps;
};

double gelu(double x) { return 0.5 * x * std::erfc(-x / std::sqrt(2.0)); }
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double silu(double x) { return x * sigmoid(x); }
double geluTanh(double x) {
  return x * sigmoid(2 * std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x));
}

// The tails of gelu and of the sigmoid family amplify the rounding of their
// argument, hence the larger bounds there.
const Function functions[] = {
    {"exp", emitExp, std::exp, -87, 88.5, 2},
    {"exp of tiny results", emitExp, std::exp, -110, -87, 2},
    {"exp, non-positive", emitExpNonPositive, std::exp, -86.5, 0, 2},
    {"tanh", emitTanh, std::tanh, -20, 20, 2},
    {"tanh near 0", emitTanh, std::tanh, -0.7, 0.7, 2},
    {"erf", emitErf, std::erf, -6, 6, 2},
    {"erf near 0", emitErf, std::erf, -1.1, 1.1, 2},
    {"sigmoid", emitSigmoid, sigmoid, -80, 80, 3},
    {"silu", emitSilu, silu, -80, 80, 4},
    {"gelu", emitGelu, gelu, -1.3, 10, 6},
    {"gelu tail", emitGelu, gelu, -8, -1.3, 450},
    {"gelu tanh", emitGeluTanh, geluTanh, -1, 10, 4},
    {"gelu tanh tail", emitGeluTanh, geluTanh, -5, -1, 60},
};

/// y[i] = f(x[i]), vectors and then a scalar tail.
std::string emitFunction(KernelModule &kernels, const Function &f,
                         bool scalar) {
  return kernels.get(
      "f", std::string(f.name) + (scalar ? "s" : "v"),
      [&](llvm::StringRef symbol) {
        KernelBuilder k(kernels, symbol,
                        {{KernelArg::Read, "x"}, {KernelArg::Write, "y"}});
        int64_t lanes = scalar ? 1 : k.lanes();
        k.forLoop(k.mul(k.begin(), lanes), k.mul(k.end(), lanes), k.ci(lanes),
                  [&](mlir::Value i) {
                    k.store(f.emit(k, k.load(k.vecF32(lanes), k.arg(0), i)),
                            k.arg(1), i);
                  });
        k.finish();
      });
}

double ulpOf(double value) {
  float f = std::max(std::fabs(static_cast<float>(value)), 0x1p-126f);
  return std::nextafter(f, INFINITY) - f;
}

} // namespace

TEST_CASE("elementary functions against double precision; vectors and scalars "
          "give the same bits") {
  std::vector<std::string> targets = runnableTargets();
  targets.push_back("ref");
  const int64_t n = 64 * 1024;
  for (const std::string &name : targets) {
    Compiled code(name, [](KernelModule &m) {
      std::vector<std::string> symbols;
      for (const Function &f : functions) {
        symbols.push_back(emitFunction(m, f, false));
        symbols.push_back(emitFunction(m, f, true));
      }
      return symbols;
    });
    for (size_t f = 0; f < std::size(functions); ++f) {
      const Function &row = functions[f];
      INFO(name << " " << row.name);
      std::vector<float> x(n), y(n), scalar(n);
      for (int64_t i = 0; i < n; ++i)
        x[i] = static_cast<float>(row.low + (row.high - row.low) * i / (n - 1));
      int64_t args[] = {word(x.data()), word(y.data())},
              scalarArgs[] = {word(x.data()), word(scalar.data())};
      code[2 * f](args, 0, n / target(name).lanes, 0);
      code[2 * f + 1](scalarArgs, 0, n, 0);
      double worst = 0;
      float at = 0;
      for (int64_t i = 0; i < n; ++i) {
        double error =
            std::fabs(y[i] - row.truth(x[i])) / ulpOf(row.truth(x[i]));
        if (!(error <= worst))
          worst = error, at = x[i];
      }
      INFO("at " << at);
      CHECK(worst <= row.ulps);
      CHECK(y == scalar);
    }
  }
}

TEST_CASE("elementary functions at infinities and NaN") {
  for (const std::string &name : runnableTargets()) {
    Compiled code(name, [](KernelModule &m) {
      std::vector<std::string> symbols;
      for (const Function &f : functions)
        symbols.push_back(emitFunction(m, f, true));
      return symbols;
    });
    for (size_t f = 0; f < std::size(functions); ++f) {
      INFO(name << " " << functions[f].name);
      bool nonPositive = functions[f].emit == emitExpNonPositive;
      float x[3] = {-INFINITY, nonPositive ? 0 : INFINITY, NAN}, y[3];
      int64_t args[] = {word(x), word(y)};
      code[f](args, 0, 3, 0);
      bool limitZero = functions[f].truth == gelu ||
                       functions[f].truth == silu ||
                       functions[f].truth == geluTanh;
      CHECK(std::fabs(y[0] - (limitZero ? 0 : functions[f].truth(-INFINITY))) <
            1e-14);
      double top = limitZero ? INFINITY : functions[f].truth(x[1]);
      CHECK(static_cast<double>(y[1]) == top);
      CHECK(std::isnan(y[2]));
    }
  }
}
