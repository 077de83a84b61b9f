// SPDX-License-Identifier: Apache-2.0
// The tokens of a window of sound, cut where their times say. Used by the
// transcriber; stateless.
#ifndef LLMC_RUNTIME_SESSION_SEGMENTS_H
#define LLMC_RUNTIME_SESSION_SEGMENTS_H

#include <cstdint>
#include <span>
#include <vector>

namespace llmc {

/// Times are in steps from the window's start.
struct TokenSegment {
  int64_t start = 0, end = 0;
  std::span<const uint32_t> tokens;
};

struct WindowSegments {
  std::vector<TokenSegment> segments;
  int64_t next = 0; // where the next window begins
};

/// Tokens from `first` on are times; a window has `length` steps. Text between
/// two times that follow each other and the two before it is a segment. Text
/// behind the last such pair was cut off by the window's end: the next window
/// begins with it, unless a single time ends all. Without pairs there is one
/// segment, as long as its last time says.
WindowSegments cutSegments(std::span<const uint32_t> tokens, uint32_t first,
                           int64_t length);

} // namespace llmc

#endif
