// SPDX-License-Identifier: Apache-2.0
// Filters that make texts.
#include "runtime/template/Access.h"
#include "runtime/template/Failure.h"
#include "runtime/template/Filters.h"
#include "runtime/template/Json.h"
#include "runtime/template/Operators.h"
#include "runtime/template/Print.h"
#include "runtime/template/Text.h"
#include "runtime/text/Unicode.h"
#include "runtime/text/Utf8.h"

namespace llmc::jinja {

namespace {

/// A method of str under the name of a filter, on the text of any value.
Value method(Interpreter &in, const Value &self, std::string_view name,
             std::vector<Value> arguments) {
  Value text = toText(in.heap(), self);
  return in.call(in.heap().method(text, findMethod(text, name)),
                 {std::move(arguments), {}});
}

Value upper(Interpreter &in, const Value &self, Bound &) {
  return method(in, self, "upper", {});
}
Value lower(Interpreter &in, const Value &self, Bound &) {
  return method(in, self, "lower", {});
}
Value capitalize(Interpreter &in, const Value &self, Bound &) {
  return method(in, self, "capitalize", {});
}
Value center(Interpreter &in, const Value &self, Bound &args) {
  return method(in, self, "center", {Value::integer(args.integer(0, 80))});
}
Value trim(Interpreter &in, const Value &self, Bound &args) {
  return method(in, self, "strip", {args.has(0) ? args[0] : Value::none()});
}
Value string(Interpreter &in, const Value &self, Bound &) {
  return toText(in.heap(), self);
}

/// Words begin after spaces, dashes and opening brackets.
Value title(Interpreter &in, const Value &self, Bound &) {
  Value value = toText(in.heap(), self);
  std::string_view text = value.text();
  in.heap().stepBytes(4 * text.size());
  auto isBetween = [](char32_t c) {
    return isSpace(c) || c == '-' || c == '(' || c == '{' || c == '[' ||
           c == '<';
  };
  std::string out;
  while (!text.empty()) {
    bool between = isBetween(text::decodeAt(text, 0).value);
    size_t end = 0;
    while (end < text.size()) {
      text::CodePoint c = text::decodeAt(text, end);
      if (isBetween(c.value) != between)
        break;
      end += c.size;
    }
    std::string_view first = prefix(text, 1);
    out += upperCase(first) +
           lowerCase(text.substr(first.size(), end - first.size()));
    text.remove_prefix(end);
  }
  // Jinja2 joins the parts to a plain text.
  return in.heap().text(std::move(out));
}

Value replaceFilter(Interpreter &in, const Value &self, Bound &args) {
  Heap &heap = in.heap();
  int64_t most = given(args, 2) ? args.integer(2, -1) : -1;
  std::string text = printed(heap, self), old = printed(heap, args[0]),
              with = printed(heap, args[1]);
  return heap.text(replaced(heap, text, old, with, most));
}

Value indent(Interpreter &in, const Value &self, Bound &args) {
  Heap &heap = in.heap();
  requireDefined(self);
  if (!self.isText())
    fail("indent: a text is expected, not {}", typeName(self));
  TextBuilder indention(heap);
  if (args.has(0) && args[0].isText())
    indention.append(args[0].text());
  else
    indention.repeat(
        " ", static_cast<uint64_t>(std::max<int64_t>(args.integer(0, 4), 0)));
  bool first = args.truth(1, false), blank = args.truth(2, false);
  heap.stepBytes(4 * self.text().size());
  // A text that ends with a newline has an empty line after it.
  std::string text = std::string(self.text()) + "\n";
  TextBuilder out(heap);
  bool isFirst = true;
  for (std::string_view line : splitLines(text, /*keepEnds=*/false)) {
    if (isFirst ? first : blank || !line.empty())
      out.append(isFirst ? "" : "\n").append(indention.view());
    else if (!isFirst)
      out.append("\n");
    out.append(line);
    isFirst = false;
  }
  return out.finish(self.as<TextObject>().isMarkup);
}

Value truncate(Interpreter &in, const Value &self, Bound &args) {
  Heap &heap = in.heap();
  std::string_view end = args.text(2, "...");
  int64_t length = args.integer(0, 255);
  int64_t leeway = given(args, 3) ? args.integer(3, 5) : 5;
  auto endLength = static_cast<int64_t>(text::countCodePoints(end));
  if (length < endLength)
    fail("truncate: expected length >= {}, got {}", endLength, length);
  if (leeway < 0)
    fail("truncate: expected leeway >= 0, got {}", leeway);
  std::optional<int64_t> whole = lengthOf(self);
  if (whole && *whole - leeway <= length)
    return self;
  if (!self.isText())
    fail("truncate: a text is expected, not {}", typeName(self));
  const auto &text = self.as<TextObject>();
  std::string_view kept = prefix(text.text, size_t(length - endLength));
  if (!args.truth(1, false))
    kept = splitFromRight(kept, " ", 1)[0];
  return arithmetic(heap, Operator::Add,
                    heap.text(std::string(kept), text.isMarkup),
                    args.has(2) ? args[2] : heap.text(std::string(end)));
}

Value wordCount(Interpreter &in, const Value &self, Bound &) {
  std::string text = printed(in.heap(), self);
  in.heap().stepBytes(4 * text.size());
  int64_t count = 0;
  bool inWord = false;
  for (size_t i = 0; i < text.size();) {
    text::CodePoint c = text::decodeAt(text, i);
    bool isPart =
        isAlphabetic(c.value) || text::isNumeric(c.value) || c.value == '_';
    count += isPart && !inWord;
    inWord = isPart;
    i += c.size;
  }
  return Value::integer(count);
}

Value formatFilter(Interpreter &in, const Value &self, Bound &args) {
  Heap &heap = in.heap();
  CallArguments &all = args.all();
  if (!all.positional.empty() && !all.named.empty())
    fail("can't handle positional and keyword arguments at the same time");
  Value text = toText(heap, self);
  if (all.named.empty())
    return formatPercent(heap, text, heap.tuple(all.positional));
  DictBuilder named(heap);
  for (const auto &[name, value] : all.named)
    named.set(heap.text(name), value);
  return formatPercent(heap, text, named.finish());
}

Value escaped(Interpreter &in, const Value &self, bool isForced) {
  Value text = toText(in.heap(), self);
  if (text.as<TextObject>().isMarkup && !isForced)
    return text;
  in.heap().stepBytes(4 * text.text().size());
  return in.heap().text(escapeMarkup(text.text()), /*isMarkup=*/true);
}

Value escape(Interpreter &in, const Value &self, Bound &) {
  return escaped(in, self, false);
}
Value forceEscape(Interpreter &in, const Value &self, Bound &) {
  return escaped(in, self, true);
}
Value safe(Interpreter &in, const Value &self, Bound &) {
  return in.heap().text(printed(in.heap(), self), /*isMarkup=*/true);
}

/// Bytes that a URL may not hold become %XX.
void quoteUrl(TextBuilder &out, std::string_view text, bool isQuery) {
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno"
                                     "pqrstuvwxyz0123456789_.-~";
  for (const char &c : text) {
    if (plain.find(c) != plain.npos || (c == '/' && !isQuery))
      out.append(std::string_view(&c, 1));
    else if (c == ' ' && isQuery)
      out.append("+");
    else
      out.append(fmt::format("%{:02X}", static_cast<unsigned char>(c)));
  }
}

Value urlEncode(Interpreter &in, const Value &self, Bound &) {
  Heap &heap = in.heap();
  TextBuilder out(heap);
  if (self.isText() || !isIterable(self)) {
    quoteUrl(out, printed(heap, self), false);
    return out.finish();
  }
  Value pairs = self.is(Kind::Dict) ? heap.view(self, ViewObject::Items) : self;
  Cursor cursor(heap, pairs);
  bool isFirst = true;
  for (Value pair; cursor.next(pair); isFirst = false) {
    std::vector<Value> parts = collect(heap, pair);
    if (parts.size() != 2)
      fail("urlencode: a pair is expected");
    out.append(isFirst ? "" : "&");
    quoteUrl(out, printed(heap, parts[0]), true);
    out.append("=");
    quoteUrl(out, printed(heap, parts[1]), true);
  }
  return out.finish();
}

Value toJson(Interpreter &in, const Value &self, Bound &args) {
  JsonStyle style;
  style.isAscii = args.truth(0, false);
  if (const Value *indention = given(args, 1)) {
    if (!indention->isText() && !indention->isInteger())
      fail("tojson: indent is a number or a text, not {}",
           typeName(*indention));
    style.isIndented = true;
    TextBuilder spaces(in.heap());
    if (indention->isText())
      spaces.append(indention->text());
    else
      spaces.repeat(" ", static_cast<uint64_t>(
                             std::max<int64_t>(indention->integer(), 0)));
    style.indention = spaces.take();
    style.itemSeparator = ",";
  }
  if (const Value *separators = given(args, 2)) {
    std::vector<Value> pair = collect(in.heap(), *separators);
    if (pair.size() != 2 || !pair[0].isText() || !pair[1].isText())
      fail("tojson: separators are two texts");
    style.itemSeparator = pair[0].text();
    style.keySeparator = pair[1].text();
  }
  style.isSorted = args.truth(3, false);
  TextBuilder out(in.heap());
  printJson(out, in.heap(), self, style);
  return out.finish();
}

constexpr Native table[] = {
    {"capitalize", "", capitalize},
    {"center", "width?", center},
    {"e", "", escape},
    {"escape", "", escape},
    {"forceescape", "", forceEscape},
    {"format", "*", formatFilter},
    {"indent", "width? first? blank?", indent},
    {"lower", "", lower},
    {"pprint", "*", nullptr},
    {"replace", "old new count?", replaceFilter},
    {"safe", "", safe},
    {"string", "", string},
    {"striptags", "*", nullptr},
    {"title", "", title},
    {"tojson", "ensure_ascii? indent? separators? sort_keys?", toJson},
    {"trim", "chars?", trim},
    {"truncate", "length? killwords? end? leeway?", truncate},
    {"upper", "", upper},
    {"urlencode", "", urlEncode},
    {"urlize", "*", nullptr},
    {"wordcount", "", wordCount},
    {"wordwrap", "*", nullptr},
    {"xmlattr", "*", nullptr},
};

} // namespace

std::span<const Native> textFilters() { return table; }

} // namespace llmc::jinja
