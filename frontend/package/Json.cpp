// SPDX-License-Identifier: Apache-2.0
#include "frontend/package/Json.h"

#include "frontend/InputError.h"
#include "frontend/onnx/reader/Mapping.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace llmc {

namespace {
constexpr size_t maxBytes = size_t{256} << 20;
constexpr int maxDepth = 64;
} // namespace

std::string loadText(const std::string &path) {
  auto mapping = onnx::Mapping::open(path);
  if (mapping->bytes().size() > maxBytes)
    throw InputError("", fmt::format("{} bytes, more than {}",
                                     mapping->bytes().size(), maxBytes))
        .inFile(path);
  return std::string(onnx::asText(mapping->bytes()));
}

nlohmann::json parseJson(std::string_view text, const std::string &path) {
  bool isTooDeep = false;
  auto watch = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json &) {
    if (depth > maxDepth)
      isTooDeep = true;
    return !isTooDeep; // nothing below is kept
  };
  nlohmann::json json;
  try {
    json = nlohmann::json::parse(text, watch);
  } catch (const nlohmann::json::parse_error &error) {
    size_t byte = std::min<size_t>(error.byte, text.size());
    auto line =
        1 + std::count(text.begin(),
                       text.begin() + static_cast<ptrdiff_t>(byte), '\n');
    throw InputError(fmt::format("line {}", line),
                     fmt::format("not valid JSON (byte {})", error.byte))
        .inFile(path);
  } catch (const nlohmann::json::exception &) {
    throw InputError("", "not valid JSON (a number is out of range)")
        .inFile(path);
  }
  if (isTooDeep)
    throw InputError("", fmt::format("JSON nesting exceeds {}", maxDepth))
        .inFile(path);
  return json;
}

nlohmann::json loadJson(const std::string &path) {
  return parseJson(loadText(path), path);
}

JsonObject::JsonObject(const nlohmann::json &json, const std::string &path,
                       std::string prefix)
    : json(&json), path(&path), prefix(std::move(prefix)) {
  if (!json.is_object())
    throw InputError(this->prefix, "not a JSON object").inFile(path);
}

void JsonObject::fail(const char *key, const std::string &what) const {
  throw InputError(prefix + key, what).inFile(*path);
}

const nlohmann::json *JsonObject::find(const char *key) const {
  auto found = json->find(key);
  return found == json->end() || found->is_null() ? nullptr : &*found;
}

std::optional<std::string> JsonObject::string(const char *key) const {
  const nlohmann::json *value = find(key);
  if (!value)
    return std::nullopt;
  if (!value->is_string())
    fail(key,
         fmt::format("a text is expected, this is a {}", value->type_name()));
  return value->get<std::string>();
}

std::optional<bool> JsonObject::boolean(const char *key) const {
  const nlohmann::json *value = find(key);
  if (!value)
    return std::nullopt;
  if (!value->is_boolean())
    fail(key, fmt::format("true or false is expected, this is a {}",
                          value->type_name()));
  return value->get<bool>();
}

int64_t JsonObject::integerOf(const char *key, const nlohmann::json &value,
                              int64_t least, int64_t most) const {
  if (!value.is_number_integer())
    fail(key, fmt::format("an integer is expected, this is {}",
                          value.is_number()
                              ? "a fraction"
                              : fmt::format("a {}", value.type_name())));
  bool isHuge = value.is_number_unsigned() && value.get<uint64_t>() > INT64_MAX;
  if (isHuge || value.get<int64_t>() < least || value.get<int64_t>() > most)
    fail(key,
         fmt::format("{} is out of range [{}, {}]", value.dump(), least, most));
  return value.get<int64_t>();
}

std::optional<int64_t> JsonObject::integer(const char *key, int64_t least,
                                           int64_t most) const {
  const nlohmann::json *value = find(key);
  return value ? std::optional(integerOf(key, *value, least, most))
               : std::nullopt;
}

std::optional<double> JsonObject::number(const char *key, double least,
                                         double most) const {
  const nlohmann::json *value = find(key);
  if (!value)
    return std::nullopt;
  if (!value->is_number())
    fail(key,
         fmt::format("a number is expected, this is a {}", value->type_name()));
  auto out = value->get<double>();
  if (!(out >= least && out <= most))
    fail(key, fmt::format("{} is out of range [{}, {}]", value->dump(), least,
                          most));
  return out;
}

std::vector<int64_t> JsonObject::integers(const char *key, int64_t least,
                                          int64_t most) const {
  constexpr size_t maxCount = 4096;
  std::vector<int64_t> out;
  const nlohmann::json *value = find(key);
  if (!value)
    return out;
  if (!value->is_array())
    return {integerOf(key, *value, least, most)};
  if (value->size() > maxCount)
    fail(key, fmt::format("{} entries, more than {}", value->size(), maxCount));
  for (const nlohmann::json &item : *value)
    out.push_back(integerOf(key, item, least, most));
  return out;
}

std::optional<JsonObject> JsonObject::object(const char *key) const {
  const nlohmann::json *value = find(key);
  if (!value)
    return std::nullopt;
  return JsonObject(*value, *path, prefix + key + ".");
}

std::optional<int64_t>
JsonObject::firstInteger(std::initializer_list<const char *> keys,
                         int64_t least, int64_t most) const {
  for (const char *key : keys)
    if (std::optional<int64_t> value = integer(key, least, most))
      return value;
  return std::nullopt;
}

} // namespace llmc
