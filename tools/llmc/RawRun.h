// SPDX-License-Identifier: Apache-2.0
// Runs an entry on values from files. Used by `run --inputs`, `verify`
// and calibration.
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

/// A tensor of a file as a call takes it, read in place; of the input of that
/// name. BadInput where calls have no such ranks, Unsupported for strings.
Result<LlmcTensor> viewOf(HostTensor &tensor, const std::string &name);
HostTensor copyOf(const LlmcTensor &tensor);

/// Inputs and outputs in the entry's order. The inputs' data is read in place.
Result<std::vector<HostValue>> runRaw(Call &call,
                                      std::vector<HostValue> &inputs);

/// A reader's exception as a failure about `file`.
Status toStatus(const InputError &error, const std::string &file);

} // namespace llmc::cli

#endif
