// SPDX-License-Identifier: Apache-2.0
// Conditionals and loops. Bodies read outer values by their names.
#include "frontend/onnx/GraphExporter.h"

using namespace mlir;

namespace llmc::onnx {

using Name = GraphExporter::Name;

static Name asScalar(GraphExporter &e, Value v, Type element) {
  Name x = e.name(v);
  if (llm::elementOf(v) != element)
    x = e.cast(x, element);
  return llm::rankOf(v) == 0 ? x : e.reshape(x, e.ints({}));
}

static void bindResults(Operation *op, AffineMap binds, GraphExporter &e) {
  for (Value v : op->getResults())
    if (isa<RankedTensorType>(v.getType()))
      e.bindSizes(v, binds);
}

static void exportIf(Operation *op, GraphExporter &e) {
  auto branch = cast<llm::IfOp>(op);
  auto body = [&](Region &region) {
    return e.body([&] {
      for (Operation &inner : region.front().without_terminator())
        e.write(&inner);
      for (Value v : region.front().getTerminator()->getOperands())
        e.output(e.name(v), e.describe(v.getType()));
    });
  };
  Type truth = IntegerType::get(e.context(), 1);
  auto results = e.nodes("If", {asScalar(e, branch.getCondition(), truth)},
                         {{"then_branch", body(branch.getThenBody())},
                          {"else_branch", body(branch.getElseBody())}},
                         op->getNumResults());
  for (auto [v, name] : llvm::zip(op->getResults(), results))
    e.set(v, name);
  bindResults(op, branch.getBinds(), e);
}

static void exportLoop(Operation *op, GraphExporter &e) {
  auto loop = cast<llm::LoopOp>(op);
  Type index = IntegerType::get(e.context(), 64),
       truth = IntegerType::get(e.context(), 1);
  Block &block = loop.getBody().front();
  auto body = e.body([&] {
    Name turn = e.input(e.describe(RankedTensorType::get({}, index)));
    e.input(e.describe(RankedTensorType::get({}, truth)));
    // What is carried may change its sizes from turn to turn.
    for (BlockArgument arg : block.getArguments())
      e.set(arg, e.input(e.describe(arg.getType())));
    auto symbol = cast<AffineSymbolExpr>(loop.getIteration().getResult(0));
    e.bindSymbol(symbol.getPosition(), e.unsqueeze(turn, {0}));
    for (BlockArgument arg : block.getArguments())
      if (isa<RankedTensorType>(arg.getType()))
        e.bindSizes(arg, llm::dimsMap(e.context(), llm::dimsOf(arg)));
    for (Operation &inner : block.without_terminator())
      e.write(&inner);
    e.output(asScalar(e, loop.getGo(), truth),
             e.describe(RankedTensorType::get({}, truth)));
    for (Value v : block.getTerminator()->getOperands().drop_front())
      e.output(e.name(v), e.describe(v.getType()));
  });
  GraphExporter::Names inputs = {
      loop.getTrips() ? asScalar(e, loop.getTrips(), index) : Name(),
      loop.getCondition() ? asScalar(e, loop.getCondition(), truth) : Name()};
  for (Value v : loop.getInits())
    inputs.push_back(e.name(v));
  auto results =
      e.nodes("Loop", std::move(inputs), {{"body", body}}, op->getNumResults());
  for (auto [v, name] : llvm::zip(op->getResults(), results))
    e.set(v, name);
  bindResults(op, loop.getBinds(), e);
}

void addControlExports(ExportTable &table) {
  table["llm.if"] = exportIf;
  table["llm.loop"] = exportLoop;
}

} // namespace llmc::onnx
