// SPDX-License-Identifier: Apache-2.0
// A text that normalizers and pre-tokenizers rewrite, which knows for every
// byte the bytes of the original it came from. Used by one encode at a time;
// keeps its buffers between uses.
#ifndef LLMC_RUNTIME_TEXT_ALIGNEDTEXT_H
#define LLMC_RUNTIME_TEXT_ALIGNEDTEXT_H

#include "runtime/text/Utf8.h"
#include <string>
#include <string_view>
#include <vector>

namespace llmc::text {

/// A range of bytes of the original text.
struct Span {
  uint32_t begin;
  uint32_t end;
};

class AlignedText {
public:
  /// Starts over as `piece`, which lies at `origin` of the original and must
  /// outlive the use.
  void reset(std::string_view piece, uint32_t origin);

  /// Starts over as bytes [begin, end) of `whole`.
  void assign(const AlignedText &whole, size_t begin, size_t end);

  std::string_view text() const { return text_; }
  /// True once a rewrite grew past the limit; the text is then incomplete.
  bool overflowed() const { return overflowed_; }
  /// Where the piece begins in the original.
  uint32_t origin() const { return origin_; }
  /// The character of the original that the byte came from.
  Span spanAt(size_t byte) const;
  /// Of the non-empty bytes [begin, end).
  Span span(size_t begin, size_t end) const {
    return {spanAt(begin).begin, spanAt(end - 1).end};
  }
  /// Of something inserted after byte `position` - 1, in a part of the text
  /// that begins at original byte `start`.
  Span spanOfInsertion(size_t position, uint32_t start) const {
    return position == 0 ? Span{start, start} : spanAt(position - 1);
  }

private:
  friend class Rewrite;
  std::string_view text_;
  uint32_t origin_ = 0;
  bool identity_ = true;
  bool overflowed_ = false;
  std::string owned_, spare_;
  std::vector<Span> spans_, spareSpans_; // per byte, unless identity_
};

/// Writes the next state of an AlignedText while the old one is still read.
class Rewrite {
public:
  explicit Rewrite(AlignedText &text) : text_(text) {
    text.spare_.clear();
    text.spareSpans_.clear();
    text.spare_.reserve(text.text().size() + 16);
    text.spareSpans_.reserve(text.text().size() + 16);
  }
  /// Copies [begin, end) of the old text.
  void keep(size_t begin, size_t end);
  void put(char32_t c, Span span) {
    if (full())
      return;
    if (c < 0x80) {
      putByte(static_cast<char>(c), span);
      return;
    }
    appendUtf8(text_.spare_, c);
    text_.spareSpans_.resize(text_.spare_.size(), span);
  }
  void putByte(char c, Span span) {
    text_.spare_.push_back(c);
    text_.spareSpans_.push_back(span);
  }
  void put(std::string_view bytes, Span span) {
    if (full())
      return;
    text_.spare_.append(bytes);
    text_.spareSpans_.resize(text_.spare_.size(), span);
  }
  size_t size() const { return text_.spare_.size(); }
  /// The written text replaces the old one.
  void commit();

private:
  static constexpr size_t limit = size_t(1) << 30;
  bool full() { return text_.overflowed_ |= text_.spare_.size() > limit; }
  AlignedText &text_;
};

/// Rewrites from a sequence of (character, change): change 0 replaces the next
/// old character, 1 inserts, -n replaces it and drops the n after it.
class Transform {
public:
  explicit Transform(AlignedText &text) : text_(text), rewrite_(text) {}
  void emit(char32_t c, int change);
  void commit() { rewrite_.commit(); }

private:
  void skip();
  AlignedText &text_;
  Rewrite rewrite_;
  size_t cursor_ = 0;
};

} // namespace llmc::text

#endif
