// SPDX-License-Identifier: Apache-2.0
#include "runtime/tasks/Labels.h"
#include <charconv>
#include <nlohmann/json.hpp>

namespace llmc {

using nlohmann::json;

static std::optional<int64_t> numberIn(std::string_view text) {
  int64_t number = 0;
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0)
    return std::nullopt;
  return number;
}

Labels::Labels(const Artifact &artifact) {
  auto file = artifact.file("config.json");
  if (!file)
    return;
  auto text = reinterpret_cast<const char *>(file->data());
  json config = json::parse(text, text + file->size(), nullptr, false);
  if (!config.is_object())
    return;
  if (auto problem = config.find("problem_type");
      problem != config.end() && problem->is_string())
    problem_ = problem->get<std::string>();
  if (auto kinds = config.find("architectures");
      kinds != config.end() && kinds->is_array())
    for (const json &kind : *kinds)
      areOfTokens_ |=
          kind.is_string() && kind.get_ref<const std::string &>().ends_with(
                                  "ForTokenClassification");
  if (!config.contains("id2label") || !config["id2label"].is_object())
    return;
  for (const auto &[key, name] : config["id2label"].items())
    if (auto index = numberIn(key); index && name.is_string())
      names_[*index] = name.get<std::string>();
}

std::string Labels::nameOf(int64_t index) const {
  auto found = names_.find(index);
  return found == names_.end() ? std::to_string(index) : found->second;
}

std::optional<int64_t> Labels::find(std::string_view text) const {
  for (const auto &[index, name] : names_)
    if (name == text)
      return index;
  return numberIn(text);
}

Scoring Labels::scoringOf(int64_t classes) const {
  if (problem_ == "regression")
    return Scoring::None;
  return problem_ == "multi_label_classification" || classes == 1
             ? Scoring::Sigmoid
             : Scoring::Softmax;
}

} // namespace llmc
