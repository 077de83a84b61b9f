// SPDX-License-Identifier: Apache-2.0
// The methods of Python's str. A method of a text that is marked as safe gives
// such texts, and escapes what it puts into them, as markupsafe's Markup does.
#include "runtime/template/Failure.h"
#include "runtime/template/Format.h"
#include "runtime/template/Functions.h"
#include "runtime/template/Interpreter.h"
#include "runtime/template/Operators.h"
#include "runtime/template/Print.h"
#include "runtime/template/Text.h"
#include "runtime/text/Unicode.h"
#include "runtime/text/Utf8.h"
#include <algorithm>

namespace llmc::jinja {

namespace {

bool isMarkup(const Value &value) { return value.as<TextObject>().isMarkup; }

Value like(Interpreter &in, const Value &self, std::string_view text) {
  in.heap().stepBytes(text.size());
  return in.heap().text(std::string(text), isMarkup(self));
}

Value listLike(Interpreter &in, const Value &self,
               const std::vector<std::string_view> &pieces) {
  std::vector<Value> items;
  in.heap().checkItems(pieces.size());
  for (std::string_view piece : pieces)
    items.push_back(like(in, self, piece));
  return in.heap().list(std::move(items));
}

/// An argument as it goes into the result.
std::string inserted(const Value &self, const Value &argument) {
  bool escapes = isMarkup(self) && !isMarkup(argument);
  return escapes ? escapeMarkup(argument.text()) : std::string(argument.text());
}

template <std::string (*F)(std::string_view)>
Value mapText(Interpreter &in, const Value &self, Bound &) {
  in.heap().stepBytes(4 * self.text().size());
  return in.heap().text(F(self.text()), isMarkup(self));
}

template <Side side>
Value stripText(Interpreter &in, const Value &self, Bound &args) {
  std::optional<std::string_view> characters;
  if (args.has(0) && !args[0].isNone())
    characters = args.text(0, {});
  return like(in, self, strip(self.text(), side, characters));
}

// Searching.

/// The part of a text between the bounds that an argument and the one after it
/// are, and where it begins; none where the start is beyond the end.
struct Window {
  std::string_view text;
  int64_t start;
};

std::optional<Window> windowOf(Heap &heap, const Value &self, const Bound &args,
                               size_t first) {
  const auto &text = self.as<TextObject>();
  heap.stepBytes(2 * text.text.size());
  auto length = static_cast<int64_t>(text.length);
  auto bound = [&](size_t i, int64_t absent) {
    int64_t place =
        args.has(i) && args[i].isNone() ? absent : args.integer(i, absent);
    return place < 0 ? std::max<int64_t>(place + length, 0) : place;
  };
  int64_t start = bound(first, 0);
  int64_t end = std::min(bound(first + 1, length), length);
  if (start > end)
    return std::nullopt;
  std::string_view rest = text.text;
  rest.remove_prefix(prefix(rest, size_t(start)).size());
  return Window{prefix(rest, size_t(end - start)), start};
}

int64_t findIn(Interpreter &in, const Value &self, const Bound &args,
               size_t (*find)(std::string_view, std::string_view)) {
  std::string_view piece = args.text(0, {});
  std::optional<Window> window = windowOf(in.heap(), self, args, 1);
  if (!window)
    return -1;
  size_t found = find(window->text, piece);
  if (found == std::string_view::npos)
    return -1;
  return window->start + static_cast<int64_t>(text::countCodePoints(
                             window->text.substr(0, found)));
}

template <size_t (*F)(std::string_view, std::string_view)>
Value find(Interpreter &in, const Value &self, Bound &args) {
  return Value::integer(findIn(in, self, args, F));
}

template <size_t (*F)(std::string_view, std::string_view)>
Value index(Interpreter &in, const Value &self, Bound &args) {
  int64_t found = findIn(in, self, args, F);
  if (found < 0)
    fail("substring not found");
  return Value::integer(found);
}

Value count(Interpreter &in, const Value &self, Bound &args) {
  std::string_view piece = args.text(0, {});
  std::optional<Window> window = windowOf(in.heap(), self, args, 1);
  if (!window)
    return Value::integer(0);
  if (piece.empty())
    return Value::integer(
        static_cast<int64_t>(text::countCodePoints(window->text)) + 1);
  int64_t times = 0;
  std::string_view rest = window->text;
  for (size_t at; (at = findText(rest, piece)) != rest.npos; ++times)
    rest.remove_prefix(at + piece.size());
  return Value::integer(times);
}

template <bool atEnd>
Value hasAffix(Interpreter &in, const Value &self, Bound &args) {
  auto test = [&](const Value &affix) {
    if (!affix.isText())
      fail("{} first arg must be str or a tuple of str, not {}",
           atEnd ? "endswith" : "startswith", typeName(affix));
    std::optional<Window> window = windowOf(in.heap(), self, args, 1);
    return window && (atEnd ? window->text.ends_with(affix.text())
                            : window->text.starts_with(affix.text()));
  };
  if (!args[0].is(Kind::Tuple))
    return Value::boolean(test(args[0]));
  const auto &affixes = args[0].as<SequenceObject>().items;
  return Value::boolean(std::any_of(affixes.begin(), affixes.end(), test));
}

template <bool atEnd>
Value withoutAffix(Interpreter &in, const Value &self, Bound &args) {
  std::string_view text = self.text(), affix = args.text(0, {});
  if (atEnd && text.ends_with(affix))
    text.remove_suffix(affix.size());
  else if (!atEnd && text.starts_with(affix))
    text.remove_prefix(affix.size());
  return like(in, self, text);
}

// Splitting and joining.

template <bool fromRight>
Value splitText(Interpreter &in, const Value &self, Bound &args) {
  int64_t most = args.integer(1, -1);
  in.heap().stepBytes(4 * self.text().size());
  if (!args.has(0) || args[0].isNone())
    return listLike(in, self,
                    fromRight ? splitFromRight(self.text(), most)
                              : split(self.text(), most));
  std::string_view separator = args.text(0, {});
  if (separator.empty())
    fail("empty separator");
  return listLike(in, self,
                  fromRight ? splitFromRight(self.text(), separator, most)
                            : split(self.text(), separator, most));
}

Value splitLinesOf(Interpreter &in, const Value &self, Bound &args) {
  return listLike(in, self, splitLines(self.text(), args.truth(0, false)));
}

template <bool fromRight>
Value partition(Interpreter &in, const Value &self, Bound &args) {
  std::string_view text = self.text(), separator = args.text(0, {});
  if (separator.empty())
    fail("empty separator");
  in.heap().stepBytes(2 * text.size());
  size_t at =
      fromRight ? findLastText(text, separator) : findText(text, separator);
  auto piece = [&](std::string_view part) { return like(in, self, part); };
  if (at != text.npos)
    return in.heap().tuple({piece(text.substr(0, at)), piece(separator),
                            piece(text.substr(at + separator.size()))});
  return fromRight ? in.heap().tuple({piece(""), piece(""), piece(text)})
                   : in.heap().tuple({piece(text), piece(""), piece("")});
}

Value join(Interpreter &in, const Value &self, Bound &args) {
  TextBuilder out(in.heap());
  if (!isIterable(args[0]))
    fail("can only join an iterable");
  Cursor cursor(in.heap(), args[0]);
  bool isFirst = true;
  for (Value item; cursor.next(item); isFirst = false) {
    if (!item.isText())
      fail("sequence item: expected str instance, {} found", typeName(item));
    if (!isFirst)
      out.append(self.text());
    out.append(inserted(self, item));
  }
  return out.finish(isMarkup(self));
}

Value replace(Interpreter &in, const Value &self, Bound &args) {
  std::string_view old = args.text(0, {});
  args.text(1, {});
  return in.heap().text(replaced(in.heap(), self.text(), old,
                                 inserted(self, args[1]), args.integer(2, -1)),
                        isMarkup(self));
}

// Padding.

template <char align>
Value pad(Interpreter &in, const Value &self, Bound &args) {
  int64_t width = args.integer(0, 0);
  args.text(1, " ");
  std::string fill = args.has(1) ? inserted(self, args[1]) : " ";
  if (text::countCodePoints(fill) != 1)
    fail("The fill character must be exactly one character long");
  auto length = static_cast<int64_t>(self.as<TextObject>().length);
  auto missing = static_cast<uint64_t>(std::max<int64_t>(width - length, 0));
  // An odd character goes to the left only where the width is odd too.
  uint64_t left = align == '<'   ? 0
                  : align == '>' ? missing
                                 : missing / 2 + (missing & width & 1);
  TextBuilder out(in.heap());
  out.repeat(fill, left).append(self.text()).repeat(fill, missing - left);
  return out.finish(isMarkup(self));
}

Value zfill(Interpreter &in, const Value &self, Bound &args) {
  std::string_view text = self.text();
  auto length = static_cast<int64_t>(self.as<TextObject>().length);
  int64_t missing = std::max<int64_t>(args.integer(0, 0) - length, 0);
  size_t sign = text.starts_with('+') || text.starts_with('-');
  TextBuilder out(in.heap());
  out.append(text.substr(0, sign)).repeat("0", static_cast<uint64_t>(missing));
  return out.append(text.substr(sign)).finish(isMarkup(self));
}

Value expandTabs(Interpreter &in, const Value &self, Bound &args) {
  int64_t size = args.integer(0, 8), column = 0;
  TextBuilder out(in.heap());
  std::string_view text = self.text();
  for (size_t i = 0; i < text.size();) {
    size_t length = text::sequenceLength(static_cast<unsigned char>(text[i]));
    if (text[i] == '\t') {
      int64_t spaces = size > 0 ? size - column % size : 0;
      out.repeat(" ", static_cast<uint64_t>(spaces));
      column += spaces;
    } else {
      out.append(text.substr(i, length));
      column = text[i] == '\n' || text[i] == '\r' ? 0 : column + 1;
    }
    i += length;
  }
  return out.finish(isMarkup(self));
}

// Classes of characters.

template <bool (*F)(char32_t)>
Value isAll(Interpreter &in, const Value &self, Bound &) {
  std::string_view text = self.text();
  in.heap().stepBytes(4 * text.size());
  for (size_t i = 0; i < text.size();) {
    text::CodePoint c = text::decodeAt(text, i);
    if (!F(c.value))
      return Value::boolean(false);
    i += c.size;
  }
  return Value::boolean(!text.empty());
}

bool isAlphanumeric(char32_t c) {
  return isAlphabetic(c) || text::isNumeric(c);
}

/// str.islower() and isupper(): some letters of that case and none of another.
template <bool (*isWanted)(char32_t), bool (*isOther)(char32_t)>
Value hasCase(Interpreter &in, const Value &self, Bound &) {
  in.heap().stepBytes(4 * self.text().size());
  return Value::boolean(isOfCase(self.text(), isWanted, isOther));
}

Value isTitleCase(Interpreter &in, const Value &self, Bound &) {
  std::string_view text = self.text();
  in.heap().stepBytes(4 * text.size());
  bool inWord = false, hasLetter = false;
  for (size_t i = 0; i < text.size();) {
    text::CodePoint c = text::decodeAt(text, i);
    bool isCapital = isUpper(c.value) || isTitle(c.value);
    if (isCapital == inWord && isCased(c.value))
      return Value::boolean(false);
    inWord = isCased(c.value);
    hasLetter = hasLetter || inWord;
    i += c.size;
  }
  return Value::boolean(hasLetter);
}

Value isAscii(Interpreter &, const Value &self, Bound &) {
  return Value::boolean(self.as<TextObject>().isAscii());
}

Value isPrintableText(Interpreter &in, const Value &self, Bound &args) {
  return self.text().empty() ? Value::boolean(true)
                             : isAll<isPrintable>(in, self, args);
}

Value formatText(Interpreter &in, const Value &self, Bound &args) {
  return formatMethod(in.heap(), self, args.all());
}

Value formatMap(Interpreter &in, const Value &self, Bound &args) {
  if (!args[0].is(Kind::Dict))
    fail("format_map() takes a mapping, not {}", typeName(args[0]));
  CallArguments named;
  for (const auto &[key, value] : args[0].as<DictObject>().entries) {
    in.heap().step();
    if (key.isText())
      named.named.emplace_back(key.text(), value);
  }
  return formatMethod(in.heap(), self, named);
}

constexpr Native table[] = {
    {"capitalize", "", mapText<capitalized>},
    {"casefold", "", mapText<foldedCase>},
    {"center", "width/ fillchar?/", pad<'^'>},
    {"count", "sub/ start?/ end?/", count},
    {"encode", "*", nullptr},
    {"endswith", "suffix/ start?/ end?/", hasAffix<true>},
    {"expandtabs", "tabsize?", expandTabs},
    {"find", "sub/ start?/ end?/", find<findText>},
    {"format", "*", formatText},
    {"format_map", "mapping/", formatMap},
    {"index", "sub/ start?/ end?/", index<findText>},
    {"isalnum", "", isAll<isAlphanumeric>},
    {"isalpha", "", isAll<isAlphabetic>},
    {"isascii", "", isAscii},
    {"isdecimal", "", isAll<isDecimal>},
    {"isdigit", "", isAll<isDigit>},
    {"isidentifier", "", nullptr},
    {"islower", "", hasCase<isLower, isUpper>},
    {"isnumeric", "", nullptr},
    {"isprintable", "", isPrintableText},
    {"isspace", "", isAll<isSpace>},
    {"istitle", "", isTitleCase},
    {"isupper", "", hasCase<isUpper, isLower>},
    {"join", "iterable/", join},
    {"ljust", "width/ fillchar?/", pad<'<'>},
    {"lower", "", mapText<lowerCase>},
    {"lstrip", "chars?/", stripText<Side::Left>},
    {"maketrans", "*", nullptr},
    {"partition", "sep/", partition<false>},
    {"removeprefix", "prefix/", withoutAffix<false>},
    {"removesuffix", "suffix/", withoutAffix<true>},
    {"replace", "old/ new/ count?/", replace},
    {"rfind", "sub/ start?/ end?/", find<findLastText>},
    {"rindex", "sub/ start?/ end?/", index<findLastText>},
    {"rjust", "width/ fillchar?/", pad<'>'>},
    {"rpartition", "sep/", partition<true>},
    {"rsplit", "sep? maxsplit?", splitText<true>},
    {"rstrip", "chars?/", stripText<Side::Right>},
    {"split", "sep? maxsplit?", splitText<false>},
    {"splitlines", "keepends?", splitLinesOf},
    {"startswith", "prefix/ start?/ end?/", hasAffix<false>},
    {"strip", "chars?/", stripText<Side::Both>},
    {"swapcase", "", mapText<swappedCase>},
    {"title", "", mapText<titleCase>},
    {"translate", "*", nullptr},
    {"upper", "", mapText<upperCase>},
    {"zfill", "width/", zfill},
};

} // namespace

std::span<const Native> textMethods() { return table; }

} // namespace llmc::jinja
