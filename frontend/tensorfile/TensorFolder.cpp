// SPDX-License-Identifier: Apache-2.0
// Folders of values: test vectors, the inputs that a user gives and the
// outputs that `run` writes.
#include "frontend/InputError.h"
#include "frontend/onnx/reader/ElementType.h"
#include "frontend/onnx/reader/WireReader.h"
#include "frontend/tensorfile/Value.h"
#include "frontend/tensorfile/WriteFile.h"

#include <algorithm>
#include <climits>
#include <filesystem>
#include <fmt/format.h>
#include <map>
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

/// The names that a file's message may have: a tensor's and another value's.
/// Which it is only the model says.
std::pair<std::string, std::string> storedNames(const std::string &path) {
  auto mapping = onnx::Mapping::open(path);
  std::pair<std::string, std::string> names;
  if (mapping->bytes().size() > INT_MAX)
    return names; // refused where it is read
  try {
    onnx::WireReader wire(mapping->bytes(), mapping->bytes());
    while (wire.next()) {
      bool isText = wire.tag().type == onnx::WireType::Bytes;
      if (wire.field() == 8 && isText)
        names.first = wire.string("name");
      else if (wire.field() == 1 && isText)
        names.second = wire.string("name");
      else
        wire.skip();
    }
  } catch (InputError &error) {
    throw error.inFile(path);
  }
  return names;
}

std::optional<size_t> slotOf(const std::string &path,
                             std::span<const ValueSlot> slots) {
  auto [ofTensor, ofOther] = storedNames(path);
  for (size_t i = 0; i < slots.size(); ++i)
    if (slots[i].name ==
        (slots[i].kind == ValueKind::Tensor ? ofTensor : ofOther))
      return i;
  return std::nullopt;
}

/// The key or the name of the file of a tensor in a value.
std::string itemName(std::string_view value, size_t i) {
  return fmt::format("{}[{}]", value, i);
}

} // namespace

void adoptType(HostValue &value, int32_t expected) {
  for (HostTensor &tensor : value.tensors) {
    adoptType(tensor, expected);
    value.dtype = tensor.dtype;
  }
}

std::vector<MatchedValue> loadTestVectors(const std::string &folder,
                                          std::string_view prefix,
                                          std::span<const ValueSlot> slots) {
  std::vector<MatchedValue> out;
  std::set<size_t> seen;
  bool byName = true;
  for (size_t i = 0; i < maxTensors; ++i) {
    std::string path = fmt::format("{}/{}_{}.pb", folder, prefix, i);
    std::error_code code;
    if (!fs::exists(path, code))
      break;
    std::optional<size_t> slot = slotOf(path, slots);
    byName &= slot && seen.insert(*slot).second;
    out.push_back({slot.value_or(0), path, {}});
  }
  for (size_t i = 0; i < out.size(); ++i) {
    MatchedValue &matched = out[i];
    if (!byName)
      matched.index = i;
    if (matched.index >= slots.size())
      throw InputError(
          "", fmt::format("the model has {} {}s", slots.size(), prefix))
          .inFile(matched.file);
    matched.value = loadValuePb(matched.file, slots[matched.index]);
  }
  return out;
}

