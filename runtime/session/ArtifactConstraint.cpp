// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/ArtifactConstraint.h"
#include "runtime/grammar/StoredConstraint.h"
#include <fmt/format.h>

namespace llmc {

static Status hasNone(const Artifact &artifact, const std::string &name) {
  std::string prefix = grammar::constraintFile(""), names;
  for (const auto &[file, section] : artifact.manifest().files)
    if (file.starts_with(prefix))
      names += (names.empty() ? "" : ", ") + file.substr(prefix.size());
  return Error{.code = Code::BadInput,
               .what = fmt::format("has no constraint '{}'", name),
               .file = artifact.path(),
               .hint = names.empty() ? "compile it with --json-schema NAME=FILE"
                                     : fmt::format("it has {}", names)};
}

Result<std::shared_ptr<grammar::Constraint>>
loadArtifactConstraint(const Artifact &artifact, const std::string &name,
                       std::shared_ptr<const grammar::TokenTexts> tokens) {
  auto file = artifact.file(grammar::constraintFile(name));
  if (!file)
    return hasNone(artifact, name);
  auto constraint = grammar::loadConstraint(
      {reinterpret_cast<const char *>(file->data()), file->size()},
      std::move(tokens));
  if (!constraint)
    return constraint.takeStatus().inFile(artifact.path());
  return constraint;
}

} // namespace llmc
