// SPDX-License-Identifier: Apache-2.0
// The parts of `llmc verify`: one model or artifact against its data sets
// (Verify.cpp), a whole tree of cases in child processes (VerifyCases.cpp).
#ifndef LLMC_TOOLS_LLMC_VERIFY_H
#define LLMC_TOOLS_LLMC_VERIFY_H

#include "tools/llmc/Compare.h"
#include "tools/llmc/ModelOptions.h"
#include "tools/llmc/Verbs.h"
#include <string>
#include <vector>

namespace llmc::cli {

struct VerifyOptions {
  std::string target; // an artifact, a model, or a folder of cases
  std::vector<std::string> data;
  Tolerance tolerance;
  bool toleranceGiven = false;
  std::string entry = "raw";
  ModelFlags flags;
  std::vector<std::string> compileTargets;
  int jobs = 1;
  int timeout = 300; // seconds for one case
  std::string junit;
};

/// Every case in its own process, so that one can't harm another.
Status verifyCases(const VerifyOptions &options,
                   const std::vector<std::string> &cases, Shell &shell);

/// One row of a report for other tools.
struct CaseResult {
  std::string name;
  int code = 0; // exit code; 128 + n for signal n
  std::string message;
  double seconds = 0;
};

/// JUnit's XML: exit codes 2, 4 are failures, 3 is skipped, others are errors.
Status writeJunit(const std::string &path,
                  const std::vector<CaseResult> &results);

} // namespace llmc::cli

#endif
