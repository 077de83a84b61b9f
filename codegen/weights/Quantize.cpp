// SPDX-License-Identifier: Apache-2.0
// Matrices of floats to integers or codes with scales: recipes of kind
// "quantize".
#include "codegen/weights/Views.h"

#include "codegen/cpu/Elements.h"
#include "runtime/core/Half.h"

#include <atomic>
#include <cmath>
#include <cstring>
#include <thread>

using namespace mlir;

namespace llmc {

/// An element as f32; what a weight usually is has a way of its own.
static float readFloat(const std::byte *p, Type t) {
  if (t.isF16() || t.isBF16()) {
    uint16_t bits;
    std::memcpy(&bits, p, sizeof(bits));
    return t.isF16() ? f16ToFloat(bits) : bf16ToFloat(bits);
  }
  return static_cast<float>(readNumber(p, t));
}

namespace {
/// The columns of a matrix [K, N], quantized one by one.
class ColumnQuantizer {
public:
  ColumnQuantizer(const WeightView &w, const WeightView *importance,
                  const llm::QuantizeFormat &format, QuantizedParts &out)
      : w(w), format(format), k(w.dims[0]),
        group(std::max<int64_t>(1, format.groupOf(k))), out(out) {
    for (int64_t i = 0; importance && i < k; ++i)
      weights.push_back(
          readFloat(importance->data + i * importance->strides[0] *
                                           memoryBytes(importance->element),
                    importance->element));
  }

  /// Columns [first, last); false where a number is not finite.
  bool run(int64_t first, int64_t last) const {
    llm::GroupFit fit(format.grid);
    // By rows where those lie together in memory.
    int64_t width = last - first, bytes = memoryBytes(w.element);
    std::vector<float> values(width * k);
    bool byRow = w.strides[1] < w.strides[0];
    int64_t outer = byRow ? k : width, inner = byRow ? width : k;
    bool finite = true;
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t i = 0; i < inner; ++i) {
        int64_t row = byRow ? o : i, column = byRow ? i : o;
        float x = readFloat(
            w.data +
                (row * w.strides[0] + (first + column) * w.strides[1]) * bytes,
            w.element);
        finite &= std::isfinite(x);
        values[column * k + row] = x;
      }
    for (int64_t c = 0; finite && c < width; ++c)
      column(fit, first + c, std::span(values).subspan(c * k, k));
    return finite;
  }

private:
  void column(llm::GroupFit &fit, int64_t n, std::span<const float> x) const {
    for (int64_t begin = 0, g = 0; begin < k; begin += group, ++g) {
      int64_t count = std::min(group, k - begin);
      std::span<const float> part = x.subspan(begin, count);
      std::span<const float> importance(weights);
      if (!importance.empty())
        importance = importance.subspan(begin, count);
      llm::GridScale s = fit.fit(format.fit, part, importance);
      write(out.scales, g, n, s.scale);
      if (out.zeros.owner)
        write(out.zeros, g, n, s.zero);
      for (int64_t i = 0; i < count; ++i)
        *at(out.q, begin + i, n) =
            static_cast<std::byte>(format.grid.nearest(part[i], s));
    }
  }

  static std::byte *at(WeightView &v, int64_t row, int64_t column) {
    return v.owner->data() +
           (row * v.strides[0] + column) * memoryBytes(v.element);
  }

  static void write(WeightView &v, int64_t row, int64_t column, double x) {
    std::byte *to = at(v, row, column);
    if (isa<FloatType>(v.element))
      writeNumber(to, v.element, x);
    else
      *to = static_cast<std::byte>(static_cast<int>(x));
  }

  const WeightView &w;
  const llm::QuantizeFormat &format;
  int64_t k, group;
  std::vector<float> weights; ///< of rows, or empty
  QuantizedParts &out;
};
} // namespace

