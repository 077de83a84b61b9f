// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/reader/TopologicalSort.h"

#include <functional>
#include <numeric>
#include <queue>

namespace llmc::onnx {

namespace {

bool isSorted(const Dependencies &dependencies) {
  for (uint32_t item = 0; item < dependencies.size(); ++item)
    for (uint32_t needed : dependencies.of(item))
      if (needed >= item)
        return false;
  return true;
}

/// Users of each item, the graph turned around.
Dependencies turned(const Dependencies &dependencies) {
  Dependencies out;
  out.starts.assign(dependencies.size() + 1, 0);
  for (uint32_t needed : dependencies.items)
    ++out.starts[needed + 1];
  std::partial_sum(out.starts.begin(), out.starts.end(), out.starts.begin());
  out.items.resize(dependencies.items.size());
  std::vector<uint32_t> next(out.starts.begin(), out.starts.end() - 1);
  for (uint32_t item = 0; item < dependencies.size(); ++item)
    for (uint32_t needed : dependencies.of(item))
      out.items[next[needed]++] = item;
  return out;
}

/// Each item that is left waits for another one that is left, so following them
/// must come around.
std::vector<uint32_t> findCycle(const Dependencies &dependencies,
                                const std::vector<uint32_t> &waitingFor) {
  uint32_t item = 0;
  while (waitingFor[item] == 0)
    ++item;
  std::vector<uint32_t> path, position(dependencies.size(), UINT32_MAX);
  while (position[item] == UINT32_MAX) {
    position[item] = static_cast<uint32_t>(path.size());
    path.push_back(item);
    for (uint32_t needed : dependencies.of(item))
      if (waitingFor[needed] != 0) {
        item = needed;
        break;
      }
  }
  path.erase(path.begin(), path.begin() + position[item]);
  return path;
}

} // namespace

SortResult sortTopologically(const Dependencies &dependencies) {
  SortResult result;
  auto count = static_cast<uint32_t>(dependencies.size());
  if (isSorted(dependencies)) {
    result.wasSorted = true;
    result.order.resize(count);
    std::iota(result.order.begin(), result.order.end(), 0);
    return result;
  }
  Dependencies users = turned(dependencies);
  std::vector<uint32_t> waitingFor(count);
  std::priority_queue<uint32_t, std::vector<uint32_t>, std::greater<>> ready;
  for (uint32_t item = 0; item < count; ++item) {
    waitingFor[item] = static_cast<uint32_t>(dependencies.of(item).size());
    if (waitingFor[item] == 0)
      ready.push(item);
  }
  while (!ready.empty()) {
    uint32_t item = ready.top();
    ready.pop();
    result.order.push_back(item);
    for (uint32_t user : users.of(item))
      if (--waitingFor[user] == 0)
        ready.push(user);
  }
  if (result.order.size() < count)
    result.cycle = findCycle(dependencies, waitingFor);
  return result;
}

} // namespace llmc::onnx
