// SPDX-License-Identifier: Apache-2.0
// Conversions of small floats against the definition: the nearest of all
// values, halves to the even code. Remainders against the C library.
#include "codegen/cpu/Elements.h"
#include "codegen/cpu/Remainder.h"
#include "test/unit/codegen/Harness.h"
#include "llvm/ADT/APFloat.h"
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <numeric>

using namespace llmc;
using namespace llmc::test;
using mlir::Value;

namespace {

/// y[i] = emit(x[i]) by vectors and by scalars.
std::string emitMapping(KernelModule &kernels, const std::string &name,
                        mlir::Type from, bool scalar,
                        llvm::function_ref<Value(CodeBuilder &, Value)> emit) {
  return kernels.get("f", name, [&](llvm::StringRef symbol) {
    KernelBuilder k(kernels, symbol,
                    {{KernelArg::Read, "x"}, {KernelArg::Write, "y"}});
    int64_t lanes = scalar ? 1 : k.lanes();
    k.forLoop(k.mul(k.begin(), lanes), k.mul(k.end(), lanes), k.ci(lanes),
              [&](Value i) {
                Value x = k.load(k.vec(lanes, from), k.arg(0), i);
                k.store(emit(k, x), k.arg(1), i);
              });
    k.finish();
  });
}

template <typename Out, typename In>
std::vector<Out> apply(LlmcKernel kernel, std::vector<In> in, bool scalar,
                       int64_t lanes) {
  size_t count = in.size();
  in.resize((count + lanes - 1) / lanes * lanes);
  std::vector<Out> out(in.size());
  int64_t args[] = {word(in.data()), word(out.data())};
  kernel(args, 0, scalar ? in.size() : in.size() / lanes, 0);
  out.resize(count);
  return out;
}

struct SmallType {
  const char *name;
  mlir::FloatType (*type)(mlir::MLIRContext *);
  unsigned signBit, largest;
  int overflow; // code behind the largest number, or -1: none, saturates
};
template <typename T> mlir::FloatType typeIn(mlir::MLIRContext *context) {
  return T::get(context);
}
const SmallType smallTypes[] = {
    {"e4m3fn", typeIn<mlir::Float8E4M3FNType>, 0x80, 0x7E, 0x7F},
    {"e4m3fnuz", typeIn<mlir::Float8E4M3FNUZType>, 0x80, 0x7F, 0x80},
    {"e5m2", typeIn<mlir::Float8E5M2Type>, 0x80, 0x7B, 0x7C},
    {"e5m2fnuz", typeIn<mlir::Float8E5M2FNUZType>, 0x80, 0x7F, 0x80},
    {"e2m1", typeIn<mlir::Float4E2M1FNType>, 8, 7, -1},
};

float valueOf(mlir::FloatType type, unsigned code) {
  llvm::APFloat f(type.getFloatSemantics(), llvm::APInt(type.getWidth(), code));
  bool lost;
  f.convert(llvm::APFloat::IEEEsingle(), llvm::APFloat::rmNearestTiesToEven,
            &lost);
  return f.convertToFloat();
}

/// The code of a positive number, by search.
unsigned nearest(const SmallType &t, mlir::FloatType type, double x,
                 bool saturate) {
  double last = valueOf(type, t.largest),
         next = last + (last - valueOf(type, t.largest - 1));
  unsigned best = 0;
  double distance = INFINITY;
  for (unsigned code = 0; code <= t.largest + 1; ++code) {
    double d = std::fabs((code > t.largest ? next : valueOf(type, code)) - x);
    if (d < distance || (d == distance && code % 2 == 0))
      best = code, distance = d;
  }
  if (best <= t.largest && x < next)
    return best;
  return saturate || t.overflow < 0 ? t.largest : t.overflow;
}

std::vector<float> interesting(const SmallType &t, mlir::FloatType type) {
  std::vector<float> values = {0, 1e-30f, 1e30f, INFINITY, 1e-42f};
  for (unsigned code = 0; code < t.largest; ++code) {
    float a = valueOf(type, code), b = valueOf(type, code + 1);
    float half = (a + b) / 2;
    values.insert(values.end(), {a, half, std::nextafter(half, 0.0f),
                                 std::nextafter(half, INFINITY)});
  }
  float last = valueOf(type, t.largest);
  float half = last + (last - valueOf(type, t.largest - 1)) / 2;
  values.insert(values.end(), {last, half, std::nextafter(half, 0.0f),
                               std::nextafter(half, INFINITY)});
  return values;
}

} // namespace