static std::optional<QuantizedParts>
quantizeMatrix(const WeightView &w, const WeightView *importance,
               const llm::QuantizeFormat &format, MLIRContext *ctx,
               unsigned jobs) {
  int64_t k = w.dims[0], n = w.dims[1],
          groups = llvm::divideCeil(k, std::max<int64_t>(1, format.groupOf(k)));
  Type q = llm::integerType(ctx, format.grid);
  QuantizedParts out;
  out.q = allocateView(RankedTensorType::get({k, n}, q));
  out.scales = allocateView(RankedTensorType::get(
      {groups, n}, llm::scaleElement(ctx, format.grid.scale)));
  if (!format.grid.symmetric)
    out.zeros = allocateView(RankedTensorType::get({groups, n}, q));
  ColumnQuantizer quantizer(w, importance, format, out);
  constexpr int64_t block = 16;
  std::atomic<int64_t> next = 0;
  std::atomic<bool> finite = true;
  auto work = [&] {
    for (int64_t at = next += block; at - block < n && finite;
         at = next += block)
      if (!quantizer.run(at - block, std::min(at, n)))
        finite = false;
  };
  std::vector<std::thread> threads;
  for (int64_t i = 1; i < std::min<int64_t>(jobs, n / block); ++i)
    threads.emplace_back(work);
  work();
  for (std::thread &t : threads)
    t.join();
  if (!finite)
    return std::nullopt;
  return out;
}

/// The first stored tensor below a recipe that holds a number that is not
/// finite; -1: only what is computed of them.
static int64_t infiniteSource(llm::RecipeAttr recipe,
                              const RecipeEvaluator &evaluator) {
  if (recipe.getKind() == "source") {
    WeightView v = evaluator.view(recipe);
    if (!isa<FloatType>(v.element))
      return -1;
    for (int64_t i = 0, n = v.elements(), b = memoryBytes(v.element); i < n;
         ++i)
      if (!std::isfinite(readFloat(v.data + i * b, v.element)))
        return cast<IntegerAttr>(recipe.getParams().get("id")).getInt();
    return -1;
  }
  for (Attribute in : recipe.getInputs())
    if (int64_t id = infiniteSource(cast<llm::RecipeAttr>(in), evaluator);
        id >= 0)
      return id;
  return -1;
}

RecipeError infiniteNumbers(llm::RecipeAttr recipe,
                            const RecipeEvaluator &evaluator) {
  int64_t id = infiniteSource(recipe, evaluator);
  return {id < 0 ? "a weight"
                 : "tensor '" + evaluator.weightSource().name(id) + "'",
          "has numbers that are not finite: it can't be quantized"};
}

std::shared_ptr<const QuantizedParts>
RecipeEvaluator::quantized(llm::RecipeAttr part) const {
  llm::QuantizeFormat format = llm::quantizeFormat(part);
  std::lock_guard guard(lock);
  if (parts && partsInputs == part.getInputs() && partsFormat == format)
    return parts;
  parts.reset(); // one matrix at a time
  auto input = [&](size_t i) {
    return cast<llm::RecipeAttr>(part.getInputs()[i]);
  };
  WeightView w = view(input(0)), importance;
  bool weighted = part.getInputs().size() > 1;
  if (weighted)
    importance = view(input(1));
  auto made = quantizeMatrix(w, weighted ? &importance : nullptr, format,
                             part.getContext(), jobs);
  if (!made)
    throw infiniteNumbers(input(0), *this);
  parts = std::make_shared<const QuantizedParts>(std::move(*made));
  partsInputs = part.getInputs(), partsFormat = format;
  return parts;
}

WeightView RecipeEvaluator::quantizedView(llm::RecipeAttr part) const {
  auto all = quantized(part);
  switch (llm::quantizedPart(part)) {
  case llm::QuantizedPart::Integers:
    return all->q;
  case llm::QuantizedPart::Scales:
    return all->scales;
  case llm::QuantizedPart::Zeros:
    return all->zeros;
  }
  llvm_unreachable("a part of a quantized matrix");
}

} // namespace llmc
