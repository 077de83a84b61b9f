// SPDX-License-Identifier: Apache-2.0
// Whole files written so that a reader sees the old one or the new one, never a
// part.
#ifndef LLMC_FRONTEND_TENSORFILE_WRITEFILE_H
#define LLMC_FRONTEND_TENSORFILE_WRITEFILE_H

#include <span>
#include <string>
#include <string_view>

namespace llmc {

/// Writes the pieces to a temporary file beside path, syncs it and renames it.
/// Throws InputError; nothing is left then.
void writeFile(const std::string &path,
               std::span<const std::string_view> pieces);

} // namespace llmc

#endif // LLMC_FRONTEND_TENSORFILE_WRITEFILE_H
