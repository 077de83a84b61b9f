// SPDX-License-Identifier: Apache-2.0
// text.format(...): Python's string.Formatter, with the sandbox's access to
// attributes and items.
#include "runtime/template/Access.h"
#include "runtime/template/Failure.h"
#include "runtime/template/Format.h"
#include "runtime/template/Print.h"
#include <algorithm>

namespace llmc::jinja {

namespace {

bool isNumber(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

class Formatter {
public:
  Formatter(Heap &heap, const CallArguments &arguments)
      : heap_(heap), arguments_(arguments) {}

  void format(TextBuilder &out, std::string_view text, int depth) {
    if (depth < 0)
      fail("Max string recursion exceeded");
    while (!text.empty()) {
      size_t next = std::min(text.find_first_of("{}"), text.size());
      out.append(text.substr(0, next));
      text.remove_prefix(next);
      if (text.empty())
        return;
      if (text.size() > 1 && text[0] == text[1]) {
        out.append(text.substr(0, 1));
        text.remove_prefix(2);
        continue;
      }
      if (text[0] == '}')
        fail("Single '}}' encountered in format string");
      text.remove_prefix(1);
      size_t end = fieldEnd(text);
      field(out, text.substr(0, end), depth);
      text.remove_prefix(end + 1);
    }
  }

private:
  /// Where the brace is that closes the field.
  static size_t fieldEnd(std::string_view text) {
    int open = 1;
    for (size_t i = 0; i < text.size(); ++i) {
      open += text[i] == '{' ? 1 : text[i] == '}' ? -1 : 0;
      if (open == 0)
        return i;
    }
    fail("expected '}}' before end of string");
  }

  void field(TextBuilder &out, std::string_view text, int depth) {
    // A bracket may hold what otherwise ends the name.
    size_t end = 0;
    for (bool inBrackets = false; end < text.size(); ++end) {
      if (text[end] == '[')
        inBrackets = true;
      else if (text[end] == ']')
        inBrackets = false;
      else if (!inBrackets && (text[end] == '!' || text[end] == ':'))
        break;
    }
    Value value = lookUp(text.substr(0, end));
    text.remove_prefix(end);
    if (text.starts_with('!')) {
      value = converted(value, text);
      text.remove_prefix(2);
      if (!text.empty() && text[0] != ':')
        fail("expected ':' after conversion specifier");
    }
    std::string spec;
    if (text.starts_with(':')) {
      TextBuilder inner(heap_);
      format(inner, text.substr(1), depth - 1);
      spec = inner.take();
    }
    formatValue(out, heap_, value, spec);
  }

  Value converted(const Value &value, std::string_view text) {
    char kind = text.size() > 1 ? text[1] : 0;
    if (kind == 's')
      return toText(heap_, value);
    if (kind == 'r')
      return heap_.text(repr(heap_, value));
    fail("unknown conversion specifier in a format");
  }

  Value lookUp(std::string_view name) {
    size_t end = std::min(name.find_first_of(".["), name.size());
    Value value = first(name.substr(0, end));
    for (name.remove_prefix(end); !name.empty();) {
      bool isItem = name[0] == '[';
      name.remove_prefix(1);
      end = isItem ? name.find(']')
                   : std::min(name.find_first_of(".["), name.size());
      if (end == name.npos)
        fail("Missing ']' in format string");
      std::string_view part = name.substr(0, end);
      if (part.empty())
        fail("Empty attribute in format string");
      value = isItem ? getItem(heap_, value, indexOrKey(part))
                     : getAttribute(heap_, value, part);
      name.remove_prefix(end + isItem);
      if (isItem && !name.empty() && name[0] != '.' && name[0] != '[')
        fail("Only '.' or '[' may follow ']' in format field specifier");
    }
    return value;
  }

  Value indexOrKey(std::string_view part) {
    if (!isNumber(part))
      return heap_.text(std::string(part));
    return Value::integer(
        static_cast<int64_t>(readNumber(part, "format index")));
  }

  Value first(std::string_view name) {
    if (name.empty() || isNumber(name)) {
      if (isAutomatic_ && *isAutomatic_ != name.empty())
        fail("cannot switch between manual field specification and automatic "
             "field numbering");
      isAutomatic_ = name.empty();
      size_t index = name.empty() ? next_++ : readNumber(name, "format index");
      if (index >= arguments_.positional.size())
        fail("Replacement index {} out of range for positional args tuple",
             index);
      return arguments_.positional[index];
    }
    for (const auto &[key, value] : arguments_.named)
      if (key == name)
        return value;
    fail("no argument {} for the format", quoted(name));
  }

  Heap &heap_;
  const CallArguments &arguments_;
  std::optional<bool> isAutomatic_;
  size_t next_ = 0;
};

} // namespace

Value formatMethod(Heap &heap, const Value &text,
                   const CallArguments &arguments) {
  if (text.as<TextObject>().isMarkup)
    unsupported("format() of a text that is marked as safe");
  TextBuilder out(heap);
  Formatter(heap, arguments).format(out, text.text(), 2);
  return out.finish();
}

} // namespace llmc::jinja
