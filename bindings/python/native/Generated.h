// SPDX-License-Identifier: Apache-2.0
// What a callback of a generation gets, kept beyond the call, and as Python
// sees it. For generations and batches.
#ifndef LLMC_BINDINGS_PYTHON_NATIVE_GENERATED_H
#define LLMC_BINDINGS_PYTHON_NATIVE_GENERATED_H

#include "bindings/python/native/Bindings.h"

namespace llmc::python {

/// An LlmcGenerated with the memory that it points into.
class Generated {
public:
  explicit Generated(const LlmcGenerated &made)
      : made_(made), text_(made.text, made.length),
        likeliest_(made.likeliest, made.likeliest + made.likeliest_count) {}

  /// sequence, token, text, logprob, likeliest, finish, score
  nb::tuple tuple() const;

private:
  LlmcGenerated made_; // but for its pointers
  std::string text_;
  std::vector<LlmcTokenLogprob> likeliest_;
};

/// By the names of LlmcGenerateResult's fields.
nb::dict dictOf(const LlmcGenerateResult &result);

} // namespace llmc::python

#endif
