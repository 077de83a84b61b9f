// SPDX-License-Identifier: Apache-2.0
#include "runtime/template/Compare.h"
#include "runtime/template/Failure.h"
#include "runtime/template/Filters.h"
#include "runtime/template/Json.h"
#include "runtime/template/Print.h"
#include "runtime/text/Utf8.h"
#include <cmath>

namespace llmc::jinja {

namespace {

class Printer {
public:
  Printer(TextBuilder &out, Heap &heap, const JsonStyle &style)
      : out_(out), heap_(heap), style_(style) {}

  void print(const Value &value, size_t level) {
    heap_.step();
    Heap::Level nested = heap_.nest();
    switch (value.kind()) {
    case Kind::None:
    case Kind::Bool:
    case Kind::Int:
    case Kind::Float:
      out_.append(plain(value));
      return;
    case Kind::Text:
      return printText(value.text());
    case Kind::List:
    case Kind::Tuple:
      return printList(value.as<SequenceObject>().items, level);
    case Kind::Dict:
      return printDict(value, level);
    default:
      fail("Object of type {} is not JSON serializable", typeName(value));
    }
  }

private:
  static std::string plain(const Value &value) {
    switch (value.kind()) {
    case Kind::None:
      return "null";
    case Kind::Bool:
      return value.boolean() ? "true" : "false";
    case Kind::Int:
      return fmt::format("{}", value.integer());
    default:
      if (std::isnan(value.real()))
        return "NaN";
      if (std::isinf(value.real()))
        return value.real() < 0 ? "-Infinity" : "Infinity";
      return reprFloat(value.real());
    }
  }

  void breakLine(size_t level) {
    if (!style_.isIndented)
      return;
    out_.append("\n").repeat(style_.indention, level);
  }

  void printList(const std::vector<Value> &items, size_t level) {
    if (items.empty()) {
      out_.append("[]");
      return;
    }
    out_.append("[");
    for (size_t i = 0; i < items.size(); ++i) {
      if (i > 0)
        out_.append(style_.itemSeparator);
      breakLine(level + 1);
      print(items[i], level + 1);
    }
    breakLine(level);
    out_.append("]");
  }

  void printDict(const Value &dict, size_t level) {
    std::vector<Value> pairs =
        collect(heap_, heap_.view(dict, ViewObject::Items));
    if (style_.isSorted) {
      std::vector<Value> keys =
          collect(heap_, heap_.view(dict, ViewObject::Keys));
      pairs = sortedBy(heap_, pairs, keys, /*isReversed=*/false);
    }
    if (pairs.empty()) {
      out_.append("{}");
      return;
    }
    out_.append("{");
    for (size_t i = 0; i < pairs.size(); ++i) {
      const auto &pair = pairs[i].as<SequenceObject>().items;
      if (i > 0)
        out_.append(style_.itemSeparator);
      breakLine(level + 1);
      printKey(pair[0]);
      out_.append(style_.keySeparator);
      print(pair[1], level + 1);
    }
    breakLine(level);
    out_.append("}");
  }

  void printKey(const Value &key) {
    if (key.isText())
      printText(key.text());
    else if (key.isNone() || key.isNumber())
      printText(plain(key));
    else
      fail("keys must be str, int, float, bool or None, not {}", typeName(key));
  }

  static std::string escape(char32_t c, bool isAscii) {
    switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '\f':
      return "\\f";
    case '\b':
      return "\\b";
    default:
      break;
    }
    auto unit = [](uint32_t value) { return fmt::format("\\u{:04x}", value); };
    auto value = static_cast<uint32_t>(c);
    if (value < 0x20 || (isAscii && value >= 0x7F && value < 0x10000))
      return unit(value);
    if (!isAscii || value < 0x10000)
      return {};
    value -= 0x10000;
    return unit(0xD800 + (value >> 10)) + unit(0xDC00 + (value & 0x3FF));
  }

  void printText(std::string_view text) {
    out_.append("\"");
    size_t plain = 0; // start of what is copied as it stands
    for (size_t i = 0; i < text.size();) {
      text::CodePoint c = text::decodeAt(text, i);
      if (std::string escaped = escape(c.value, style_.isAscii);
          !escaped.empty()) {
        out_.append(text.substr(plain, i - plain)).append(escaped);
        plain = i + c.size;
      }
      i += c.size;
    }
    out_.append(text.substr(plain)).append("\"");
  }

  TextBuilder &out_;
  Heap &heap_;
  const JsonStyle &style_;
};

} // namespace

void printJson(TextBuilder &out, Heap &heap, const Value &value,
               const JsonStyle &style) {
  Printer(out, heap, style).print(value, 0);
}

} // namespace llmc::jinja
