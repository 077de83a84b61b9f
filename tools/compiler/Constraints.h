// SPDX-License-Identifier: Apache-2.0
// Constraints on generated text that an artifact holds, with the masks of
// tokens that need no text to be known.
#pragma once

#include "tools/compiler/Options.h"

#include <string>
#include <utility>
#include <vector>

namespace llmc::compiler {

/// A package file and what it holds.
using NamedText = std::pair<std::string, std::string>;

/// Of --json-schema and --grammar, for the tokenizer in this file (empty:
/// none). Throws where one is wrong.
std::vector<NamedText> readConstraints(const Options &,
                                       const std::string &tokenizer);

} // namespace llmc::compiler
