// SPDX-License-Identifier: Apache-2.0
// BERT's cleaning, Chinese spacing, accent stripping and lower case. One fused
// pass covers texts whose marks are in canonical order already; the rest take
// the separate passes that define the result.
#include "runtime/text/Normalizers.h"
#include "runtime/text/Unicode.h"

namespace llmc::text {

namespace {

class BertNormalizer : public Normalizer {
public:
  BertNormalizer(bool cleanText, bool chinese, bool stripAccents,
                 bool lowercase)
      : cleanText_(cleanText), chinese_(chinese), stripAccents_(stripAccents),
        lowercase_(lowercase) {}

  Status apply(AlignedText &text) const override {
    if (fused(text))
      return Status();
    cleanAndSpace(text);
    if (Status s = NormalForm(false, false).apply(text); !s)
      return s;
    stripAndLower(text);
    return Status();
  }

private:
  /// U+0000 where the character is removed.
  char32_t cleaned(char32_t c) const {
    if (!cleanText_)
      return c;
    if (c == 0 || c == 0xFFFD || isBertControl(c))
      return 0;
    return isSpace(c) ? U' ' : c;
  }

  void putLower(Rewrite &out, char32_t c, Span span) const {
    if (!lowercase_) {
      out.put(c, span);
      return;
    }
    LowerCase lower = toLower(c);
    out.put(lower.first, span);
    if (lower.second)
      out.put(lower.second, span);
  }

  /// False, with nothing changed, where marks would have to be reordered.
  bool fused(AlignedText &text) const {
    std::string_view old = text.text();
    Rewrite out(text);
    uint8_t lastClass = 0;
    for (size_t i = 0; i < old.size();) {
      auto byte = static_cast<unsigned char>(old[i]);
      if (byte < 0x80) {
        lastClass = 0;
        putAscii(out, byte, text.spanAt(i));
        ++i;
        continue;
      }
      CodePoint p = decodeAt(old, i);
      Span span = text.spanAt(i);
      i += p.size;
      char32_t c = cleaned(p.value);
      if (c == 0 && cleanText_)
        continue;
      if (!putOther(out, c, span, lastClass))
        return false;
    }
    out.commit();
    return true;
  }

  void putAscii(Rewrite &out, unsigned char byte, Span span) const {
    if (cleanText_) {
      if (byte == '\t' || byte == '\n' || byte == '\r')
        byte = ' ';
      else if (byte < 32 || byte == 127)
        return;
    }
    if (lowercase_ && byte >= 'A' && byte <= 'Z')
      byte += 32;
    out.putByte(static_cast<char>(byte), span);
  }

  bool putOther(Rewrite &out, char32_t c, Span span, uint8_t &lastClass) const {
    bool spaced = chinese_ && isChinese(c);
    if (spaced) {
      out.putByte(' ', span);
      lastClass = 0;
    }
    if (!stripAccents_) {
      putLower(out, c, span);
    } else {
      Decomposition d = decompose(c, false);
      for (int k = 0; k < d.count; ++k) {
        auto part = static_cast<char32_t>(d.codePoints[k]);
        uint8_t combining = combiningClass(part);
        if (combining != 0 && combining < lastClass)
          return false;
        lastClass = combining;
        if (!isNonspacingMark(part))
          putLower(out, part, span);
      }
    }
    if (spaced) {
      out.putByte(' ', span);
      lastClass = 0;
    }
    return true;
  }

  void cleanAndSpace(AlignedText &text) const {
    std::string_view old = text.text();
    Rewrite out(text);
    for (size_t i = 0; i < old.size();) {
      CodePoint p = decodeAt(old, i);
      Span span = text.spanAt(i);
      i += p.size;
      char32_t c = cleaned(p.value);
      if (c == 0 && cleanText_)
        continue;
      bool spaced = chinese_ && isChinese(c);
      if (spaced)
        out.putByte(' ', span);
      out.put(c, span);
      if (spaced)
        out.putByte(' ', span);
    }
    out.commit();
  }

  void stripAndLower(AlignedText &text) const {
    std::string_view old = text.text();
    Rewrite out(text);
    for (size_t i = 0; i < old.size();) {
      CodePoint p = decodeAt(old, i);
      Span span = text.spanAt(i);
      i += p.size;
      if (!isNonspacingMark(p.value))
        putLower(out, p.value, span);
    }
    out.commit();
  }

  bool cleanText_, chinese_, stripAccents_, lowercase_;
};

} // namespace

std::unique_ptr<Normalizer> makeBertNormalizer(bool cleanText, bool chinese,
                                               bool stripAccents,
                                               bool lowercase) {
  return std::make_unique<BertNormalizer>(cleanText, chinese, stripAccents,
                                          lowercase);
}

} // namespace llmc::text
