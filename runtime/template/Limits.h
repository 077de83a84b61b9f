// SPDX-License-Identifier: Apache-2.0
// What a template may cost. Templates and conversations come from anywhere, so
// each of these bounds something that a hostile one would otherwise use up.
// All are far above what published templates need. Compile-time constants: a
// rendering that fails on one machine fails on all.
#ifndef LLMC_RUNTIME_TEMPLATE_LIMITS_H
#define LLMC_RUNTIME_TEMPLATE_LIMITS_H

#include <cstddef>
#include <cstdint>

namespace llmc::jinja::limits {

/// Bytes of a template's source.
constexpr size_t sourceBytes = size_t(1) << 20;
/// Expressions and statements inside each other, in the source.
constexpr int nesting = 100;
/// Operators, filters and subscripts one after the other, which nest as well.
constexpr unsigned height = 400;
/// Bytes of a conversation or any other JSON that a template gets.
constexpr size_t jsonBytes = size_t(256) << 20;
/// Lists and objects inside each other in such JSON.
constexpr unsigned jsonDepth = 64;
/// Evaluated nodes, turns of loops, copied or compared pieces of 256 bytes.
constexpr uint64_t steps = 20'000'000;
/// Evaluations inside each other: expressions, statements, calls of macros.
constexpr unsigned depth = 1'000;
/// Bytes of one text, the output included.
constexpr size_t textBytes = size_t(64) << 20;
/// Bytes of all values that are alive at one time.
constexpr size_t liveBytes = size_t(512) << 20;
/// Values inside each other.
constexpr unsigned valueDepth = 100;
/// Numbers in a range, which is Jinja2's own limit in a sandbox.
constexpr int64_t rangeItems = 100'000;

} // namespace llmc::jinja::limits

#endif
