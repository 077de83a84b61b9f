// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/GraphExporter.h"

using namespace mlir;

namespace llmc::onnx {

static StringRef reductionName(llm::ReduceKind kind) {
  switch (kind) {
  case llm::ReduceKind::Sum:
    return "ReduceSum";
  case llm::ReduceKind::Mean:
    return "ReduceMean";
  case llm::ReduceKind::Max:
    return "ReduceMax";
  case llm::ReduceKind::Min:
    return "ReduceMin";
  case llm::ReduceKind::Prod:
    return "ReduceProd";
  case llm::ReduceKind::L1:
    return "ReduceL1";
  case llm::ReduceKind::L2:
    return "ReduceL2";
  case llm::ReduceKind::SumSquare:
    return "ReduceSumSquare";
  case llm::ReduceKind::LogSum:
    return "ReduceLogSum";
  case llm::ReduceKind::LogSumExp:
    return "ReduceLogSumExp";
  }
  llvm_unreachable("a reduction without a name");
}

static void exportReduce(Operation *op, GraphExporter &e) {
  auto reduce = cast<llm::ReduceOp>(op);
  e.set(reduce.getResult(),
        e.node(reductionName(reduce.getKind()),
               {e.name(reduce.getX()), e.ints(reduce.getAxes())},
               {{"keepdims", int64_t(reduce.getKeepdims())},
                {"noop_with_empty_axes", int64_t(1)}}));
}

static void exportArgReduce(Operation *op, GraphExporter &e) {
  auto reduce = cast<llm::ArgReduceOp>(op);
  e.set(reduce.getResult(),
        e.node(reduce.getSmallest() ? "ArgMin" : "ArgMax",
               {e.name(reduce.getX())},
               {{"axis", static_cast<int64_t>(reduce.getAxis())},
                {"keepdims", int64_t(reduce.getKeepdims())},
                {"select_last_index", int64_t(reduce.getLast())}}));
}

static void exportCumulate(Operation *op, GraphExporter &e) {
  auto sum = cast<llm::CumulateOp>(op);
  if (sum.getProduct())
    e.needOpset(26);
  e.set(sum.getResult(), e.node(sum.getProduct() ? "CumProd" : "CumSum",
                                {e.name(sum.getX()),
                                 e.scalar(static_cast<int64_t>(sum.getAxis()))},
                                {{"exclusive", int64_t(sum.getExclusive())},
                                 {"reverse", int64_t(sum.getReverse())}}));
}

void addReduceExports(ExportTable &table) {
  table["llm.reduce"] = exportReduce;
  table["llm.arg_reduce"] = exportArgReduce;
  table["llm.cumulate"] = exportCumulate;
}

} // namespace llmc::onnx
