// SPDX-License-Identifier: Apache-2.0
#include "runtime/template/Print.h"
#include "runtime/template/Failure.h"
#include "runtime/template/Functions.h"
#include "runtime/template/Iterate.h"
#include "runtime/template/Text.h"
#include "runtime/text/Utf8.h"
#include <cmath>

namespace llmc::jinja {

std::string_view typeName(const Value &value) {
  static constexpr std::string_view names[] = {
      "Undefined", "Undefined", "NoneType",    "bool",      "int",
      "float",     "str",       "list",        "tuple",     "dict",
      "range",     "dict_keys", "generator",   "Namespace", "function",
      "method",    "Macro",     "LoopContext", "Cycler",    "Joiner"};
  if (value.isText() && value.as<TextObject>().isMarkup)
    return "Markup";
  return names[static_cast<size_t>(value.kind())];
}

std::string describe(const Value &value) {
  if (value.isNone())
    return "None";
  return fmt::format("{} object", typeName(value));
}

bool isTrue(const Value &value) {
  switch (value.kind()) {
  case Kind::Missing:
  case Kind::Undefined:
  case Kind::None:
    return false;
  case Kind::Bool:
  case Kind::Int:
    return value.integer() != 0;
  case Kind::Float:
    return value.real() != 0;
  default:
    return lengthOf(value).value_or(1) != 0;
  }
}

void requireDefined(const Value &value) {
  if (value.isUndefined())
    fail("{}", value.as<UndefinedObject>().message);
}

std::string reprFloat(double value) {
  if (std::isnan(value))
    return "nan";
  std::string out = fmt::format("{}", value);
  if (out.find_first_of(".en") == out.npos) // nor "inf"
    out += ".0";
  return out;
}

namespace {

void printQuotedText(TextBuilder &out, std::string_view text) {
  bool hasSingle = text.find('\'') != text.npos;
  bool hasDouble = text.find('"') != text.npos;
  char quote = hasSingle && !hasDouble ? '"' : '\'';
  out.append(std::string_view(&quote, 1));
  size_t plain = 0; // start of what is copied as it stands
  for (size_t i = 0; i < text.size();) {
    text::CodePoint c = text::decodeAt(text, i);
    std::string escape;
    if (c.value == static_cast<unsigned char>(quote) || c.value == '\\')
      escape = {'\\', text[i]};
    else if (c.value == '\n')
      escape = "\\n";
    else if (c.value == '\r')
      escape = "\\r";
    else if (c.value == '\t')
      escape = "\\t";
    else if (!isPrintable(c.value))
      escape = c.value < 0x100 ? fmt::format("\\x{:02x}", uint32_t(c.value))
               : c.value < 0x10000
                   ? fmt::format("\\u{:04x}", uint32_t(c.value))
                   : fmt::format("\\U{:08x}", uint32_t(c.value));
    if (!escape.empty()) {
      out.append(text.substr(plain, i - plain)).append(escape);
      plain = i + c.size;
    }
    i += c.size;
  }
  out.append(text.substr(plain));
  out.append(std::string_view(&quote, 1));
}

void printItems(TextBuilder &out, Heap &heap, const std::vector<Value> &items) {
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0)
      out.append(", ");
    printRepr(out, heap, items[i]);
  }
}

void printDict(TextBuilder &out, Heap &heap, const DictObject &dict) {
  out.append("{");
  for (size_t i = 0; i < dict.entries.size(); ++i) {
    if (i > 0)
      out.append(", ");
    printRepr(out, heap, dict.entries[i].first);
    out.append(": ");
    printRepr(out, heap, dict.entries[i].second);
  }
  out.append("}");
}

void printSequence(TextBuilder &out, Heap &heap, const Value &value) {
  const auto &items = value.as<SequenceObject>().items;
  bool isTuple = value.is(Kind::Tuple);
  out.append(isTuple ? "(" : "[");
  printItems(out, heap, items);
  out.append(!isTuple ? "]" : items.size() == 1 ? ",)" : ")");
}

void printRange(TextBuilder &out, const RangeObject &range) {
  out.append(fmt::format("range({}, {}", range.start, range.stop));
  out.append(range.step == 1 ? ")" : fmt::format(", {})", range.step));
}

void printView(TextBuilder &out, Heap &heap, const Value &value) {
  static constexpr const char *names[] = {"dict_keys", "dict_values",
                                          "dict_items"};
  out.append(names[value.as<ViewObject>().part]).append("([");
  printItems(out, heap, collect(heap, value));
  out.append("])");
}

void printNamespace(TextBuilder &out, Heap &heap, const Value &value) {
  out.append("<Namespace {");
  bool isFirst = true;
  for (const auto &[name, attribute] : value.as<NamespaceObject>().attributes) {
    out.append(isFirst ? "" : ", ");
    isFirst = false;
    printQuotedText(out, name);
    out.append(": ");
    printRepr(out, heap, attribute);
  }
  out.append("}>");
}

} // namespace

void printRepr(TextBuilder &out, Heap &heap, const Value &value) {
  heap.step();
  Heap::Level level = heap.nest();
  switch (value.kind()) {
  case Kind::Missing:
  case Kind::Undefined:
    out.append("Undefined");
    break;
  case Kind::None:
    out.append("None");
    break;
  case Kind::Bool:
    out.append(value.boolean() ? "True" : "False");
    break;
  case Kind::Int:
    out.append(fmt::format("{}", value.integer()));
    break;
  case Kind::Float:
    out.append(reprFloat(value.real()));
    break;
  case Kind::Text: {
    bool isMarkup = value.as<TextObject>().isMarkup;
    out.append(isMarkup ? "Markup(" : "");
    printQuotedText(out, value.text());
    out.append(isMarkup ? ")" : "");
    break;
  }
  case Kind::List:
  case Kind::Tuple:
    printSequence(out, heap, value);
    break;
  case Kind::Dict:
    printDict(out, heap, value.as<DictObject>());
    break;
  case Kind::Range:
    printRange(out, value.as<RangeObject>());
    break;
  case Kind::View:
    printView(out, heap, value);
    break;
  case Kind::Namespace:
    printNamespace(out, heap, value);
    break;
  case Kind::Macro:
    out.append(describeMacro(value));
    break;
  case Kind::Loop:
    out.append(describeLoop(heap, value));
    break;
  default:
    unsupported("a {} has no text that is the same in every run",
                typeName(value));
  }
}

void print(TextBuilder &out, Heap &heap, const Value &value) {
  if (value.isText())
    out.append(value.text());
  else if (!value.isUndefined() && !value.isMissing())
    printRepr(out, heap, value);
}

std::string printed(Heap &heap, const Value &value) {
  TextBuilder out(heap);
  print(out, heap, value);
  return out.take();
}

Value toText(Heap &heap, const Value &value) {
  return value.isText() ? value : heap.text(printed(heap, value));
}

std::string repr(Heap &heap, const Value &value) {
  TextBuilder out(heap);
  printRepr(out, heap, value);
  return out.take();
}

std::string quoted(std::string_view text) {
  constexpr size_t shown = 100;
  if (text.size() <= shown)
    return fmt::format("'{}'", text);
  size_t end = shown;
  while (text::isContinuation(text[end]))
    --end;
  return fmt::format("'{}...'", text.substr(0, end));
}

} // namespace llmc::jinja
