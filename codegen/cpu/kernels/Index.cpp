// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Index.h"
#include "runtime/include/llmc/abi.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace llmc {

static void copyRow(KernelBuilder &k, const GatherSpec &spec, Value from,
                    Value row, Value to) {
  Value width = k.arg(GatherWidth);
  if (!spec.interleave) {
    from = k.address(from, spec.element, k.mul(row, width));
    Type vector = k.vec(k.lanes(), spec.element);
    return k.forVectors(width, [&](Value i, Value mask) {
      k.maskedStore(k.maskedLoad(vector, mask, from, i), mask, to, i);
    });
  }
  int64_t beside = spec.interleave;
  Value groups = k.ceilDiv(width, beside);
  Value first =
      k.add(k.mul(k.mul(k.divSize(row, panelColumns), groups), panelColumns),
            k.remSize(row, panelColumns));
  k.forLoop(width, [&](Value i) {
    Value group = k.mul(k.divSize(i, beside), panelColumns);
    Value at = k.add(k.mul(k.add(first, group), beside), k.remSize(i, beside));
    k.store(k.load(spec.element, from, at), to, i);
  });
}

TileCount gatherTiles(CodeBuilder &b, Value outer, Value count, Value width) {
  return {b.mul(outer, count),
          b.max(b.divSize(b.ci(16384), b.max(width, b.ci(1))), b.ci(1))};
}

std::string emitGather(KernelModule &kernels, const GatherSpec &spec) {
  std::string key;
  llvm::raw_string_ostream(key)
      << spec.element << " " << spec.index << " " << spec.interleave;
  return kernels.get("gather", key, [&](StringRef symbol) {
    KernelBuilder k(kernels, symbol,
                    {{KernelArg::Read, "table"},
                     {KernelArg::Read, "index"},
                     {KernelArg::Write, "out"},
                     {KernelArg::Int, "outer"},
                     {KernelArg::Int, "count"},
                     {KernelArg::Int, "rows"},
                     {KernelArg::Int, "width"}});
    Value rows = k.arg(GatherRows), width = k.arg(GatherWidth),
          count = k.arg(GatherCount);
    Values status = k.forLoop(
        k.begin(), k.end(), k.ci(1), k.ci32(LLMC_OK),
        [&](Value tile, ValueRange carried) {
          Value outer = k.divSize(tile, count), i = k.remSize(tile, count);
          Value index =
              k.convert(k.load(spec.index, k.arg(GatherIndex), i), k.i64());
          Value row = k.select(k.lt(index, k.ci(0)), k.add(index, rows), index);
          // One unsigned comparison covers both ends.
          return k.ifElse(
              k.cmp(CmpI::ult, row, rows),
              [&]() -> Values {
                Value table = k.address(k.arg(GatherTable), spec.element,
                                        k.mul(k.mul(outer, rows), width));
                copyRow(k, spec, table, row,
                        k.address(k.arg(GatherOut), spec.element,
                                  k.mul(tile, width)));
                return {carried[0]};
              },
              [&]() -> Values { return {k.ci32(LLMC_FAIL_INDEX_RANGE)}; });
        });
    k.finish(status[0]);
  });
}

} // namespace llmc
