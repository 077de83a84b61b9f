// SPDX-License-Identifier: Apache-2.0
// Python's `text % values`: printf-style formatting.
#include "runtime/template/Failure.h"
#include "runtime/template/Format.h"
#include "runtime/template/Operators.h"
#include "runtime/template/Print.h"
#include "runtime/template/Text.h"
#include "runtime/text/Utf8.h"
#include <cmath>

namespace llmc::jinja {

namespace {

class Percent {
public:
  Percent(Heap &heap, std::string_view format, const Value &values)
      : heap_(heap), rest_(format), values_(values), out_(heap) {}

  Value run() {
    for (size_t next; (next = rest_.find('%')) != rest_.npos;) {
      out_.append(rest_.substr(0, next));
      rest_.remove_prefix(next + 1);
      convert();
    }
    out_.append(rest_);
    // What has items by key or place may be left over.
    bool isMapping = values_.is(Kind::Dict) || values_.is(Kind::List) ||
                     values_.is(Kind::Range) || values_.isUndefined();
    if (!isMapping && used_ < count())
      fail("not all arguments converted during string formatting");
    return out_.finish();
  }

private:
  size_t count() const {
    return values_.is(Kind::Tuple) ? values_.as<SequenceObject>().items.size()
                                   : 1;
  }

  Value nextValue() {
    if (used_ >= count())
      fail("not enough arguments for format string");
    ++used_;
    return values_.is(Kind::Tuple)
               ? values_.as<SequenceObject>().items[used_ - 1]
               : values_;
  }

  /// "(key)" at the front: the value of that key.
  Value keyed() {
    size_t end = 1;
    for (int open = 1; end < rest_.size(); ++end) {
      open += rest_[end] == '(' ? 1 : rest_[end] == ')' ? -1 : 0;
      if (open == 0)
        break;
    }
    if (end >= rest_.size())
      fail("incomplete format key");
    std::string_view key = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    if (!values_.is(Kind::Dict))
      fail("format requires a mapping");
    const Value *found = findEntry(heap_, values_.as<DictObject>(), key);
    if (!found)
      fail("no key {} for the format", quoted(key));
    return *found;
  }

  void readFlags(FormatSpec &spec) {
    for (; !rest_.empty(); rest_.remove_prefix(1)) {
      char c = rest_[0];
      if (c == '-')
        spec.align = '<';
      else if (c == '+')
        spec.sign = '+';
      else if (c == ' ' && spec.sign == '-')
        spec.sign = ' ';
      else if (c == '#')
        spec.isAlternate = true;
      else if (c == '0')
        spec.fill = '0';
      else if (c != ' ')
        return;
    }
  }

  /// A width or a precision: digits, or * for the next value.
  int64_t readSize(std::string_view what) {
    if (!rest_.starts_with('*'))
      return static_cast<int64_t>(readNumber(rest_, what));
    rest_.remove_prefix(1);
    Value size = nextValue();
    if (!size.isInteger())
      fail("* wants int");
    if (size.integer() > static_cast<int64_t>(limits::textBytes) ||
        size.integer() < -static_cast<int64_t>(limits::textBytes))
      exceeded("a {} of more than {}", what, limits::textBytes);
    return size.integer();
  }

  void convert() {
    if (rest_.starts_with('%')) {
      rest_.remove_prefix(1);
      out_.append("%");
      return;
    }
    FormatSpec spec;
    std::optional<Value> value;
    if (rest_.starts_with('('))
      value = keyed();
    readFlags(spec);
    int64_t width = readSize("width");
    if (width < 0)
      spec.align = '<';
    spec.width = static_cast<uint64_t>(std::abs(width));
    if (rest_.starts_with('.')) {
      rest_.remove_prefix(1);
      spec.precision =
          static_cast<int>(std::max<int64_t>(readSize("precision"), 0));
    }
    if (rest_.starts_with('h') || rest_.starts_with('l') ||
        rest_.starts_with('L'))
      rest_.remove_prefix(1);
    if (rest_.empty())
      fail("incomplete format");
    spec.type = rest_[0];
    if (!value)
      value = nextValue();
    appendValue(*value, spec);
    rest_.remove_prefix(1);
  }

  void appendValue(const Value &value, FormatSpec spec) {
    switch (spec.type) {
    case 's':
      return appendText(printed(heap_, value), spec);
    case 'r':
      return appendText(repr(heap_, value), spec);
    case 'c':
      return appendCharacter(value, spec);
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X':
      return appendInteger(value, spec);
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
      requireDefined(value);
      if (!value.isNumber())
        fail("must be real number, not {}", typeName(value));
      return appendNumber(formatFloat(value.real(), spec), spec);
    default:
      fail("unsupported format character {}", quoted(prefix(rest_, 1)));
    }
  }

  void appendText(std::string_view text, FormatSpec spec) {
    if (spec.precision)
      text = prefix(text, static_cast<size_t>(*spec.precision));
    spec.fill = ' ';
    appendPadded(out_, text, spec, '>');
  }

  void appendCharacter(const Value &value, FormatSpec spec) {
    std::string character;
    constexpr int64_t last = 0x10FFFF;
    bool isSurrogate = value.isInteger() && value.integer() >= 0xD800 &&
                       value.integer() < 0xE000;
    if (value.isInteger() && value.integer() >= 0 && value.integer() <= last &&
        !isSurrogate)
      text::appendUtf8(character, static_cast<char32_t>(value.integer()));
    else if (value.isText() && value.as<TextObject>().length == 1)
      character = value.text();
    else
      fail("%c requires int or char");
    spec.precision.reset();
    appendText(character, spec);
  }

  void appendInteger(const Value &value, FormatSpec spec) {
    bool isDecimal = spec.type == 'd' || spec.type == 'i' || spec.type == 'u';
    requireDefined(value);
    if (!value.isInteger() && !(isDecimal && value.is(Kind::Float)))
      fail("%{} format: {} is required, not {}",
           std::string_view(&spec.type, 1),
           isDecimal ? "a real number" : "an integer", typeName(value));
    Value whole = value.isInteger() ? value : toInteger(value.real());
    if (isDecimal)
      spec.type = 'd';
    appendNumber(formatInteger(whole.integer(), spec), spec);
  }

  void appendNumber(std::string_view digits, FormatSpec spec) {
    if (spec.align == '<')
      spec.fill = ' ';
    else if (spec.fill == '0')
      spec.align = '=';
    if (spec.type != 'x' && spec.type != 'X' && spec.type != 'o')
      spec.isAlternate = false; // no prefix that padding must spare
    appendPadded(out_, digits, spec, '>');
  }

  Heap &heap_;
  std::string_view rest_;
  const Value &values_;
  TextBuilder out_;
  size_t used_ = 0;
};

} // namespace

Value formatPercent(Heap &heap, const Value &text, const Value &values) {
  if (text.as<TextObject>().isMarkup)
    unsupported("% on a text that is marked as safe");
  return Percent(heap, text.text(), values).run();
}

} // namespace llmc::jinja
