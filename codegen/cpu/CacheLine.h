// SPDX-License-Identifier: Apache-2.0
// What memory is fetched by. Used by kernels that fetch ahead or keep rows out
// of each other's lines.
#ifndef LLMC_CODEGEN_CPU_CACHELINE_H
#define LLMC_CODEGEN_CPU_CACHELINE_H

#include <cstdint>

namespace llmc {

inline constexpr int64_t lineBytes = 64; ///< of a cache

} // namespace llmc

#endif