/// All of one type on one target.
static void checkSmallType(const std::string &name, const SmallType &t) {
  bool scalar = name == "ref";
  INFO(name << " " << t.name);
  mlir::MLIRContext own;
  mlir::FloatType type = t.type(&own);
  Compiled code(name, [&](KernelModule &kernels) {
    mlir::MLIRContext *context = kernels.module().getContext();
    mlir::FloatType small = t.type(context);
    std::vector<std::string> symbols;
    for (bool saturate : {false, true})
      symbols.push_back(emitMapping(
          kernels, saturate ? "s" : "o", mlir::Float32Type::get(context),
          scalar, [&](CodeBuilder &k, Value x) {
            return encodeSmallFloat(k, x, small, {saturate});
          }));
    symbols.push_back(emitMapping(kernels, "d",
                                  mlir::IntegerType::get(context, 8), scalar,
                                  [&](CodeBuilder &k, Value x) {
                                    return decodeSmallFloat(k, x, small);
                                  }));
    return symbols;
  });
  int64_t lanes = target(name).lanes;
  std::vector<uint8_t> codes(2 * t.signBit);
  std::iota(codes.begin(), codes.end(), 0);
  auto decoded = apply<float>(code[2], codes, scalar, lanes);
  for (unsigned c : codes) {
    float want = valueOf(type, c);
    INFO(c << " gives " << decoded[c] << ", expected " << want);
    CHECK((std::isnan(want) ? std::isnan(decoded[c]) : decoded[c] == want));
  }
  std::vector<float> in = interesting(t, type);
  for (size_t i = 0, n = in.size(); i < n; ++i)
    in.push_back(-in[i]);
  for (bool saturate : {false, true}) {
    auto out = apply<uint8_t>(code[saturate], in, scalar, lanes);
    for (auto [i, x] : llvm::enumerate(in)) {
      unsigned want = nearest(t, type, std::fabs(x), saturate);
      bool hasSign = t.overflow != 0x80 || (want != 0 && want != 0x80);
      if (std::signbit(x) && hasSign)
        want |= t.signBit;
      INFO(x << " saturate " << saturate);
      CHECK(unsigned(out[i]) == want);
    }
  }
  float nan = apply<float>(
      code[2], apply<uint8_t>(code[0], std::vector{NAN}, scalar, lanes), scalar,
      lanes)[0];
  CHECK((t.overflow < 0 ? nan == 0 : std::isnan(nan)));
}

TEST_CASE("Floats of 8 bits and less") {
  for (const std::string &name : allTargets())
    for (const SmallType &t : smallTypes)
      checkSmallType(name, t);
}

TEST_CASE("Powers of two as f8e8m0") {
  std::string name = runnableTargets().front();
  Compiled code(name, [&](KernelModule &kernels) {
    mlir::MLIRContext *context = kernels.module().getContext();
    std::vector<std::string> symbols;
    for (auto mode :
         {ScaleRounding::Up, ScaleRounding::Down, ScaleRounding::Nearest})
      for (bool saturate : {false, true})
        symbols.push_back(emitMapping(
            kernels, std::to_string(int(mode)) + (saturate ? "s" : "o"),
            mlir::Float32Type::get(context), false,
            [&](CodeBuilder &k, Value x) {
              return encodeSmallFloat(k, x,
                                      mlir::Float8E8M0FNUType::get(context),
                                      {saturate, mode});
            }));
    return symbols;
  });
  std::vector<float> in = {1,         1.25f, 1.5f,  1.75f,    2,  0x1p-127f,
                           0x1p-126f, 0,     3e38f, INFINITY, NAN};
  auto run = [&](int which) {
    auto out = apply<uint8_t>(code[which], in, false, target(name).lanes);
    return std::vector<int>(out.begin(), out.end());
  };
  using Codes = std::vector<int>;
  CHECK(run(0) == Codes{127, 128, 128, 128, 128, 0, 1, 255, 255, 255, 255});
  CHECK(run(1) == Codes{127, 128, 128, 128, 128, 0, 1, 0, 254, 254, 255});
  CHECK(run(2) == Codes{127, 127, 127, 127, 128, 0, 1, 255, 254, 255, 255});
  CHECK(run(3) == Codes{127, 127, 127, 127, 128, 0, 1, 0, 254, 254, 255});
  CHECK(run(4) == Codes{127, 127, 128, 128, 128, 0, 1, 255, 255, 255, 255});
  CHECK(run(5) == Codes{127, 127, 128, 128, 128, 0, 1, 0, 254, 254, 255});
}

