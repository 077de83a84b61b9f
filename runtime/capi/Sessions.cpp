// SPDX-License-Identifier: Apache-2.0
// llmc.h: sessions.
#include "runtime/capi/Use.h"
#include "runtime/session/ArtifactConstraint.h"
#include <algorithm>
#include <cstring>
#include <fmt/format.h>

using namespace llmc;
using namespace llmc::capi;

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

llmc::Status llmc_session::needConstraint(grammar::ConstraintKind kind,
                                          const char *text) {
  grammar::ConstraintSource source = {kind, text};
  if (constraint && constraintName.empty() && constraintSource == source)
    return Status();
  auto tokens = core->tokenTexts();
  if (!tokens)
    return tokens.takeStatus();
  auto made = grammar::makeConstraint(source, *tokens);
  if (!made)
    return made.takeStatus().inFile(
        kind == grammar::ConstraintKind::Grammar ? "grammar" : "json_schema");
  constraint = std::move(*made);
  constraintSource = std::move(source);
  constraintName.clear();
  return Status();
}

llmc::Status llmc_session::needStoredConstraint(const char *name) {
  if (constraint && *name && constraintName == name)
    return Status();
  auto tokens = core->tokenTexts();
  if (!tokens)
    return tokens.takeStatus();
  auto loaded = loadArtifactConstraint(core->model->artifact(), name, *tokens);
  if (!loaded)
    return loaded.takeStatus();
  constraint = std::move(*loaded);
  constraintName = name;
  return Status();
}

/// That the artifact has a model of that name, or that none is asked for.
static Status checkModelName(const Model &model, const std::string &name) {
  std::string names;
  for (const ModelInfo &info : model.manifest().models) {
    if (name.empty() || info.name == name)
      return Status();
    names += (names.empty() ? "" : ", ") + info.name;
  }
  return Error{.code = Code::BadInput,
               .what = fmt::format("has no model '{}'; it has {}", name, names),
               .file = model.artifact().path()};
}

LlmcStatus llmc_session_create(const llmc_model *model,
                               const LlmcSessionOptions *options,
                               llmc_session **session) {
  return onModel(model, "llmc_session_create", [&]() -> Status {
    if (Status status =
            checkArguments("llmc_session_create", {{"session", session}});
        !status)
      return status;
    *session = nullptr;
    if (options && options->capacity < 0)
      return Status(Code::BadInput,
                    "llmc_session_create: the capacity is negative");
    auto made = std::make_shared<llmc_session>();
    made->core = model->core;
    if (options) {
      made->model = options->model ? options->model : "";
      made->capacity = options->capacity;
      if (Status status = checkModelName(*made->core->model, made->model);
          !status)
        return status;
    }
    *session = Registry<llmc_session>::instance().add(std::move(made));
    return Status();
  });
}

void llmc_session_free(llmc_session *session) {
  Registry<llmc_session>::instance().remove(session);
}

// A signal handler takes no lock, so the registry is not asked.
void llmc_session_cancel(llmc_session *session) {
  if (session)
    session->cancelled.store(true, std::memory_order_relaxed);
}

static std::string inputNames(const EntryInfo &entry) {
  std::string names;
  for (const TensorInfo &info : entry.inputs)
    names += (names.empty() ? "" : ", ") + info.name;
  return names.empty() ? "no inputs" : names;
}

/// The caller's tensors in the entry's order.
static Result<std::vector<LlmcTensor>>
arrange(const EntryInfo &entry, std::span<const LlmcNamedTensor> given) {
  std::vector<const LlmcTensor *> found(entry.inputs.size());
  for (const LlmcNamedTensor &tensor : given) {
    if (!tensor.name)
      return Status(Code::BadInput,
                    "llmc_session_run: an input's name is null");
    auto info = std::find_if(
        entry.inputs.begin(), entry.inputs.end(),
        [&](const TensorInfo &input) { return input.name == tensor.name; });
    if (info == entry.inputs.end())
      return Status(Code::BadInput,
                    fmt::format("entry '{}' has no input '{}'; it has {}",
                                entry.name, tensor.name, inputNames(entry)));
    const LlmcTensor *&place =
        found[static_cast<size_t>(info - entry.inputs.begin())];
    if (place)
      return Status(Code::BadInput,
                    fmt::format("input '{}' is given twice", tensor.name));
    place = &tensor.tensor;
  }
  std::vector<LlmcTensor> inputs;
  for (size_t i = 0; i < found.size(); ++i) {
    if (!found[i])
      return Status(Code::BadInput,
                    fmt::format("input '{}' is missing", entry.inputs[i].name));
    inputs.push_back(*found[i]);
  }
  return inputs;
}

LlmcStatus llmc_session_run(llmc_session *session, const char *entry,
                            const LlmcNamedTensor *inputs, size_t count) {
  return onSession(session, "llmc_session_run", [&]() -> Status {
    if (Status status = checkArguments("llmc_session_run",
                                       {{"inputs", inputs, count == 0}});
        !status)
      return status;
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
  return onSession(session, "llmc_session_outputs", [&]() -> Status {
    if (Status status = checkArguments(
            "llmc_session_outputs", {{"outputs", outputs}, {"count", count}});
        !status)
      return status;
    *outputs = session->outputs.data();
    *count = session->outputs.size();
    return Status();
  });
}

LlmcStatus llmc_session_append(llmc_session *session, const int64_t *tokens,
                               size_t count, const float **logits,
                               size_t *vocabulary) {
  return onSession(session, "llmc_session_append", [&]() -> Status {
    if (Status status = checkArguments("llmc_session_append",
                                       {{"tokens", tokens, count == 0},
                                        {"logits", logits},
                                        {"vocabulary", vocabulary}});
        !status)
      return status;
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
  return onSession(session, "llmc_session_rewind", [&]() -> Status {
    if (Status status = session->needSession(); !status)
      return status;
    return session->session->rewind(length);
  });
}

int64_t llmc_session_length(const llmc_session *session) {
  int64_t length = -1;
  onSession(session, "llmc_session_length", [&] {
    length = session->session ? session->session->length() : 0;
    return Status();
  });
  return length;
}

LlmcStatus llmc_session_embed(llmc_session *session, const char *text,
                              size_t length, LlmcPooling pooling,
                              int32_t normalize, float *vector, size_t capacity,
                              size_t *size) {
  return onSession(session, "llmc_session_embed", [&]() -> Status {
    if (Status status = checkArguments("llmc_session_embed",
                                       {{"text", text, length == 0},
                                        {"vector", vector, capacity == 0},
                                        {"size", size}});
        !status)
      return status;
    if (pooling < LLMC_POOLING_MODEL || pooling > LLMC_POOLING_MAX)
      return Status(Code::BadInput, "llmc_session_embed: unknown pooling");
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
