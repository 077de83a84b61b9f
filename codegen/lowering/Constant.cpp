// SPDX-License-Identifier: Apache-2.0
#include "codegen/ref/PlainKernel.h"

using namespace mlir;

namespace llmc {

/// One kernel call stores all sizes.
static LogicalResult lowerDims(Operation *op, EntryLowering &e) {
  auto dims = cast<llm::DimsOp>(op);
  SmallVector<Value> values;
  for (llm::Dim d : dims.getValues().getResults())
    values.push_back(e.size(d));
  MemTensor out = e.result(dims.getResult());
  launchPlain(e, "dims", "", {{out, true}}, values, 0, 0, [&](PlainBody &b) {
    b.forTiles(0, 0, [&](Values) {
      for (unsigned i = 0; i < values.size(); ++i)
        b.k.store(b.k.convert(b.extra(i), computeType(b.element(0))),
                  b.pointer(0), Value(), i);
    });
  });
  return success();
}

/// The host reads the element and checks it against the symbol's range.
static LogicalResult lowerBindDim(Operation *op, EntryLowering &e) {
  auto bind = cast<llm::BindDimOp>(op);
  CodeBuilder &h = e.host();
  MemTensor t = e.contiguous(bind.getValue());
  Type stored = t.element.isInteger(1)
                    ? h.i8()
                    : IntegerType::get(op->getContext(),
                                       t.element.getIntOrFloatBitWidth());
  bool isUnsigned = t.element.isUnsignedInteger() || t.element.isInteger(1);
  Value v = h.convert(h.load(stored, t.base, {}, bind.getIndex()), h.i64(),
                      isUnsigned);
  llm::DataRange range =
      llm::Symbols(op->getParentOfType<ModuleOp>()).range(bind.getSymbol());
  Value zero = h.ci(0), least = h.ci(range.least.value_or(INT64_MIN)),
        most = h.ci(range.most.value_or(INT64_MAX));
  if (range.nonZero)
    e.failIf(h.eq(v, zero), LLMC_FAIL_VALUE, v, h.ci(1), zero);
  if (range.least || range.most)
    e.failIf(h.bitOr(h.lt(v, least), h.lt(most, v)), LLMC_FAIL_VALUE, v, least,
             most);
  e.bindSymbol(bind.getSymbol(), v);
  return success();
}

static LogicalResult lowerCheckSizes(Operation *op, EntryLowering &e) {
  auto check = cast<llm::CheckSizesOp>(op);
  CodeBuilder &h = e.host();
  ArrayRef<llm::Dim> pairs = check.getPairs().getResults();
  for (size_t i = 0; i + 1 < pairs.size(); i += 2) {
    Value a = e.size(pairs[i]), b = e.size(pairs[i + 1]);
    e.failIf(h.cmp(check.getAtMost() ? CmpI::sgt : CmpI::ne, a, b),
             LLMC_FAIL_SHAPE, a, b);
  }
  return success();
}

void addConstantLowerings(LoweringTable &table) {
  auto nothing = [](Operation *, EntryLowering &) { return success(); };
  table["llm.constant"] = nothing; // read where they are used
  table["llm.weight"] = nothing;
  table["llm.dims"] = lowerDims;
  table["llm.bind_dim"] = lowerBindDim;
  table["llm.check_sizes"] = lowerCheckSizes;
}

} // namespace llmc
