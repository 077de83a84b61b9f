// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/TestData.h"
#include <algorithm>
#include <filesystem>

namespace llmc::cli {

namespace fs = std::filesystem;

static bool isDataSet(const fs::path &folder) {
  std::error_code failed;
  return fs::exists(folder / "input_0.pb", failed) ||
         fs::exists(folder / "output_0.pb", failed);
}

std::vector<std::string> findDataSets(const std::string &folder) {
  if (isDataSet(folder))
    return {folder};
  std::vector<std::string> sets;
  std::error_code failed;
  for (const fs::directory_entry &entry :
       fs::directory_iterator(folder, failed))
    if (entry.path().filename().string().starts_with("test_data_set_") &&
        isDataSet(entry.path()))
      sets.push_back(entry.path().string());
  // test_data_set_10 after test_data_set_9.
  std::sort(sets.begin(), sets.end(),
            [](const std::string &a, const std::string &b) {
              return std::pair(a.size(), a) < std::pair(b.size(), b);
            });
  return sets;
}

std::vector<std::string> findCases(const std::string &folder) {
  std::vector<std::string> cases;
  auto consider = [&](const fs::path &path) {
    std::error_code failed;
    if (fs::exists(path / "model.onnx", failed) &&
        !findDataSets(path.string()).empty())
      cases.push_back(path.string());
  };
  consider(folder);
  std::error_code failed;
  auto options = fs::directory_options::skip_permission_denied;
  for (auto it = fs::recursive_directory_iterator(folder, options, failed);
       it != fs::recursive_directory_iterator(); it.increment(failed)) {
    if (it->is_directory(failed))
      consider(it->path());
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

} // namespace llmc::cli
