// SPDX-License-Identifier: Apache-2.0
// The chat templates that come with a tokenizer, and what they are rendered
// with: conversations, tools and the tokenizer's special tokens. Used by the
// verbs, the compiler and the C interface.
#ifndef LLMC_RUNTIME_TEMPLATE_CHATTEMPLATE_H
#define LLMC_RUNTIME_TEMPLATE_CHATTEMPLATE_H

#include "runtime/core/Status.h"
#include "runtime/template/Template.h"
#include <ctime>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace llmc {

/// The files of a tokenizer folder that say how to chat, by name: those of
/// chatFileNames, and additional_chat_templates/NAME.jinja.
using ChatFiles = std::map<std::string, std::string>;

extern const std::vector<std::string> chatFileNames;
/// Where templates beside the default one are.
constexpr std::string_view additionalTemplates = "additional_chat_templates/";

/// Reads those that are there.
Result<ChatFiles> readChatFiles(const std::string &folder);

/// A conversation and how to render it.
struct ChatRequest {
  /// JSON: a list of messages, or an object whose members are the template's
  /// variables, `messages` among them.
  std::string_view conversation;
  /// JSON: a list of tools; empty: those of the conversation, if any.
  std::string_view tools = {};
  /// The template's name; empty: "tool_use" where there are tools and such a
  /// template, else "default".
  std::string name = {};
  /// Whether the text ends with the start of an answer; not set: as the
  /// conversation's `add_generation_prompt` says, else it does.
  std::optional<bool> addGenerationPrompt = {};
  /// What strftime_now tells; not set: the local time.
  std::optional<std::tm> now = {};
  /// What messages about the JSON call it.
  std::string conversationFile = "conversation";
  std::string toolsFile = "tools";
};

/// Immutable after load, so any number of threads may use it at once.
class ChatTemplates {
public:
  /// From chat_template.jinja and those beside it, else chat_template.json,
  /// else tokenizer_config.json. `folder` is what messages call the place of
  /// the files. A template that does not parse is no failure until it is
  /// rendered.
  static Result<std::shared_ptr<const ChatTemplates>>
  load(const ChatFiles &files, const std::string &folder);

  /// The text of a conversation.
  Result<std::string> render(const ChatRequest &request) const;

  std::vector<std::string> names() const;
  /// What is wrong with templates that do not parse.
  std::vector<Error> failures() const;
  /// JSON: {"bos_token": ..., "eos_token": ..., ...}.
  const std::string &specialTokens() const { return specialTokens_; }

private:
  struct Named {
    std::string name, file, where;
    std::shared_ptr<const jinja::Template> parsed; // null: `error` says why
    Error error = {};
  };
  ChatTemplates() = default;
  void add(std::string name, std::string file, std::string where,
           std::string_view source);
  Result<const Named *> choose(const ChatRequest &request) const;
  const Named *find(std::string_view name) const;

  friend class ChatLoader;
  std::string folder_;
  std::string specialTokens_;
  std::vector<Named> templates_;
};

} // namespace llmc

#endif
