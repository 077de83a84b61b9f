// SPDX-License-Identifier: Apache-2.0
// An order in which everything comes after what it depends on, for nodes of a
// graph and for functions that call each other. No recursion, so depth is no
// danger.
#ifndef LLMC_FRONTEND_ONNX_READER_TOPOLOGICALSORT_H
#define LLMC_FRONTEND_ONNX_READER_TOPOLOGICALSORT_H

#include <cstdint>
#include <span>
#include <vector>

namespace llmc::onnx {

/// dependencies[starts[i] .. starts[i + 1]) are those of item i.
struct Dependencies {
  std::vector<uint32_t> starts = {0};
  std::vector<uint32_t> items;

  size_t size() const { return starts.size() - 1; }
  std::span<const uint32_t> of(uint32_t item) const {
    return {items.data() + starts[item], items.data() + starts[item + 1]};
  }
  /// Ends the list of the next item.
  void close() { starts.push_back(static_cast<uint32_t>(items.size())); }
};

struct SortResult {
  std::vector<uint32_t> order; // all items; of those that are free to come
                               // next, the first in the list does
  std::vector<uint32_t> cycle; // items that depend each on the next, the last
                               // on the first; then order isn't whole
  bool wasSorted = false;      // order is 0, 1, 2, ...
};

SortResult sortTopologically(const Dependencies &dependencies);

} // namespace llmc::onnx

#endif // LLMC_FRONTEND_ONNX_READER_TOPOLOGICALSORT_H
