// SPDX-License-Identifier: Apache-2.0
// A model's entries and operations as `inspect` and `check` show them.
#ifndef LLMC_TOOLS_LLMC_MODELVIEW_H
#define LLMC_TOOLS_LLMC_MODELVIEW_H

#include "runtime/model/Manifest.h"
#include <nlohmann/json.hpp>

namespace llmc::cli {

/// With `ops`: the operations of each layer too.
nlohmann::json modelToJson(const ModelInfo &model, bool ops);
/// On stdout, indented.
void printModel(const ModelInfo &model, bool ops);

} // namespace llmc::cli

#endif
