// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/reader/Schema.h"

#include "frontend/onnx/reader/ElementType.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <tuple>

namespace llmc::onnx {

namespace {

#define LLMC_OP(domain, name, since, inputs, outputs, types, attributes)       \
  OpSchema{domain, name, since, false, inputs, outputs, types, attributes},
#define LLMC_OP_REMOVED(domain, name, since)                                   \
  OpSchema{domain, name, since, true, "*", "*", "", ""},

constexpr OpSchema standard[] = {
#include "frontend/onnx/reader/schema/Standard.inc"
};
constexpr OpSchema contrib[] = {
#include "frontend/onnx/reader/schema/Contrib.inc"
};

#undef LLMC_OP
#undef LLMC_OP_REMOVED

using Rows = std::span<const OpSchema>;

/// The rows of one op, by ascending version.
Rows rowsOf(Rows table, std::string_view domain, std::string_view op) {
  auto key = [](const OpSchema &row) { return std::tie(row.domain, row.name); };
  auto range = std::ranges::equal_range(table, std::tie(domain, op), {}, key);
  return {range.begin(), range.end()};
}

constexpr std::pair<char, AttributeType> kindLetters[] = {
    {'f', AttributeType::Float},        {'i', AttributeType::Int},
    {'s', AttributeType::String},       {'t', AttributeType::Tensor},
    {'g', AttributeType::Graph},        {'F', AttributeType::Floats},
    {'I', AttributeType::Ints},         {'S', AttributeType::Strings},
    {'T', AttributeType::Tensors},      {'G', AttributeType::Graphs},
    {'p', AttributeType::SparseTensor}, {'y', AttributeType::TypeProto},
};

/// One per TensorProto.DataType, from 1 on.
constexpr std::string_view typeLetters = "fBbHhilsoedILcCg1234Nn56Pp78";

std::string nameOf(char letter) {
  return elementTypeName(static_cast<int32_t>(typeLetters.find(letter)) + 1);
}

/// `f32, f16 or f64`.
std::string namesOf(std::string_view letters) {
  std::string out;
  for (char letter : letters) {
    if (!out.empty())
      out += letter == letters.back() ? " or " : ", ";
    out += nameOf(letter);
  }
  return out;
}

} // namespace

std::string OpSchema::typeFault(std::span<const int32_t> inputTypes) const {
  std::string_view letters = types.substr(0, types.find(' '));
  std::map<char, size_t> first; // input of each shared type
  for (size_t i = 0; i < inputTypes.size() && !letters.empty(); ++i) {
    char variable = letters[std::min(i, letters.size() - 1)];
    int32_t type = inputTypes[i];
    if (variable == '?' || type == 0)
      continue;
    std::string_view rest = types;
    for (char v = 'a' - 1; v < variable; ++v)
      rest.remove_prefix(rest.find(' ') + 1);
    std::string_view allowed = rest.substr(0, rest.find(' '));
    auto index = static_cast<size_t>(type - 1);
    if (allowed != "*" && (index >= typeLetters.size() ||
                           allowed.find(typeLetters[index]) == allowed.npos))
      return fmt::format("input {} is {}, {} takes {}", i,
                         elementTypeName(type), name, namesOf(allowed));
    auto [known, isNew] = first.emplace(variable, i);
    if (!isNew && inputTypes[known->second] != type)
      return fmt::format("inputs {} and {} are {} and {}, {} takes one type",
                         known->second, i,
                         elementTypeName(inputTypes[known->second]),
                         elementTypeName(type), name);
  }
  return "";
}

std::string OpSchema::typeList() const {
  std::string out;
  std::string_view rest = types;
  while (rest.find(' ') != rest.npos) { // behind the inputs' letters
    rest.remove_prefix(rest.find(' ') + 1);
    out += out.empty() ? "" : ", ";
    std::string_view letters = rest.substr(0, rest.find(' '));
    if (letters == "*") {
      out += "any";
      continue;
    }
    for (size_t i = 0; i < letters.size(); ++i)
      out.append(i ? " " : "").append(nameOf(letters[i]));
  }
  return out.empty() ? "any" : out;
}

bool OpSchema::isVariadic(std::string_view parameters) {
  return !parameters.empty() &&
         (parameters.back() == '+' || parameters.back() == '*');
}

size_t OpSchema::least(std::string_view parameters) {
  size_t last = parameters.find_last_of("r+");
  return last == std::string_view::npos ? 0 : last + 1;
}

size_t OpSchema::most(std::string_view parameters) {
  return isVariadic(parameters) ? SIZE_MAX : parameters.size();
}

bool OpSchema::isRequired(std::string_view parameters, size_t i) {
  if (isVariadic(parameters) && i + 1 >= parameters.size())
    return true;
  return i < parameters.size() && parameters[i] == 'r';
}

AttributeRule OpSchema::ruleOf(std::string_view item) {
  AttributeRule rule;
  rule.isRequired = item.back() == '!';
  char letter = item[item.find(':') + 1];
  for (auto [candidate, type] : kindLetters)
    if (candidate == letter)
      rule.type = type;
  return rule;
}

std::optional<AttributeRule>
OpSchema::attribute(std::string_view attributeName) const {
  std::optional<AttributeRule> found;
  forEachAttribute([&](std::string_view name, AttributeRule rule) {
    if (name == attributeName)
      found = rule;
  });
  return found;
}

std::vector<const OpSchema *> versionsOf(std::string_view domain,
                                         std::string_view op) {
  std::vector<const OpSchema *> out;
  // onnxruntime has versions of its own of some operators of ai.onnx.
  for (Rows table : {Rows(contrib), Rows(standard)})
    for (const OpSchema &row : rowsOf(table, domain, op))
      out.push_back(&row);
  std::ranges::stable_sort(out, {}, &OpSchema::sinceVersion);
  return out;
}

std::vector<std::pair<std::string_view, std::string_view>> knownOperators() {
  std::vector<std::pair<std::string_view, std::string_view>> out;
  for (Rows table : {Rows(standard), Rows(contrib)})
    for (const OpSchema &row : table)
      out.emplace_back(row.domain, row.name);
  std::ranges::sort(out);
  out.erase(std::ranges::unique(out).begin(), out.end());
  return out;
}

const OpSchema *resolve(std::string_view domain, std::string_view op,
                        int64_t version) {
  const OpSchema *best = nullptr;
  for (Rows table : {Rows(standard), Rows(contrib)})
    for (const OpSchema &row : rowsOf(table, domain, op))
      if (row.sinceVersion <= version &&
          (!best || row.sinceVersion >= best->sinceVersion))
        best = &row;
  return best;
}

const OpSchema *firstVersion(std::string_view domain, std::string_view op) {
  for (Rows table : {Rows(standard), Rows(contrib)})
    if (Rows rows = rowsOf(table, domain, op); !rows.empty())
      return &rows.front();
  return nullptr;
}

std::string_view similarOp(std::string_view domain, std::string_view op) {
  auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  auto same = [&](char a, char b) { return lower(a) == lower(b); };
  for (Rows table : {Rows(standard), Rows(contrib)})
    for (const OpSchema &row : table)
      if (row.domain == domain && std::ranges::equal(row.name, op, same))
        return row.name;
  return {};
}

bool isKnownDomain(std::string_view domain) {
  auto isIts = [&](const OpSchema &row) { return row.domain == domain; };
  return std::ranges::any_of(standard, isIts) ||
         std::ranges::any_of(contrib, isIts);
}

} // namespace llmc::onnx
