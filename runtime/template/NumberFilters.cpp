// SPDX-License-Identifier: Apache-2.0
// Filters that make numbers.
#include "runtime/template/Failure.h"
#include "runtime/template/Filters.h"
#include "runtime/template/Operators.h"
#include "runtime/template/Print.h"
#include "runtime/template/StringLiteral.h"
#include "runtime/template/Text.h"
#include <charconv>
#include <cmath>

namespace llmc::jinja {

namespace {

Value absolute(Interpreter &, const Value &self, Bound &) {
  requireDefined(self);
  if (!self.isNumber())
    fail("bad operand type for abs(): '{}'", typeName(self));
  if (self.is(Kind::Float))
    return Value::real(std::fabs(self.real()));
  return self.integer() < 0 ? negative(self) : Value::integer(self.integer());
}

bool isDigitAt(std::string_view text, size_t i) {
  return i < text.size() && text[i] >= '0' && text[i] <= '9';
}

/// Takes out underscores that stand between digits; none where another does.
std::optional<std::string> withoutUnderscores(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      out += text[i];
      continue;
    }
    auto isAlnum = [&](size_t at) {
      char c = at < text.size() ? text[at] : ' ';
      return isDigitAt(text, at) || ((c | 32) >= 'a' && (c | 32) <= 'z');
    };
    if (i == 0 || !isAlnum(i - 1) || !isAlnum(i + 1))
      return std::nullopt;
  }
  return out;
}

/// Python's int(text, base); none where it is no number.
std::optional<Value> parseInteger(std::string_view text, int64_t base) {
  text = strip(text, Side::Both);
  bool isNegative = text.starts_with('-');
  if (isNegative || text.starts_with('+'))
    text.remove_prefix(1);
  if (base != 0 && (base < 2 || base > 36))
    return std::nullopt;
  constexpr std::pair<char, int64_t> prefixes[] = {
      {'b', 2}, {'o', 8}, {'x', 16}};
  for (auto [letter, itsBase] : prefixes)
    if (text.size() > 2 && text[0] == '0' && (text[1] | 32) == letter &&
        (base == itsBase || base == 0)) {
      text.remove_prefix(2 + (text[2] == '_'));
      base = itsBase;
      break;
    }
  if (base == 0 && text.size() > 1 && text[0] == '0' &&
      text.find_first_not_of("0_") != text.npos)
    return std::nullopt;
  std::optional<std::string> digits = withoutUnderscores(text);
  if (!digits || digits->empty())
    return std::nullopt;
  std::string number = (isNegative ? "-" : "") + *digits;
  if (!isNegative && number[0] == '-')
    return std::nullopt;
  int64_t value = 0;
  auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), value,
                      base == 0 ? 10 : static_cast<int>(base));
  if (end != number.data() + number.size())
    return std::nullopt;
  if (error == std::errc::result_out_of_range)
    unsupported("an integer beyond 64 bits");
  return error == std::errc() ? std::optional(Value::integer(value))
                              : std::nullopt;
}

/// Python's float(text).
std::optional<double> parseReal(std::string_view text) {
  std::optional<std::string> digits =
      withoutUnderscores(strip(text, Side::Both));
  if (!digits || digits->empty())
    return std::nullopt;
  std::string number = *digits;
  bool isNegative = number[0] == '-';
  if (isNegative || number[0] == '+')
    number.erase(0, 1);
  std::string word = lowerCase(number);
  double sign = isNegative ? -1.0 : 1.0;
  if (word == "inf" || word == "infinity")
    return sign * INFINITY;
  if (word == "nan")
    return NAN;
  if (!isDigitAt(number, 0) && !(number[0] == '.' && isDigitAt(number, 1)))
    return std::nullopt;
  double parsed = 0;
  auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), parsed);
  if (end != number.data() + number.size())
    return std::nullopt;
  return sign * (error == std::errc() ? parsed : parseFloat(number));
}

/// float(value); none where Python raises a TypeError or ValueError.
std::optional<double> realOf(const Value &value) {
  requireDefined(value);
  if (value.isNumber())
    return value.real();
  return value.isText() ? parseReal(value.text()) : std::nullopt;
}

Value toInt(Interpreter &, const Value &self, Bound &args) {
  Value absent = args.has(0) ? args[0] : Value::integer(0);
  requireDefined(self);
  if (self.isInteger())
    return Value::integer(self.integer());
  if (self.isText())
    if (std::optional<Value> value =
            parseInteger(self.text(), args.integer(1, 10)))
      return *value;
  std::optional<double> real = realOf(self);
  if (!real || std::isnan(*real))
    return absent;
  if (std::isinf(*real) && self.isText())
    return absent;
  return toInteger(*real);
}

