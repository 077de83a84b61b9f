// SPDX-License-Identifier: Apache-2.0
// llmc.h: conversations as text.
#include "runtime/capi/Use.h"
#include <algorithm>
#include <ctime>

using namespace llmc;
using namespace llmc::capi;

Result<std::shared_ptr<const ChatTemplates>> Core::chatTemplates() const {
  std::lock_guard<std::mutex> lock(lock_);
  if (!chatTemplates_) {
    auto loaded = loadChatTemplates(model->artifact());
    if (!loaded)
      return loaded.takeStatus();
    chatTemplates_ = std::move(*loaded);
  }
  return chatTemplates_;
}

LlmcChatOptions llmc_chat_defaults(void) {
  return {.name = nullptr, .tools = nullptr, .generation_prompt = -1, .now = 0};
}

static ChatRequest convert(std::string_view conversation,
                           const LlmcChatOptions &from) {
  ChatRequest request = {.conversation = conversation};
  if (from.name)
    request.name = from.name;
  if (from.tools)
    request.tools = from.tools;
  if (from.generation_prompt >= 0)
    request.addGenerationPrompt = from.generation_prompt > 0;
  auto seconds = static_cast<std::time_t>(from.now);
  std::tm now = {};
  if (from.now != 0 && localtime_r(&seconds, &now))
    request.now = now;
  return request;
}

LlmcStatus llmc_apply_chat_template(const llmc_model *model,
                                    const char *conversation, size_t length,
                                    const LlmcChatOptions *options, char *text,
                                    size_t capacity, size_t *size) {
  return onModel(model, "llmc_apply_chat_template", [&]() -> Status {
    if (Status status =
            checkArguments("llmc_apply_chat_template",
                           {{"conversation", conversation, length == 0},
                            {"text", text, capacity == 0},
                            {"size", size}});
        !status)
      return status;
    auto templates = model->core->chatTemplates();
    if (!templates)
      return templates.takeStatus();
    auto rendered =
        (*templates)
            ->render(convert({conversation, length},
                             options ? *options : llmc_chat_defaults()));
    if (!rendered)
      return rendered.takeStatus();
    *size = rendered->size();
    std::copy_n(rendered->begin(), std::min(capacity, rendered->size()), text);
    return Status();
  });
}
