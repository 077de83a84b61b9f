// SPDX-License-Identifier: Apache-2.0
// The result of encoding a text. A plain value.
#ifndef LLMC_RUNTIME_TEXT_ENCODING_H
#define LLMC_RUNTIME_TEXT_ENCODING_H

#include <cstdint>
#include <vector>

namespace llmc::text {

/// Code points [begin, end) of the encoded text; {0, 0} for tokens that are
/// not from the text.
struct Offset {
  uint32_t begin;
  uint32_t end;
};

/// The word of a token that is of no text.
constexpr uint32_t noWord = UINT32_MAX;

/// All vectors have one element per token.
struct Encoding {
  std::vector<uint32_t> ids;
  std::vector<Offset> offsets;
  std::vector<uint32_t> typeIds;      // 0 or 1: of which text
  std::vector<uint32_t> words;        // of its text, as pre-tokenized
  std::vector<uint8_t> specialMask;   // 1: added by the post-processor
  std::vector<uint8_t> attentionMask; // 0: padding

  size_t size() const { return ids.size(); }
};

} // namespace llmc::text

#endif
