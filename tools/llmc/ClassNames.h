// SPDX-License-Identifier: Apache-2.0
// The names that a classifier's config.json gives its classes. Immutable.
#ifndef LLMC_TOOLS_LLMC_CLASSNAMES_H
#define LLMC_TOOLS_LLMC_CLASSNAMES_H

#include "runtime/model/Artifact.h"
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace llmc::cli {

class ClassNames {
public:
  explicit ClassNames(const Artifact &artifact);

  /// A class's name, or its number where it has none.
  std::string nameOf(int64_t index) const;
  /// The class of this name, or of this number.
  std::optional<int64_t> find(std::string_view text) const;

private:
  std::map<int64_t, std::string> names_;
};

} // namespace llmc::cli

#endif
