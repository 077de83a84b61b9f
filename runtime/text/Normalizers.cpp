// SPDX-License-Identifier: Apache-2.0
#include "runtime/text/Normalizers.h"
#include "runtime/text/ByteLevel.h"
#include "runtime/text/Regex.h"
#include "runtime/text/TokenizerFile.h"
#include "runtime/text/Unicode.h"

namespace llmc::text {

using nlohmann::json;

namespace {

/// Keeps, replaces or removes each character by itself; `Map` returns the new
/// character, or `removed`.
constexpr char32_t removed = 0xFFFFFFFF;
template <typename Map> void mapCharacters(AlignedText &text, Map map) {
  std::string_view old = text.text();
  Rewrite out(text);
  for (size_t i = 0; i < old.size();) {
    CodePoint p = decodeAt(old, i);
    char32_t c = map(p.value);
    if (c != removed)
      out.put(c, text.spanAt(i));
    i += p.size;
  }
  out.commit();
}

struct Strip : Normalizer {
  bool left, right;
  Strip(bool left, bool right) : left(left), right(right) {}
  Status apply(AlignedText &text) const override {
    std::string_view s = text.text();
    size_t begin = 0;
    while (left && begin < s.size() && isSpace(decodeAt(s, begin).value))
      begin += decodeAt(s, begin).size;
    size_t end = s.size();
    while (right && end > begin && isSpace(decodeBefore(s, end).value))
      end -= decodeBefore(s, end).size;
    if (begin > 0 || end < s.size()) {
      Rewrite out(text);
      out.keep(begin, end);
      out.commit();
    }
    return Status();
  }
};

struct StripAccents : Normalizer {
  Status apply(AlignedText &text) const override {
    mapCharacters(text,
                  [](char32_t c) { return isCombiningMark(c) ? removed : c; });
    return Status();
  }
};

struct Lowercase : Normalizer {
  Status apply(AlignedText &text) const override {
    std::string_view old = text.text();
    Rewrite out(text);
    for (size_t i = 0; i < old.size();) {
      CodePoint p = decodeAt(old, i);
      LowerCase lower = toLower(p.value);
      Span span = text.spanAt(i);
      out.put(lower.first, span);
      if (lower.second)
        out.put(lower.second, span);
      i += p.size;
    }
    out.commit();
    return Status();
  }
};

char32_t nmtMapped(char32_t c) {
  if ((c >= 1 && c <= 8) || c == 0xB || (c >= 0xE && c <= 0x1F) || c == 0x7F ||
      c == 0x8F || c == 0x9F)
    return removed;
  bool space = c == 9 || c == 0xA || c == 0xC || c == 0xD || c == 0x1680 ||
               (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 ||
               c == 0x2581 || c == 0xFEFF || c == 0xFFFD;
  return space ? U' ' : c;
}

struct Nmt : Normalizer {
  Status apply(AlignedText &text) const override {
    mapCharacters(text, nmtMapped);
    return Status();
  }
};

struct Replace : Normalizer {
  Pattern pattern;
  std::string content;
  Replace(Pattern pattern, std::string content)
      : pattern(std::move(pattern)), content(std::move(content)) {}
  Status apply(AlignedText &text) const override {
    std::string_view old = text.text();
    if (old.empty())
      return Status();
    Rewrite out(text);
    size_t done = 0;
    Status status = pattern.forEachMatch(old, [&](size_t begin, size_t end) {
      out.keep(done, begin);
      out.put(content, text.spanOfInsertion(end, text.origin()));
      done = end;
    });
    if (status.ok() && (done > 0 || out.size() > 0)) {
      out.keep(done, old.size());
      out.commit();
    }
    return status;
  }
};

struct Prepend : Normalizer {
  std::string prefix;
  explicit Prepend(std::string prefix) : prefix(std::move(prefix)) {}
  Status apply(AlignedText &text) const override {
    if (text.text().empty() || prefix.empty())
      return Status();
    Rewrite out(text);
    out.put(prefix, text.spanAt(0));
    out.keep(0, text.text().size());
    out.commit();
    return Status();
  }
};

struct ByteLevelNormalizer : Normalizer {
  Status apply(AlignedText &text) const override {
    Rewrite out(text);
    for (size_t i = 0; i < text.text().size(); ++i)
      out.put(byteToChar(static_cast<unsigned char>(text.text()[i])),
              text.spanAt(i));
    out.commit();
    return Status();
  }
};

Status loadReplace(FieldReader &fields, NormalizerList &out) {
  std::string content = fields.string("content");
  if (!fields.ok())
    return fields.takeStatus();
  Result<Pattern> pattern = loadPattern(fields);
  if (!pattern)
    return pattern.takeStatus();
  out.push_back(std::make_unique<Replace>(std::move(*pattern), content));
  return Status();
}

Status loadBert(FieldReader &fields, NormalizerList &out) {
  bool clean = fields.flag("clean_text", true);
  bool chinese = fields.flag("handle_chinese_chars", true);
  bool lower = fields.flag("lowercase", true);
  bool accents = fields.flag("strip_accents", lower);
  out.push_back(makeBertNormalizer(clean, chinese, accents, lower));
  return fields.takeStatus();
}

/// The ones without or with plain options.
std::unique_ptr<Normalizer> makeSimple(const std::string &type,
                                       FieldReader &fields) {
  if (type == "Strip") {
    bool left = fields.flag("strip_left", true);
    return std::make_unique<Strip>(left, fields.flag("strip_right", true));
  }
  if (type == "StripAccents")
    return std::make_unique<StripAccents>();
  if (type == "NFC")
    return std::make_unique<NormalForm>(false, true);
  if (type == "NFD")
    return std::make_unique<NormalForm>(false, false);
  if (type == "NFKC")
    return std::make_unique<NormalForm>(true, true);
  if (type == "NFKD")
    return std::make_unique<NormalForm>(true, false);
  if (type == "Lowercase")
    return std::make_unique<Lowercase>();
  if (type == "Nmt")
    return std::make_unique<Nmt>();
  if (type == "Prepend")
    return std::make_unique<Prepend>(fields.string("prepend"));
  if (type == "ByteLevel")
    return std::make_unique<ByteLevelNormalizer>();
  return nullptr;
}

} // namespace

Status loadNormalizer(const json &object, const std::string &where,
                      NormalizerList &out) {
  if (!object.is_object())
    return badTokenizer(where, "not an object");
  FieldReader fields(object, where);
  std::string type = fields.string("type");
  if (!fields.ok())
    return fields.takeStatus();
  if (type == "Sequence") {
    const json &list = fields.array("normalizers");
    for (size_t i = 0; i < list.size(); ++i)
      if (Status s = loadNormalizer(list[i],
                                    where + "[" + std::to_string(i) + "]", out);
          !s)
        return s;
    return fields.takeStatus();
  }
  FieldReader named(object, where + " " + type);
  if (type == "BertNormalizer" || type == "Bert")
    return loadBert(named, out);
  if (type == "Replace")
    return loadReplace(named, out);
  if (type == "Precompiled") {
    std::string map = named.string("precompiled_charsmap");
    return named.ok() ? loadPrecompiled(map, named.where(), out)
                      : named.takeStatus();
  }
  std::unique_ptr<Normalizer> simple = makeSimple(type, named);
  if (!simple)
    return badTokenizer(where, "unknown normalizer '" + type + "'");
  out.push_back(std::move(simple));
  return named.takeStatus();
}

} // namespace llmc::text
