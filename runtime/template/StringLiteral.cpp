// SPDX-License-Identifier: Apache-2.0
#include "runtime/template/StringLiteral.h"
#include "runtime/template/Failure.h"
#include "runtime/text/Utf8.h"
#include <algorithm>
#include <charconv>
#include <limits>

namespace llmc::jinja {

namespace {

class Decoder {
public:
  explicit Decoder(std::string_view rest) : rest_(rest) {}

  std::string run() {
    for (size_t next; (next = rest_.find('\\')) != rest_.npos;) {
      out_ += rest_.substr(0, next);
      rest_.remove_prefix(next + 1);
      escape();
    }
    return out_ + std::string(rest_);
  }

private:
  void escape() {
    constexpr std::string_view names = "\\'\"abfnrtv";
    constexpr std::string_view values = "\\'\"\a\b\f\n\r\t\v";
    char c = rest_[0]; // a literal never ends with a single backslash
    if (size_t i = names.find(c); i != names.npos) {
      out_ += values[i];
      rest_.remove_prefix(1);
    } else if (c == '\n') {
      rest_.remove_prefix(1);
    } else if (c >= '0' && c <= '7') {
      text::appendUtf8(out_, static_cast<char32_t>(digits(1, 3, 8)));
    } else if (c == 'x' || c == 'u' || c == 'U') {
      rest_.remove_prefix(1);
      size_t count = c == 'x' ? 2 : c == 'u' ? 4 : 8;
      append(digits(count, count, 16));
    } else if (c == 'N') {
      unsupported("\\N{{...}} in a string");
    } else {
      otherCharacter();
    }
  }

  /// The codec sees a character beyond ASCII as an escape whose backslash the
  /// one before it takes.
  void otherCharacter() {
    text::CodePoint c = text::decodeAt(rest_, 0);
    auto value = static_cast<uint32_t>(c.value);
    out_ += '\\';
    if (value < 128)
      out_ += static_cast<char>(value);
    else if (value < 0x100)
      out_ += fmt::format("x{:02x}", value);
    else if (value < 0x10000)
      out_ += fmt::format("u{:04x}", value);
    else
      out_ += fmt::format("U{:08x}", value);
    rest_.remove_prefix(c.size);
  }

  uint32_t digits(size_t least, size_t most, int base) {
    uint32_t value = 0;
    std::string_view text = rest_.substr(0, most);
    auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), value, base);
    auto count = static_cast<size_t>(end - text.data());
    if (count < least)
      fail("truncated escape in a string");
    rest_.remove_prefix(count);
    return value;
  }

  void append(uint32_t value) {
    if (value > 0x10FFFF)
      fail("illegal Unicode character in a string");
    if (value >= 0xD800 && value < 0xE000)
      unsupported("half of a surrogate pair in a string");
    text::appendUtf8(out_, static_cast<char32_t>(value));
  }

  std::string_view rest_;
  std::string out_;
};

} // namespace

std::string decodeString(std::string_view literal) {
  return Decoder(literal).run();
}

double parseFloat(const std::string &digits) {
  double value = 0;
  auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc::result_out_of_range)
    return value;
  // Too large, or too near to zero: where the first digit stands says which.
  size_t end10 = std::min(digits.find_first_of("eE"), digits.size());
  size_t point = std::min(digits.find('.'), end10);
  size_t first = digits.find_first_not_of("+-0.");
  int64_t exponent = 0;
  if (end10 < digits.size()) {
    size_t begin = end10 + 1 + (digits[end10 + 1] == '+');
    auto [_, tooLarge] = std::from_chars(
        digits.data() + begin, digits.data() + digits.size(), exponent);
    if (tooLarge != std::errc())
      return digits[begin] == '-' ? 0 : std::numeric_limits<double>::infinity();
  }
  int64_t place =
      static_cast<int64_t>(point) - static_cast<int64_t>(first) + exponent;
  double magnitude = place > 0 ? std::numeric_limits<double>::infinity() : 0.0;
  return digits[0] == '-' ? -magnitude : magnitude;
}

} // namespace llmc::jinja
