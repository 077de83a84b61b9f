// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/TemporaryFolder.h"
#include <cstdlib>
#include <filesystem>

namespace llmc::cli {

namespace fs = std::filesystem;

Result<std::unique_ptr<TemporaryFolder>> TemporaryFolder::create() {
  std::error_code failed;
  std::string path = (fs::temp_directory_path(failed) / "llmc-XXXXXX").string();
  if (failed || !mkdtemp(path.data()))
    return Error{Code::Resource, "cannot make a temporary folder", path};
  return std::unique_ptr<TemporaryFolder>(new TemporaryFolder(path));
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

} // namespace llmc::cli
