// SPDX-License-Identifier: Apache-2.0
// Gathers, scatters, ranges.
#include "frontend/onnx/Rule.h"

using namespace mlir;

namespace llmc::onnx {

static void importGather(Binder &b) {
  int64_t axis = b.axisAttr("axis", 0, b.rank(0));
  b.set(0, b.make<llm::GatherOp>({b.in(0), b.in(1)}, b.named("axis", axis)));
}

static void importGatherND(Binder &b) {
  b.set(0, b.make<llm::GatherNDOp>(
               {b.in(0), b.in(1)},
               b.named("batch_dims", b.intAttr("batch_dims", 0))));
}

static void importGatherElements(Binder &b) {
  int64_t axis = b.axisAttr("axis", 0, b.rank(0));
  if (b.rank(1) != b.rank(0))
    b.fail("indices of another rank than the data");
  b.set(0, b.make<llm::GatherElementsOp>({b.in(0), b.in(1)},
                                         b.named("axis", axis)));
}

static void importScatterND(Binder &b) {
  if (b.stringAttr("reduction", "none") != "none")
    b.unsupported("reduction " + b.stringAttr("reduction", "") +
                  " is not supported");
  b.set(0, b.make<llm::ScatterNDOp>({b.in(0), b.in(1), b.in(2)}));
}

/// max(0, ceil((limit - start) / delta)) elements.
static void importRange(Binder &b) {
  Type element = b.element(0);
  if (!isa<IntegerType>(element))
    b.unsupported("a range of floats is not supported");
  llm::Dim start = b.sizeOf(0, "range_start"),
           limit = b.sizeOf(1, "range_limit");
  auto delta = b.fixedInts(2);
  if (!delta || delta->size() != 1)
    b.unsupported("a step that depends on the data is not supported");
  int64_t step = (*delta)[0];
  if (step == 0 || step == INT64_MIN)
    b.fail("a range with step " + Twine(step));
  llm::Dim length = llm::simplified(step > 0 ? limit - start : start - limit);
  length = b.sizes.max(length, b.constantDim(0));
  llm::Dim count = b.sizes.ceilDiv(length, std::abs(step));
  Value first = b.scalarSize(start, element);
  Value each = b.scalarSize(b.constantDim(step), element);
  b.set(0, b.makeAs<llm::RangeOp>(b.tensor(count, element), {first, each}));
}

/// depth positions along a new axis: on where the index is it, off elsewhere.
static void importOneHot(Binder &b) {
  auto depth = b.fixedInts(1);
  if (!depth || depth->size() != 1 || (*depth)[0] <= 0)
    b.unsupported("a depth that depends on the data is not supported");
  int64_t n = (*depth)[0], rank = b.rank(0) + 1;
  int64_t axis = b.axisAttr("axis", -1, rank);
  if (!isa<IntegerType>(b.element(0)))
    b.unsupported("float indices are not supported");
  Type element = b.element(0);
  llm::Dims dims = b.dims(0), line(rank, b.constantDim(1));
  dims.insert(dims.begin() + axis, b.constantDim(1));
  line[axis] = b.constantDim(n);
  auto scalar = [&](int64_t v) {
    return b.scalarSize(b.constantDim(v), element);
  };
  Value steps = b.makeAs<llm::RangeOp>(b.tensor(b.constantDim(n), element),
                                       {scalar(0), scalar(1)});
  Value index = b.reshape(b.in(0), dims);
  Value negative = b.make<llm::LessOp>({index, scalar(0)});
  Value wrapped = b.make<llm::AddOp>({index, scalar(n)});
  index = b.make<llm::WhereOp>({negative, wrapped, index});
  Value hit = b.make<llm::EqualOp>({index, b.reshape(steps, line)});
  Value values = b.in(2);
  Value off = b.reshape(b.slice(values, 0, b.constantDim(0), b.constantDim(1)),
                        {}),
        on = b.reshape(b.slice(values, 0, b.constantDim(1), b.constantDim(1)),
                       {});
  b.set(0, b.make<llm::WhereOp>({hit, on, off}));
}

void addIndexRules(RuleTable &rules) {
  rules.add({"Gather"}, importGather);
  rules.add({"GatherND"}, importGatherND);
  rules.add({"GatherElements"}, importGatherElements);
  rules.add({"ScatterND"}, importScatterND);
  rules.add({"Range"}, importRange);
  rules.add({"OneHot"}, importOneHot);
}

} // namespace llmc::onnx
