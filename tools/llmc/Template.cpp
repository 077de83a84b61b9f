// SPDX-License-Identifier: Apache-2.0
// `llmc template`: a conversation as the text that a model reads, through the
// chat template of a tokenizer folder or an artifact.
#include "runtime/core/File.h"
#include "runtime/session/Chat.h"
#include "tools/llmc/Verbs.h"
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <iterator>

namespace llmc::cli {

namespace {

struct TemplateOptions {
  std::string path;
  std::string messages;
  std::string tools;
  std::string name;
  std::string date;
  bool noGenerationPrompt = false;
};

using TemplatesResult = Result<std::shared_ptr<const ChatTemplates>>;

TemplatesResult openTemplates(const std::string &path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    Result<ChatFiles> files = readChatFiles(path);
    if (!files)
      return files.takeStatus();
    return ChatTemplates::load(*files, path);
  }
  Result<std::shared_ptr<const Artifact>> artifact = Artifact::open(path);
  if (!artifact)
    return artifact.takeStatus();
  return loadChatTemplates(**artifact);
}

/// The contents of a file, or of standard input for "-".
Result<std::string> readFile(const std::string &path) {
  if (path == "-")
    return std::string(std::istreambuf_iterator<char>(std::cin), {});
  Result<std::unique_ptr<MappedFile>> mapped = MappedFile::open(path);
  if (!mapped)
    return mapped.takeStatus();
  auto bytes = (*mapped)->bytes();
  return std::string(reinterpret_cast<const char *>(bytes.data()),
                     bytes.size());
}

/// "2025-07-26", with a time after a T or without.
Result<std::tm> parseDate(const std::string &text) {
  for (const char *format :
       {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"}) {
    std::tm time = {};
    const char *end = strptime(text.c_str(), format, &time);
    if (!end || *end)
      continue;
    std::tm same = time;
    time_t seconds = timegm(&same); // fills in the days of week and year
    if (seconds != -1 && same.tm_mday == time.tm_mday)
      return same;
  }
  return Error{.code = Code::BadInput,
               .what = "--date: '" + text + "' is no date",
               .hint = "write it as 2025-07-26 or 2025-07-26T09:30"};
}

Status renderTemplate(const TemplateOptions &options, Shell &shell) {
  ChatRequest request;
  request.name = options.name;
  request.conversationFile = options.messages;
  request.toolsFile = options.tools;
  if (options.noGenerationPrompt)
    request.addGenerationPrompt = false;
  if (!options.date.empty()) {
    Result<std::tm> date = parseDate(options.date);
    if (!date)
      return date.takeStatus();
    request.now = *date;
  }
  TemplatesResult templates = openTemplates(options.path);
  if (!templates)
    return templates.takeStatus();
  Result<std::string> conversation = readFile(options.messages);
  if (!conversation)
    return conversation.takeStatus();
  request.conversation = *conversation;
  Result<std::string> tools = std::string();
  if (!options.tools.empty())
    tools = readFile(options.tools);
  if (!tools)
    return tools.takeStatus();
  request.tools = *tools;
  Result<std::string> text = (*templates)->render(request);
  if (!text)
    return text.takeStatus();
  if (shell.json) {
    shell.document = {{"text", *text}, {"templates", (*templates)->names()}};
    return Status();
  }
  if (std::fwrite(text->data(), 1, text->size(), stdout) != text->size())
    return Status(Code::Resource, "cannot write the output");
  return Status();
}

} // namespace

void addTemplate(CLI::App &app, Shell &shell) {
  CLI::App *verb = addVerb(app, shell, "template",
                           "Render the chat template on a conversation");
  auto options = std::make_shared<TemplateOptions>();
  verb->add_option("path", options->path,
                   "A folder with a tokenizer's files, or an artifact")
      ->required();
  verb->add_option("--messages", options->messages,
                   "The conversation, JSON: a list of messages, or an object "
                   "with `messages`, `tools` and any other variables of the "
                   "template; - for standard input")
      ->required();
  verb->add_option("--tools", options->tools,
                   "A JSON list of the tools that the model may call");
  verb->add_flag("--no-generation-prompt", options->noGenerationPrompt,
                 "End after the last message, without the start of an answer");
  verb->add_option("--name", options->name,
                   "Of several templates this one (default: tool_use where "
                   "there are tools, else default)");
  verb->add_option("--date", options->date,
                   "What the template takes for now, such as 2025-07-26T09:30 "
                   "(default: the local time)");
  verb->footer("Example:\n"
               "  echo '[{\"role\": \"user\", \"content\": \"Hello\"}]' | "
               "llmc template models/smollm --messages -\n"
               "prints what the model would read. A message has a role "
               "(system, user, assistant,\ntool) and a content; the template "
               "decides what else it reads, such as tool_calls.");
  verb->callback([options, &shell] {
    shell.action = [options, &shell] {
      return renderTemplate(*options, shell);
    };
  });
}

} // namespace llmc::cli
