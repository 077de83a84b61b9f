// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/Profile.h"
#include "runtime/core/File.h"
#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace llmc {

using nlohmann::json;

static const SiteInfo *siteOf(const EntryInfo &entry, int32_t site) {
  if (site < 0 || static_cast<size_t>(site) >= entry.sites.size())
    return nullptr;
  return &entry.sites[static_cast<size_t>(site)];
}

std::string describeSite(const EntryInfo &entry, int32_t site) {
  const SiteInfo *info = siteOf(entry, site);
  if (!info)
    return {};
  std::string text =
      info->node >= 0 ? fmt::format("node {}", info->node) : "step";
  if (!info->name.empty())
    text += fmt::format(" '{}'", info->name);
  if (!info->op.empty())
    text += fmt::format(" ({})", info->op);
  return text;
}

void Profile::add(const EntryInfo &entry, int32_t site, Clock::time_point begin,
                  Clock::time_point end, int64_t flops, int64_t bytes) {
  constexpr size_t mostEvents = 1 << 20;
  if (events_.size() < mostEvents)
    events_.push_back({&entry, site, flops, bytes, begin, end - begin});
  else
    isCut_ = true;
  auto of =
      std::find_if(totals_.begin(), totals_.end(),
                   [&](const EntryTotals &t) { return t.entry == &entry; });
  if (of == totals_.end())
    of = totals_.insert(of,
                        {&entry, std::vector<Total>(entry.sites.size() + 1)});
  size_t row = siteOf(entry, site) ? static_cast<size_t>(site) + 1 : 0;
  Total &total = of->rows[row];
  total.entry = &entry, total.site = static_cast<int32_t>(row) - 1;
  ++total.count;
  total.seconds += std::chrono::duration<double>(end - begin).count();
  total.flops += static_cast<double>(flops);
  total.bytes += static_cast<double>(bytes);
}

std::vector<Profile::Total> Profile::totals() const {
  std::vector<Total> all;
  for (const EntryTotals &of : totals_)
    for (const Total &total : of.rows)
      if (total.count)
        all.push_back(total);
  return all;
}

static double microseconds(Profile::Clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

Status writeTrace(const std::string &path,
                  std::span<const std::pair<std::string, Profile *>> profiles) {
  auto file = OutputFile::create(path);
  if (!file)
    return file.takeStatus();
  std::string text = "{\"traceEvents\":[\n";
  auto add = [&](const json &line) {
    text += line.dump(-1, ' ', false, json::error_handler_t::replace) + ",\n";
  };
  int64_t process = 0;
  for (const auto &[name, profile] : profiles) {
    add({{"name", "process_name"},
         {"ph", "M"},
         {"pid", ++process},
         {"args", {{"name", name}}}});
    for (const Profile::Event &event : profile->events_) {
      const SiteInfo *site = siteOf(*event.entry, event.site);
      json line = {
          {"name",
           site ? describeSite(*event.entry, event.site) : event.entry->name},
          {"cat", site ? site->op : event.entry->name},
          {"ph", "X"},
          {"pid", process},
          {"tid", 1},
          {"ts", microseconds(event.begin - profiles[0].second->start_)},
          {"dur", microseconds(event.length)}};
      if (site) {
        double nanoseconds = 1e3 * std::max(1e-3, microseconds(event.length));
        line["args"] = {
            {"kernel", site->kernel},
            {"flops", event.flops},
            {"bytes", event.bytes},
            {"GFLOP/s", static_cast<double>(event.flops) / nanoseconds},
            {"GB/s", static_cast<double>(event.bytes) / nanoseconds}};
      }
      add(line);
    }
  }
  if (text.ends_with(",\n"))
    text.erase(text.size() - 2);
  text += "\n]}\n";
  if (Status status = (*file)->write(std::as_bytes(std::span(text)), 0);
      !status)
    return status;
  return (*file)->commit();
}

} // namespace llmc
