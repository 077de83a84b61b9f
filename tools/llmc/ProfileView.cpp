// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/ProfileView.h"
#include "runtime/core/Escape.h"
#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace llmc::cli {

using nlohmann::json;
using Total = Profile::Total;

namespace {
/// The steps of an entry that run one kernel.
struct KernelTotal {
  Total sum;
  Total longest;
  int64_t steps = 0;
};

struct Summary {
  std::vector<Total> calls, steps;
  std::vector<KernelTotal> kernels;
  std::map<const EntryInfo *, double> seconds; // of an entry's calls

  double share(const Total &t) const {
    auto of = seconds.find(t.entry);
    return of != seconds.end() && of->second > 0 ? t.seconds / of->second : 0;
  }
};
} // namespace

static const SiteInfo &siteOf(const Total &step) {
  return step.entry->sites[static_cast<size_t>(step.site)];
}

static void add(Total &sum, const Total &step) {
  sum.entry = step.entry;
  sum.count += step.count;
  sum.seconds += step.seconds, sum.flops += step.flops, sum.bytes += step.bytes;
}

static Summary summarize(const Profile &profile) {
  Summary summary;
  for (const Total &total : profile.totals())
    (total.site < 0 ? summary.calls : summary.steps).push_back(total);
  for (const Total &call : summary.calls)
    summary.seconds[call.entry] = call.seconds;
  std::map<std::pair<const EntryInfo *, std::string>, KernelTotal> kernels;
  for (const Total &step : summary.steps) {
    KernelTotal &kernel = kernels[{step.entry, siteOf(step).kernel}];
    add(kernel.sum, step);
    ++kernel.steps;
    if (step.seconds > kernel.longest.seconds || !kernel.longest.entry)
      kernel.longest = step;
  }
  for (auto &[key, kernel] : kernels)
    summary.kernels.push_back(kernel);
  auto longer = [](const Total &a, const Total &b) {
    return a.seconds > b.seconds;
  };
  std::stable_sort(summary.calls.begin(), summary.calls.end(), longer);
  std::stable_sort(summary.steps.begin(), summary.steps.end(), longer);
  std::stable_sort(summary.kernels.begin(), summary.kernels.end(),
                   [&](const KernelTotal &a, const KernelTotal &b) {
                     return longer(a.sum, b.sum);
                   });
  return summary;
}

static double rate(double amount, double seconds) {
  return seconds > 0 ? 1e-9 * amount / seconds : 0;
}

static json totalToJson(const Summary &summary, const Total &t) {
  return {{"entry", t.entry->name},
          {"count", t.count},
          {"total_ms", 1e3 * t.seconds},
          {"share", summary.share(t)},
          {"flops", t.flops},
          {"bytes", t.bytes},
          {"gflops_per_second", rate(t.flops, t.seconds)},
          {"gbytes_per_second", rate(t.bytes, t.seconds)}};
}

json profileToJson(const Profile &profile) {
  Summary summary = summarize(profile);
  json calls = json::array(), kernels = json::array(), steps = json::array();
  for (const Total &call : summary.calls)
    calls.push_back({{"entry", call.entry->name},
                     {"count", call.count},
                     {"total_ms", 1e3 * call.seconds}});
  for (const KernelTotal &kernel : summary.kernels) {
    json row = totalToJson(summary, kernel.sum);
    row["kernel"] = siteOf(kernel.longest).kernel;
    row["steps"] = kernel.steps;
    kernels.push_back(row);
  }
  for (const Total &step : summary.steps) {
    const SiteInfo &site = siteOf(step);
    json row = totalToJson(summary, step);
    row["kernel"] = site.kernel, row["node"] = site.node,
    row["name"] = site.name, row["op"] = site.op;
    steps.push_back(row);
  }
  return {{"calls", calls}, {"kernels", kernels}, {"steps", steps}};
}

std::vector<std::string> profileTable(const Profile &profile) {
  constexpr size_t most = 16;
  Summary summary = summarize(profile);
  std::vector<std::string> lines = {fmt::format(
      "{:<10} {:<18} {:>8} {:>10} {:>6} {:>8} {:>7}  {}", "entry", "kernel",
      "count", "total ms", "share", "GFLOP/s", "GB/s", "longest step")};
  auto line = [&](const Total &t, const std::string &kernel,
                  const std::string &step) {
    lines.push_back(fmt::format(
        "{:<10} {:<18} {:>8} {:>10.3f} {:>4.0f} % {:>8.1f} {:>7.1f}  {}",
        escapeText(t.entry->name, 40), escapeText(kernel, 40), t.count,
        1e3 * t.seconds, 100 * summary.share(t), rate(t.flops, t.seconds),
        rate(t.bytes, t.seconds), step));
  };
  for (const Total &call : summary.calls) {
    Total all;
    for (const Total &step : summary.steps)
      if (step.entry == call.entry)
        add(all, step);
    all.count = call.count, all.entry = call.entry;
    double between = call.seconds - all.seconds;
    all.seconds = call.seconds;
    line(all, "(all)",
         fmt::format("{:.3f} ms between steps", 1e3 * std::max(0.0, between)));
  }
  for (size_t i = 0; i < summary.kernels.size() && i < most; ++i) {
    const KernelTotal &kernel = summary.kernels[i];
    std::string step = escapeText(
        describeSite(*kernel.longest.entry, kernel.longest.site), 80);
    if (kernel.steps > 1)
      step += fmt::format(", 1 of {}", kernel.steps);
    line(kernel.sum, siteOf(kernel.longest).kernel, step);
  }
  if (summary.kernels.size() > most)
    lines.push_back(
        fmt::format("and {} kernels more", summary.kernels.size() - most));
  return lines;
}

} // namespace llmc::cli
