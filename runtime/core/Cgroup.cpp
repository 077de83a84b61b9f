// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/Cgroup.h"
#include <fstream>

namespace llmc {

std::string firstLineOf(const std::string &path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

void forEachCgroup(
    const std::function<void(const std::string &folder)> &visit) {
  std::string group = firstLineOf("/proc/self/cgroup");
  std::string path = group.starts_with("0::") ? group.substr(3) : "/";
  for (;;) {
    visit("/sys/fs/cgroup" + (path == "/" ? "" : path));
    if (path.empty() || path == "/")
      break;
    path.resize(path.rfind('/') == std::string::npos ? 0 : path.rfind('/'));
  }
}

} // namespace llmc
