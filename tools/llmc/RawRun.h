// SPDX-License-Identifier: Apache-2.0
// Runs an entry on values from files. Used by `run --inputs` and `verify`.
#ifndef LLMC_TOOLS_LLMC_RAWRUN_H
#define LLMC_TOOLS_LLMC_RAWRUN_H

#include "frontend/InputError.h"
#include "frontend/tensorfile/Value.h"
#include "runtime/session/Call.h"
#include <string>
#include <vector>

namespace llmc::cli {

/// An entry's inputs or outputs, as files have them.
std::vector<ValueSlot> slotsOf(const std::vector<TensorInfo> &infos);

/// Inputs and outputs in the entry's order. The inputs' data is read in place.
Result<std::vector<HostValue>> runRaw(Call &call,
                                      std::vector<HostValue> &inputs);

/// A reader's exception as a failure about `file`.
Status toStatus(const InputError &error, const std::string &file);

} // namespace llmc::cli

#endif
