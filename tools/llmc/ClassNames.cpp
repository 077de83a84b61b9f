// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/ClassNames.h"
#include <charconv>
#include <nlohmann/json.hpp>

namespace llmc::cli {

using nlohmann::json;

static std::optional<int64_t> numberIn(std::string_view text) {
  int64_t number = 0;
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0)
    return std::nullopt;
  return number;
}

ClassNames::ClassNames(const Artifact &artifact) {
  auto file = artifact.file("config.json");
  if (!file)
    return;
  auto text = reinterpret_cast<const char *>(file->data());
  json config = json::parse(text, text + file->size(), nullptr, false);
  if (!config.is_object() || !config.contains("id2label") ||
      !config["id2label"].is_object())
    return;
  for (const auto &[key, name] : config["id2label"].items())
    if (auto index = numberIn(key); index && name.is_string())
      names_[*index] = name.get<std::string>();
}

std::string ClassNames::nameOf(int64_t index) const {
  auto found = names_.find(index);
  return found == names_.end() ? std::to_string(index) : found->second;
}

std::optional<int64_t> ClassNames::find(std::string_view text) const {
  for (const auto &[index, name] : names_)
    if (name == text)
      return index;
  return numberIn(text);
}

} // namespace llmc::cli
