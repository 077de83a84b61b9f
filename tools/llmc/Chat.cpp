// SPDX-License-Identifier: Apache-2.0
// `llmc chat`: a conversation on the terminal. The whole of it is rendered by
// the chat template each time; the session goes on from what it has in common
// with what was read before.
#include "runtime/session/Chat.h"
#include "runtime/session/Generator.h"
#include "tools/llmc/GenerateFlags.h"
#include "tools/llmc/Interrupt.h"
#include "tools/llmc/LineEditor.h"
#include "tools/llmc/ModelOptions.h"
#include <cstdio>
#include <fmt/format.h>
#include <fstream>

namespace llmc::cli {

using nlohmann::json;

namespace {

struct ChatOptions {
  std::string artifact;
  ModelFlags flags;
  GenerateOptions generate;
  std::string system;
  std::string templateName;
  std::string history;
  int64_t context = 0;
};

constexpr const char *commands =
    "/system TEXT   say what the model is to be, and begin anew; without TEXT: "
    "nothing\n"
    "/clear         begin anew\n"
    "/retry         answer the last message again, with another seed\n"
    "/undo          forget the last message and its answer\n"
    "/save FILE     write the conversation as JSON\n"
    "/stats         how much of the context is in use\n"
    "/help          this list\n"
    "/quit          or Ctrl-D\n"
    "A line that ends with \\ goes on in the next one. Ctrl-C ends an answer, "
    "and what there is of it stays.\n";

class Conversation {
public:
  Conversation(const ChatOptions &options, std::shared_ptr<const Model> model,
               std::shared_ptr<const text::Tokenizer> tokenizer,
               std::shared_ptr<const ChatTemplates> templates,
               std::unique_ptr<Session> session)
      : options_(options), model_(std::move(model)),
        tokenizer_(std::move(tokenizer)), templates_(std::move(templates)),
        session_(std::move(session)), settings_(options.generate) {
    settings_.addSpecial = false; // the template has them
    begin(options.system);
  }

  /// One line of the user's. False: the end.
  bool take(const std::string &line, Shell &shell) {
    if (line.starts_with('/'))
      return command(line, shell);
    if (line.find_first_not_of(" \t\n") == std::string::npos)
      return true;
    messages_.push_back({{"role", "user"}, {"content", line}});
    tell(answer(), shell);
    return true;
  }

private:
  void begin(const std::string &system) {
    system_ = system;
    messages_ = json::array();
    if (!system.empty())
      messages_.push_back({{"role", "system"}, {"content", system}});
  }

  bool command(const std::string &line, Shell &shell) {
    size_t end = line.find(' ');
    std::string name = line.substr(1, end - 1),
                rest = end == std::string::npos ? "" : line.substr(end + 1);
    if (name == "quit" || name == "exit")
      return false;
    if (name == "system")
      begin(rest);
    else if (name == "clear")
      begin(system_);
    else if (name == "retry")
      retry(shell);
    else if (name == "undo")
      undo();
    else if (name == "save")
      tell(save(rest), shell);
    else if (name == "stats")
      fmt::print("{} of {} positions\n", session_->length(),
                 session_->capacity());
    else
      std::fputs(commands, name == "help" ? stdout : stderr);
    return true;
  }

  void undo() {
    if (lastIs("assistant"))
      messages_.erase(messages_.size() - 1);
    if (lastIs("user"))
      messages_.erase(messages_.size() - 1);
  }

  void retry(Shell &shell) {
    if (lastIs("assistant"))
      messages_.erase(messages_.size() - 1);
    ++settings_.seed;
    if (lastIs("user"))
      tell(answer(), shell);
  }

  bool lastIs(const char *role) const {
    return !messages_.empty() && messages_.back()["role"] == role;
  }

  Status save(const std::string &file) const {
    std::ofstream out(file);
    out << messages_.dump(2, ' ', false, json::error_handler_t::replace)
        << "\n";
    out.flush();
    return out ? Status()
               : Error{.code = Code::Resource,
                       .what = "cannot be written",
                       .file = file};
  }

