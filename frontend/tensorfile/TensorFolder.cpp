// SPDX-License-Identifier: Apache-2.0
// Folders of tensors: test vectors, the inputs that a user gives and the
// outputs that `run` writes.
#include "frontend/InputError.h"
#include "frontend/onnx/reader/ElementType.h"
#include "frontend/onnx/reader/Mapping.h"
#include "frontend/tensorfile/TensorFile.h"
#include "frontend/tensorfile/WriteFile.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

namespace llmc {

namespace {

namespace fs = std::filesystem;

constexpr size_t maxTensors = 65536;
constexpr size_t maxSignatureBytes = size_t{16} << 20;

std::optional<std::string> findFile(const std::string &folder,
                                    const std::string &stem) {
  for (const char *ending : {".npy", ".pb"}) {
    std::string path = folder + "/" + stem + ending;
    std::error_code code;
    if (fs::exists(path, code))
      return path;
  }
  return std::nullopt;
}

/// What a signature.json says about one tensor.
struct SignatureEntry {
  std::string file;
  int32_t dtype = 0;
};

/// By name; empty where the folder has no signature.json.
std::vector<std::pair<std::string, SignatureEntry>>
loadSignature(const std::string &folder) {
  std::vector<std::pair<std::string, SignatureEntry>> out;
  std::string path = folder + "/signature.json";
  std::error_code code;
  if (!fs::exists(path, code))
    return out;
  auto mapping = onnx::Mapping::open(path);
  auto fail = [&](const char *what) {
    throw InputError("", what).inFile(path);
  };
  if (mapping->bytes().size() > maxSignatureBytes)
    fail("too large for a signature");
  nlohmann::json json =
      nlohmann::json::parse(onnx::asText(mapping->bytes()), nullptr, false);
  if (!json.is_object() || !json.contains("tensors") ||
      !json["tensors"].is_array())
    fail("no list of tensors");
  for (const nlohmann::json &item : json["tensors"]) {
    auto text = [&](const char *key) -> std::string {
      if (!item.is_object() || !item.contains(key) || !item[key].is_string())
        fail("a tensor lacks its name, file or dtype");
      return item[key];
    };
    std::string file = text("file");
    if (file.find('/') != std::string::npos || file == "..")
      fail("a file lies outside the folder");
    const onnx::ElementTypeInfo *type = onnx::findElementType(text("dtype"));
    if (!type)
      fail("a dtype is unknown");
    out.push_back({text("name"), {file, static_cast<int32_t>(type->type)}});
  }
  return out;
}

} // namespace

std::vector<MatchedTensor> loadTestVectors(const std::string &folder,
                                           std::string_view prefix,
                                           std::span<const std::string> names) {
  std::vector<MatchedTensor> out;
  for (size_t i = 0; i < maxTensors; ++i) {
    std::string path = fmt::format("{}/{}_{}.pb", folder, prefix, i);
    std::error_code code;
    if (!fs::exists(path, code))
      break;
    out.push_back({i, path, loadTensorPb(path)});
  }
  std::set<std::string_view> seen;
  bool byName =
      std::all_of(out.begin(), out.end(), [&](const MatchedTensor &matched) {
        return std::find(names.begin(), names.end(), matched.tensor.name) !=
                   names.end() &&
               seen.insert(matched.tensor.name).second;
      });
  for (MatchedTensor &matched : out) {
    if (byName)
      matched.index = static_cast<size_t>(
          std::find(names.begin(), names.end(), matched.tensor.name) -
          names.begin());
    else if (matched.index >= names.size())
      throw InputError(
          "", fmt::format("the model has {} {}s", names.size(), prefix))
          .inFile(matched.file);
  }
  return out;
}

namespace {

/// The tensors of an archive in the order of names.
std::vector<HostTensor> pickFromArchive(const std::string &path,
                                        std::span<const std::string> names) {
  std::vector<HostTensor> all = loadNpz(path);
  for (const HostTensor &tensor : all)
    if (std::find(names.begin(), names.end(), tensor.name) == names.end())
      throw InputError(inQuotes(tensor.name),
                       "the model has no input of this name")
          .inFile(path);
  std::vector<HostTensor> out;
  for (const std::string &name : names) {
    auto found =
        std::find_if(all.begin(), all.end(), [&](const HostTensor &tensor) {
          return tensor.name == name;
        });
    if (found == all.end())
      throw InputError(inQuotes(name), "this input is missing").inFile(path);
    out.push_back(std::move(*found));
  }
  return out;
}

} // namespace

std::vector<HostTensor> loadInputs(const std::string &path,
                                   std::span<const std::string> names) {
  std::error_code code;
  if (!fs::is_directory(path, code)) {
    if (!path.ends_with(".npz"))
      throw InputError("", "neither a folder nor an .npz file").inFile(path);
    return pickFromArchive(path, names);
  }
  auto signature = loadSignature(path);
  std::vector<HostTensor> out;
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string &name = names[i];
    auto entry =
        std::find_if(signature.begin(), signature.end(),
                     [&](const auto &pair) { return pair.first == name; });
    std::optional<std::string> file;
    if (entry != signature.end())
      file = path + "/" + entry->second.file;
    if (!file)
      file = findFile(path, tensorFileStem(name, "input", i));
    if (!file)
      file = findFile(path, fmt::format("input_{}", i));
    if (!file)
      throw InputError(
          inQuotes(name),
          fmt::format(
              "this input is missing: neither {}.npy nor input_{}.npy, nor .pb",
              escaped(tensorFileStem(name, "input", i)), i))
          .inFile(path);
    HostTensor tensor = loadTensorFile(*file);
    if (entry != signature.end())
      adoptType(tensor, entry->second.dtype);
    tensor.name = name;
    out.push_back(std::move(tensor));
  }
  return out;
}

void saveOutputs(const std::string &folder,
                 std::span<const HostTensor> tensors) {
  std::error_code code;
  fs::create_directories(folder, code);
  if (code)
    throw InputError("",
                     fmt::format("cannot make the folder ({})", code.message()))
        .inFile(folder);
  nlohmann::ordered_json signature;
  signature["tensors"] = nlohmann::ordered_json::array();
  std::set<std::string> taken;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const HostTensor &tensor = tensors[i];
    std::string stem = tensorFileStem(tensor.name, "output", i);
    if (!taken.insert(stem).second)
      stem = fmt::format("output_{}", i);
    taken.insert(stem);
    std::string file = stem + (fitsNpy(tensor.dtype) ? ".npy" : ".pb");
    if (fitsNpy(tensor.dtype))
      saveNpy(folder + "/" + file, tensor);
    else
      saveTensorPb(folder + "/" + file, tensor);
    signature["tensors"].push_back(
        {{"order", i},
         {"name", tensor.name},
         {"file", file},
         {"dtype", onnx::elementTypeName(tensor.dtype)},
         {"dims", tensor.dims}});
  }
  // Names are bytes of the model; what is no UTF-8 can't stand in JSON.
  std::string text =
      signature.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) +
      "\n";
  std::string_view pieces[] = {text};
  writeFile(folder + "/signature.json", pieces);
}

} // namespace llmc
