// SPDX-License-Identifier: Apache-2.0
#include "bindings/python/native/Generated.h"
#include <nanobind/stl/string.h>

namespace llmc::python {

nb::tuple Generated::tuple() const {
  nb::list likeliest;
  for (const LlmcTokenLogprob &token : likeliest_)
    likeliest.append(nb::make_tuple(token.token, token.logprob));
  return nb::make_tuple(made_.sequence, made_.token, text_, made_.logprob,
                        likeliest, static_cast<int>(made_.finish), made_.score);
}

nb::dict dictOf(const LlmcGenerateResult &result) {
  nb::dict dict;
  dict["prompt_tokens"] = result.prompt_tokens;
  dict["tokens"] = result.tokens;
  dict["prefill_seconds"] = result.prefill_seconds;
  dict["decode_seconds"] = result.decode_seconds;
  dict["proposed"] = result.proposed;
  dict["accepted"] = result.accepted;
  return dict;
}

} // namespace llmc::python
