// SPDX-License-Identifier: Apache-2.0
#include "runtime/text/PreTokenizers.h"
#include "runtime/text/ByteLevel.h"
#include "runtime/text/TokenizerFile.h"
#include "runtime/text/Unicode.h"
#include <algorithm>

namespace llmc::text {

using nlohmann::json;

/// Merges each match with the piece before it (or after it, going backwards),
/// unless that piece is a match as well.
static void mergeMatches(std::vector<PreTokenized::Piece> &pieces,
                         std::vector<Part> &out, bool withNext) {
  size_t first = out.size();
  bool previous = false;
  size_t count = pieces.size();
  for (size_t k = 0; k < count; ++k) {
    const PreTokenized::Piece &p = pieces[withNext ? count - 1 - k : k];
    if (p.match && !previous && out.size() > first)
      withNext ? out.back().begin = p.begin : out.back().end = p.end;
    else
      out.push_back({p.begin, p.end});
    previous = p.match;
  }
  if (withNext)
    std::reverse(out.begin() + first, out.end());
}

static void joinEqual(const std::vector<PreTokenized::Piece> &pieces,
                      std::vector<Part> &out) {
  size_t first = out.size();
  bool previous = false;
  for (const PreTokenized::Piece &p : pieces) {
    if (p.match == previous && out.size() > first)
      out.back().end = p.end;
    else
      out.push_back({p.begin, p.end});
    previous = p.match;
  }
}

void appendPieces(PreTokenized &words, SplitBehavior behavior) {
  std::vector<Part> &out = words.spare;
  size_t first = out.size();
  switch (behavior) {
  case SplitBehavior::Removed:
    for (const PreTokenized::Piece &p : words.pieces)
      if (!p.match)
        out.push_back({p.begin, p.end});
    break;
  case SplitBehavior::Isolated:
    for (const PreTokenized::Piece &p : words.pieces)
      out.push_back({p.begin, p.end});
    break;
  case SplitBehavior::Contiguous:
    joinEqual(words.pieces, out);
    break;
  case SplitBehavior::MergedWithPrevious:
  case SplitBehavior::MergedWithNext:
    mergeMatches(words.pieces, out, behavior == SplitBehavior::MergedWithNext);
    break;
  }
  // Empty matches leave empty parts.
  out.erase(std::remove_if(out.begin() + first, out.end(),
                           [](const Part &p) { return p.begin == p.end; }),
            out.end());
}

Status splitPattern(PreTokenized &words, const Pattern &pattern,
                    SplitBehavior behavior, bool invert) {
  std::string_view text = words.text.text();
  words.spare.clear();
  for (Part part : words.parts) {
    std::string_view inside = text.substr(part.begin, part.end - part.begin);
    words.pieces.clear();
    uint32_t last = part.begin;
    Status status = pattern.forEachMatch(inside, [&](size_t begin, size_t end) {
      auto from = part.begin + static_cast<uint32_t>(begin);
      auto to = part.begin + static_cast<uint32_t>(end);
      if (last != from)
        words.pieces.push_back({last, from, invert});
      words.pieces.push_back({from, to, !invert});
      last = to;
    });
    if (!status)
      return status;
    if (last != part.end)
      words.pieces.push_back({last, part.end, invert});
    appendPieces(words, behavior);
  }
  words.parts.swap(words.spare);
  return Status();
}

namespace {

/// Rewrites the text part by part: `write` emits the new form of a part.
template <typename Write> void rewriteParts(PreTokenized &words, Write write) {
  Rewrite out(words.text);
  for (Part &part : words.parts) {
    Part old = part;
    part.begin = static_cast<uint32_t>(out.size());
    write(out, old);
    part.end = static_cast<uint32_t>(out.size());
  }
  out.commit();
}

struct Bert : PreTokenizer {
  Status apply(PreTokenized &words) const override {
    // White space is removed and each punctuation mark stands alone.
    std::string_view text = words.text.text();
    words.spare.clear();
    for (Part part : words.parts) {
      uint32_t last = part.begin;
      auto flush = [&](uint32_t end) {
        if (last < end)
          words.spare.push_back({last, end});
      };
      for (uint32_t i = part.begin; i < part.end;) {
        CodePoint p = decodeAt(text, i);
        uint32_t next = i + p.size;
        if (isSpace(p.value)) {
          flush(i);
          last = next;
        } else if (isBertPunctuation(p.value)) {
          flush(i);
          words.spare.push_back({i, next});
          last = next;
        }
        i = next;
      }
      flush(part.end);
    }
    words.parts.swap(words.spare);
    return Status();
  }
};

struct PrefixSpace : PreTokenizer {
  Status apply(PreTokenized &words) const override {
    rewriteParts(words, [&](Rewrite &out, Part part) {
      if (words.text.text()[part.begin] != ' ')
        out.putByte(' ', words.text.spanAt(part.begin));
      out.keep(part.begin, part.end);
    });
    return Status();
  }
};

struct ByteAlphabet : PreTokenizer {
  bool isByteAlphabet() const override { return true; }
  Status apply(PreTokenized &words) const override {
    rewriteParts(words, [&](Rewrite &out, Part part) {
      for (uint32_t i = part.begin; i < part.end; ++i)
        out.put(byteToChar(static_cast<unsigned char>(words.text.text()[i])),
                words.text.spanAt(i));
    });
    return Status();
  }
};

struct Metaspace : PreTokenizer {
  enum Scheme { First, Never, Always } scheme = Always;
  char32_t replacement = 0x2581;
  bool split = true;

