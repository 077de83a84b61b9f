// SPDX-License-Identifier: Apache-2.0
// What sessions and batches of llmc.h share: generation options, and generated
// tokens for the caller. For the C interface's own files.
#ifndef LLMC_RUNTIME_CAPI_GENERATION_H
#define LLMC_RUNTIME_CAPI_GENERATION_H

#include "runtime/capi/Use.h"
#include "runtime/session/Generator.h"

namespace llmc::capi {

/// Fields that the caller's struct ends before get their defaults; null: all.
Result<LlmcGenerateOptions> complete(const LlmcGenerateOptions *given);
/// All of it but constraints and speculation.
Result<GenerateOptions> convert(const LlmcGenerateOptions &options);

/// Tells a C callback of tokens.
class Teller {
public:
  Teller(LlmcGenerateCallback callback, void *user)
      : callback_(callback), user_(user) {}
  bool operator()(const Generated &made);

private:
  LlmcGenerateCallback callback_;
  void *user_;
  std::vector<LlmcTokenLogprob> likeliest_;
};

LlmcGenerateResult resultOf(const GenerateResult &made);

} // namespace llmc::capi

#endif