TEST_CASE("A double is rounded to 16 bits once") {
  std::string name = runnableTargets().front();
  Compiled code(name, [&](KernelModule &kernels) {
    mlir::MLIRContext *context = kernels.module().getContext();
    auto to = [&](mlir::Type type, const char *key) {
      return emitMapping(
          kernels, key, mlir::Float64Type::get(context), false,
          [&](CodeBuilder &k, Value x) { return toMemory(k, x, type); });
    };
    return std::vector{to(mlir::Float16Type::get(context), "f16"),
                       to(mlir::BFloat16Type::get(context), "bf16")};
  });
  // A little above and below the middle of two neighbours, and beyond.
  std::vector<double> in = {1 + 0x1p-11 + 0x1p-40,
                            1 + 0x1p-11,
                            1 + 0x1p-8 + 0x1p-40,
                            1 + 0x1p-8,
                            65520 - 0x1p-30,
                            1e300,
                            -1e-300,
                            NAN};
  int64_t lanes = target(name).lanes;
  auto half = apply<uint16_t>(code[0], in, false, lanes),
       brain = apply<uint16_t>(code[1], in, false, lanes);
  CHECK(half[0] == 0x3C01);
  CHECK(half[1] == 0x3C00);
  CHECK(half[4] == 0x7BFF);
  CHECK(half[5] == 0x7C00);
  CHECK(half[6] == 0x8000);
  CHECK((half[7] & 0x7FFF) > 0x7C00);
  CHECK(brain[2] == 0x3F81);
  CHECK(brain[3] == 0x3F80);
  CHECK(brain[5] == 0x7F80);
  CHECK((brain[7] & 0x7FFF) > 0x7F80);
}

TEST_CASE("Remainders of floats are exact") {
  Compiled code(runnableTargets().front(), [&](KernelModule &kernels) {
    std::vector<std::string> symbols;
    for (bool truncated : {true, false})
      symbols.push_back(kernels.get(
          "mod", truncated ? "t" : "f", [&](llvm::StringRef symbol) {
            KernelBuilder k(kernels, symbol,
                            {{KernelArg::Read, "x"},
                             {KernelArg::Read, "y"},
                             {KernelArg::Write, "z"}});
            k.forTiles([&](Value i) {
              k.store(emitFloatMod(k, k.load(k.f64(), k.arg(0), i),
                                   k.load(k.f64(), k.arg(1), i), truncated),
                      k.arg(2), i);
            });
            k.finish();
          }));
    return symbols;
  });
  std::vector<double> some = {0.0,       -0.0,    1,         -1,       3,
                              -3,        0.1,     -2.5,      1e300,    1e-300,
                              5e-324,    -4e-320, 0x1p-1022, 1e17 + 3, INFINITY,
                              -INFINITY, NAN,     7.25e-310};
  std::vector<double> x, y;
  for (double a : some)
    for (double b : some)
      x.push_back(a), y.push_back(b);
  std::vector<double> truncated(x.size()), floored(x.size());
  int64_t t[] = {word(x.data()), word(y.data()), word(truncated.data())};
  int64_t f[] = {word(x.data()), word(y.data()), word(floored.data())};
  code[0](t, 0, x.size(), 0);
  code[1](f, 0, x.size(), 0);
  for (size_t i = 0; i < x.size(); ++i) {
    INFO(x[i] << " mod " << y[i]);
    double want = std::fmod(x[i], y[i]);
    CHECK((std::isnan(want)
               ? std::isnan(truncated[i])
               : want == truncated[i] &&
                     std::signbit(want) == std::signbit(truncated[i])));
    if (want == 0)
      want = std::copysign(0.0, y[i]);
    else if ((want < 0) != (y[i] < 0))
      want += y[i];
    CHECK((std::isnan(want)
               ? std::isnan(floored[i])
               : want == floored[i] &&
                     std::signbit(want) == std::signbit(floored[i])));
  }
}