  Status apply(PreTokenized &words) const override {
    rewriteParts(words,
                 [&](Rewrite &out, Part part) { spell(out, words, part); });
    if (split)
      splitCharacters(words, SplitBehavior::MergedWithNext,
                      [this](char32_t c) { return c == replacement; });
    return Status();
  }

private:
  void spell(Rewrite &out, const PreTokenized &words, Part part) const {
    std::string_view text = words.text.text();
    char32_t first = decodeAt(text, part.begin).value;
    bool prepend =
        scheme == Always || (scheme == First && words.originalBegin(part) == 0);
    if (prepend && first != ' ' && first != replacement)
      out.put(replacement, words.text.spanAt(part.begin));
    uint32_t done = part.begin;
    for (uint32_t i = part.begin; i < part.end; ++i) {
      if (text[i] != ' ')
        continue;
      out.keep(done, i);
      out.put(replacement, words.text.spanAt(i));
      done = i + 1;
    }
    out.keep(done, part.end);
  }
};

struct Split : PreTokenizer {
  Pattern pattern;
  SplitBehavior behavior;
  bool invert;
  Split(Pattern pattern, SplitBehavior behavior, bool invert)
      : pattern(std::move(pattern)), behavior(behavior), invert(invert) {}
  Status apply(PreTokenized &words) const override {
    return splitPattern(words, pattern, behavior, invert);
  }
};

/// One character class, cut in one way.
template <typename Predicate> struct Characters : PreTokenizer {
  SplitBehavior behavior;
  Predicate isMatch;
  Characters(SplitBehavior behavior, Predicate isMatch)
      : behavior(behavior), isMatch(isMatch) {}
  Status apply(PreTokenized &words) const override {
    splitCharacters(words, behavior, isMatch);
    return Status();
  }
};
template <typename Predicate>
std::unique_ptr<PreTokenizer> cutAt(SplitBehavior behavior, Predicate isMatch) {
  return std::make_unique<Characters<Predicate>>(behavior, isMatch);
}

/// Runs of word characters and runs of others; white space is dropped.
struct Whitespace : PreTokenizer {
  static int kind(char32_t c) { return isWord(c) ? 1 : isSpace(c) ? 0 : 2; }
  Status apply(PreTokenized &words) const override {
    std::string_view text = words.text.text();
    words.spare.clear();
    for (Part part : words.parts) {
      int last = 0;
      for (uint32_t i = part.begin; i < part.end;) {
        CodePoint p = decodeAt(text, i);
        uint32_t next = i + p.size;
        int now = kind(p.value);
        if (now != 0 && now == last)
          words.spare.back().end = next;
        else if (now != 0)
          words.spare.push_back({i, next});
        last = now;
        i = next;
      }
    }
    words.parts.swap(words.spare);
    return Status();
  }
};

struct FixedLength : PreTokenizer {
  uint64_t length;
  explicit FixedLength(uint64_t length) : length(length) {}
  Status apply(PreTokenized &words) const override {
    std::string_view text = words.text.text();
    words.spare.clear();
    for (Part part : words.parts) {
      uint64_t count = 0;
      for (uint32_t i = part.begin; i < part.end;) {
        uint32_t next = i + decodeAt(text, i).size;
        if (count++ % length == 0)
          words.spare.push_back({i, next});
        words.spare.back().end = next;
        i = next;
      }
    }
    words.parts.swap(words.spare);
    return Status();
  }
};

SplitBehavior behaviorField(FieldReader &fields, const char *absent) {
  std::string name = fields.string(
      "behavior", absent ? std::optional<std::string>(absent) : std::nullopt);
  if (name == "Removed")
    return SplitBehavior::Removed;
  if (name == "MergedWithPrevious")
    return SplitBehavior::MergedWithPrevious;
  if (name == "MergedWithNext")
    return SplitBehavior::MergedWithNext;
  if (name == "Contiguous")
    return SplitBehavior::Contiguous;
  if (name != "Isolated")
    fields.fail("unknown behavior '" + name + "'");
  return SplitBehavior::Isolated;
}

Status loadByteLevel(FieldReader &fields, PreTokenizerList &out) {
  if (fields.flag("add_prefix_space", true))
    out.push_back(std::make_unique<PrefixSpace>());
  if (fields.flag("use_regex", true)) {
    Result<Pattern> words = Pattern::regex(
        R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
        fields.where());
    if (!words)
      return words.takeStatus();
    out.push_back(std::make_unique<Split>(std::move(*words),
                                          SplitBehavior::Isolated, false));
  }
  out.push_back(std::make_unique<ByteAlphabet>());
  return fields.takeStatus();
}

Status loadMetaspace(FieldReader &fields, PreTokenizerList &out) {
  auto step = std::make_unique<Metaspace>();
  step->replacement = fields.character("replacement");
  std::string scheme = fields.string("prepend_scheme", "always");
  bool prefix = fields.flag("add_prefix_space", true);
  if (scheme == "first")
    step->scheme = Metaspace::First;
  else if (scheme == "never")
    step->scheme = Metaspace::Never;
  else if (scheme != "always")
    fields.fail("unknown prepend_scheme '" + scheme + "'");
  if (!prefix && fields.find("prepend_scheme") &&
      step->scheme != Metaspace::Never)
    fields.fail("add_prefix_space does not match prepend_scheme");
  if (!prefix)
    step->scheme = Metaspace::Never;
  step->split = fields.flag("split", true);
  out.push_back(std::move(step));
  return fields.takeStatus();
}

Status loadSplit(FieldReader &fields, PreTokenizerList &out) {
  SplitBehavior behavior = behaviorField(fields, nullptr);
  bool invert = fields.flag("invert", false);
  if (!fields.ok())
    return fields.takeStatus();
  Result<Pattern> pattern = loadPattern(fields);
  if (!pattern)
    return pattern.takeStatus();
  out.push_back(std::make_unique<Split>(std::move(*pattern), behavior, invert));
  return Status();
}

/// The ones that only know a character class or a length.
std::unique_ptr<PreTokenizer> makeSimple(const std::string &type,
                                         FieldReader &fields) {
  if (type == "BertPreTokenizer")
    return std::make_unique<Bert>();
  if (type == "Whitespace")
    return std::make_unique<Whitespace>();
  if (type == "UnicodeScripts")
    return makeUnicodeScripts();
  if (type == "WhitespaceSplit")
    return cutAt(SplitBehavior::Removed, isSpace);
  if (type == "Punctuation")
    return cutAt(behaviorField(fields, "Isolated"), isBertPunctuation);
  if (type == "Digits")
    return cutAt(fields.flag("individual_digits", false)
                     ? SplitBehavior::Isolated
                     : SplitBehavior::Contiguous,
                 isNumeric);
  if (type == "CharDelimiterSplit" || type == "Delimiter") {
    char32_t delimiter = fields.character("delimiter");
    return cutAt(SplitBehavior::Removed,
                 [delimiter](char32_t c) { return c == delimiter; });
  }
  if (type == "FixedLength") {
    uint64_t length = fields.unsignedInteger("length", 5);
    if (length == 0)
      fields.fail("length is 0");
    return std::make_unique<FixedLength>(length ? length : 1);
  }
  return nullptr;
}

} // namespace

Status loadPreTokenizer(const json &object, const std::string &where,
                        PreTokenizerList &out) {
  if (!object.is_object())
    return badTokenizer(where, "not an object");
  FieldReader fields(object, where);
  std::string type = fields.string("type");
  if (!fields.ok())
    return fields.takeStatus();
  if (type == "Sequence") {
    const json &list = fields.array("pretokenizers");
    for (size_t i = 0; i < list.size(); ++i)
      if (Status s = loadPreTokenizer(
              list[i], where + "[" + std::to_string(i) + "]", out);
          !s)
        return s;
    return fields.takeStatus();
  }
  FieldReader named(object, where + " " + type);
  if (type == "ByteLevel")
    return loadByteLevel(named, out);
  if (type == "Metaspace")
    return loadMetaspace(named, out);
  if (type == "Split")
    return loadSplit(named, out);
  std::unique_ptr<PreTokenizer> simple = makeSimple(type, named);
  if (!simple)
    return badTokenizer(where, "unknown pre_tokenizer '" + type + "'");
  out.push_back(std::move(simple));
  return named.takeStatus();
}

} // namespace llmc::text
