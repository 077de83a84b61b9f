// SPDX-License-Identifier: Apache-2.0
// Losses of classifiers.
#include "frontend/onnx/rules/Terms.h"

using namespace mlir;

namespace llmc::onnx {

/// Minus the score [N, C, ...] of each place's class [N, ...], weighted by
/// class; classes of `ignore_index` count nothing. The mean divides by the sum
/// of the weights.
static Value negativeLikelihood(Binder &b, Value scores, Value target,
                                Value weight) {
  int64_t rank = llm::rankOf(scores);
  if (rank < 2 || llm::rankOf(target) != rank - 1)
    b.fail("needs scores [N, C, ...] and classes [N, ...]");
  StringRef reduction = b.stringAttr("reduction", "mean");
  if (reduction != "none" && reduction != "sum" && reduction != "mean")
    b.fail("reduction is none of none, sum and mean");
  Type element = llm::elementOf(scores);
  auto ignore = b.intAttr("ignore_index");
  Value ignored;
  if (ignore) {
    ignored = equal(b, target, constantLike(b, target, *ignore));
    target = where(b, ignored, constantLike(b, target, 0), target);
  }
  llm::Dims dims = llm::dimsOf(target), line = dims;
  line.insert(line.begin() + 1, b.constantDim(1));
  Value picked = b.make<llm::GatherElementsOp>(
      {scores, b.reshape(target, line)}, b.named("axis", 1));
  Value loss = b.make<llm::NegOp>(b.reshape(picked, dims)), weights;
  if (weight)
    weights = b.make<llm::GatherOp>({weight, target}, b.named("axis", 0));
  else if (ignore || reduction == "mean")
    weights = b.expand(b.scalarFloat(element, 1), dims);
  if (ignore)
    weights = where(b, ignored, b.scalarFloat(element, 0), weights);
  if (weights)
    loss = mul(b, loss, weights);
  if (reduction == "none")
    return loss;
  auto sum = [&](Value x) {
    return reduce(b, llm::ReduceKind::Sum, x, upTo(rank - 1), false);
  };
  return reduction == "sum" ? sum(loss) : div(b, sum(loss), sum(weights));
}

static void importNegativeLogLikelihood(Binder &b) {
  b.set(0, negativeLikelihood(b, b.in(0), b.in(1), b.maybe(2)));
}

/// The same on the log-softmax of scores, which is output 1.
static void importSoftmaxCrossEntropy(Binder &b) {
  Value x = b.in(0);
  Value top = reduce(b, llm::ReduceKind::LogSumExp, x, {1}, true);
  Value logs = sub(b, x, top);
  b.set(0, negativeLikelihood(b, logs, b.in(1), b.maybe(2)));
  b.set(1, logs);
}

void addLossRules(RuleTable &rules) {
  rules.add({"NegativeLogLikelihoodLoss"}, importNegativeLogLikelihood);
  rules.add({"SoftmaxCrossEntropyLoss"}, importSoftmaxCrossEntropy);
}

} // namespace llmc::onnx
