// SPDX-License-Identifier: Apache-2.0
// llmc.h: what a model says about a text.
#include "runtime/capi/Use.h"
#include "runtime/tasks/Answer.h"
#include "runtime/tasks/Classify.h"
#include "runtime/tasks/Tag.h"
#include <fmt/format.h>

using namespace llmc;
using namespace llmc::capi;

Status llmc_session::needTexts() {
  if (texts)
    return Status();
  auto tokenizer = core->tokenizer();
  if (!tokenizer)
    return tokenizer.takeStatus();
  auto made = TextModel::create(core->model, model, std::move(*tokenizer));
  if (!made)
    return made.takeStatus();
  texts = std::move(*made);
  texts->encoder().call().shareCancelFlag(&cancelled);
  return Status();
}

/// Tells findings until the callback has enough.
static bool tell(const std::vector<Finding> &found,
                 LlmcFindingCallback callback, void *user) {
  for (const Finding &f : found) {
    LlmcFinding told = {.index = f.index,
                        .label = f.label.data(),
                        .label_length = f.label.size(),
                        .score = f.score,
                        .start = f.start,
                        .end = f.end,
                        .text = f.text.data(),
                        .length = f.text.size()};
    if (callback(user, &told) != 0)
      return false;
  }
  return true;
}

static Status needArguments(const char *function, llmc_session *session,
                            const char *text, size_t length,
                            LlmcFindingCallback callback) {
  if (Status status = checkArguments(
          function, {{"text", text, length == 0},
                     {"callback", reinterpret_cast<const void *>(callback)}});
      !status)
    return status;
  return session->needTexts();
}

LlmcStatus llmc_session_classify(llmc_session *session, const char *text,
                                 size_t length, size_t count,
                                 LlmcFindingCallback callback, void *user) {
  return onSession(session, "llmc_session_classify", [&]() -> Status {
    if (Status status = needArguments("llmc_session_classify", session, text,
                                      length, callback);
        !status)
      return status;
    auto found = classify(*session->texts, {text, length}, count);
    if (!found)
      return found.takeStatus();
    tell(*found, callback, user);
    return Status();
  });
}

LlmcStatus llmc_session_fill_masks(llmc_session *session, const char *text,
                                   size_t length, size_t count,
                                   LlmcFindingCallback callback, void *user) {
  return onSession(session, "llmc_session_fill_masks", [&]() -> Status {
    if (Status status = needArguments("llmc_session_fill_masks", session, text,
                                      length, callback);
        !status)
      return status;
    auto masks = fillMasks(*session->texts, {text, length}, count);
    if (!masks)
      return masks.takeStatus();
    for (const Mask &mask : *masks)
      if (!tell(mask.words, callback, user))
        break;
    return Status();
  });
}

LlmcStatus llmc_session_tag(llmc_session *session, const char *text,
                            size_t length, LlmcAggregation aggregation,
                            LlmcFindingCallback callback, void *user) {
  return onSession(session, "llmc_session_tag", [&]() -> Status {
    if (Status status =
            needArguments("llmc_session_tag", session, text, length, callback);
        !status)
      return status;
    if (aggregation < LLMC_AGGREGATION_NONE ||
        aggregation > LLMC_AGGREGATION_MAX)
      return Status(Code::BadInput, "llmc_session_tag: unknown aggregation");
    auto found = tag(*session->texts, {text, length},
                     static_cast<Aggregation>(aggregation));
    if (!found)
      return found.takeStatus();
    tell(*found, callback, user);
    return Status();
  });
}

LlmcAnswerOptions llmc_answer_defaults(void) {
  AnswerOptions defaults;
  return {.count = defaults.count,
          .longest = defaults.longest,
          .window = defaults.windowTokens,
          .stride = defaults.stride};
}

LlmcStatus llmc_session_answer(llmc_session *session, const char *question,
                               size_t question_length, const char *context,
                               size_t context_length,
                               const LlmcAnswerOptions *options,
                               LlmcFindingCallback callback, void *user) {
  return onSession(session, "llmc_session_answer", [&]() -> Status {
    if (Status status = checkArguments(
            "llmc_session_answer", {{"context", context, context_length == 0}});
        !status)
      return status;
    if (Status status = needArguments("llmc_session_answer", session, question,
                                      question_length, callback);
        !status)
      return status;
    LlmcAnswerOptions from = options ? *options : llmc_answer_defaults();
    auto found = answer(*session->texts, {question, question_length},
                        {context, context_length},
                        {from.count, from.longest, from.window, from.stride});
    if (!found)
      return found.takeStatus();
    tell(*found, callback, user);
    return Status();
  });
}
