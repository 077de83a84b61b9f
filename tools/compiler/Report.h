// SPDX-License-Identifier: Apache-2.0
// What `llmc check` and `llmc inspect MODEL` say about a prepared model.
#pragma once

#include "tools/compiler/Compilation.h"

namespace llmc::compiler {

/// Recognised structure, caches, the memory that compiling and running will
/// need, and the ops that general loops run on this machine; on stdout, or as
/// the shell's document with --json.
void reportCheck(Compilation &);
/// Inputs, outputs, and with `ops` the operations per layer after all passes.
void reportInspect(Compilation &, bool ops);

} // namespace llmc::compiler
