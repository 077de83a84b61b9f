// SPDX-License-Identifier: Apache-2.0
// Ops that find elements: how many they give, only the data says.
#include "frontend/onnx/rules/Terms.h"

using namespace mlir;

namespace llmc::onnx {

/// A mask's true elements, [rank, n], and n.
static Value nonZero(Binder &b, Value mask, llm::Dim &count) {
  Type index = b.builder.getI64Type();
  int64_t rank = llm::rankOf(mask);
  Value number =
      reduce(b, llm::ReduceKind::Sum, b.cast(mask, index), upTo(rank), false);
  count = b.bindDim(number, 0, "count", {.least = 0});
  return b.makeAs<llm::NonZeroOp>(b.tensor({b.constantDim(rank), count}, index),
                                  mask);
}

static void importNonZero(Binder &b) {
  llm::Dim count;
  b.set(0, nonZero(b, b.cast(b.in(0), b.builder.getI1Type()), count));
}

/// Without an axis, the input in one line.
static void importCompress(Binder &b) {
  if (b.rank(1) != 1)
    b.fail("needs a condition of rank 1");
  Value x = b.in(0);
  int64_t axis = 0;
  if (b.attr("axis"))
    axis = b.axisAttr("axis", 0, b.rank(0));
  else
    x = b.reshape(x, llm::productOf(b.ctx, b.dims(0)));
  llm::Dim count;
  Value indices = nonZero(b, b.in(1), count);
  b.set(0, b.make<llm::GatherOp>({x, b.reshape(indices, count)},
                                 b.named("axis", axis)));
}

static void importTopK(Binder &b) {
  llm::Dims dims = b.dims(0);
  int64_t axis = b.axisAttr("axis", -1, dims.size());
  llm::Dim k = b.version() < 10 ? b.constantDim(b.requiredInt("k"))
                                : b.sizeOf(1, "k", {.least = 0});
  if (b.sizes.isNegative(k))
    b.fail("a negative k");
  b.requireAtMost(k, dims[axis]);
  dims[axis] = k;
  bool largest = b.version() < 11 || b.intAttr("largest", 1);
  auto op = llm::TopKOp::create(b.builder, b.loc, b.tensor(dims, b.element(0)),
                                b.tensor(dims, b.builder.getI64Type()), b.in(0),
                                axis, !largest);
  b.check(op);
  b.set(0, op.getValues());
  b.set(1, op.getIndices());
}

/// The groups of equal rows along an axis (or of elements), of which only the
/// data says how many there are.
static void importUnique(Binder &b) {
  llm::Dims dims = b.dims(0), rest;
  Value x = b.in(0), rows = x;
  int64_t axis = 0, rank = dims.size();
  Type index = b.builder.getI64Type();
  if (b.attr("axis")) {
    axis = b.axisAttr("axis", 0, rank);
    SmallVector<int64_t> perm = upTo(rank);
    perm.erase(perm.begin() + axis);
    perm.insert(perm.begin(), axis);
    rows = b.transpose(x, perm);
    rest = dims;
    rest.erase(rest.begin() + axis);
  } else {
    x = rows = b.reshape(x, llm::productOf(b.ctx, dims));
  }
  llm::Dim n = llm::dimsOf(x)[axis];
  rows = b.reshape(rows, {n, llm::productOf(b.ctx, rest)});
  Type line = b.tensor(n, index);
  auto op = llm::UniqueOp::create(b.builder, b.loc, line, line, line,
                                  b.tensor({}, index), rows,
                                  b.intAttr("sorted", 1) == 0);
  b.check(op);
  llm::Dim groups = b.bindDim(op.getNumber(), 0, "groups", {.least = 0});
  auto used = [&](Value v) { return b.slice(v, 0, b.constantDim(0), groups); };
  Value first = used(op.getFirst());
  if (b.isUsed(0))
    b.set(0, b.make<llm::GatherOp>({x, first}, b.named("axis", axis)));
  b.set(1, first);
  b.set(2, op.getGroup());
  b.set(3, used(op.getCounts()));
}

void addSelectRules(RuleTable &rules) {
  rules.add({"NonZero"}, importNonZero);
  rules.add({"Compress"}, importCompress);
  rules.add({"TopK"}, importTopK);
  rules.add({"Unique"}, importUnique);
}

} // namespace llmc::onnx
