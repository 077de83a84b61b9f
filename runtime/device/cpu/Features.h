// SPDX-License-Identifier: Apache-2.0
// What this CPU and its operating system can run, by LLVM's feature names
// ("avx2", "avx512vnni", "dotprod"). Stateless.
#ifndef LLMC_RUNTIME_DEVICE_CPU_FEATURES_H
#define LLMC_RUNTIME_DEVICE_CPU_FEATURES_H

#include <set>
#include <string>
#include <string_view>

namespace llmc {

/// The features that CPUID and XCR0 (HWCAP on AArch64) report as usable.
const std::set<std::string, std::less<>> &hostFeatures();

/// "x86-64" or "aarch64".
std::string_view hostArchitecture();

} // namespace llmc

#endif
