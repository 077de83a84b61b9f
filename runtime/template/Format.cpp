// SPDX-License-Identifier: Apache-2.0
#include "runtime/template/Format.h"
#include "runtime/template/Failure.h"
#include "runtime/template/Print.h"
#include "runtime/template/Text.h"
#include "runtime/text/Utf8.h"
#include <algorithm>
#include <cmath>

namespace llmc::jinja {

namespace {

constexpr int maxPrecision = 1000;

char lowered(char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; }
bool isAsciiDigit(char c) { return c >= '0' && c <= '9'; }

std::string withSign(bool isNegative, std::string digits,
                     const FormatSpec &spec) {
  if (isNegative)
    return "-" + digits;
  return spec.sign == '-' ? digits : spec.sign + digits;
}

/// Puts separators between the digits before the point.
std::string grouped(const std::string &digits, const FormatSpec &spec) {
  if (!spec.grouping)
    return digits;
  size_t group = spec.type && std::string_view("boxX").find(spec.type) !=
                                  std::string_view::npos
                     ? 4
                     : 3;
  size_t end = digits.find_first_not_of("0123456789abcdefABCDEF");
  if (!spec.type ||
      std::string_view("xX").find(spec.type) == std::string_view::npos)
    end = digits.find_first_not_of("0123456789");
  end = std::min(end, digits.size());
  std::string out;
  for (size_t i = 0; i < end; ++i) {
    if (i > 0 && (end - i) % group == 0)
      out += spec.grouping;
    out += digits[i];
  }
  return out + digits.substr(end);
}

std::string floatDigits(double value, char type, int precision,
                        bool isAlternate) {
  if (std::isinf(value))
    return "inf";
  switch (type) {
  case 'e':
    return isAlternate ? fmt::format("{:#.{}e}", value, precision)
                       : fmt::format("{:.{}e}", value, precision);
  case 'f':
    return isAlternate ? fmt::format("{:#.{}f}", value, precision)
                       : fmt::format("{:.{}f}", value, precision);
  default:
    precision = std::max(precision, 1);
    return isAlternate ? fmt::format("{:#.{}g}", value, precision)
                       : fmt::format("{:.{}g}", value, precision);
  }
}

/// Reads "[[fill]align][sign][#][0][width][grouping][.precision][type]".
FormatSpec parseSpec(std::string_view text) {
  FormatSpec spec;
  auto isAlign = [](char c) {
    return c == '<' || c == '>' || c == '=' || c == '^';
  };
  auto take = [&](char c) {
    bool isThere = text.starts_with(c);
    text.remove_prefix(isThere);
    return isThere;
  };
  if (!text.empty()) {
    text::CodePoint fill = text::decodeAt(text, 0);
    if (text.size() > fill.size && isAlign(text[fill.size])) {
      spec.fill = fill.value;
      spec.align = text[fill.size];
      text.remove_prefix(fill.size + 1);
    } else if (isAlign(text[0])) {
      spec.align = text[0];
      text.remove_prefix(1);
    }
  }
  if (!text.empty() &&
      std::string_view("+- ").find(text[0]) != std::string_view::npos) {
    spec.sign = text[0];
    text.remove_prefix(1);
  }
  spec.isAlternate = take('#');
  if (take('0') && !spec.align) {
    spec.fill = '0';
    spec.align = '=';
  }
  spec.width = readNumber(text, "width");
  if (take(','))
    spec.grouping = ',';
  else if (take('_'))
    spec.grouping = '_';
  if (take('.')) {
    if (text.empty() || !isAsciiDigit(text[0]))
      fail("Format specifier missing precision");
    spec.precision = static_cast<int>(
        std::min<uint64_t>(readNumber(text, "precision"), maxPrecision + 1));
  }
  if (!text.empty()) {
    spec.type = text[0];
    text.remove_prefix(1);
  }
  if (!text.empty())
    fail("Invalid format specifier");
  return spec;
}

[[noreturn]] void failType(const FormatSpec &spec, const Value &value) {
  fail("Unknown format code '{}' for object of type '{}'",
       std::string_view(&spec.type, 1), typeName(value));
}

void formatText(TextBuilder &out, const Value &value, const FormatSpec &spec) {
  if (spec.type && spec.type != 's')
    failType(spec, value);
  if (spec.align == '=' || spec.sign != '-' || spec.isAlternate ||
      spec.grouping)
    fail("this format is not allowed in a string format specifier");
  std::string_view text = value.text();
  if (spec.precision)
    text = prefix(text, static_cast<size_t>(*spec.precision));
  appendPadded(out, text, spec, '<');
}

void formatReal(TextBuilder &out, const Value &value, FormatSpec spec) {
  double number = value.real();
  std::string body;
  if (spec.type == '%') {
    spec.type = 'f';
    body = formatFloat(number * 100, spec) + "%";
  } else if (!spec.type && !spec.precision) {
    body = withSign(std::signbit(number), reprFloat(std::fabs(number)), spec);
    body = grouped(body, spec);
  } else if (!spec.type) {
    unsupported("a format with a precision and without a type");
  } else {
    body = grouped(formatFloat(number, spec), spec);
  }
  appendPadded(out, body, spec, '>');
}

void formatNumber(TextBuilder &out, const Value &value, FormatSpec spec) {
  constexpr std::string_view floatTypes = "eEfFgG%", integerTypes = "bdoxX";
  bool isFloatType =
      spec.type && floatTypes.find(spec.type) != std::string_view::npos;
  if (value.is(Kind::Float) || isFloatType) {
    if (spec.type && !isFloatType)
      failType(spec, value);
    return formatReal(out, value, spec);
  }
  if (spec.precision)
    fail("Precision not allowed in integer format specifier");
  if (!spec.type)
    spec.type = 'd';
  if (integerTypes.find(spec.type) == std::string_view::npos)
    failType(spec, value);
  std::string digits = formatInteger(value.integer(), spec);
  appendPadded(out, digits, spec, '>');
}

} // namespace

uint64_t readNumber(std::string_view &text, std::string_view what) {
  uint64_t number = 0;
  while (!text.empty() && isAsciiDigit(text[0])) {
    number = number * 10 + static_cast<uint64_t>(text[0] - '0');
    if (number > limits::textBytes)
      exceeded("a {} of more than {}", what, limits::textBytes);
    text.remove_prefix(1);
  }
  return number;
}

std::string formatFloat(double value, const FormatSpec &spec) {
  if (std::isnan(value))
    return spec.type == lowered(spec.type) ? "nan" : "NAN";
  int precision = spec.precision.value_or(6);
  if (precision > maxPrecision)
    exceeded("a precision of more than {} digits", maxPrecision);
  std::string digits = floatDigits(std::fabs(value), lowered(spec.type),
                                   precision, spec.isAlternate);
  if (spec.type != lowered(spec.type))
    for (char &c : digits)
      c = c >= 'a' && c <= 'z' ? char(c - 32) : c;
  return withSign(std::signbit(value), digits, spec);
}

std::string formatInteger(int64_t value, const FormatSpec &spec) {
  bool isNegative = value < 0;
  uint64_t magnitude = isNegative ? uint64_t(0) - static_cast<uint64_t>(value)
                                  : static_cast<uint64_t>(value);
  std::string digits, prefix;
  switch (spec.type) {
  case 'b':
    digits = fmt::format("{:b}", magnitude);
    prefix = "0b";
    break;
  case 'o':
    digits = fmt::format("{:o}", magnitude);
    prefix = "0o";
    break;
  case 'x':
    digits = fmt::format("{:x}", magnitude);
    prefix = "0x";
    break;
  case 'X':
    digits = fmt::format("{:X}", magnitude);
    prefix = "0X";
    break;
  default:
    digits = fmt::format("{}", magnitude);
  }
  if (spec.precision && static_cast<size_t>(*spec.precision) > digits.size()) {
    if (*spec.precision > maxPrecision)
      exceeded("a precision of more than {} digits", maxPrecision);
    digits.insert(0, static_cast<size_t>(*spec.precision) - digits.size(), '0');
  }
  digits = grouped(digits, spec);
  return withSign(isNegative, spec.isAlternate ? prefix + digits : digits,
                  spec);
}

void appendPadded(TextBuilder &out, std::string_view body,
                  const FormatSpec &spec, char natural) {
  uint64_t length = text::countCodePoints(body);
  uint64_t missing = spec.width > length ? spec.width - length : 0;
  std::string fill;
  text::appendUtf8(fill, spec.fill);
  char align = spec.align ? spec.align : natural;
  if (align == '=') {
    size_t sign = body.empty() || isAsciiDigit(body[0]) ? 0 : 1;
    if (body.substr(sign).starts_with("0") && spec.isAlternate)
      sign += 2; // "0x"
    out.append(body.substr(0, sign)).repeat(fill, missing);
    out.append(body.substr(sign));
    return;
  }
  uint64_t before = align == '>' ? missing : align == '^' ? missing / 2 : 0;
  out.repeat(fill, before).append(body).repeat(fill, missing - before);
}

void formatValue(TextBuilder &out, Heap &heap, const Value &value,
                 std::string_view text) {
  if (text.empty())
    return print(out, heap, value);
  FormatSpec spec = parseSpec(text);
  if (value.isText())
    return formatText(out, value, spec);
  if (value.isNumber())
    return formatNumber(out, value, spec);
  fail("unsupported format string passed to {}.__format__", typeName(value));
}

} // namespace llmc::jinja
