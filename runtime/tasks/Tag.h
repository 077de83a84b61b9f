// SPDX-License-Identifier: Apache-2.0
// Labels of the words of a text, such as the names in it. One thread at a time
// for a model.
#ifndef LLMC_RUNTIME_TASKS_TAG_H
#define LLMC_RUNTIME_TASKS_TAG_H

#include "runtime/tasks/TextModel.h"
#include <optional>

namespace llmc {

/// How the labels of tokens become those of entities, as transformers' pipeline
/// for token classification does: None, each token by itself; Simple, tokens of
/// one kind that follow each other ("B-" begins a new one) are one; First,
/// Average and Max give the tokens of a word one label before that: its first
/// token's, that of the mean score, that of the largest.
enum class Aggregation { None, Simple, First, Average, Max };

/// By its name on the command line.
std::optional<Aggregation> aggregationFromName(std::string_view name);

/// Those of another label than "O", in the text's order.
Result<std::vector<Finding>> tag(TextModel &model, std::string_view text,
                                 Aggregation aggregation);

} // namespace llmc

#endif
