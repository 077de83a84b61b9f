// SPDX-License-Identifier: Apache-2.0
// What the frontend's tests share: a folder that goes away, and the message
// that a file or a model earns.
#ifndef LLMC_TEST_UNIT_FRONTEND_HARNESS_H
#define LLMC_TEST_UNIT_FRONTEND_HARNESS_H

#include "frontend/onnx/reader/Validate.h"
#include "frontend/tensorfile/Value.h"
#include "test/unit/frontend/Wire.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace llmc::test {

/// A new folder, removed with all in it at the end.
class Folder {
public:
  Folder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "llmc-test-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()));
    path = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string write(const std::string &name, std::string_view bytes) const {
    std::filesystem::path file = std::filesystem::path(path) / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << bytes;
    return file.string();
  }
  std::string path;
};

/// A tensor of f32 in host memory.
inline HostTensor floats(std::vector<int64_t> dims, std::vector<float> values,
                         std::string name = "") {
  HostTensor out;
  out.name = std::move(name);
  out.dtype = 1;
  out.dims = std::move(dims);
  out.data.resize(values.size() * sizeof(float));
  if (!values.empty())
    std::memcpy(out.data.data(), values.data(), out.data.size());
  return out;
}

/// What is wrong with a file of these bytes that `load` reads from its path; ""
/// if nothing is.
template <class Load>
std::string errorOfLoading(const std::string &name, const std::string &bytes,
                           Load load) {
  Folder folder;
  try {
    load(folder.write(name, bytes));
    return "";
  } catch (const InputError &error) {
    return error.what();
  }
}

/// The error as the tools print it, without the file; "" if there is none.
inline std::string errorOfFile(const std::string &path,
                               const onnx::ValidateOptions &options = {}) {
  Remarks remarks;
  try {
    onnx::loadModel(path, remarks, options);
    return "";
  } catch (const InputError &error) {
    std::string out = error.what();
    for (const NodeNote &note : error.nodes())
      out += "\n" + InputError::line(note.where, note.what);
    return out;
  }
}

inline std::string errorOfBytes(std::string_view bytes) {
  Folder folder;
  return errorOfFile(folder.write("model.onnx", bytes));
}

inline std::string errorOf(const Msg &model) {
  return errorOfBytes(model.bytes);
}
/// The error of an otherwise sound model around a graph.
inline std::string errorIn(const Msg &graph) { return errorOf(model(graph)); }

} // namespace llmc::test

#endif // LLMC_TEST_UNIT_FRONTEND_HARNESS_H
