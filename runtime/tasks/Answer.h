// SPDX-License-Identifier: Apache-2.0
// Answers to a question, found in a text: extractive question answering. One
// thread at a time for a model.
#ifndef LLMC_RUNTIME_TASKS_ANSWER_H
#define LLMC_RUNTIME_TASKS_ANSWER_H

#include "runtime/tasks/TextModel.h"

namespace llmc {

/// The defaults are those of transformers' pipeline.
struct AnswerOptions {
  size_t count = 1;          // answers
  size_t longest = 15;       // tokens of an answer
  size_t windowTokens = 384; // of the question and a part of the text, at most
                             // what the model takes
  size_t stride = 128;       // tokens that windows have in common; at most half
                             // of a window
};

/// The best answers, the best first, by the probabilities of start and end in
/// the windows of the text. Answers begin and end with words; equal ones are
/// one, with the sum of their scores. BadInput where the question leaves no
/// room for the text.
Result<std::vector<Finding>> answer(TextModel &model, std::string_view question,
                                    std::string_view context,
                                    const AnswerOptions &options);

} // namespace llmc

#endif
