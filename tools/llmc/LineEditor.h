// SPDX-License-Identifier: Apache-2.0
// Lines that somebody types: edited and with a history on a terminal (libedit),
// as they are from a file or a pipe. One at a time; for the main thread.
#ifndef LLMC_TOOLS_LLMC_LINEEDITOR_H
#define LLMC_TOOLS_LLMC_LINEEDITOR_H

#include <memory>
#include <optional>
#include <string>

namespace llmc::cli {

class LineEditor {
public:
  /// `file` keeps the history from one start to the next; empty: none does.
  explicit LineEditor(std::string file);
  ~LineEditor();
  LineEditor(const LineEditor &) = delete;
  LineEditor &operator=(const LineEditor &) = delete;

  bool isTerminal() const { return terminal_ != nullptr; }
  /// The next line without its end, longer by those that a backslash at the end
  /// announces; nothing at the end of the input. Ctrl-C begins the line anew;
  /// between two lines it does nothing.
  std::optional<std::string> read(const std::string &prompt);

private:
  struct Terminal;
  std::optional<std::string> readOne(const std::string &prompt);
  std::unique_ptr<Terminal> terminal_; // null: the input is none
};

} // namespace llmc::cli

#endif
