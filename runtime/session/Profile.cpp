// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/Profile.h"
#include "runtime/core/File.h"
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace llmc {

std::string describeSite(const EntryInfo &entry, int32_t site) {
  if (site < 0 || static_cast<size_t>(site) >= entry.sites.size())
    return {};
  const SiteInfo &info = entry.sites[static_cast<size_t>(site)];
  std::string text =
      info.node >= 0 ? fmt::format("node {}", info.node) : "step";
  if (!info.name.empty())
    text += fmt::format(" '{}'", info.name);
  if (!info.op.empty())
    text += fmt::format(" ({})", info.op);
  return text;
}

static double microseconds(Profile::Clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

Status Profile::write(const std::string &path) const {
  auto file = OutputFile::create(path);
  if (!file)
    return file.takeStatus();
  std::string text = "{\"traceEvents\":[\n";
  bool first = true;
  for (const Event &event : events_) {
    bool whole = event.site < 0;
    std::string name =
        whole ? event.entry->name : describeSite(*event.entry, event.site);
    const std::string &category =
        whole || static_cast<size_t>(event.site) >= event.entry->sites.size()
            ? event.entry->name
            : event.entry->sites[static_cast<size_t>(event.site)].op;
    nlohmann::json line = {{"name", name},
                           {"cat", category},
                           {"ph", "X"},
                           {"pid", 1},
                           {"tid", 1},
                           {"ts", microseconds(event.begin)},
                           {"dur", microseconds(event.length)}};
    text += first ? "" : ",\n";
    text += line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    first = false;
  }
  text += "\n]}\n";
  if (Status status = (*file)->write(std::as_bytes(std::span(text)), 0);
      !status)
    return status;
  return (*file)->commit();
}

} // namespace llmc
