// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/LineEditor.h"
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <histedit.h>
#include <iostream>
#include <unistd.h>

namespace llmc::cli {

static constexpr int historySize = 1000; // lines

/// libedit's handles. It asks for the prompt by a callback.
struct LineEditor::Terminal {
  std::string prompt, file;
  EditLine *editor;
  History *history;
  void (*before)(int) = std::signal(SIGINT, SIG_IGN); // between two lines

  explicit Terminal(std::string historyFile) : file(std::move(historyFile)) {
    std::setlocale(LC_CTYPE, ""); // characters of several bytes
    editor = el_init("llmc", stdin, stdout, stderr);
    history = history_init();
    HistEvent event;
    ::history(history, &event, H_SETSIZE, historySize);
    ::history(history, &event, H_SETUNIQUE, 1);
    if (!file.empty())
      ::history(history, &event, H_LOAD, file.c_str());
    el_set(editor, EL_CLIENTDATA, this);
    el_set(editor, EL_PROMPT, promptOf);
    el_set(editor, EL_EDITOR, "emacs");
    el_set(editor, EL_HIST, ::history, history);
    // Ctrl-D that was typed while nothing was read comes as a zero.
    el_set(editor, EL_BIND, "^@", "em-delete-or-list", nullptr);
    el_source(editor, nullptr); // ~/.editrc
  }
  ~Terminal() {
    HistEvent event;
    if (!file.empty())
      ::history(history, &event, H_SAVE, file.c_str());
    history_end(history);
    el_end(editor);
    std::signal(SIGINT, before);
  }

  static char *promptOf(EditLine *editor) {
    void *self = nullptr;
    el_get(editor, EL_CLIENTDATA, &self);
    return static_cast<Terminal *>(self)->prompt.data();
  }
};

LineEditor::LineEditor(std::string file) {
  if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
    terminal_ = std::make_unique<Terminal>(std::move(file));
}

LineEditor::~LineEditor() = default;

/// A read that the signal interrupts, rather than the program.
static void interruptReads(int) {}

std::optional<std::string> LineEditor::readOne(const std::string &prompt) {
  std::string line;
  if (!terminal_) {
    if (!std::getline(std::cin, line))
      return std::nullopt;
    return line;
  }
  terminal_->prompt = prompt;
  struct sigaction action = {}, before = {};
  action.sa_handler = interruptReads;
  sigaction(SIGINT, &action, &before);
  int count = 0;
  errno = 0;
  const char *text = el_gets(terminal_->editor, &count);
  bool isInterrupted = !text && errno == EINTR;
  sigaction(SIGINT, &before, nullptr);
  if (isInterrupted) {
    el_reset(terminal_->editor);
    std::fputs("^C\n", stdout);
    return readOne(prompt);
  }
  if (!text || count <= 0)
    return std::nullopt;
  line.assign(text, static_cast<size_t>(count));
  HistEvent event;
  if (line.find_first_not_of(" \t\n") != std::string::npos)
    ::history(terminal_->history, &event, H_ENTER, line.c_str());
  if (line.ends_with('\n'))
    line.pop_back();
  return line;
}

std::optional<std::string> LineEditor::read(const std::string &prompt) {
  auto whole = readOne(prompt);
  while (whole && whole->ends_with('\\')) {
    whole->back() = '\n';
    auto next = readOne("... ");
    if (!next)
      break;
    *whole += *next;
  }
  return whole;
}

} // namespace llmc::cli
