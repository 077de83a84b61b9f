// SPDX-License-Identifier: Apache-2.0
// The pre-tokenizers of tokenizer.json: they cut a normalized text into the
// words that the model sees, and some rewrite it. A sequence is a flat list
// applied in order; each is immutable after load.
#ifndef LLMC_RUNTIME_TEXT_PRETOKENIZERS_H
#define LLMC_RUNTIME_TEXT_PRETOKENIZERS_H

#include "runtime/core/Status.h"
#include "runtime/text/AlignedText.h"
#include "runtime/text/Regex.h"
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

namespace llmc::text {

/// A word: bytes [begin, end) of the text, never empty.
struct Part {
  uint32_t begin;
  uint32_t end;
};

/// What the pre-tokenizers work on. Buffers are kept between uses.
struct PreTokenized {
  AlignedText text;
  std::vector<Part> parts;

  struct Piece {
    uint32_t begin, end;
    bool match;
  };
  std::vector<Part> spare;
  std::vector<Piece> pieces;

  /// The byte of the original where a part begins.
  uint32_t originalBegin(const Part &part) const {
    return text.spanAt(part.begin).begin;
  }
};

class PreTokenizer {
public:
  virtual ~PreTokenizer() = default;
  virtual Status apply(PreTokenized &words) const = 0;
  /// True of the step that only spells bytes in the byte-level alphabet; a
  /// model that reads bytes itself goes without it.
  virtual bool isByteAlphabet() const { return false; }
};

using PreTokenizerList = std::vector<std::unique_ptr<PreTokenizer>>;

/// Appends the steps that `json` describes; `where` names it.
Status loadPreTokenizer(const nlohmann::json &json, const std::string &where,
                        PreTokenizerList &out);

enum class SplitBehavior {
  Removed,
  Isolated,
  MergedWithPrevious,
  MergedWithNext,
  Contiguous
};

/// Turns the pieces of one part into parts in words.spare.
void appendPieces(PreTokenized &words, SplitBehavior behavior);

/// Cuts at characters that satisfy a predicate.
template <typename Predicate>
void splitCharacters(PreTokenized &words, SplitBehavior behavior,
                     Predicate isMatch) {
  std::string_view text = words.text.text();
  words.spare.clear();
  for (Part part : words.parts) {
    words.pieces.clear();
    uint32_t last = part.begin;
    for (uint32_t i = part.begin; i < part.end;) {
      CodePoint p = decodeAt(text, i);
      if (isMatch(p.value)) {
        if (last < i)
          words.pieces.push_back({last, i, false});
        last = i + p.size;
        words.pieces.push_back({i, last, true});
      }
      i += p.size;
    }
    if (last < part.end)
      words.pieces.push_back({last, part.end, false});
    appendPieces(words, behavior);
  }
  words.parts.swap(words.spare);
}

/// Cuts at matches of a pattern; `invert` cuts at what lies between them.
Status splitPattern(PreTokenized &words, const Pattern &pattern,
                    SplitBehavior behavior, bool invert);

std::unique_ptr<PreTokenizer> makeUnicodeScripts();

} // namespace llmc::text

#endif
