// SPDX-License-Identifier: Apache-2.0
// Makes untrusted bytes safe to print on a terminal or in a one-line message.
// Stateless.
#ifndef LLMC_RUNTIME_CORE_ESCAPE_H
#define LLMC_RUNTIME_CORE_ESCAPE_H

#include <cstddef>
#include <string>
#include <string_view>

namespace llmc {

/// Control characters, invalid UTF-8 and Unicode's direction and line controls
/// become \xNN; text longer than `limit` bytes is cut, and the cut is shown.
std::string escapeText(std::string_view bytes, size_t limit = 512);

} // namespace llmc

#endif
