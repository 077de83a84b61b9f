// SPDX-License-Identifier: Apache-2.0
// What fuzzers hold programs to: a failure ends the program with what it is.
#ifndef LLMC_TEST_FUZZ_REQUIRE_H
#define LLMC_TEST_FUZZ_REQUIRE_H

#include "runtime/core/Status.h"
#include <cstdio>
#include <cstdlib>

namespace llmc::fuzz {

inline void require(bool holds, const char *what) {
  if (holds)
    return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

/// That a refusal is the input's fault.
inline void requireReason(const Error &error) {
  require(error.code == Code::BadInput || error.code == Code::Unsupported ||
              error.code == Code::Resource,
          "a refusal is the input's fault");
}

} // namespace llmc::fuzz

#endif
