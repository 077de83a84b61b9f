// SPDX-License-Identifier: Apache-2.0
// Loops that run on vectors as wide as the machine has them: the compiler is
// built for the oldest machine, and chooses when it is loaded. Products and
// sums stay apart (FP_CONTRACT OFF), so results are the same on every machine.
#pragma once

#if defined(__x86_64__)
/// Before a function that contains all of the loop: what it calls is not
/// compiled again unless it is inlined.
#define LLMC_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define LLMC_WIDE
#endif
