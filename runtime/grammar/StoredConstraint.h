// SPDX-License-Identifier: Apache-2.0
// A constraint as bytes in an artifact: its source and the masks of its states,
// which the compiler computes and the runtime need not. Stateless.
#ifndef LLMC_RUNTIME_GRAMMAR_STOREDCONSTRAINT_H
#define LLMC_RUNTIME_GRAMMAR_STOREDCONSTRAINT_H

#include "runtime/grammar/ConstraintSource.h"

namespace llmc::grammar {

/// The package file that a stored constraint of this name is.
std::string constraintFile(std::string_view name);
/// Letters, digits, '.', '_' and '-', at most 64.
bool isConstraintName(std::string_view name);

/// With the masks of as many states as fit some megabytes.
Result<std::string> storeConstraint(const ConstraintSource &source,
                                    std::shared_ptr<const TokenTexts> tokens);

/// Integrity where the bytes are not what storeConstraint() of this version
/// makes for these tokens.
Result<std::shared_ptr<Constraint>>
loadConstraint(std::string_view bytes,
               std::shared_ptr<const TokenTexts> tokens);

} // namespace llmc::grammar

#endif
