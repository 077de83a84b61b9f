// SPDX-License-Identifier: Apache-2.0
// SentencePiece's compiled character map: a double-array trie (Darts) from
// byte sequences to offsets in a block of zero-terminated strings.
#include "runtime/text/Normalizers.h"
#include "runtime/text/TokenizerFile.h"
#include <algorithm>
#include <cstring>
#include <utf8proc.h>

namespace llmc::text {

namespace {

class Precompiled : public Normalizer {
public:
  Precompiled(std::vector<uint32_t> units, std::string strings)
      : units_(std::move(units)), strings_(std::move(strings)) {}

  Status apply(AlignedText &text) const override {
    std::string_view old = text.text();
    std::vector<Change> changes;
    bool modified = false;
    for (size_t at = 0; at < old.size();) {
      size_t end = graphemeEnd(old, at);
      constexpr size_t longest = 6;
      if (end - at < longest && replace(old.substr(at, end - at), changes)) {
        modified = true;
        at = end;
      }
      while (at < end) {
        CodePoint p = decodeAt(old, at);
        if (replace(old.substr(at, p.size), changes))
          modified = true;
        else
          changes.push_back({p.value, 0});
        at += p.size;
      }
    }
    if (!modified)
      return Status();
    Transform transform(text);
    for (const Change &c : changes)
      transform.emit(c.c, c.change);
    transform.commit();
    return Status();
  }

private:
  struct Change {
    char32_t c;
    int change;
  };

  static size_t graphemeEnd(std::string_view text, size_t at) {
    CodePoint p = decodeAt(text, at);
    int32_t state = 0;
    for (at += p.size; at < text.size(); at += p.size) {
      CodePoint next = decodeAt(text, at);
      if (utf8proc_grapheme_break_stateful(static_cast<int32_t>(p.value),
                                           static_cast<int32_t>(next.value),
                                           &state))
        break;
      p = next;
    }
    return at;
  }

  /// Appends what the first key that begins `part` maps to.
  bool replace(std::string_view part, std::vector<Change> &changes) const {
    std::string_view to;
    if (!find(part, to))
      return false;
    auto difference = static_cast<int>(countCodePoints(to)) -
                      static_cast<int>(countCodePoints(part));
    for (size_t i = 0; i < to.size();) {
      CodePoint p = decodeAt(to, i);
      changes.push_back({p.value, 0});
      i += p.size;
    }
    for (int i = 0; i < difference; ++i)
      changes[changes.size() - 1 - i].change = 1;
    if (difference < 0 && !changes.empty())
      changes.back().change += difference;
    return true;
  }

  bool find(std::string_view key, std::string_view &to) const {
    size_t node = offset(units_[0]);
    for (char c : key) {
      auto label = static_cast<unsigned char>(c);
      if (label == 0)
        break;
      node ^= label;
      if (node >= units_.size() || (units_[node] & 0x800000FF) != label)
        return false;
      uint32_t unit = units_[node];
      node ^= offset(unit);
      if (unit >> 8 & 1) // a key ends here
        return node < units_.size() && stringAt(units_[node] & 0x7FFFFFFF, to);
    }
    return false;
  }
  static size_t offset(uint32_t unit) {
    return size_t(unit >> 10) << ((unit & 0x200) >> 6);
  }
  bool stringAt(size_t at, std::string_view &to) const {
    if (at >= strings_.size())
      return false;
    to = std::string_view(strings_).substr(at);
    to = to.substr(0, to.find('\0'));
    return isValidUtf8(to);
  }

  std::vector<uint32_t> units_; // never empty
  std::string strings_;
};

/// False for anything that is not padded standard base64.
bool decodeBase64(const std::string &text, std::string &out) {
  if (text.size() % 4 != 0)
    return false;
  uint32_t bits = 0;
  int count = 0;
  size_t padding = 0;
  for (char c : text) {
    int value = c >= 'A' && c <= 'Z'   ? c - 'A'
                : c >= 'a' && c <= 'z' ? c - 'a' + 26
                : c >= '0' && c <= '9' ? c - '0' + 52
                : c == '+'             ? 62
                : c == '/'             ? 63
                                       : -1;
    padding += c == '=';
    if (c == '=' ? padding > 2 : (value < 0 || padding > 0))
      return false;
    bits = bits << 6 | static_cast<uint32_t>(value & 63);
    if (c == '=')
      bits &= ~63u;
    if (++count == 4) {
      out.push_back(static_cast<char>(bits >> 16));
      out.push_back(static_cast<char>(bits >> 8));
      out.push_back(static_cast<char>(bits));
      bits = 0;
      count = 0;
    }
  }
  out.resize(out.size() - padding);
  return true;
}

} // namespace

Status loadPrecompiled(const std::string &base64, const std::string &where,
                       NormalizerList &out) {
  std::string blob;
  if (!decodeBase64(base64, blob))
    return badTokenizer(where, "precompiled_charsmap is not base64");
  uint32_t size = 0;
  if (blob.size() >= 4)
    std::memcpy(&size, blob.data(), 4);
  if (blob.size() < 4 || size == 0 || size % 4 != 0 || size > blob.size() - 4)
    return badTokenizer(where, "precompiled_charsmap has a trie of " +
                                   std::to_string(size) + " bytes in " +
                                   std::to_string(blob.size()));
  std::vector<uint32_t> units(size / 4);
  std::memcpy(units.data(), blob.data() + 4, size);
  out.push_back(
      std::make_unique<Precompiled>(std::move(units), blob.substr(4 + size)));
  return Status();
}

} // namespace llmc::text
