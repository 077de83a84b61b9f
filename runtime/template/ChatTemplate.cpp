// SPDX-License-Identifier: Apache-2.0
#include "runtime/template/ChatTemplate.h"
#include "runtime/template/Failure.h"
#include "runtime/template/Json.h"
#include "runtime/template/Print.h"
#include <algorithm>

namespace llmc {

using jinja::Kind;
using jinja::Value;

void ChatTemplates::add(std::string name, std::string file, std::string where,
                        std::string_view source) {
  if (find(name))
    return; // the first one goes before others of its name
  Named added = {std::move(name), folder_ + "/" + file, std::move(where), {}};
  auto parsed = jinja::Template::parse(source);
  if (parsed)
    added.parsed = std::move(*parsed);
  else
    added.error = parsed.error();
  templates_.push_back(std::move(added));
}

const ChatTemplates::Named *ChatTemplates::find(std::string_view name) const {
  auto found = std::find_if(templates_.begin(), templates_.end(),
                            [&](const Named &t) { return t.name == name; });
  return found == templates_.end() ? nullptr : &*found;
}

std::vector<std::string> ChatTemplates::names() const {
  std::vector<std::string> out;
  for (const Named &named : templates_)
    out.push_back(named.name);
  return out;
}

/// A template's failure at its place in its file.
static Error placed(Error error, const std::string &file,
                    const std::string &where) {
  if (!error.file.empty())
    return error; // about the conversation
  error.file = file;
  if (!where.empty())
    error.where = error.where.empty() ? where : where + ": " + error.where;
  return error;
}

std::vector<Error> ChatTemplates::failures() const {
  std::vector<Error> out;
  for (const Named &named : templates_)
    if (!named.parsed)
      out.push_back(placed(named.error, named.file, named.where));
  return out;
}

/// Whether a conversation brings tools. What is wrong with it, rendering says.
static bool hasTools(const ChatRequest &request) {
  if (!request.tools.empty())
    return true;
  jinja::Heap heap;
  try {
    Value conversation = jinja::parseJson(heap, request.conversation);
    if (!conversation.is(Kind::Dict))
      return false;
    const Value *tools =
        jinja::findEntry(heap, conversation.as<jinja::DictObject>(), "tools");
    return tools && !tools->isNone();
  } catch (const jinja::Failure &) {
    return false;
  }
}

Result<const ChatTemplates::Named *>
ChatTemplates::choose(const ChatRequest &request) const {
  if (templates_.empty())
    return Error{.code = Code::BadInput,
                 .what = "has no chat template",
                 .file = folder_,
                 .hint = "chat_template.jinja, chat_template.json or "
                         "tokenizer_config.json would have it"};
  const Named *chosen = nullptr;
  if (!request.name.empty())
    chosen = find(request.name);
  else if (templates_.size() == 1)
    chosen = &templates_[0];
  else if (find("tool_use") && hasTools(request))
    chosen = find("tool_use");
  else
    chosen = find("default");
  if (chosen)
    return chosen;
  return Error{.code = Code::BadInput,
               .what =
                   request.name.empty()
                       ? "has several chat templates and no default one"
                       : "has no chat template " + jinja::quoted(request.name),
               .file = folder_,
               .hint = fmt::format("it has '{}'", fmt::join(names(), "', '"))};
}

static std::tm localTime() {
  std::time_t now = std::time(nullptr);
  std::tm out = {};
  localtime_r(&now, &out);
  return out;
}

Result<std::string> ChatTemplates::render(const ChatRequest &request) const {
  Result<const Named *> chosen = choose(request);
  if (!chosen)
    return chosen.takeStatus();
  const Named &named = **chosen;
  if (!named.parsed)
    return placed(named.error, named.file, named.where);
  std::string_view text = request.conversation;
  size_t first = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  bool isList = text.substr(first).starts_with('[');
  // As `transformers`: these have a value in every rendering.
  constexpr std::string_view defaults =
      R"({"tools": null, "documents": null, "add_generation_prompt": true})";
  std::vector<jinja::Input> inputs = {
      {specialTokens_, "special tokens"},
      {defaults, "defaults"},
      {text, request.conversationFile, isList ? "messages" : ""}};
  if (!request.tools.empty())
    inputs.push_back({request.tools, request.toolsFile, "tools"});
  if (request.addGenerationPrompt)
    inputs.push_back({*request.addGenerationPrompt ? "true" : "false",
                      "defaults", "add_generation_prompt"});
  Result<std::string> rendered =
      named.parsed->render(inputs, request.now ? *request.now : localTime());
  if (!rendered)
    return placed(std::move(rendered.takeStatus().error()), named.file,
                  named.where);
  return rendered;
}

} // namespace llmc
