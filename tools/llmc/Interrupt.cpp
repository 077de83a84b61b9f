// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/Interrupt.h"
#include <csignal>

namespace llmc::cli {

// The handler has nothing else to find them by.
static Session *interruptible = nullptr;
static volatile std::sig_atomic_t interrupted = 0;

static void interrupt(int) {
  interrupted = 1;
  if (interruptible)
    interruptible->cancel();
}

Interrupt::Interrupt(Session &session) {
  session.forgetCancel(); // of one before, that came when the work was done
  interruptible = &session;
  interrupted = 0;
  before_ = std::signal(SIGINT, interrupt);
}

Interrupt::~Interrupt() {
  std::signal(SIGINT, before_);
  interruptible = nullptr;
}

bool Interrupt::came() const { return interrupted != 0; }

bool Interrupt::endsVerb(Shell &shell) const {
  if (came())
    shell.exitCode = 128 + SIGINT;
  return came();
}

} // namespace llmc::cli
