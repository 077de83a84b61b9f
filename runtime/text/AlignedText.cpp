// SPDX-License-Identifier: Apache-2.0
#include "runtime/text/AlignedText.h"

namespace llmc::text {

void AlignedText::reset(std::string_view piece, uint32_t origin) {
  text_ = piece;
  origin_ = origin;
  identity_ = true;
  overflowed_ = false;
}

void AlignedText::assign(const AlignedText &whole, size_t begin, size_t end) {
  std::string_view part = whole.text_.substr(begin, end - begin);
  if (whole.identity_) {
    reset(part, whole.origin_ + static_cast<uint32_t>(begin));
    return;
  }
  owned_ = part;
  spans_.assign(whole.spans_.begin() + begin, whole.spans_.begin() + end);
  text_ = owned_;
  origin_ = spans_.empty() ? whole.origin_ : spans_.front().begin;
  identity_ = false;
  overflowed_ = false;
}

Span AlignedText::spanAt(size_t byte) const {
  if (!identity_)
    return spans_[byte];
  size_t begin = byte;
  while (begin > 0 && isContinuation(text_[begin]))
    --begin;
  size_t end = begin + sequenceLength(static_cast<unsigned char>(text_[begin]));
  return {origin_ + static_cast<uint32_t>(begin),
          origin_ + static_cast<uint32_t>(end)};
}

void Rewrite::keep(size_t begin, size_t end) {
  if (begin >= end || full())
    return;
  text_.spare_.append(text_.text_.substr(begin, end - begin));
  std::vector<Span> &spans = text_.spareSpans_;
  if (!text_.identity_) {
    spans.insert(spans.end(), text_.spans_.begin() + begin,
                 text_.spans_.begin() + end);
    return;
  }
  size_t position = begin;
  while (position < end) {
    auto lead = static_cast<unsigned char>(text_.text_[position]);
    auto at = text_.origin_ + static_cast<uint32_t>(position);
    uint32_t size = sequenceLength(lead);
    spans.resize(spans.size() + size, Span{at, at + size});
    position += size;
  }
}

void Rewrite::commit() {
  text_.owned_.swap(text_.spare_);
  text_.spans_.swap(text_.spareSpans_);
  text_.text_ = text_.owned_;
  text_.identity_ = false;
}

void Transform::skip() {
  if (cursor_ < text_.text().size())
    cursor_ +=
        sequenceLength(static_cast<unsigned char>(text_.text()[cursor_]));
}

void Transform::emit(char32_t c, int change) {
  if (change > 0 || cursor_ >= text_.text().size()) {
    rewrite_.put(c, text_.spanOfInsertion(cursor_, text_.origin()));
    return;
  }
  Span span = text_.spanAt(cursor_);
  for (int i = 0; i <= -change; ++i)
    skip();
  rewrite_.put(c, span);
}

} // namespace llmc::text
