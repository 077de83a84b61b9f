// SPDX-License-Identifier: Apache-2.0
// Patterns of tokenizer.json: fixed strings, well-known word patterns with a
// matcher of their own, and other regular expressions through PCRE2 with
// limits. Immutable after load; matching is thread-safe.
#ifndef LLMC_RUNTIME_TEXT_REGEX_H
#define LLMC_RUNTIME_TEXT_REGEX_H

#include "runtime/core/Status.h"
#include "runtime/text/TokenizerFile.h"
#include "runtime/text/Utf8.h"
#include "runtime/text/WordPatterns.h"
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace llmc::text {

class Regex;

class Pattern {
public:
  /// Matches every occurrence of `text`.
  static Pattern literal(std::string text);
  static Result<Pattern> regex(const std::string &source,
                               const std::string &where);

  /// Visits the matches [begin, end) in order; they don't overlap.
  template <typename Visitor>
  Status forEachMatch(std::string_view text, Visitor visit) const {
    if (word_ != WordPattern::None) {
      for (size_t at = 0; at < text.size();) {
        size_t end = matchWord(word_, text, at);
        if (end == at) { // no match here
          at += sequenceLength(static_cast<unsigned char>(text[at]));
          continue;
        }
        visit(at, end);
        at = end;
      }
      return Status();
    }
    if (!literal_.empty()) {
      size_t at = text.find(literal_);
      for (; at != text.npos; at = text.find(literal_, at + literal_.size()))
        visit(at, at + literal_.size());
      return Status();
    }
    return regexMatches(text, visit);
  }
  /// The hand-written matcher, where there is one.
  WordPattern word() const { return word_; }

private:
  Status regexMatches(std::string_view text,
                      const std::function<void(size_t, size_t)> &visit) const;
  std::string literal_;
  WordPattern word_ = WordPattern::None;
  std::shared_ptr<const Regex> regex_;
};

/// The field `pattern`: {"String": s} or {"Regex": s}.
Result<Pattern> loadPattern(FieldReader &fields);

} // namespace llmc::text

#endif
