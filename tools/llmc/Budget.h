// SPDX-License-Identifier: Apache-2.0
// Limits that what was measured has to keep ("kl=0.01,ppl=+1%"), and the table
// of which it kept. Used by `llmc eval` and the compiler. Plain values.
#ifndef LLMC_TOOLS_LLMC_BUDGET_H
#define LLMC_TOOLS_LLMC_BUDGET_H

#include "tools/llmc/Shell.h"
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace llmc::cli {

/// A kind of measurement, as --budget names it.
struct Measure {
  const char *name;
  bool isLowerLimit; // budgets say at least, else at most
  bool needsBaseline;
  const char *what;
};

struct Budget {
  const Measure *measure;
  std::string text; // of the limit, as it was given
  double limit;
  bool isRelative; // to the baseline: 0.01 is "+1%"
};

struct Measured {
  std::string name; // a measure's
  double value;
  std::optional<double> baseline; // the same of the baseline
};

/// Of "NAME=LIMIT,...". A limit is a number, a share as "99%", or "+1%" and
/// "-50%", which are relative to the baseline. BadInput for anything else.
Result<std::vector<Budget>> parseBudgets(const std::string &text);

/// BadInput where one of them will not be measured: `names` will, and those
/// that take a baseline only with one.
Status requireMeasured(std::span<const Budget> budgets,
                       std::span<const std::string> names, bool hasBaseline);

/// Prints the table, or adds "budget" to the document; Mismatch where a limit
/// is not kept.
Status checkBudgets(std::span<const Budget> budgets,
                    std::span<const Measured> measured, Shell &shell);

/// What --budget takes, for --help.
std::string describeBudgets();

} // namespace llmc::cli

#endif
