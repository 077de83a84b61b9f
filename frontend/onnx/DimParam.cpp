// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/DimParam.h"

using namespace mlir;

namespace llmc::onnx {

namespace {
/// Recursive descent with a bounded depth; anything it does not know makes the
/// whole text a name.
class Parser {
public:
  Parser(MLIRContext *ctx, std::string_view text, llm::Symbols &symbols,
         const std::set<std::string, std::less<>> &plain)
      : ctx(ctx), rest(text), symbols(symbols), plain(plain) {}

  std::optional<llm::Dim> whole() {
    auto e = sum(0);
    skipSpace();
    if (!e || !rest.empty())
      return std::nullopt;
    return llm::simplified(*e);
  }

private:
  void skipSpace() {
    while (!rest.empty() && rest.front() == ' ')
      rest.remove_prefix(1);
  }
  bool take(std::string_view token) {
    skipSpace();
    if (!rest.starts_with(token))
      return false;
    rest.remove_prefix(token.size());
    return true;
  }
  std::optional<llm::Dim> sum(int depth) {
    auto a = product(depth);
    while (a) {
      bool plus = take("+");
      if (!plus && !take("-"))
        return a;
      auto b = product(depth);
      if (!b)
        return std::nullopt;
      a = plus ? *a + *b : *a - *b;
    }
    return a;
  }
  std::optional<llm::Dim> product(int depth) {
    auto a = factor(depth);
    while (a) {
      bool times = take("*");
      if (!times && !take("//") && !take("/"))
        return a;
      auto b = factor(depth);
      auto divisor = b ? llm::fixedDim(*b) : std::nullopt;
      if (!b || (!times && divisor.value_or(0) <= 0))
        return std::nullopt;
      a = times ? *a * *b : a->floorDiv(*b);
    }
    return a;
  }
  std::optional<llm::Dim> factor(int depth) {
    skipSpace();
    if (depth > 16 || rest.empty())
      return std::nullopt;
    if (take("(")) {
      auto e = sum(depth + 1);
      return e && take(")") ? e : std::nullopt;
    }
    size_t n = 0;
    auto isWord = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) || c == '_' ||
             c == '.';
    };
    while (n < rest.size() && isWord(rest[n]))
      ++n;
    std::string_view word = rest.substr(0, n);
    rest.remove_prefix(n);
    if (word.empty())
      return std::nullopt;
    int64_t number;
    if (!StringRef(word.data(), word.size()).getAsInteger(10, number))
      return number < (int64_t(1) << 40)
                 ? std::optional(llm::constantDim(ctx, number))
                 : std::nullopt;
    if (!plain.contains(word))
      return std::nullopt;
    return symbols.named(StringRef(word.data(), word.size()));
  }

  MLIRContext *ctx;
  std::string_view rest;
  llm::Symbols &symbols;
  const std::set<std::string, std::less<>> &plain;
};
} // namespace

bool DimParams::isName(std::string_view text) {
  return text.find_first_of("+-*/()") == std::string_view::npos;
}

llm::Dim DimParams::parse(MLIRContext *ctx, std::string_view text) {
  if (!isName(text) && text.size() <= 1000)
    if (auto e = Parser(ctx, text, symbols, plain).whole())
      return *e;
  return symbols.named(StringRef(text.data(), text.size()));
}

} // namespace llmc::onnx
