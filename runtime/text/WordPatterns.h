// SPDX-License-Identifier: Apache-2.0
// Linear-time matchers of the word patterns that published tokenizers use,
// recognised by their text. Each pattern matches something at every position.
// Stateless functions.
#ifndef LLMC_RUNTIME_TEXT_WORDPATTERNS_H
#define LLMC_RUNTIME_TEXT_WORDPATTERNS_H

#include <cstddef>
#include <string_view>

namespace llmc::text {

enum class WordPattern {
  None,
  Gpt2,        // GPT-2, RoBERTa, SmolLM
  Llama3,      // cl100k: numbers in groups of three
  Qwen2,       // the same, single digits
  Qwen35,      // the same, marks belong to words
  O200k,       // words split by case, contractions at their ends
  Tekken,      // words split by case
  NumberTriple // \p{N}{1,3}
};

WordPattern recogniseWordPattern(std::string_view regex);

/// The end of the match that begins at `at`; `at` where there is none.
size_t matchWord(WordPattern pattern, std::string_view text, size_t at);

} // namespace llmc::text

#endif
