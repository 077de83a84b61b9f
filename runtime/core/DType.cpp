// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/DType.h"
#include <iterator>

namespace llmc {

namespace {
struct Row {
  const char *name;
  int bits;
};
} // namespace

// In the order of LlmcDType's numbers.
static constexpr Row rows[] = {
    {"none", 0},       {"f32", 32},     {"u8", 8},         {"i8", 8},
    {"u16", 16},       {"i16", 16},     {"i32", 32},       {"i64", 64},
    {"string", 0},     {"bool", 8},     {"f16", 16},       {"f64", 64},
    {"u32", 32},       {"u64", 64},     {"c64", 64},       {"c128", 128},
    {"bf16", 16},      {"f8e4m3fn", 8}, {"f8e4m3fnuz", 8}, {"f8e5m2", 8},
    {"f8e5m2fnuz", 8}, {"u4", 4},       {"i4", 4},         {"f4e2m1", 4},
    {"f8e8m0", 8},     {"u2", 2},       {"i2", 2}};

static const Row &row(int32_t dtype) {
  return rows[dtype >= 0 && dtype < static_cast<int32_t>(std::size(rows))
                  ? dtype
                  : 0];
}

const char *dtypeName(int32_t dtype) { return row(dtype).name; }
int dtypeBits(int32_t dtype) { return row(dtype).bits; }

std::optional<int32_t> dtypeFromName(std::string_view name) {
  for (size_t i = 1; i < std::size(rows); ++i)
    if (name == rows[i].name)
      return static_cast<int32_t>(i);
  return std::nullopt;
}

std::optional<int64_t> elementCount(const int64_t *dims, int64_t rank) {
  constexpr int64_t limit = int64_t(1) << 62;
  int64_t count = 1;
  bool empty = false;
  for (int64_t i = 0; i < rank; ++i) {
    if (dims[i] < 0)
      return std::nullopt;
    empty |= dims[i] == 0;
  }
  for (int64_t i = 0; !empty && i < rank; ++i) {
    if (dims[i] > limit / count)
      return std::nullopt;
    count *= dims[i];
  }
  return empty ? 0 : count;
}

} // namespace llmc
