// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/Budget.h"
#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace llmc::cli {

using nlohmann::json;

static constexpr Measure measures[] = {
    {"kl", false, true, "mean KL divergence, in nats"},
    {"kl-max", false, true, "largest KL divergence"},
    {"top1", true, true, "share with the baseline's likeliest token or class"},
    {"ppl", false, false, "perplexity"},
    {"accuracy", true, false, "share of right predictions"},
    {"cosine", true, true, "mean cosine to the baseline's embeddings"},
    {"cosine-min", true, true, "smallest such cosine"},
    {"pearson", true, false, "correlation of similarities with the scores"},
    {"spearman", true, false, "the same of their ranks"},
    {"ranking", true, true, "the same of ranks with the baseline's"},
    {"size", false, false, "bytes of the artifact"},
};

static const Measure *findMeasure(std::string_view name) {
  for (const Measure &measure : measures)
    if (name == measure.name)
      return &measure;
  return nullptr;
}

std::string describeBudgets() {
  std::string text = "Fail with exit code 4 where a limit is not kept: "
                     "NAME=LIMIT,... with a number, a share (99%) or, relative "
                     "to the baseline, +1% or -50%; at most:";
  for (const Measure &measure : measures)
    if (!measure.isLowerLimit)
      text += fmt::format(" {} ({}),", measure.name, measure.what);
  text += " at least:";
  for (const Measure &measure : measures)
    if (measure.isLowerLimit)
      text += fmt::format(" {} ({}),", measure.name, measure.what);
  text.pop_back();
  return text;
}

static Status badBudget(std::string_view part, const std::string &why) {
  return Error{.code = Code::BadInput,
               .what = fmt::format("'{}': {}", part, why),
               .where = "--budget"};
}

static Result<Budget> parseBudget(std::string_view part) {
  size_t equals = part.find('=');
  if (equals == part.npos)
    return badBudget(part, "expected NAME=LIMIT");
  std::string_view name = part.substr(0, equals);
  const Measure *measure = findMeasure(name);
  if (!measure) {
    std::string known;
    for (const Measure &m : measures)
      known += fmt::format("{}{}", known.empty() ? "" : ", ", m.name);
    return badBudget(part, fmt::format("'{}' is none of {}", name, known));
  }
  std::string_view limit = part.substr(equals + 1);
  Budget budget = {measure, std::string(limit), 0, false};
  bool isSigned = limit.starts_with('+') || limit.starts_with('-');
  bool isPercent = limit.ends_with('%');
  if (limit.starts_with('+'))
    limit.remove_prefix(1);
  if (isPercent)
    limit.remove_suffix(1);
  auto [end, error] =
      std::from_chars(limit.data(), limit.data() + limit.size(), budget.limit);
  if (error != std::errc() || end != limit.data() + limit.size() ||
      !std::isfinite(budget.limit))
    return badBudget(part, "its limit is no number");
  budget.isRelative = isSigned && isPercent;
  if (isPercent)
    budget.limit /= 100;
  if (budget.isRelative && measure->needsBaseline)
    return badBudget(part, "it is against the baseline already");
  return budget;
}

Result<std::vector<Budget>> parseBudgets(const std::string &text) {
  std::vector<Budget> budgets;
  std::string_view rest = text;
  while (!rest.empty()) {
    size_t comma = std::min(rest.find(','), rest.size());
    auto budget = parseBudget(rest.substr(0, comma));
    if (!budget)
      return budget.takeStatus();
    budgets.push_back(*budget);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return budgets;
}

Status requireMeasured(std::span<const Budget> budgets,
                       std::span<const std::string> names, bool hasBaseline) {
  for (const Budget &budget : budgets) {
    std::string part = fmt::format("{}={}", budget.measure->name, budget.text);
    if (std::find(names.begin(), names.end(), budget.measure->name) ==
        names.end())
      return badBudget(part, "this is not measured here");
    if (!hasBaseline && (budget.measure->needsBaseline || budget.isRelative))
      return badBudget(part, "it needs a --baseline");
  }
  return Status();
}

namespace {
/// A budget and what was measured for it.
struct Row {
  const Budget &budget;
  double value; // in the limit's terms
  bool isKept;

  std::string valueText() const {
    return budget.isRelative            ? fmt::format("{:+.4g}%", 100 * value)
           : budget.text.ends_with('%') ? fmt::format("{:.4g}%", 100 * value)
                                        : fmt::format("{:.6g}", value);
  }
  std::string limitText() const {
    return fmt::format("{} {}",
                       budget.measure->isLowerLimit ? "at least" : "at most",
                       budget.text);
  }
};
} // namespace

static Row rowOf(const Budget &budget, std::span<const Measured> measured) {
  auto found =
      std::find_if(measured.begin(), measured.end(), [&](const Measured &m) {
        return m.name == budget.measure->name;
      });
  double value = found->value;
  if (budget.isRelative)
    value = value / *found->baseline - 1;
  // A value that is none keeps no limit.
  bool isKept = budget.measure->isLowerLimit ? value >= budget.limit
                                             : value <= budget.limit;
  return {budget, value, isKept};
}

Status checkBudgets(std::span<const Budget> budgets,
                    std::span<const Measured> measured, Shell &shell) {
  std::string missed;
  size_t count = 0;
  for (const Budget &budget : budgets) {
    Row row = rowOf(budget, measured);
    if (shell.json)
      shell.document["budget"].push_back({{"name", budget.measure->name},
                                          {"limit", budget.text},
                                          {"value", row.value},
                                          {"kept", row.isKept}});
    else if (!shell.quiet || !row.isKept)
      fmt::print("budget      {:<10} {:>10}, {:<18} {}\n", budget.measure->name,
                 row.valueText(), row.limitText(),
                 row.isKept ? "kept" : "NOT KEPT");
    if (row.isKept)
      continue;
    ++count;
    missed +=
        fmt::format("{}{} is {}, {} was asked for", count > 1 ? "; " : "",
                    budget.measure->name, row.valueText(), row.limitText());
  }
  return count ? Status(Code::Mismatch, "the budget is not kept: " + missed)
               : Status();
}

} // namespace llmc::cli
