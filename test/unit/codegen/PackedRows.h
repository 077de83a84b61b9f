// SPDX-License-Identifier: Apache-2.0
// Packed rows by their definition (ir/llm/PackedRows.h), for the tests of what
// makes and reads them.
#ifndef LLMC_TEST_UNIT_CODEGEN_PACKEDROWS_H
#define LLMC_TEST_UNIT_CODEGEN_PACKEDROWS_H

#include "ir/llm/PackedRows.h"
#include <cstddef>
#include <vector>

namespace llmc::test {

/// Rows one behind the other.
std::vector<std::byte> packRows(const std::vector<float> &values,
                                const llm::PackedRows &rows);
std::vector<float> unpackRows(const std::vector<std::byte> &bytes,
                              const llm::PackedRows &rows);

} // namespace llmc::test

#endif
