// SPDX-License-Identifier: Apache-2.0
#include "runtime/template/Template.h"
#include "runtime/template/Failure.h"
#include "runtime/template/Interpreter.h"
#include "runtime/template/Json.h"
#include "runtime/template/Parser.h"
#include "runtime/template/Print.h"
#include "runtime/template/Scopes.h"
#include "runtime/text/Utf8.h"

namespace llmc::jinja {

struct Template::Impl {
  Heap heap; // of the constants
  TemplateTree tree;
};

Template::Template(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Template::~Template() = default;

static Error toError(const Failure &failure, int line) {
  Error error{.code = failure.code, .what = failure.what};
  if (line > 0)
    error.where = fmt::format("line {}", line);
  return error;
}

Result<std::shared_ptr<const Template>>
Template::parse(std::string_view source) {
  if (source.size() > limits::sourceBytes)
    return Status(Code::Resource,
                  fmt::format("the template has {} bytes, more than {}",
                              source.size(), limits::sourceBytes));
  if (!text::isValidUtf8(source))
    return Status(Code::BadInput, "the template is not valid UTF-8");
  try {
    auto impl = std::make_unique<Impl>();
    impl->tree = Parser(source, impl->heap).parse();
    resolveNames(impl->tree);
    return std::shared_ptr<const Template>(new Template(std::move(impl)));
  } catch (const Failure &failure) {
    return toError(failure, failure.line);
  }
}

static void addVariables(Heap &heap, const Input &input, Variables &variables) {
  Value object = parseJson(heap, input.json);
  if (!input.variable.empty()) {
    variables.insert_or_assign(std::string(input.variable), object);
    return;
  }
  if (!object.is(Kind::Dict))
    fail("a list or an object of JSON is expected, not {}", typeName(object));
  for (const auto &[name, value] : object.as<DictObject>().entries)
    variables.insert_or_assign(std::string(name.text()), value);
}

Result<std::string> Template::render(const std::vector<Input> &inputs,
                                     const std::tm &now) const {
  Heap heap;
  Variables variables;
  for (const Input &input : inputs) {
    try {
      addVariables(heap, input, variables);
    } catch (const Failure &failure) {
      return Error{failure.code, failure.what, std::string(input.file)};
    }
  }
  Interpreter interpreter(heap, variables, now);
  try {
    return interpreter.render(impl_->tree);
  } catch (const Failure &failure) {
    return toError(failure, interpreter.line());
  }
}

} // namespace llmc::jinja
