// SPDX-License-Identifier: Apache-2.0
// Runs an entry on tensors from files. Used by `run --inputs` and `verify`.
#ifndef LLMC_TOOLS_LLMC_RAWRUN_H
#define LLMC_TOOLS_LLMC_RAWRUN_H

#include "frontend/InputError.h"
#include "frontend/tensorfile/TensorFile.h"
#include "runtime/session/Call.h"
#include <string>
#include <vector>

namespace llmc::cli {

/// The names of an entry's inputs or outputs.
std::vector<std::string> namesOf(const std::vector<TensorInfo> &tensors);

/// Inputs and outputs in the entry's order. The inputs' data is read in place.
Result<std::vector<HostTensor>> runRaw(Call &call,
                                       std::vector<HostTensor> &inputs);

/// A reader's exception as a failure about `file`.
Status toStatus(const InputError &error, const std::string &file);

} // namespace llmc::cli

#endif
