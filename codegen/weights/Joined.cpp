// SPDX-License-Identifier: Apache-2.0
#include "codegen/weights/Recipe.h"

namespace llmc {

void JoinedWeights::add(std::unique_ptr<llm::WeightSource> source) {
  count += source->size();
  sources.emplace_back(count, std::move(source));
}

const llm::WeightSource &JoinedWeights::of(size_t id) const {
  auto it = llvm::upper_bound(sources, id, [](size_t id, const auto &source) {
    return id < source.first;
  });
  assert(it != sources.end() && "an id that no source has");
  return *it->second;
}

void JoinedWeights::requireUnchanged() const {
  for (const auto &[end, source] : sources)
    source->requireUnchanged();
}

} // namespace llmc
