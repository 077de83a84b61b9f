// SPDX-License-Identifier: Apache-2.0
// llmc.h: text out of a prompt.
#include "runtime/capi/Generation.h"
#include <optional>

using namespace llmc;
using namespace llmc::capi;

namespace {
/// What proposes tokens, as the options say. Holds a draft's session.
class Drafters {
public:
  Status choose(const llmc_session &session,
                const LlmcGenerateOptions &options) {
    if (options.speculate_tokens != -1)
      speculation_.tokens = options.speculate_tokens;
    if (options.lookup && options.draft)
      return Status(Code::BadInput,
                    "tokens are proposed by lookup or by a draft, not by both");
    if (options.lookup)
      speculation_.drafter = &lookup_;
    return options.draft ? useDraft(session, options.draft) : Status();
  }
  const Speculation &speculation() const { return speculation_; }

private:
  Status useDraft(const llmc_session &session, llmc_session *draft) {
    auto use = SessionUse::begin(draft, "llmc_session_generate: draft");
    if (!use)
      return use.takeStatus();
    use_.emplace(std::move(*use));
    if (Status status = draft->needSession(); !status)
      return status;
    if (Status status = checkDraft(*session.core->model, *draft->core->model);
        !status)
      return status;
    speculation_.drafter = &model_.emplace(*draft->session);
    return Status();
  }

  std::optional<SessionUse> use_;
  NgramDrafter lookup_;
  std::optional<ModelDrafter> model_;
  Speculation speculation_;
};
} // namespace

/// What the text must be; kept for the session's next call.
static Result<std::shared_ptr<grammar::Constraint>>
takeConstraint(llmc_session &session, const LlmcGenerateOptions &from) {
  if (!from.json_schema && !from.grammar && !from.constraint)
    return std::shared_ptr<grammar::Constraint>();
  Status status =
      from.json_schema
          ? session.needConstraint(grammar::ConstraintKind::JsonSchema,
                                   from.json_schema)
      : from.grammar ? session.needConstraint(grammar::ConstraintKind::Grammar,
                                              from.grammar)
                     : session.needStoredConstraint(from.constraint);
  if (!status)
    return status;
  return session.constraint;
}

LlmcStatus llmc_session_generate(llmc_session *session, const char *prompt,
                                 size_t length,
                                 const LlmcGenerateOptions *options,
                                 LlmcGenerateCallback callback, void *user,
                                 LlmcGenerateResult *result) {
  return onSession(session, "llmc_session_generate", [&]() -> Status {
    if (Status status = checkArguments(
            "llmc_session_generate",
            {{"prompt", prompt, length == 0},
             {"callback", reinterpret_cast<const void *>(callback)}});
        !status)
      return status;
    auto given = complete(options);
    if (!given)
      return given.takeStatus();
    auto converted = convert(*given);
    if (!converted)
      return converted.takeStatus();
    if (Status status = session->needSession(); !status)
      return status;
    auto tokenizer = session->core->tokenizer();
    if (!tokenizer)
      return tokenizer.takeStatus();
    auto constraint = takeConstraint(*session, *given);
    if (!constraint)
      return constraint.takeStatus();
    converted->constraint = std::move(*constraint);
    Drafters drafters;
    if (Status status = drafters.choose(*session, *given); !status)
      return status;
    auto made =
        generate(*session->session, **tokenizer, {prompt, length}, *converted,
                 Teller(callback, user), drafters.speculation());
    if (!made)
      return made.takeStatus();
    if (result)
      *result = resultOf(*made);
    return Status();
  });
}
