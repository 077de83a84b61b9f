// SPDX-License-Identifier: Apache-2.0
#include "passes/quantize/Assign.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace llmc::quantize {

static double slope(const TypeOption &from, const TypeOption &to) {
  return (from.loss - to.loss) / static_cast<double>(to.bits - from.bits);
}

/// Places of the options on the lower convex hull, from the fewest bits on.
static std::vector<size_t> hullOf(const std::vector<TypeOption> &options) {
  std::vector<size_t> order(options.size());
  std::iota(order.begin(), order.end(), size_t(0));
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::tuple(options[a].bits, options[a].loss, a) <
           std::tuple(options[b].bits, options[b].loss, b);
  });
  std::vector<size_t> hull;
  for (size_t at : order) {
    if (!hull.empty() && options[at].loss >= options[hull.back()].loss)
      continue; // more bits for nothing
    while (hull.size() > 1 &&
           slope(options[hull[hull.size() - 2]], options[hull.back()]) <=
               slope(options[hull.back()], options[at]))
      hull.pop_back();
    hull.push_back(at);
  }
  return hull;
}

std::optional<std::vector<size_t>>
assignTypes(const std::vector<std::vector<TypeOption>> &weights,
            uint64_t budget) {
  std::vector<std::vector<size_t>> hulls;
  std::vector<size_t> chosen(weights.size());
  uint64_t bits = 0;
  struct Step {
    size_t weight, place; ///< to this place of its hull
    double gain;
  };
  std::vector<Step> steps;
  for (size_t w = 0; w < weights.size(); ++w) {
    const std::vector<size_t> &hull = hulls.emplace_back(hullOf(weights[w]));
    chosen[w] = hull.front();
    bits += weights[w][hull.front()].bits;
    for (size_t i = 1; i < hull.size(); ++i)
      steps.push_back(
          {w, i, slope(weights[w][hull[i - 1]], weights[w][hull[i]])});
  }
  if (bits > budget)
    return std::nullopt;
  // On a hull gains fall, so that each weight's steps come in order.
  std::sort(steps.begin(), steps.end(), [](const Step &a, const Step &b) {
    return std::tuple(-a.gain, a.weight, a.place) <
           std::tuple(-b.gain, b.weight, b.place);
  });
  std::vector<bool> full(weights.size());
  for (const Step &step : steps) {
    size_t to = hulls[step.weight][step.place];
    uint64_t more = weights[step.weight][to].bits -
                    weights[step.weight][chosen[step.weight]].bits;
    if (full[step.weight] || bits + more > budget) {
      full[step.weight] = true;
      continue;
    }
    bits += more, chosen[step.weight] = to;
  }
  return chosen;
}

} // namespace llmc::quantize
