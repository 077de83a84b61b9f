// SPDX-License-Identifier: Apache-2.0
// llmc-kernel-bench [family] [--target T] [--threads N] [--filter TEXT] [--rows
// M,M,...] [--seconds S] [--asm FILE]: kernels against the machine's measured
// limits. The family `limits` is these alone, as JSON.
#include "bench/kernels/Bench.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

static void printLimits(const llmc::bench::Options &options) {
  using namespace llmc::bench;
  std::printf("{\"threads\": %u, \"fma_gflops\": %.1f, \"pair_gflops\": %.1f, "
              "\"byte_gops\": %.1f, \"read_gbytes\": %.2f}\n",
              options.threads, fmaPeak(options), pairPeak(options),
              bytePeak(options), readBandwidth(options));
}

int main(int argc, char **argv) {
  using namespace llmc::bench;
  const std::map<std::string, void (*)(const Options &)> families = {
      {"attention", benchAttention},
      {"limits", printLimits},
      {"matmul", benchMatmul}};
  Options options;
  std::string family = "matmul";
  for (int i = 1; i < argc; ++i) {
    auto value = [&] { return i + 1 < argc ? argv[++i] : ""; };
    if (!std::strcmp(argv[i], "--target"))
      options.target = value();
    else if (!std::strcmp(argv[i], "--threads"))
      options.threads = std::max(1, std::atoi(value()));
    else if (!std::strcmp(argv[i], "--seconds"))
      options.seconds = std::atof(value());
    else if (!std::strcmp(argv[i], "--filter"))
      options.filter = value();
    else if (!std::strcmp(argv[i], "--rows"))
      for (const char *at = value(); *at; at += std::strspn(at, ",")) {
        char *end;
        options.rows.push_back(std::max(1l, std::strtol(at, &end, 10)));
        at = end > at ? end : at + 1;
      }
    else if (!std::strcmp(argv[i], "--asm"))
      options.dumpAsm = value();
    else
      family = argv[i];
  }
  auto found = families.find(family);
  if (found == families.end())
    return std::fprintf(stderr, "error: no such family: %s\n", family.c_str()),
           2;
  found->second(options);
}
