// SPDX-License-Identifier: Apache-2.0
// Translates the regular expressions of tokenizer.json (Oniguruma, Ruby
// syntax) to PCRE2. Stateless.
#ifndef LLMC_RUNTIME_TEXT_REGEXSYNTAX_H
#define LLMC_RUNTIME_TEXT_REGEXSYNTAX_H

#include "runtime/core/Status.h"
#include <string>
#include <string_view>

namespace llmc::text {

/// What differs: \s, \w and their negations are properties, \h is a hex digit,
/// (?m) is "dot matches line breaks", [a[bc]] is a union, general categories
/// have members that PCRE2 does not know yet. Class intersections and negated
/// inner classes are unsupported.
Result<std::string> translateRegex(std::string_view source);

} // namespace llmc::text

#endif
