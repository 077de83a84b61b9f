// SPDX-License-Identifier: Apache-2.0
// Where the limits of this process's control groups (version 2) stand.
#ifndef LLMC_RUNTIME_CORE_CGROUP_H
#define LLMC_RUNTIME_CORE_CGROUP_H

#include <functional>
#include <string>

namespace llmc {

/// The file's first line; empty where it cannot be read.
std::string firstLineOf(const std::string &path);

/// Every group up to the root may set a limit; inside a container the path's
/// upper part is hidden, so all folders that may exist are visited.
void forEachCgroup(const std::function<void(const std::string &folder)> &);

} // namespace llmc

#endif
