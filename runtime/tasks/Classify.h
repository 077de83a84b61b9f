// SPDX-License-Identifier: Apache-2.0
// A text's classes, and the words that a mask in it may stand for. One thread
// at a time for a model.
#ifndef LLMC_RUNTIME_TASKS_CLASSIFY_H
#define LLMC_RUNTIME_TASKS_CLASSIFY_H

#include "runtime/tasks/TextModel.h"

namespace llmc {

/// The best `count` classes, the best first.
Result<std::vector<Finding>> classify(TextModel &model, std::string_view text,
                                      size_t count);

/// A mask of the text, with the likeliest tokens in its place.
struct Mask {
  size_t position = 0; // among the tokens
  std::vector<Finding> words;
};

/// The best `count` tokens for each mask. BadInput where the text has none.
Result<std::vector<Mask>> fillMasks(TextModel &model, std::string_view text,
                                    size_t count);

} // namespace llmc

#endif
