// SPDX-License-Identifier: Apache-2.0
// Looks at a code object before the dynamic linker does. Reads nothing outside
// the bytes given; executes nothing.
#ifndef LLMC_RUNTIME_DEVICE_CPU_ELFCHECK_H
#define LLMC_RUNTIME_DEVICE_CPU_ELFCHECK_H

#include "runtime/core/Status.h"
#include <cstddef>
#include <span>

namespace llmc {

/// Ok: a 64-bit ELF shared object for this machine that needs no library, runs
/// no constructor, and has no undefined symbol beyond memcpy, memmove and
/// memset. Otherwise Code::Integrity.
Status checkCodeObject(std::span<const std::byte> object);

} // namespace llmc

#endif
