// SPDX-License-Identifier: Apache-2.0
// The constraints that an artifact holds, made by `llmc compile`. Stateless.
#ifndef LLMC_RUNTIME_SESSION_ARTIFACTCONSTRAINT_H
#define LLMC_RUNTIME_SESSION_ARTIFACTCONSTRAINT_H

#include "runtime/grammar/Constraint.h"
#include "runtime/model/Artifact.h"
#include <string>

namespace llmc {

/// BadInput names those that there are.
Result<std::shared_ptr<grammar::Constraint>>
loadArtifactConstraint(const Artifact &artifact, const std::string &name,
                       std::shared_ptr<const grammar::TokenTexts> tokens);

} // namespace llmc

#endif
