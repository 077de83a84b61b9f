// SPDX-License-Identifier: Apache-2.0
// Ctrl-C during a verb's work: the session's step fails, and what was already
// made stays. One at a time; for the main thread.
#ifndef LLMC_TOOLS_LLMC_INTERRUPT_H
#define LLMC_TOOLS_LLMC_INTERRUPT_H

#include "runtime/session/Session.h"
#include "tools/llmc/Shell.h"

namespace llmc::cli {

class Interrupt {
public:
  /// Ctrl-C cancels the session for as long as this lives.
  explicit Interrupt(Session &session);
  ~Interrupt();
  Interrupt(const Interrupt &) = delete;
  Interrupt &operator=(const Interrupt &) = delete;

  /// Whether it came.
  bool came() const;
  /// The same, and the program then exits as one that Ctrl-C ended.
  bool endsVerb(Shell &shell) const;

private:
  void (*before_)(int);
};

} // namespace llmc::cli

#endif