namespace {

/// A value of an archive's tensors, which are taken out of it.
std::optional<HostValue> pickValue(std::map<std::string, HostTensor> &all,
                                   const ValueSlot &slot) {
  if (slot.kind == ValueKind::Tensor) {
    auto found = all.extract(slot.name);
    if (found.empty())
      return std::nullopt;
    return HostValue(std::move(found.mapped()));
  }
  HostValue value;
  value.name = slot.name;
  value.kind = slot.kind;
  value.dtype = slot.dtype;
  while (auto found = all.extract(itemName(slot.name, value.tensors.size())))
    value.tensors.push_back(std::move(found.mapped()));
  value.isAbsent =
      slot.kind == ValueKind::OptionalSequence && value.tensors.empty();
  return value;
}

/// The values of an archive in the order of slots.
std::vector<HostValue> pickFromArchive(const std::string &path,
                                       std::span<const ValueSlot> slots) {
  std::map<std::string, HostTensor> all;
  for (HostTensor &tensor : loadNpz(path)) {
    std::string name = tensor.name;
    all.emplace(name, std::move(tensor));
  }
  std::vector<HostValue> out;
  for (const ValueSlot &slot : slots) {
    auto value = pickValue(all, slot);
    if (!value)
      throw InputError(inQuotes(slot.name), "this input is missing")
          .inFile(path);
    out.push_back(std::move(*value));
  }
  if (!all.empty())
    throw InputError(inQuotes(all.begin()->first),
                     "the model has no input of this name")
        .inFile(path);
  return out;
}

/// The files `name[0]`, `name[1]`, ... of a folder.
std::optional<HostValue> loadItems(const std::string &folder,
                                   const ValueSlot &slot) {
  HostValue value;
  value.kind = slot.kind;
  value.dtype = slot.dtype;
  for (size_t i = 0; i < maxTensors; ++i) {
    auto file =
        findFile(folder, tensorFileStem(itemName(slot.name, i), "input", i));
    if (!file)
      break;
    value.tensors.push_back(loadTensorFile(*file));
  }
  bool mayBeAbsent = slot.kind == ValueKind::Optional ||
                     slot.kind == ValueKind::OptionalSequence;
  if (slot.kind == ValueKind::Tensor || (value.tensors.empty() && !mayBeAbsent))
    return std::nullopt;
  value.isAbsent =
      slot.kind == ValueKind::OptionalSequence && value.tensors.empty();
  return value;
}

HostValue loadFile(const std::string &path, const ValueSlot &slot) {
  if (slot.kind == ValueKind::Tensor)
    return HostValue(loadTensorFile(path));
  if (!path.ends_with(".pb"))
    throw InputError("",
                     fmt::format("{} needs a .pb file", inQuotes(slot.name)))
        .inFile(path);
  return loadValuePb(path, slot);
}

HostValue loadFromFolder(const std::string &folder, const ValueSlot &slot,
                         size_t i, const SignatureEntry *known) {
  std::optional<std::string> file;
  if (known)
    file = folder + "/" + known->file;
  if (!file)
    file = findFile(folder, tensorFileStem(slot.name, "input", i));
  if (!file)
    file = findFile(folder, fmt::format("input_{}", i));
  if (!file)
    if (auto value = loadItems(folder, slot))
      return std::move(*value);
  if (!file)
    throw InputError(
        inQuotes(slot.name),
        fmt::format(
            "this input is missing: neither {}.npy nor input_{}.npy, nor .pb",
            escaped(tensorFileStem(slot.name, "input", i)), i))
        .inFile(folder);
  HostValue value = loadFile(*file, slot);
  if (known)
    adoptType(value, known->dtype);
  return value;
}

} // namespace

std::vector<HostValue> loadInputs(const std::string &path,
                                  std::span<const ValueSlot> slots) {
  std::error_code code;
  if (!fs::is_directory(path, code)) {
    if (!path.ends_with(".npz"))
      throw InputError("", "neither a folder nor an .npz file").inFile(path);
    return pickFromArchive(path, slots);
  }
  auto signature = loadSignature(path);
  std::vector<HostValue> out;
  for (size_t i = 0; i < slots.size(); ++i) {
    const std::string &name = slots[i].name;
    auto entry =
        std::find_if(signature.begin(), signature.end(),
                     [&](const auto &pair) { return pair.first == name; });
    out.push_back(
        loadFromFolder(path, slots[i], i,
                       entry == signature.end() ? nullptr : &entry->second));
    out.back().name = name;
  }
  return out;
}

/// [2,3], or the tensors' of a sequence.
static nlohmann::ordered_json dimsOf(const HostValue &value) {
  if (value.kind == ValueKind::Tensor)
    return value.tensors.front().dims;
  auto list = nlohmann::ordered_json::array();
  for (const HostTensor &tensor : value.tensors)
    list.push_back(tensor.dims);
  return list;
}

void saveOutputs(const std::string &folder, std::span<const HostValue> values) {
  std::error_code code;
  fs::create_directories(folder, code);
  if (code)
    throw InputError("",
                     fmt::format("cannot make the folder ({})", code.message()))
        .inFile(folder);
  nlohmann::ordered_json signature;
  signature["tensors"] = nlohmann::ordered_json::array();
  std::set<std::string> taken;
  for (size_t i = 0; i < values.size(); ++i) {
    const HostValue &value = values[i];
    std::string stem = tensorFileStem(value.name, "output", i);
    if (!taken.insert(stem).second)
      stem = fmt::format("output_{}", i);
    taken.insert(stem);
    bool asNpy = value.kind == ValueKind::Tensor && fitsNpy(value.dtype);
    std::string file = stem + (asNpy ? ".npy" : ".pb");
    if (asNpy)
      saveNpy(folder + "/" + file, value.tensors.front());
    else
      saveValuePb(folder + "/" + file, value);
    signature["tensors"].push_back(
        {{"order", i},
         {"name", value.name},
         {"file", file},
         {"dtype", onnx::elementTypeName(value.dtype)},
         {"dims", dimsOf(value)}});
    if (value.kind != ValueKind::Tensor)
      signature["tensors"].back()["kind"] = valueKindName(value.kind);
  }
  // Names are bytes of the model; what is no UTF-8 can't stand in JSON.
  std::string text =
      signature.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) +
      "\n";
  std::string_view pieces[] = {text};
  writeFile(folder + "/signature.json", pieces);
}

} // namespace llmc
