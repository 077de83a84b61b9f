// SPDX-License-Identifier: Apache-2.0
// llmc.h: sessions.
#include "runtime/capi/Handles.h"
#include <algorithm>
#include <cstring>
#include <fmt/format.h>

using namespace llmc;
using namespace llmc::capi;

static Status nullPointer(const char *function) {
  return Status(Code::BadInput, fmt::format("{}: a pointer is null", function));
}

Status llmc_session::needCall(const char *entry) {
  std::string name = entry ? entry : "raw";
  if (call && call->info().name == name)
    return Status();
  auto found = core->model->entry(model, name);
  if (!found)
    return found.takeStatus();
  if (!found->info->states.empty())
    return Status(
        Code::BadInput,
        fmt::format("entry '{}' has states: append tokens instead", name));
  call = std::make_unique<Call>(core->model, *found);
  call->shareCancelFlag(&cancelled);
  return Status();
}

Status llmc_session::needSession() {
  if (session)
    return Status();
  auto made =
      Session::create(core->model, {.model = model, .capacity = capacity});
  if (!made)
    return made.takeStatus();
  session = std::move(*made);
  session->shareCancelFlag(&cancelled);
  return Status();
}

Status llmc_session::needEncoder() {
  if (encoder)
    return Status();
  auto made = Encoder::create(core->model, model);
  if (!made)
    return made.takeStatus();
  encoder = std::move(*made);
  encoder->call().shareCancelFlag(&cancelled);
  return Status();
}

LlmcStatus llmc_session_create(const llmc_model *model,
                               const LlmcSessionOptions *options,
                               llmc_session **session) {
  return guard([&]() -> Status {
    if (!model || !session)
      return nullPointer("llmc_session_create");
    if (options && options->capacity < 0)
      return Status(Code::BadInput,
                    "llmc_session_create: the capacity is negative");
    auto made = std::make_unique<llmc_session>();
    made->core = model->core;
    if (options) {
      made->model = options->model ? options->model : "";
      made->capacity = options->capacity;
    }
    *session = made.release();
    return Status();
  });
}

void llmc_session_free(llmc_session *session) { delete session; }
void llmc_session_cancel(llmc_session *session) {
  session->cancelled.store(true, std::memory_order_relaxed);
}

/// The caller's tensors in the entry's order.
static Result<std::vector<LlmcTensor>>
arrange(const EntryInfo &entry, std::span<const LlmcNamedTensor> given) {
  std::vector<LlmcTensor> inputs;
  for (const TensorInfo &info : entry.inputs) {
    auto it = std::find_if(given.begin(), given.end(),
                           [&](const LlmcNamedTensor &tensor) {
                             return tensor.name && info.name == tensor.name;
                           });
    if (it == given.end())
      return Status(Code::BadInput,
                    fmt::format("input '{}' is missing", info.name));
    inputs.push_back(it->tensor);
  }
  if (given.size() != inputs.size())
    return Status(Code::BadInput,
                  fmt::format("entry '{}' takes {} inputs, {} are given",
                              entry.name, inputs.size(), given.size()));
  return inputs;
}

LlmcStatus llmc_session_run(llmc_session *session, const char *entry,
                            const LlmcNamedTensor *inputs, size_t count) {
  return guard([&]() -> Status {
    if (!session || (!inputs && count > 0))
      return nullPointer("llmc_session_run");
    session->outputs.clear();
    if (Status status = session->needCall(entry); !status)
      return status;
    const EntryInfo &info = session->call->info();
    auto arranged = arrange(info, {inputs, count});
    if (!arranged)
      return arranged.takeStatus();
    if (Status status = session->call->run(*arranged); !status)
      return status;
    for (size_t i = 0; i < info.outputs.size(); ++i)
      session->outputs.push_back(
          {info.outputs[i].name.c_str(), session->call->outputs()[i]});
    return Status();
  });
}

LlmcStatus llmc_session_outputs(llmc_session *session,
                                const LlmcNamedTensor **outputs,
                                size_t *count) {
  return guard([&]() -> Status {
    if (!session || !outputs || !count)
      return nullPointer("llmc_session_outputs");
    *outputs = session->outputs.data();
    *count = session->outputs.size();
    return Status();
  });
}

LlmcStatus llmc_session_append(llmc_session *session, const int64_t *tokens,
                               size_t count, const float **logits,
                               size_t *vocabulary) {
  return guard([&]() -> Status {
    if (!session || !tokens || !logits || !vocabulary)
      return nullPointer("llmc_session_append");
    if (Status status = session->needSession(); !status)
      return status;
    auto made = count == 1 ? session->session->decode(tokens[0])
                           : session->session->prefill({tokens, count});
    if (!made)
      return made.takeStatus();
    *logits = made->data();
    *vocabulary = made->size();
    return Status();
  });
}

LlmcStatus llmc_session_rewind(llmc_session *session, int64_t length) {
  return guard([&]() -> Status {
    if (!session)
      return nullPointer("llmc_session_rewind");
    if (Status status = session->needSession(); !status)
      return status;
    return session->session->rewind(length);
  });
}

int64_t llmc_session_length(const llmc_session *session) {
  return session && session->session ? session->session->length() : 0;
}

LlmcStatus llmc_session_embed(llmc_session *session, const char *text,
                              size_t length, LlmcPooling pooling,
                              int32_t normalize, float *vector, size_t capacity,
                              size_t *size) {
  return guard([&]() -> Status {
    if (!session || (!text && length > 0) || !size || (!vector && capacity > 0))
      return nullPointer("llmc_session_embed");
    if (Status status = session->needEncoder(); !status)
      return status;
    auto tokenizer = session->core->tokenizer();
    if (!tokenizer)
      return tokenizer.takeStatus();
    auto ids = (*tokenizer)->encodeIds({text, length});
    if (!ids)
      return ids.takeStatus();
    std::vector<int64_t> tokens(ids->begin(), ids->end());
    std::optional<Pooling> chosen;
    if (pooling < LLMC_POOLING_MODEL || pooling > LLMC_POOLING_MAX)
      return Status(Code::BadInput, "llmc_session_embed: unknown pooling");
    if (pooling != LLMC_POOLING_MODEL)
      chosen = static_cast<Pooling>(pooling);
    std::optional<bool> scale;
    if (normalize >= 0)
      scale = normalize != 0;
    auto made = session->encoder->embed(tokens, chosen, scale);
    if (!made)
      return made.takeStatus();
    *size = made->size();
    std::copy_n(made->begin(), std::min(capacity, made->size()), vector);
    return Status();
  });
}
