// SPDX-License-Identifier: Apache-2.0
// Where the names of character classes mean something else to PCRE2 than to the
// `tokenizers` package: scripts, and members younger than its tables.
// Stateless.
#ifndef LLMC_RUNTIME_TEXT_REGEXCLASSES_H
#define LLMC_RUNTIME_TEXT_REGEXCLASSES_H

#include <string>
#include <string_view>

namespace llmc::text {

/// The ranges, written as inside [...], that belong to the general category
/// `name` ("L", "Lu", ...) and that PCRE2 may not know; empty for other names.
std::string youngMembers(std::string_view name);
/// The same of \w.
std::string youngWordMembers();

/// Whether \p{name} is a script.
bool isScript(std::string_view name);

} // namespace llmc::text

#endif
