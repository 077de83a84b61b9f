// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/Compare.h"
#include "runtime/core/DType.h"
#include "runtime/core/Half.h"
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <functional>
#include <optional>

namespace llmc::cli {

namespace {

/// Sign, exponent and mantissa of a small float of `exponentBits` and
/// `mantissaBits`, without infinities.
double smallFloat(unsigned bits, int exponentBits, int mantissaBits, int bias) {
  unsigned mantissa = bits & ((1u << mantissaBits) - 1);
  unsigned exponent = bits >> mantissaBits & ((1u << exponentBits) - 1);
  double value =
      exponent == 0
          ? std::ldexp(mantissa, 1 - bias - mantissaBits)
          : std::ldexp(mantissa + (1u << mantissaBits),
                       static_cast<int>(exponent) - bias - mantissaBits);
  return bits >> (exponentBits + mantissaBits) & 1 ? -value : value;
}

double float8(int32_t dtype, unsigned bits) {
  switch (dtype) {
  case LLMC_F8E4M3FN:
    return (bits & 0x7F) == 0x7F ? NAN : smallFloat(bits, 4, 3, 7);
  case LLMC_F8E4M3FNUZ:
    return bits == 0x80 ? NAN : smallFloat(bits, 4, 3, 8);
  case LLMC_F8E5M2:
    return f16ToFloat(static_cast<uint16_t>(bits << 8));
  case LLMC_F8E5M2FNUZ:
    return bits == 0x80 ? NAN : smallFloat(bits, 5, 2, 16);
  case LLMC_F8E8M0:
    return bits == 0xFF ? NAN : std::ldexp(1.0, static_cast<int>(bits) - 127);
  }
  return NAN;
}

template <typename T> T load(const HostTensor &tensor, uint64_t index) {
  T value;
  std::memcpy(&value, tensor.data.data() + index * sizeof(T), sizeof value);
  return value;
}

/// A float element as a double; of complex types `index` counts the parts.
/// Nothing: not a float type.
std::optional<double> floatAt(const HostTensor &tensor, uint64_t index) {
  switch (tensor.dtype) {
  case LLMC_F32:
  case LLMC_C64:
    return load<float>(tensor, index);
  case LLMC_F64:
  case LLMC_C128:
    return load<double>(tensor, index);
  case LLMC_F16:
    return f16ToFloat(load<uint16_t>(tensor, index));
  case LLMC_BF16:
    return bf16ToFloat(load<uint16_t>(tensor, index));
  case LLMC_F8E4M3FN:
  case LLMC_F8E4M3FNUZ:
  case LLMC_F8E5M2:
  case LLMC_F8E5M2FNUZ:
  case LLMC_F8E8M0:
    return float8(tensor.dtype, load<uint8_t>(tensor, index));
  }
  return std::nullopt;
}

/// The bits of an integer, bool or sub-byte element.
uint64_t bitsAt(const HostTensor &tensor, uint64_t index) {
  unsigned bits = static_cast<unsigned>(dtypeBits(tensor.dtype));
  if (bits >= 8) {
    uint64_t value = 0;
    std::memcpy(&value, tensor.data.data() + index * (bits / 8), bits / 8);
    return value;
  }
  auto byte = static_cast<unsigned>(tensor.data[index * bits / 8]);
  return byte >> (index * bits % 8) & ((1u << bits) - 1);
}

std::string textAt(const HostTensor &tensor, uint64_t index) {
  if (tensor.dtype == LLMC_STRING)
    return "'" + tensor.strings[index] + "'";
  if (auto value = floatAt(tensor, index))
    return fmt::format("{:.7g}", *value);
  uint64_t bits = bitsAt(tensor, index);
  unsigned width = static_cast<unsigned>(dtypeBits(tensor.dtype));
  bool isSigned = tensor.dtype == LLMC_I8 || tensor.dtype == LLMC_I16 ||
                  tensor.dtype == LLMC_I32 || tensor.dtype == LLMC_I64 ||
                  tensor.dtype == LLMC_I4 || tensor.dtype == LLMC_I2;
  if (isSigned)
    return fmt::format("{}", static_cast<int64_t>(bits << (64 - width)) >>
                                 (64 - width));
  return fmt::format("{}", bits);
}

std::string dimsText(const std::vector<int64_t> &dims) {
  std::string text = "[";
  for (size_t i = 0; i < dims.size(); ++i)
    text += fmt::format("{}{}", i ? "," : "", dims[i]);
  return text + "]";
}

/// "[0,3,17]" of a flat index.
std::string positionText(std::vector<int64_t> dims, uint64_t index) {
  for (size_t i = dims.size(); i-- > 0;) {
    auto size = static_cast<uint64_t>(dims[i]);
    dims[i] = static_cast<int64_t>(index % size);
    index /= size;
  }
  return dimsText(dims);
}

bool isClose(double got, double want, const Tolerance &tolerance,
             double &maxDifference) {
  if (std::isnan(got) || std::isnan(want))
    return std::isnan(got) && std::isnan(want);
  if (std::isinf(got) || std::isinf(want))
    return got == want;
  double difference = std::fabs(got - want);
  maxDifference = std::max(maxDifference, difference);
  return difference <= tolerance.atol + tolerance.rtol * std::fabs(want);
}

} // namespace

Comparison compare(const HostTensor &got, const HostTensor &want,
                   const Tolerance &tolerance) {
  Comparison result = {.output = got.name};
  if (got.dtype != want.dtype || got.dims != want.dims) {
    result.mismatch = fmt::format("is {}{}, expected {}{}",
                                  dtypeName(got.dtype), dimsText(got.dims),
                                  dtypeName(want.dtype), dimsText(want.dims));
    return result;
  }
  result.values = want.elementCount();
  bool isComplex = got.dtype == LLMC_C64 || got.dtype == LLMC_C128;
  uint64_t first = 0;
  for (uint64_t i = 0; i < result.values; ++i) {
    bool same = true;
    if (got.dtype == LLMC_STRING) {
      same = got.strings[i] == want.strings[i];
    } else if (isComplex) {
      for (uint64_t part = 2 * i; part < 2 * i + 2; ++part)
        same &= isClose(*floatAt(got, part), *floatAt(want, part), tolerance,
                        result.maxDifference);
    } else if (auto value = floatAt(got, i)) {
      same =
          isClose(*value, *floatAt(want, i), tolerance, result.maxDifference);
    } else {
      same = bitsAt(got, i) == bitsAt(want, i);
    }
    if (!same && result.different++ == 0)
      first = i;
  }
  if (result.different > 0)
    result.mismatch = fmt::format(
        "{} of {} values differ, first at {}: got {}, expected {}",
        result.different, result.values, positionText(want.dims, first),
        textAt(got, first), textAt(want, first));
  return result;
}

Comparison compare(const HostValue &got, const HostValue &want,
                   const Tolerance &tolerance) {
  if (got.kind == ValueKind::Tensor && want.kind == ValueKind::Tensor)
    return compare(got.tensors.front(), want.tensors.front(), tolerance);
  Comparison result = {.output = got.name};
  size_t count = want.tensors.size();
  if (got.kind != want.kind)
    result.mismatch =
        fmt::format("is of kind {}, expected {}", valueKindName(got.kind),
                    valueKindName(want.kind));
  else if (got.isAbsent != want.isAbsent)
    result.mismatch = got.isAbsent ? "is absent, expected a sequence"
                                   : "expected to be absent";
  else if (got.tensors.size() != count)
    result.mismatch =
        fmt::format("has {} tensors, expected {}", got.tensors.size(), count);
  for (size_t i = 0; result.mismatch.empty() && i < count; ++i) {
    Comparison one = compare(got.tensors[i], want.tensors[i], tolerance);
    result.values += one.values;
    result.different += one.different;
    result.maxDifference = std::max(result.maxDifference, one.maxDifference);
    if (!one.mismatch.empty())
      result.mismatch = fmt::format("tensor {}: {}", i, one.mismatch);
  }
  return result;
}

} // namespace llmc::cli