Value toFloat(Interpreter &, const Value &self, Bound &args) {
  if (std::optional<double> real = realOf(self))
    return Value::real(*real);
  return args.has(0) ? args[0] : Value::real(0);
}

constexpr int64_t maxDigits = 400; // more than any float has

/// round(value, digits) of a float: to the nearest decimal, ties to even.
double roundReal(double value, int64_t digits) {
  if (!std::isfinite(value) || digits > maxDigits)
    return value;
  if (digits >= 0)
    return parseFloat(fmt::format("{:.{}f}", value, static_cast<int>(digits)) +
                      "e0");
  if (digits < -308)
    return std::copysign(0.0, value);
  // Exactly, through the digits before the point.
  std::string text = fmt::format("{:.0f}", std::trunc(std::fabs(value)));
  auto cut = static_cast<size_t>(-digits);
  double unit = std::pow(10.0, static_cast<double>(-digits));
  if (text.size() < cut)
    return std::copysign(0.0, value);
  double low = parseFloat(text.substr(0, text.size() - cut) +
                          std::string(cut, '0') + "e0");
  if (text.size() == cut)
    low = 0;
  double rest = std::fabs(value) - low;
  bool isOdd = std::fmod(low / unit, 2.0) != 0;
  bool isUp = rest > unit / 2 || (rest == unit / 2 && isOdd);
  return std::copysign(isUp ? low + unit : low, value);
}

int64_t roundInteger(int64_t value, int64_t digits) {
  if (digits >= 0)
    return value;
  if (digits < -18)
    return 0;
  int64_t unit = 1;
  for (int64_t i = 0; i < -digits; ++i)
    unit *= 10;
  int64_t rest = value % unit, low = value - rest;
  if (rest < 0) {
    rest += unit;
    low -= unit;
  }
  bool isUp = rest > unit / 2 || (rest == unit / 2 && (low / unit) % 2 != 0);
  return isUp ? low + unit : low;
}

Value round(Interpreter &, const Value &self, Bound &args) {
  std::string_view method = args.text(1, "common");
  if (method != "common" && method != "ceil" && method != "floor")
    fail("method must be common, ceil or floor");
  int64_t digits = args.integer(0, 0);
  requireDefined(self);
  if (!self.isNumber())
    fail("type {} doesn't define __round__ method", typeName(self));
  if (method == "common")
    return self.is(Kind::Float)
               ? Value::real(roundReal(self.real(), digits))
               : Value::integer(roundInteger(self.integer(), digits));
  if (digits > 308)
    unsupported("round to more than 308 digits");
  double scale = std::pow(10.0, static_cast<double>(digits));
  double scaled = self.real() * scale;
  if (!std::isfinite(scaled))
    fail("cannot convert float {} to integer", reprFloat(scaled));
  double whole = method == "ceil" ? std::ceil(scaled) : std::floor(scaled);
  return Value::real((whole == 0 ? 0.0 : whole) / scale);
}

Value fileSize(Interpreter &in, const Value &self, Bound &args) {
  std::optional<double> bytes = realOf(self);
  if (!bytes)
    fail("could not convert {} to float", typeName(self));
  bool isBinary = args.truth(0, false);
  double base = isBinary ? 1024 : 1000;
  if (*bytes == 1)
    return in.heap().text("1 Byte");
  if (*bytes < base)
    return in.heap().text(fmt::format("{} Bytes", toInteger(*bytes).integer()));
  constexpr std::string_view letters = "kMGTPEZY";
  double unit = base;
  size_t i = 0;
  for (; i + 1 < letters.size() && *bytes >= unit * base; ++i)
    unit *= base;
  std::string_view letter = isBinary && i == 0 ? "K" : letters.substr(i, 1);
  return in.heap().text(fmt::format("{:.1f} {}{}B",
                                    base * *bytes / (unit * base), letter,
                                    isBinary ? "i" : ""));
}

constexpr Native table[] = {
    {"abs", "", absolute},
    {"filesizeformat", "binary?", fileSize},
    {"float", "default?", toFloat},
    {"int", "default? base?", toInt},
    {"round", "precision? method?", round},
};

} // namespace

std::span<const Native> numberFilters() { return table; }

} // namespace llmc::jinja
