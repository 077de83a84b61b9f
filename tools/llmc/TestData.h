// SPDX-License-Identifier: Apache-2.0
// Finds test vectors in the form of ONNX's backend tests: folders
// test_data_set_<i> with input_<i>.pb, output_<i>.pb.
#ifndef LLMC_TOOLS_LLMC_TESTDATA_H
#define LLMC_TOOLS_LLMC_TESTDATA_H

#include <string>
#include <vector>

namespace llmc::cli {

/// The data sets in a folder, by number, or the folder itself if it is one.
std::vector<std::string> findDataSets(const std::string &folder);

/// The folders at or below `folder` that have a model.onnx and data sets,
/// sorted.
std::vector<std::string> findCases(const std::string &folder);

} // namespace llmc::cli

#endif
