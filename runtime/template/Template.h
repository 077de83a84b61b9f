// SPDX-License-Identifier: Apache-2.0
// A chat template: the part of Jinja2 that published templates use, rendered as
// `transformers` renders it (its sandbox, whitespace settings, extra filters
// and functions). Bounded in steps, depth and bytes (Limits.h), with no access
// to anything but the values it is given. Used through ChatTemplate.h by the
// verbs and the C interface.
#ifndef LLMC_RUNTIME_TEMPLATE_TEMPLATE_H
#define LLMC_RUNTIME_TEMPLATE_TEMPLATE_H

#include "runtime/core/Status.h"
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace llmc::jinja {

/// Variables as JSON: the members of an object, or the whole as one of them.
struct Input {
  std::string_view json;
  std::string_view file;          // what messages call it
  std::string_view variable = {}; // empty: the members are the variables
};

/// A parsed template. Immutable: any number of threads may render it at once.
class Template {
public:
  /// BadInput for what is no template, Unsupported for what Jinja2 has and this
  /// has not; `where` is the line.
  static Result<std::shared_ptr<const Template>> parse(std::string_view source);
  ~Template();

  /// The text for these variables, of which later ones replace earlier ones of
  /// the same name. `now` is the time that strftime_now tells. A template that
  /// fails by raise_exception is BadInput, with its own message.
  Result<std::string> render(const std::vector<Input> &inputs,
                             const std::tm &now) const;

private:
  struct Impl;
  explicit Template(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

} // namespace llmc::jinja

#endif
