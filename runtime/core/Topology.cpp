// SPDX-License-Identifier: Apache-2.0
// How many threads a pool should have by default (ThreadPool.h).
#include "runtime/core/Cgroup.h"
#include "runtime/core/ThreadPool.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fstream>
#include <sched.h>
#include <set>
#include <string>
#include <unistd.h>

namespace llmc {

/// CPUs' worth of time that the cgroup (version 2, or 1) grants, or 0: no limit
/// known.
static double cgroupLimit() {
  double best = 0;
  auto consider = [&](double quota, double period) {
    if (quota > 0 && period > 0 && (best == 0 || quota / period < best))
      best = quota / period;
  };
  forEachCgroup([&](const std::string &folder) {
    double quota = 0, period = 0;
    std::ifstream file(folder + "/cpu.max");
    if (file >> quota >> period)
      consider(quota, period);
  });
  double quota = 0, period = 0;
  std::ifstream("/sys/fs/cgroup/cpu/cpu.cfs_quota_us") >> quota;
  std::ifstream("/sys/fs/cgroup/cpu/cpu.cfs_period_us") >> period;
  consider(quota, period);
  return best;
}

int defaultThreads() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
    return static_cast<int>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
  // Hyperthreads of one core have the same list of siblings.
  std::set<std::string> cores;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &allowed)) {
      std::string siblings = firstLineOf(fmt::format(
          "/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list", cpu));
      cores.insert(siblings.empty() ? std::to_string(cpu) : siblings);
    }
  int threads = std::max<int>(1, static_cast<int>(cores.size()));
  if (double limit = cgroupLimit(); limit > 0)
    threads =
        std::min(threads, std::max(1, static_cast<int>(std::ceil(limit))));
  return threads;
}

} // namespace llmc