  /// An answer to the last message, as it comes. A failure takes the message
  /// back.
  Status answer() {
    std::string conversation =
        messages_.dump(-1, ' ', false, json::error_handler_t::replace);
    auto prompt = templates_->render(
        {.conversation = conversation, .name = options_.templateName});
    std::string text;
    auto onToken = [&](const Generated &made) {
      text += made.text;
      return std::fwrite(made.text.data(), 1, made.text.size(), stdout) ==
                 made.text.size() &&
             std::fflush(stdout) == 0;
    };
    Interrupt interrupt(*session_);
    auto result =
        prompt ? generate(*session_, *tokenizer_, *prompt, settings_, onToken)
               : prompt.takeStatus();
    if (!text.empty())
      std::fputc('\n', stdout);
    if (!result && !interrupt.came()) {
      messages_.erase(messages_.size() - 1);
      return result.takeStatus();
    }
    messages_.push_back({{"role", "assistant"}, {"content", text}});
    if (result)
      printRate(*result);
    return Status();
  }

  static void printRate(const GenerateResult &result) {
    auto rate = [](int64_t count, double seconds) {
      return seconds > 0 ? static_cast<double>(count) / seconds : 0.0;
    };
    fmt::print(stderr,
               "[{} tokens, {:.1f} tokens/s; prompt {} tokens, {} of them new, "
               "{:.2f} s]\n",
               result.tokens, rate(result.steps, result.decodeSeconds),
               result.promptTokens, result.promptTokens - result.reused,
               result.prefillSeconds);
  }

  /// What went wrong ends the answer, not the conversation.
  static void tell(const Status &status, Shell &shell) {
    std::fflush(stdout);
    if (!status)
      printError(status.error(), shell);
  }

  const ChatOptions &options_;
  std::shared_ptr<const Model> model_;
  std::shared_ptr<const text::Tokenizer> tokenizer_;
  std::shared_ptr<const ChatTemplates> templates_;
  std::unique_ptr<Session> session_;
  GenerateOptions settings_;
  std::string system_;
  json messages_;
};

Status chat(const ChatOptions &options, Shell &shell) {
  auto model = openModel(options.artifact, options.flags);
  if (!model)
    return model.takeStatus();
  auto tokenizer = loadTokenizer((*model)->artifact());
  if (!tokenizer)
    return tokenizer.takeStatus();
  auto templates = loadChatTemplates((*model)->artifact());
  if (!templates)
    return templates.takeStatus();
  if ((*templates)->names().empty()) // said before somebody has typed a message
    return (*templates)->render({.conversation = "[]"}).takeStatus();
  auto session = Session::create(
      *model, {.model = options.flags.model, .capacity = options.context});
  if (!session)
    return session.takeStatus();
  Conversation conversation(options, *model, *tokenizer, *templates,
                            std::move(*session));
  LineEditor editor(options.history);
  if (editor.isTerminal() && !shell.quiet)
    fmt::print(stderr, "note: /help lists the commands, Ctrl-D ends\n");
  while (auto line = editor.read("> "))
    if (!conversation.take(*line, shell))
      break;
  return Status();
}

} // namespace

void addChat(CLI::App &app, Shell &shell) {
  CLI::App *verb = addVerb(app, shell, "chat", "Talk with a model",
                           /*json=*/false);
  auto options = std::make_shared<ChatOptions>();
  verb->add_option("artifact", options->artifact, "The artifact")->required();
  verb->add_option("--system", options->system,
                   "What the model is to be: the first message");
  verb->add_option("--template", options->templateName,
                   "Of several chat templates, the one of this name");
  verb->add_option("--context", options->context,
                   "Positions to make room for [the model's context]")
      ->check(CLI::Range(int64_t(1), int64_t(1) << 32));
  verb->add_option("--history", options->history,
                   "Keep the lines that are typed in this file");
  addGenerateFlags(verb, options->generate);
  addModelFlags(verb, options->flags);
  verb->footer(commands);
  verb->callback([options, &shell] {
    shell.action = [options, &shell] { return chat(*options, shell); };
  });
}

} // namespace llmc::cli
