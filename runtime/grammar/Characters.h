// SPDX-License-Identifier: Apache-2.0
// Reads a text code point by code point, with escapes, for the parsers of
// grammars and of patterns. Refers to its text; one thread at a time.
#ifndef LLMC_RUNTIME_GRAMMAR_CHARACTERS_H
#define LLMC_RUNTIME_GRAMMAR_CHARACTERS_H

#include "runtime/text/Utf8.h"
#include <optional>
#include <string_view>

namespace llmc::grammar {

class Characters {
public:
  /// Valid UTF-8.
  explicit Characters(std::string_view text) : text_(text) {}

  bool atEnd() const { return at_ == text_.size(); }
  size_t position() const { return at_; }
  void rewind(size_t position) { at_ = position; }
  /// The next byte, 0 at the end.
  char peek() const { return atEnd() ? '\0' : text_[at_]; }
  bool startsWith(std::string_view word) const {
    return text_.substr(at_).starts_with(word);
  }
  bool take(std::string_view word) {
    if (!startsWith(word))
      return false;
    at_ += word.size();
    return true;
  }
  /// Not at the end.
  uint32_t next() {
    text::CodePoint p = text::decodeAt(text_, at_);
    at_ += p.size;
    return p.value;
  }
  /// A code point of so many hexadecimal digits, which are taken.
  std::optional<uint32_t> hexadecimal(int digits);
  /// A number of decimal digits, which are taken; `most` + 1 where it is larger
  /// than `most`.
  std::optional<uint32_t> decimal(uint32_t most);

private:
  std::string_view text_;
  size_t at_ = 0;
};

} // namespace llmc::grammar

#endif
