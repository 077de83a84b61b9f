// SPDX-License-Identifier: Apache-2.0
#include "runtime/text/Normalizers.h"
#include <algorithm>
#include <tuple>
#include <utf8proc.h>

namespace llmc::text {

/// Characters whose decomposition is younger than the tables of the package.
static bool decomposesTooLate(char32_t c, bool compatible) {
  if (c == 0x11938)
    return true;
  if (!compatible || c < 0x32FF)
    return false;
  return c == 0x32FF || (c >= 0xA7F2 && c <= 0xA7F4) || c == 0xAB69 ||
         (c >= 0x10781 && c <= 0x107BA) || (c >= 0x1E030 && c <= 0x1E06D) ||
         c == 0x1F16C || (c >= 0x1FBF0 && c <= 0x1FBF9);
}

Decomposition decompose(char32_t c, bool compatible) {
  Decomposition d;
  auto value = static_cast<int32_t>(c);
  if (c >= 0xA0 && !decomposesTooLate(c, compatible)) {
    int options = UTF8PROC_DECOMPOSE | (compatible ? UTF8PROC_COMPAT : 0);
    auto count = utf8proc_decompose_char(
        value, d.codePoints, 32, static_cast<utf8proc_option_t>(options),
        nullptr);
    d.count = static_cast<int>(count);
    if (count > 0 && count <= 32)
      return d;
  }
  d.codePoints[0] = value;
  d.count = 1;
  return d;
}

uint8_t combiningClass(char32_t c) {
  if (c < 0x300)
    return 0;
  return static_cast<uint8_t>(
      utf8proc_get_property(static_cast<int32_t>(c))->combining_class);
}

namespace {

struct Element {
  char32_t c;
  int change;
  uint8_t combiningClass;
  uint32_t order = 0; // among the pending ones
};

/// The canonical composite of two characters, or 0.
char32_t composite(char32_t first, char32_t second) {
  if (second < 0x300)
    return 0;
  int32_t pair[2] = {static_cast<int32_t>(first), static_cast<int32_t>(second)};
  auto options =
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE);
  return utf8proc_normalize_utf32(pair, 2, options) == 1
             ? static_cast<char32_t>(pair[0])
             : 0;
}

/// Takes decomposed characters in order and emits them in canonical order,
/// composed if asked. `change` follows the character it came with.
class Orderer {
public:
  Orderer(Transform &out, bool compose) : out_(out), compose_(compose) {}

  void push(Element e) {
    if (e.combiningClass == 0)
      sortPending();
    e.order = static_cast<uint32_t>(pending_.size());
    pending_.push_back(e);
  }
  void finish() {
    sortPending();
    flush();
  }

private:
  void sortPending() {
    if (pending_.size() > 1)
      std::sort(pending_.begin(), pending_.end(),
                [](const Element &a, const Element &b) {
                  return std::tie(a.combiningClass, a.order) <
                         std::tie(b.combiningClass, b.order);
                });
    for (const Element &e : pending_)
      compose_ ? combine(e) : out_.emit(e.c, e.change);
    pending_.clear();
  }

  void combine(const Element &e) {
    if (!hasStarter_) {
      if (e.combiningClass != 0) {
        out_.emit(e.c, e.change);
        return;
      }
      starter_ = e;
      hasStarter_ = true;
      return;
    }
    bool blocked =
        !marks_.empty() && marks_.back().combiningClass >= e.combiningClass;
    char32_t c = blocked ? 0 : composite(starter_.c, e.c);
    if (c) {
      starter_.c = c;
      starter_.change += e.change - 1;
    } else if (e.combiningClass == 0) {
      flush();
      starter_ = e;
      hasStarter_ = true;
    } else {
      marks_.push_back(e);
    }
  }

  void flush() {
    if (hasStarter_)
      out_.emit(starter_.c, starter_.change);
    for (const Element &e : marks_)
      out_.emit(e.c, e.change);
    marks_.clear();
    hasStarter_ = false;
  }

  Transform &out_;
  bool compose_;
  std::vector<Element> pending_, marks_;
  Element starter_ = {};
  bool hasStarter_ = false;
};

/// True where the text surely is in the form already.
bool isPlain(std::string_view text, char32_t firstUnsafe) {
  for (size_t i = 0; i < text.size();) {
    auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    CodePoint p = decodeAt(text, i);
    // Han, without the compatibility blocks, never changes.
    bool han = p.value >= 0x4E00 && p.value <= 0x9FFF;
    if (p.value >= firstUnsafe && !han)
      return false;
    i += p.size;
  }
  return true;
}

} // namespace

Status NormalForm::apply(AlignedText &text) const {
  char32_t firstUnsafe = compatible_ ? 0xA0 : compose_ ? 0x300 : 0xC0;
  if (isPlain(text.text(), firstUnsafe))
    return Status();
  Transform transform(text);
  Orderer orderer(transform, compose_);
  std::string_view old = text.text();
  for (size_t i = 0; i < old.size();) {
    CodePoint p = decodeAt(old, i);
    i += p.size;
    Decomposition d = decompose(p.value, compatible_);
    for (int k = 0; k < d.count; ++k) {
      auto c = static_cast<char32_t>(d.codePoints[k]);
      orderer.push({c, k > 0, combiningClass(c)});
    }
  }
  orderer.finish();
  transform.commit();
  return Status();
}

} // namespace llmc::text
