/* SPDX-License-Identifier: Apache-2.0
 * A code object that must be refused: it needs a symbol that code objects may
 * not need. */
#include "runtime/include/llmc/abi.h"

extern int puts(const char *);
static int32_t run(LlmcContext *ctx) { return puts("never"); }

static const LlmcEntry entries[] = {run, run, run};

__attribute__((visibility("default")))
const LlmcModule llmc_module = {LLMC_ABI_VERSION, 3, entries, {1, 2, 3}};
