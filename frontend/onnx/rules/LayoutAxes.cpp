// SPDX-License-Identifier: Apache-2.0
// Axes of size 1 that come and go.
#include "frontend/onnx/rules/Axes.h"

using namespace mlir;

namespace llmc::onnx {

void requireDistinct(Binder &b, ArrayRef<llm::Dim> axes) {
  llvm::SmallSet<int64_t, 8> seen;
  for (llm::Dim axis : axes)
    if (auto fixed = llm::fixedDim(axis); fixed && !seen.insert(*fixed).second)
      b.fail("axis " + Twine(*fixed) + " is listed twice");
}

llm::Dims axesFrom(Binder &b, size_t input, int64_t rank) {
  llm::Dims axes = b.sizesOf(input, "axis", {-rank, rank - 1});
  for (llm::Dim &a : axes)
    a = b.sizes.select(b.sizes.lessThan(a, b.constantDim(0)), a + rank, a);
  return axes;
}

llm::Dims axesFrom(Binder &b, ArrayRef<int64_t> list, int64_t rank) {
  llm::Dims axes;
  for (int64_t a : list)
    axes.push_back(b.constantDim(b.axis(a, rank)));
  return axes;
}

std::optional<llm::Dims> axesOf(Binder &b, int64_t sinceInput, int64_t rank) {
  if (b.version() >= sinceInput)
    return b.has(1) ? std::optional(axesFrom(b, 1, rank)) : std::nullopt;
  auto list = b.intsAttr("axes");
  return list ? std::optional(axesFrom(b, *list, rank)) : std::nullopt;
}

llm::Dim hasAxis(Binder &b, ArrayRef<llm::Dim> axes, int64_t axis) {
  llm::Dim any = b.constantDim(0);
  for (llm::Dim a : axes)
    any = b.sizes.max(any, b.sizes.equals(a, b.constantDim(axis)));
  return any;
}

llm::Dim pick(Binder &b, ArrayRef<llm::Dim> values, llm::Dim position,
              llm::Dim otherwise) {
  for (int64_t i = static_cast<int64_t>(values.size()) - 1; i >= 0; --i)
    otherwise = b.sizes.select(b.sizes.equals(position, b.constantDim(i)),
                               values[i], otherwise);
  return otherwise;
}

llm::Dims without(Binder &b, ArrayRef<llm::Dim> dims,
                  ArrayRef<llm::Dim> removed, int64_t count) {
  llm::Dims out(count, b.constantDim(-1)); // never a size
  llm::Dim one = b.constantDim(1), place = b.constantDim(0);
  SmallVector<llm::Dim> places;
  for (llm::Dim gone : removed) {
    places.push_back(place);
    place = llm::simplified(place + one - gone);
  }
  for (int64_t j = 0; j < count; ++j)
    for (int64_t i = static_cast<int64_t>(dims.size()) - 1; i >= j; --i) {
      llm::Dim here = b.sizes.equals(places[i], b.constantDim(j));
      out[j] = b.sizes.select((one - removed[i]) * here, dims[i], out[j]);
    }
  return out;
}

static void importSqueeze(Binder &b) {
  llm::Dims from = b.dims(0), to, removed;
  int64_t rank = from.size();
  auto axes = axesOf(b, 13, rank);
  if (axes && static_cast<int64_t>(axes->size()) > rank)
    b.fail("squeezes more axes than the input has");
  for (auto [i, d] : llvm::enumerate(from)) {
    bool isOne = llm::fixedDim(d) == 1;
    removed.push_back(axes ? hasAxis(b, *axes, i) : b.constantDim(isOne));
    if (llm::fixedDim(removed[i]) == 1 && llm::fixedDim(d).value_or(1) != 1)
      b.fail("squeezes axis " + Twine(i) + " of size " +
             Twine(*llm::fixedDim(d)));
  }
  int64_t gone = axes ? axes->size() : 0;
  if (llm::isFixed(removed))
    gone = llvm::count_if(removed,
                          [](llm::Dim r) { return llm::fixedDim(r) == 1; });
  b.set(0, b.reshape(b.in(0), without(b, from, removed, rank - gone)));
}

/// Axes count in the result's rank, in every version.
static void importUnsqueeze(Binder &b) {
  llm::Dims from = b.dims(0), to;
  int64_t count = 0;
  if (b.version() < 13)
    count = b.intsAttr("axes").value_or(SmallVector<int64_t>()).size();
  else if (b.has(1) && b.type(1).hasStaticShape())
    count = b.type(1).getNumElements();
  int64_t rank = from.size() + count;
  auto axes = axesOf(b, 13, rank);
  if (!axes)
    b.fail("axes are missing");
  requireDistinct(b, *axes);
  llm::Dim before = b.constantDim(0); // new axes in front of this one
  for (int64_t i = 0; i < rank; ++i) {
    llm::Dim isNew = hasAxis(b, *axes, i);
    llm::Dim old = pick(b, from, llm::simplified(b.constantDim(i) - before),
                        b.constantDim(-1));
    to.push_back(b.sizes.select(isNew, b.constantDim(1), old));
    before = llm::simplified(before + isNew);
  }
  b.set(0, b.reshape(b.in(0), to));
}

void addAxesRules(RuleTable &rules) {
  rules.add({"Squeeze"}, importSqueeze);
  rules.add({"Unsqueeze"}, importUnsqueeze);
}

} // namespace llmc::onnx
