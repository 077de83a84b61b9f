// SPDX-License-Identifier: Apache-2.0
// llmc.h: batches.
#include "runtime/capi/Generation.h"
#include "runtime/session/ArtifactConstraint.h"
#include "runtime/session/Scheduler.h"
#include <fmt/format.h>

using namespace llmc;
using namespace llmc::capi;

struct llmc_batch {
  std::shared_ptr<const Core> core;
  std::unique_ptr<Scheduler> scheduler;
  std::atomic<bool> isStepping = false;
};

namespace {
/// A step that runs, if no other one does: not in its callbacks either.
struct Stepping {
  explicit Stepping(std::atomic<bool> &flag)
      : isAlone(!flag.exchange(true)), flag(flag) {}
  ~Stepping() {
    if (isAlone)
      flag = false;
  }
  bool isAlone;
  std::atomic<bool> &flag;
};
} // namespace

/// The batch, alive during the call.
static Result<std::shared_ptr<llmc_batch>> useBatch(const llmc_batch *handle,
                                                    const char *function) {
  if (Status status = checkArguments(function, {{"batch", handle}}); !status)
    return status;
  if (auto batch = Registry<llmc_batch>::instance().find(handle))
    return batch;
  return Status(Code::BadInput,
                fmt::format("{}: the batch is freed", function));
}

/// What a request's text must be; its own, since texts of one batch don't wait
/// for each other's.
static Result<std::shared_ptr<grammar::Constraint>>
makeConstraint(const Core &core, const LlmcGenerateOptions &from) {
  if (!from.json_schema && !from.grammar && !from.constraint)
    return std::shared_ptr<grammar::Constraint>();
  auto tokens = core.tokenTexts();
  if (!tokens)
    return tokens.takeStatus();
  if (from.constraint)
    return loadArtifactConstraint(core.model->artifact(), from.constraint,
                                  *tokens);
  bool isGrammar = from.grammar != nullptr;
  auto made =
      grammar::makeConstraint({isGrammar ? grammar::ConstraintKind::Grammar
                                         : grammar::ConstraintKind::JsonSchema,
                               isGrammar ? from.grammar : from.json_schema},
                              *tokens);
  if (!made)
    return made.takeStatus().inFile(isGrammar ? "grammar" : "json_schema");
  return made;
}

LlmcStatus llmc_batch_create(const llmc_model *model,
                             const LlmcBatchOptions *options,
                             llmc_batch **batch) {
  return onModel(model, "llmc_batch_create", [&]() -> Status {
    if (Status status = checkArguments("llmc_batch_create", {{"batch", batch}});
        !status)
      return status;
    *batch = nullptr;
    SchedulerOptions settings;
    if (options) {
      settings.model = options->model ? options->model : "";
      if (options->sequences)
        settings.sequences = options->sequences;
      if (options->step_tokens)
        settings.stepTokens = options->step_tokens;
      settings.stateBytes = options->state_bytes;
      settings.lookup = options->lookup;
    }
    auto tokenizer = model->core->tokenizer();
    if (!tokenizer)
      return tokenizer.takeStatus();
    auto scheduler =
        Scheduler::create(model->core->model, *tokenizer, settings);
    if (!scheduler)
      return scheduler.takeStatus();
    auto made = std::make_shared<llmc_batch>();
    made->core = model->core;
    made->scheduler = std::move(*scheduler);
    *batch = Registry<llmc_batch>::instance().add(std::move(made));
    return Status();
  });
}

void llmc_batch_free(llmc_batch *batch) {
  Registry<llmc_batch>::instance().remove(batch);
}

LlmcStatus llmc_batch_submit(llmc_batch *batch, const char *prompt,
                             size_t length, const LlmcGenerateOptions *options,
                             LlmcGenerateCallback on_token,
                             LlmcBatchEndCallback on_end, void *user,
                             uint64_t *request) {
  return guard([&]() -> Status {
    auto use = useBatch(batch, "llmc_batch_submit");
    if (!use)
      return use.takeStatus();
    if (Status status = checkArguments(
            "llmc_batch_submit",
            {{"prompt", prompt, length == 0},
             {"on_token", reinterpret_cast<const void *>(on_token)},
             {"on_end", reinterpret_cast<const void *>(on_end)}});
        !status)
      return status;
    auto given = complete(options);
    if (!given)
      return given.takeStatus();
    if (given->lookup || given->draft)
      return Status(Code::BadInput,
                    "speculation is a setting of the batch, not of a request");
    auto converted = convert(*given);
    if (!converted)
      return converted.takeStatus();
    auto constraint = makeConstraint(*(*use)->core, *given);
    if (!constraint)
      return constraint.takeStatus();
    converted->constraint = std::move(*constraint);
    auto onEnd = [on_end, user](uint64_t number,
                                const Result<GenerateResult> &made) {
      LlmcGenerateResult result = made ? resultOf(*made) : LlmcGenerateResult{};
      LlmcStatus status = LLMC_STATUS_OK;
      std::string error;
      if (!made) {
        status = static_cast<LlmcStatus>(made.error().code);
        error = made.error().what;
      }
      on_end(user, number, status, error.c_str(), &result);
    };
    auto number = (*use)->scheduler->submit({prompt, length}, *converted,
                                            Teller(on_token, user), onEnd);
    if (!number)
      return number.takeStatus();
    if (request)
      *request = *number;
    return Status();
  });
}

void llmc_batch_cancel(llmc_batch *batch, uint64_t request) {
  if (auto use = Registry<llmc_batch>::instance().find(batch))
    use->scheduler->cancel(request);
}

LlmcStatus llmc_batch_step(llmc_batch *batch, int32_t *busy) {
  return guard([&]() -> Status {
    auto use = useBatch(batch, "llmc_batch_step");
    if (!use)
      return use.takeStatus();
    if (Status status = checkArguments("llmc_batch_step", {{"busy", busy}});
        !status)
      return status;
    Stepping stepping((*use)->isStepping);
    if (!stepping.isAlone)
      return Status(Code::BadInput,
                    "llmc_batch_step: another call steps the batch");
    auto more = (*use)->scheduler->step();
    if (!more)
      return more.takeStatus();
    *busy = *more;
    return Status();
  });
}
