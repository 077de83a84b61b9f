// SPDX-License-Identifier: Apache-2.0
// What a classifier's config.json says of its classes: their names, and how
// their logits become scores. Immutable.
#ifndef LLMC_RUNTIME_TASKS_LABELS_H
#define LLMC_RUNTIME_TASKS_LABELS_H

#include "runtime/model/Artifact.h"
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace llmc {

/// How logits become scores: probabilities of one class of several, of each by
/// itself, or as they are.
enum class Scoring { Softmax, Sigmoid, None };

class Labels {
public:
  explicit Labels(const Artifact &artifact);

  /// A class's name, or its number where it has none.
  std::string nameOf(int64_t index) const;
  /// The class of this name, or of this number.
  std::optional<int64_t> find(std::string_view text) const;
  size_t count() const { return names_.size(); }
  /// By the kind of problem that the model was trained for; a single class is a
  /// yes or no.
  Scoring scoringOf(int64_t classes) const;
  /// Whether the model was made to label each token.
  bool areOfTokens() const { return areOfTokens_; }

private:
  std::map<int64_t, std::string> names_;
  std::string problem_; // problem_type; empty: not said
  bool areOfTokens_ = false;
};

} // namespace llmc

#endif
