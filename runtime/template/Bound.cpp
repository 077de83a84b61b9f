// SPDX-License-Identifier: Apache-2.0
// Arguments of calls bound to the parameters of what is built in.
#include "runtime/template/Failure.h"
#include "runtime/template/Functions.h"
#include "runtime/template/Print.h"
#include <algorithm>

namespace llmc::jinja {

namespace {

struct Parameter {
  std::string_view name;
  bool isOptional = false;
  bool isPositional = false;
};

std::vector<Parameter> parse(std::string_view parameters) {
  std::vector<Parameter> out;
  while (!parameters.empty()) {
    size_t end = std::min(parameters.find(' '), parameters.size());
    Parameter parameter = {parameters.substr(0, end)};
    while (parameter.name.ends_with('?') || parameter.name.ends_with('/')) {
      bool &flag = parameter.name.back() == '?' ? parameter.isOptional
                                                : parameter.isPositional;
      flag = true;
      parameter.name.remove_suffix(1);
    }
    out.push_back(parameter);
    parameters.remove_prefix(std::min(end + 1, parameters.size()));
  }
  return out;
}

} // namespace

Value CallArguments::take(std::string_view name) {
  auto found = std::find_if(named.begin(), named.end(), [&](const auto &item) {
    return item.first == name;
  });
  if (found == named.end())
    return Value();
  Value value = std::move(found->second);
  named.erase(found);
  return value;
}

Bound::Bound(Heap &heap, const Native &native, CallArguments arguments)
    : function_(native.name), arguments_(std::move(arguments)) {
  heap.step();
  if (native.parameters == "*")
    return;
  std::vector<Parameter> parameters = parse(native.parameters);
  if (arguments_.positional.size() > parameters.size())
    fail("{}() takes at most {} arguments ({} given)", function_,
         parameters.size(), arguments_.positional.size());
  values_ = std::move(arguments_.positional);
  values_.resize(parameters.size());
  for (size_t i = 0; i < parameters.size(); ++i) {
    const Parameter &parameter = parameters[i];
    Value named =
        parameter.isPositional ? Value() : arguments_.take(parameter.name);
    if (!named.isMissing() && !values_[i].isMissing())
      fail("{}() got multiple values for argument '{}'", function_,
           parameter.name);
    if (!named.isMissing())
      values_[i] = std::move(named);
    if (values_[i].isMissing() && !parameter.isOptional)
      fail("{}() misses its argument '{}'", function_, parameter.name);
  }
  if (!arguments_.named.empty())
    fail("{}() got an unexpected keyword argument {}", function_,
         quoted(arguments_.named[0].first));
}

int64_t Bound::integer(size_t i, int64_t absent) const {
  if (!has(i))
    return absent;
  requireDefined(values_[i]);
  if (!values_[i].isInteger())
    fail("{}(): '{}' object cannot be interpreted as an integer", function_,
         typeName(values_[i]));
  return values_[i].integer();
}

std::string_view Bound::text(size_t i, std::string_view absent) const {
  if (!has(i))
    return absent;
  if (!values_[i].isText())
    fail("{}(): a text is expected, not {}", function_, typeName(values_[i]));
  return values_[i].text();
}

bool Bound::truth(size_t i, bool absent) const {
  return has(i) ? isTrue(values_[i]) : absent;
}

const Native *findNative(std::span<const Native> table, std::string_view name) {
  auto found = std::find_if(table.begin(), table.end(), [&](const Native &row) {
    return row.name == name;
  });
  return found == table.end() ? nullptr : &*found;
}

} // namespace llmc::jinja
