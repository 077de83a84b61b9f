// SPDX-License-Identifier: Apache-2.0
// A profile as `run` and `bench` show it. Stateless.
#ifndef LLMC_TOOLS_LLMC_PROFILEVIEW_H
#define LLMC_TOOLS_LLMC_PROFILEVIEW_H

#include "runtime/session/Profile.h"
#include <nlohmann/json.hpp>

namespace llmc::cli {

/// {"calls": entries as wholes, "kernels": their steps by kernel, "steps": all
/// of them}, each by time. A share is of the time of the entry's calls.
nlohmann::json profileToJson(const Profile &profile);

/// The lines of a table of the calls and the kernels that took longest.
std::vector<std::string> profileTable(const Profile &profile);

} // namespace llmc::cli

#endif
