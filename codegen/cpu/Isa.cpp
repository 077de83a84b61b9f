// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/Isa.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

namespace llmc {
namespace {

const std::vector<std::string> v3Features = {
    "avx",   "avx2",   "bmi",  "bmi2",   "f16c",   "fma",  "lzcnt",
    "movbe", "popcnt", "sse3", "sse4.1", "sse4.2", "ssse3"};
const std::vector<std::string> v4Extra = {"avx512bw", "avx512cd", "avx512dq",
                                          "avx512f", "avx512vl"};

/// Features that a suffix may add, with the LLVM features that the runtime must
/// then find. The rank of a target grows by the bit of each suffix, so a richer
/// variant wins over a plainer one of the same level.
struct Suffix {
  const char *name;
  const char *arch;
  unsigned rank;
  const char *kernels = ""; ///< the level whose kernels use it: `host` takes it
  bool pairDot = false;
};
constexpr Suffix suffixes[] = {
    {"avxvnni", "x86_64", 1, "x86-64-v3"},
    {"avx512vnni", "x86_64", 2, "x86-64-v4"},
    {"avx512bf16", "x86_64", 4, "x86-64-v4", true},
    {"avx512fp16", "x86_64", 8},
    {"amx-int8", "x86_64", 16, "x86-64-v4"},
    {"amx-bf16", "x86_64", 32, "x86-64-v4"},
    {"dotprod", "aarch64", 1, "aarch64"},
    {"i8mm", "aarch64", 2, "aarch64"},
    {"bf16", "aarch64", 4, "aarch64", true},
    {"fullfp16", "aarch64", 8},
    {"sve", "aarch64", 16},
};

llvm::StringRef hostArch() {
  return llvm::Triple::getArchTypeName(
      llvm::Triple(llvm::sys::getProcessTriple()).getArch());
}

CpuTarget level(llvm::StringRef name) {
  CpuTarget t;
  t.name = name.str();
  t.triple = "x86_64-unknown-linux-gnu";
  if (name == "x86-64-v3" || name == "x86-64-v4") {
    bool wide = name == "x86-64-v4";
    t.cpu = t.name;
    t.required = v3Features;
    if (wide)
      t.required.insert(t.required.end(), v4Extra.begin(), v4Extra.end());
    t.rank = wide ? 400 : 300;
    t.lanes = wide ? 16 : 8;
    t.vectorBits = wide ? 512 : 256;
    t.registers = wide ? 32 : 16;
    t.fma = true;
    t.maskRegisters = wide;
    t.tileRows = 6;
    t.tilePanels = wide ? 4 : 1;
    t.prefetchBytes = 2048;
  } else if (name == "aarch64") {
    t.triple = "aarch64-unknown-linux-gnu";
    t.cpu = "generic";
    t.features = "+neon";
    t.required = {"neon"};
    t.rank = 300;
    t.lanes = 4;
    t.vectorBits = 128;
    t.registers = 32;
    t.fma = true;
    t.tileRows = 6;
    t.tilePanels = 1;
    t.prefetchBytes = 512;
  } else { // ref
    bool arm = hostArch() == "aarch64";
    t.triple = arm ? "aarch64-unknown-linux-gnu" : t.triple;
    t.cpu = arm ? "generic"
                : "x86-64-v3"; // for f16 conversions and rounding in hardware
    if (!arm)
      t.required = v3Features;
    t.rank = 1;
  }
  return t;
}

bool hasAll(const llvm::StringMap<bool> &host,
            llvm::ArrayRef<std::string> needed) {
  return llvm::all_of(needed,
                      [&](const std::string &f) { return host.lookup(f); });
}

llvm::Expected<llvm::StringRef> hostLevel() {
  if (hostArch() == "aarch64")
    return "aarch64";
  llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
  if (hasAll(host, v3Features))
    return hasAll(host, v4Extra) ? "x86-64-v4" : "x86-64-v3";
  return llvm::createStringError("target 'host': this CPU has no AVX2 and FMA; "
                                 "name a target, such as 'ref'");
}

} // namespace

llvm::Expected<CpuTarget> resolveTarget(llvm::StringRef spec) {
  llvm::SmallVector<llvm::StringRef> parts;
  spec.split(parts, '+');
  llvm::StringRef base = parts.front();
  if (base == "host") {
    auto found = hostLevel();
    if (!found)
      return found.takeError();
    base = *found;
    llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
    for (const Suffix &s : suffixes)
      if (base == s.kernels && host.lookup(s.name))
        parts.push_back(s.name);
  }
  if (base != "x86-64-v3" && base != "x86-64-v4" && base != "aarch64" &&
      base != "ref")
    return llvm::createStringError(
        "unknown target '" + spec +
        "' (known: host, x86-64-v3, x86-64-v4, aarch64, ref)");
  CpuTarget target = level(base);
  llvm::StringRef arch = llvm::StringRef(target.triple).split('-').first;
  llvm::SmallVector<llvm::StringRef> extra(llvm::drop_begin(parts));
  llvm::sort(extra);
  extra.erase(llvm::unique(extra), extra.end());
  for (llvm::StringRef feature : extra) {
    const Suffix *row = llvm::find_if(suffixes, [&](const Suffix &s) {
      return s.name == feature && s.arch == arch;
    });
    if (row == std::end(suffixes) || base == "ref")
      return llvm::createStringError("target '" + spec + "': '" + base +
                                     "' has no feature '" + feature + "'");
    target.name += ("+" + feature).str();
    target.features += ((target.features.empty() ? "+" : ",+") + feature).str();
    target.required.push_back(feature.str());
    target.rank += row->rank;
    target.pairDot |= row->pairDot && base == row->kernels;
    target.amxPairs |= feature == "amx-bf16" && base == row->kernels;
    target.amxBytes |= feature == "amx-int8" && base == row->kernels;
  }
  // Few rows are multiplied by it, and every such CPU has it.
  if (target.amxBytes && !llvm::is_contained(extra, "avx512vnni")) {
    target.features += ",+avx512vnni";
    target.required.push_back("avx512vnni");
  }
  return target;
}

bool hostRuns(const CpuTarget &target) {
  return llvm::Triple(target.triple).getArch() ==
             llvm::Triple(llvm::sys::getProcessTriple()).getArch() &&
         hasAll(llvm::sys::getHostCPUFeatures(), target.required);
}

} // namespace llmc
