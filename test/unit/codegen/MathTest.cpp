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
double softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x)));
}
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
    {"2^x, non-positive", emitExp2NonPositive, std::exp2, -125.5, 0, 2},
    {"tanh", emitTanh, std::tanh, -20, 20, 2},
    {"tanh near 0", emitTanh, std::tanh, -0.7, 0.7, 2},
    {"erf", emitErf, std::erf, -6, 6, 2},
    {"erf near 0", emitErf, std::erf, -1.1, 1.1, 2},
    {"sigmoid", emitSigmoid, sigmoid, -80, 80, 3},
    {"silu", emitSilu, silu, -80, 80, 4},
    {"gelu", emitGelu, gelu, -1.3, 10, 6},
    {"gelu tail", emitGelu, gelu, -8, -1.3, 500},
    {"gelu tanh", emitGeluTanh, geluTanh, -1, 10, 4},
    {"gelu tanh tail", emitGeluTanh, geluTanh, -5, -1, 60},
    {"log", emitLog, std::log, 1e-3, 100, 0.51},
    {"log of small", emitLog, std::log, 1e-44, 1e-37, 0.51},
    {"log1p", emitLog1p, std::log1p, -0.99, 3, 0.51},
    {"sin", emitSin, std::sin, -1e6, 1e6, 0.51},
    {"cos", emitCos, std::cos, -1e4, 1e4, 0.51},
    {"tan", emitTan, std::tan, -100, 100, 0.51},
    {"asin", emitAsin, std::asin, -1, 1, 0.51},
    {"acos", emitAcos, std::acos, -1, 1, 0.51},
    {"atan", emitAtan, std::atan, -10, 10, 0.51},
    {"sinh", emitSinh, std::sinh, -80, 80, 0.51},
    {"cosh", emitCosh, std::cosh, -80, 80, 0.51},
    {"asinh", emitAsinh, std::asinh, -10, 10, 0.51},
    {"acosh", emitAcosh, std::acosh, 1, 10, 0.51},
    {"atanh", emitAtanh, std::atanh, -0.999, 0.999, 0.51},
    {"softplus", emitSoftplus, softplus, -50, 50, 0.51},
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

std::string emitPower(KernelModule &kernels) {
  return kernels.get("pow", "", [&](llvm::StringRef symbol) {
    KernelBuilder k(kernels, symbol,
                    {{KernelArg::Read, "x"},
                     {KernelArg::Read, "y"},
                     {KernelArg::Write, "z"}});
    k.forLoop(k.begin(), k.end(), k.ci(1), [&](mlir::Value i) {
      k.store(emitPow(k, k.load(k.f32(), k.arg(0), i),
                      k.load(k.f32(), k.arg(1), i)),
              k.arg(2), i);
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
  const int64_t n = 64 * 1024;
  for (const std::string &name : allTargets()) {
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
      if (f >= 14) // outside the domain of some
        break;
      bool nonPositive = functions[f].emit == emitExpNonPositive ||
                         functions[f].emit == emitExp2NonPositive;
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

TEST_CASE("pow, with C's special cases") {
  const float bases[] = {0,    -0.0f, 1,      -1,    0.5f,     2,         -2,
                         3.7f, -3.7f, 1e-40f, 1e30f, INFINITY, -INFINITY, NAN};
  const float powers[] = {0,     1,    -1, 2,        3,         -3, 0.5f,
                          -0.5f, 2.7f, 31, INFINITY, -INFINITY, NAN};
  for (const std::string &name : runnableTargets()) {
    Compiled code(name, [](KernelModule &m) {
      return std::vector<std::string>{emitPower(m)};
    });
    for (float x : bases)
      for (float y : powers) {
        if (std::fabs(x) == 1 && std::isinf(y))
          continue;
        float z = 0;
        int64_t args[] = {word(&x), word(&y), word(&z)};
        code[0](args, 0, 1, 0);
        float want = static_cast<float>(std::pow(double(x), double(y)));
        INFO(name << " " << x << " ^ " << y);
        CHECK((z == want || (std::isnan(z) && std::isnan(want))));
      }
  }
}
