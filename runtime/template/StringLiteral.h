// SPDX-License-Identifier: Apache-2.0
// Literals of Python as templates have them. Stateless.
#ifndef LLMC_RUNTIME_TEMPLATE_STRINGLITERAL_H
#define LLMC_RUNTIME_TEMPLATE_STRINGLITERAL_H

#include <string>
#include <string_view>

namespace llmc::jinja {

/// What a string literal means that has these characters between its quotes:
/// as Python's unicode-escape codec, which keeps a backslash that starts no
/// escape. Fails for a truncated escape.
std::string decodeString(std::string_view literal);

/// The float nearest to decimal digits with a point or an exponent, infinite or
/// zero where there is none near.
double parseFloat(const std::string &digits);

} // namespace llmc::jinja

#endif
