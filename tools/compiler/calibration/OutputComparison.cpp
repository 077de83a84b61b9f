// SPDX-License-Identifier: Apache-2.0
#include "tools/compiler/calibration/OutputComparison.h"

#include "passes/quantize/Parallel.h"
#include "runtime/core/DType.h"
#include "runtime/eval/Correlation.h"
#include "runtime/session/FloatTensor.h"
#include "runtime/session/Roles.h"
#include "tools/compiler/CompileError.h"

namespace llmc::compiler {

OutputComparison::OutputComparison(const EntryInfo &entry, bool areTexts,
                                   unsigned jobs)
    : logits(findOutput(entry, "logits")), jobs(jobs),
      predictsTokens(areTexts && logits &&
                     entry.outputs[*logits].dims.size() == 3) {
  for (std::string_view role : {"hidden", "embedding"})
    if (auto output = findOutput(entry, role))
      others.push_back(*output);
  for (size_t i = 0; others.empty() && i < entry.outputs.size(); ++i)
    if (entry.outputs[i].kind == ValueKind::Tensor)
      others.push_back(i);
}

namespace {
/// A tensor's last axis, as f32.
class Rows {
public:
  explicit Rows(const LlmcTensor &tensor) {
    int64_t elements = *elementCount(tensor.dims, tensor.rank);
    width = tensor.rank ? static_cast<size_t>(tensor.dims[tensor.rank - 1]) : 1;
    floats =
        valueOf(floatsOf(tensor, 0, static_cast<size_t>(elements), converted));
  }
  size_t count() const { return width ? floats.size() / width : 0; }
  std::span<const float> operator[](size_t i) const {
    return floats.subspan(i * width, width);
  }

private:
  Buffer converted;
  std::span<const float> floats;
  size_t width;
};
} // namespace

void OutputComparison::add(std::span<const LlmcTensor> ours,
                           std::span<const LlmcTensor> wanted,
                           std::span<const int64_t> tokens) {
  if (logits)
    return addLogits(ours[*logits], wanted[*logits], tokens);
  for (size_t i : others)
    if (isFloat(ours[i]))
      addRows(ours[i], wanted[i]);
}

void OutputComparison::addLogits(const LlmcTensor &ours,
                                 const LlmcTensor &wanted,
                                 std::span<const int64_t> tokens) {
  Rows our(ours), their(wanted);
  size_t count = our.count();
  if (predictsTokens) {
    if (count != tokens.size() || count == 0)
      fail(Code::Unsupported, "the model gives no logits of each token");
    --count; // nothing is known of what follows the last token
  }
  std::vector<eval::Comparison> scores(count);
  quantize::parallelFor(static_cast<int64_t>(count), jobs, [&](int64_t i) {
    int64_t next = predictsTokens ? tokens[i + 1] : 0;
    if (next >= static_cast<int64_t>(our[i].size()))
      next = 0; // a token that is never predicted
    scores[i] =
        eval::comparePredictions(our[i], their[i], static_cast<uint32_t>(next));
  });
  for (size_t i = 0; i < count; ++i)
    check(sums.add({sums.count(), scores[i]}));
}

void OutputComparison::addRows(const LlmcTensor &ours,
                               const LlmcTensor &wanted) {
  Rows our(ours), their(wanted);
  for (size_t i = 0; i < our.count(); ++i) {
    if (std::ranges::all_of(their[i], [](float x) { return x == 0; }))
      continue; // a row without a direction
    double cosine = eval::cosine(our[i], their[i]);
    cosines += cosine, least = std::min(least, cosine);
    ++rows;
  }
}

double OutputComparison::loss() const {
  if (logits)
    return sums.count() ? sums.meanDivergence() : 0;
  return rows ? 1 - cosines / static_cast<double>(rows) : 0;
}

std::vector<cli::Measured> OutputComparison::measured() const {
  if (!logits)
    return {{"cosine", 1 - loss(), {}}, {"cosine-min", least, {}}};
  std::vector<cli::Measured> all = {{"kl", loss(), {}},
                                    {"kl-max", sums.largestDivergence(), {}},
                                    {"top1", sums.agreement(), {}}};
  if (predictsTokens) {
    all.push_back({"ppl", sums.perplexity(), sums.baselinePerplexity()});
    all.push_back({"accuracy", sums.accuracy(), sums.baselineAccuracy()});
  }
  return all;
}

} // namespace llmc::compiler
