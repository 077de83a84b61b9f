// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "llvm/Support/raw_ostream.h"

namespace llmc {

/// The ONNX operators that are known, a line each, by tabs: domain, operator,
/// whether it is supported ("yes" or "no"), the versions that differ
/// (comma-separated), the types of the newest one. What docs/support.md is made
/// from (test/docs/support.py).
void printOperatorList(llvm::raw_ostream &);

} // namespace llmc
