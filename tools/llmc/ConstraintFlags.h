// SPDX-License-Identifier: Apache-2.0
// The options of verbs that generate text in a given form.
#ifndef LLMC_TOOLS_LLMC_CONSTRAINTFLAGS_H
#define LLMC_TOOLS_LLMC_CONSTRAINTFLAGS_H

#include "runtime/model/Artifact.h"
#include "runtime/session/GenerateOptions.h"
#include "runtime/text/Tokenizer.h"
#include <CLI/CLI.hpp>
#include <optional>

namespace llmc::cli {

struct ConstraintFlags {
  std::optional<std::string> jsonSchema; // a file, or the schema itself
  std::optional<std::string> grammar;    // a file, or the grammar itself
  std::optional<std::string> stored;     // a name in the artifact
};

/// --json-schema, --grammar and --constraint. `flags` must live as long as
/// `verb`.
void addConstraintFlags(CLI::App *verb, ConstraintFlags &flags);

/// The settings with the constraint that the options ask for, if any.
Result<GenerateOptions> constrained(GenerateOptions settings,
                                    const ConstraintFlags &flags,
                                    const Artifact &artifact,
                                    const text::Tokenizer &tokenizer);

} // namespace llmc::cli

#endif
