// SPDX-License-Identifier: Apache-2.0
// Why a template cannot be parsed or rendered. Thrown inside runtime/template
// and caught where it is entered (Template.cpp), which makes a Status of it.
#ifndef LLMC_RUNTIME_TEMPLATE_FAILURE_H
#define LLMC_RUNTIME_TEMPLATE_FAILURE_H

#include "runtime/core/Status.h"
#include <fmt/format.h>
#include <string>
#include <utility>

namespace llmc::jinja {

struct Failure {
  Code code;
  std::string what; // raw: may hold untrusted bytes
  int line = 0;     // in the template; 0: not known yet
};

/// The template or the conversation is wrong.
template <typename... T>
[[noreturn]] void fail(fmt::format_string<T...> format, T &&...arguments) {
  throw Failure{Code::BadInput,
                fmt::format(format, std::forward<T>(arguments)...)};
}

/// Jinja2 would take it; this does not.
template <typename... T>
[[noreturn]] void unsupported(fmt::format_string<T...> format,
                              T &&...arguments) {
  throw Failure{Code::Unsupported,
                fmt::format(format, std::forward<T>(arguments)...)};
}

/// A limit of Limits.h.
template <typename... T>
[[noreturn]] void exceeded(fmt::format_string<T...> format, T &&...arguments) {
  throw Failure{Code::Resource,
                fmt::format(format, std::forward<T>(arguments)...)};
}

} // namespace llmc::jinja

#endif
