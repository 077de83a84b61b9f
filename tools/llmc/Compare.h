// SPDX-License-Identifier: Apache-2.0
// Compares a value with the expected one. Of tensors: same type and shape, and
// |got - want| <= atol + rtol * |want| in double; NaN equals NaN, infinities by
// sign; bool, integers and strings exactly. Of all else: the same kind and
// number of tensors, each equal. Stateless.
#ifndef LLMC_TOOLS_LLMC_COMPARE_H
#define LLMC_TOOLS_LLMC_COMPARE_H

#include "frontend/tensorfile/Value.h"
#include <string>

namespace llmc::cli {

struct Tolerance {
  double rtol = 1e-3;
  double atol = 1e-7;
};

struct Comparison {
  std::string output;        // its name
  std::string mismatch = {}; // empty: equal within the tolerance
  uint64_t values = 0;
  uint64_t different = 0;
  double maxDifference = 0; // of finite values
};

Comparison compare(const HostValue &got, const HostValue &want,
                   const Tolerance &tolerance);
Comparison compare(const HostTensor &got, const HostTensor &want,
                   const Tolerance &tolerance);

} // namespace llmc::cli

#endif
