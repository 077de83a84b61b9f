// SPDX-License-Identifier: Apache-2.0
// llmc.h: errors, models, tokens.
#include "runtime/capi/Use.h"
#include "runtime/core/Escape.h"
#include "runtime/session/Generator.h"
#include <algorithm>

using namespace llmc;
using namespace llmc::capi;

static thread_local std::string lastError;

LlmcStatus capi::finish(LlmcStatus status, const char *what) noexcept {
  try {
    lastError = what;
  } catch (...) {
    lastError.clear();
  }
  return status;
}

LlmcStatus capi::finish(const Status &status) noexcept {
  if (status)
    return LLMC_STATUS_OK;
  try {
    const Error &error = status.error();
    std::string line;
    for (const std::string *part : {&error.file, &error.where})
      if (!part->empty())
        line += escapeText(*part) + ": ";
    line += escapeText(error.what, 4096);
    lastError = std::move(line);
  } catch (...) {
    lastError.clear();
  }
  return static_cast<LlmcStatus>(status.code());
}

Result<std::shared_ptr<const text::Tokenizer>> Core::tokenizer() const {
  std::lock_guard<std::mutex> lock(lock_);
  if (!tokenizer_) {
    auto loaded = loadTokenizer(model->artifact());
    if (!loaded)
      return loaded.takeStatus();
    tokenizer_ = std::move(*loaded);
  }
  return tokenizer_;
}

Result<std::shared_ptr<const grammar::TokenTexts>> Core::tokenTexts() const {
  auto known = tokenizer();
  if (!known)
    return known.takeStatus();
  std::lock_guard<std::mutex> lock(lock_);
  if (!tokenTexts_) {
    auto made = grammar::tokenTexts(**known);
    if (!made)
      return made.takeStatus();
    tokenTexts_ = std::move(*made);
  }
  return tokenTexts_;
}

const char *llmc_version(void) { return LLMC_VERSION; }
const char *llmc_last_error(void) { return lastError.c_str(); }

LlmcStatus llmc_open(const char *path, const LlmcOpenOptions *options,
                     llmc_model **model) {
  return guard([&]() -> Status {
    if (Status status =
            checkArguments("llmc_open", {{"path", path}, {"model", model}});
        !status)
      return status;
    *model = nullptr;
    ModelOptions chosen;
    if (options)
      chosen = {options->threads, options->isa ? options->isa : "",
                options->check_weights != 0};
    auto opened = Model::open(path, chosen);
    if (!opened)
      return opened.takeStatus();
    auto core = std::make_shared<Core>();
    core->model = std::move(*opened);
    core->manifest = core->model->manifest().toJson();
    *model = Registry<llmc_model>::instance().add(
        std::make_shared<llmc_model>(std::move(core)));
    return Status();
  });
}

void llmc_close(llmc_model *model) {
  Registry<llmc_model>::instance().remove(model);
}

const char *llmc_manifest(const llmc_model *model, size_t *length) {
  const std::string *manifest = nullptr;
  onModel(model, "llmc_manifest", [&] {
    manifest = &model->core->manifest;
    return Status();
  });
  if (length)
    *length = manifest ? manifest->size() : 0;
  return manifest ? manifest->c_str() : nullptr;
}

LlmcStatus llmc_tokenize(const llmc_model *model, const char *text,
                         size_t length, int32_t add_special, uint32_t *ids,
                         size_t capacity, size_t *count) {
  return onModel(model, "llmc_tokenize", [&]() -> Status {
    if (Status status =
            checkArguments("llmc_tokenize", {{"text", text, length == 0},
                                             {"ids", ids, capacity == 0},
                                             {"count", count}});
        !status)
      return status;
    auto tokenizer = model->core->tokenizer();
    if (!tokenizer)
      return tokenizer.takeStatus();
    auto encoded = (*tokenizer)->encodeIds({text, length}, add_special != 0);
    if (!encoded)
      return encoded.takeStatus();
    *count = encoded->size();
    std::copy_n(encoded->begin(), std::min(capacity, encoded->size()), ids);
    return Status();
  });
}

LlmcStatus llmc_detokenize(const llmc_model *model, const uint32_t *ids,
                           size_t count, char *text, size_t capacity,
                           size_t *length) {
  return onModel(model, "llmc_detokenize", [&]() -> Status {
    if (Status status =
            checkArguments("llmc_detokenize", {{"ids", ids, count == 0},
                                               {"text", text, capacity == 0},
                                               {"length", length}});
        !status)
      return status;
    auto tokenizer = model->core->tokenizer();
    if (!tokenizer)
      return tokenizer.takeStatus();
    auto decoded = (*tokenizer)->decode({ids, count});
    if (!decoded)
      return decoded.takeStatus();
    *length = decoded->size();
    std::copy_n(decoded->begin(), std::min(capacity, decoded->size()), text);
    return Status();
  });
}
