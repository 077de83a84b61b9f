/* SPDX-License-Identifier: Apache-2.0
 * A code object that must be refused: it links a library. */
#include "runtime/include/llmc/abi.h"

static int32_t run(LlmcContext *ctx) { return LLMC_OK; }

static const LlmcEntry entries[] = {run, run, run};

__attribute__((visibility("default")))
const LlmcModule llmc_module = {LLMC_ABI_VERSION, 3, entries, {1, 2, 3}};
