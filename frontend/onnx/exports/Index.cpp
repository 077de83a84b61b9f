// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/exports/Weight.h"

using namespace mlir;

namespace llmc::onnx {

/// Index tuples are i64 in ONNX.
static GraphExporter::Name tuples(Value indices, GraphExporter &e) {
  auto name = e.name(indices);
  return llm::elementOf(indices).isInteger(64)
             ? name
             : e.cast(name, IntegerType::get(e.context(), 64));
}

/// Rows of a quantized table are dequantized behind the gather.
static void gather(Operation *op, Value table, Value indices, int64_t axis,
                   GraphExporter &e) {
  GraphExporter::Name rows;
  if (axis == 0)
    rows = quantizedRows(table, e.name(indices), e);
  if (rows.empty())
    rows = e.node("Gather", {e.name(table), e.name(indices)}, {{"axis", axis}});
  e.set(op->getResult(0), rows);
}

static void exportGather(Operation *op, GraphExporter &e) {
  auto g = cast<llm::GatherOp>(op);
  gather(op, g.getData(), g.getIndices(), static_cast<int64_t>(g.getAxis()), e);
}

static void exportEmbedding(Operation *op, GraphExporter &e) {
  auto embedding = cast<llm::EmbeddingOp>(op);
  gather(op, embedding.getTable(), embedding.getIndices(), 0, e);
}

static void exportGatherND(Operation *op, GraphExporter &e) {
  auto gather = cast<llm::GatherNDOp>(op);
  e.set(gather.getResult(),
        e.node("GatherND",
               {e.name(gather.getData()), tuples(gather.getIndices(), e)},
               {{"batch_dims", static_cast<int64_t>(gather.getBatchDims())}}));
}

static void exportGatherRows(Operation *op, GraphExporter &e) {
  auto gather = cast<llm::GatherRowsOp>(op);
  e.set(gather.getResult(),
        e.gatherRows(e.name(gather.getData()), e.name(gather.getIndices()),
                     static_cast<int64_t>(gather.getAxis()),
                     llm::dimsOf(gather.getResult())));
}

static void exportGatherElements(Operation *op, GraphExporter &e) {
  auto gather = cast<llm::GatherElementsOp>(op);
  e.set(gather.getResult(),
        e.node("GatherElements",
               {e.name(gather.getData()), e.name(gather.getIndices())},
               {{"axis", static_cast<int64_t>(gather.getAxis())}}));
}

static std::string reductionOf(llm::ScatterKind kind) {
  return kind == llm::ScatterKind::Set ? "none"
                                       : llm::stringifyScatterKind(kind).str();
}

static void exportScatterND(Operation *op, GraphExporter &e) {
  auto scatter = cast<llm::ScatterNDOp>(op);
  e.set(scatter.getResult(),
        e.node("ScatterND",
               {e.name(scatter.getData()), tuples(scatter.getIndices(), e),
                e.name(scatter.getUpdates())},
               {{"reduction", reductionOf(scatter.getKind())}}));
}

static void exportScatterElements(Operation *op, GraphExporter &e) {
  auto scatter = cast<llm::ScatterElementsOp>(op);
  e.set(scatter.getResult(),
        e.node("ScatterElements",
               {e.name(scatter.getData()), e.name(scatter.getIndices()),
                e.name(scatter.getUpdates())},
               {{"axis", static_cast<int64_t>(scatter.getAxis())},
                {"reduction", reductionOf(scatter.getKind())}}));
}

/// The limit stands half a step behind the last element where rounding could
/// move it.
static void exportRange(Operation *op, GraphExporter &e) {
  auto range = cast<llm::RangeOp>(op);
  Type element = llm::elementOf(range.getResult()), compute = element;
  if (isa<FloatType>(element) && element.getIntOrFloatBitWidth() < 32)
    compute = Float32Type::get(e.context());
  else if (element.isUnsignedInteger() || element.isInteger(8))
    compute = IntegerType::get(e.context(), 64);
  auto start = e.castTo(e.name(range.getStart()), element, compute),
       delta = e.castTo(e.name(range.getDelta()), element, compute);
  auto count = e.cast(
      e.reshape(e.size(llm::dimOf(range.getResult().getType(), 0)), e.ints({})),
      compute);
  if (isa<FloatType>(compute))
    count = e.node("Sub", {count, e.scalar(compute, 0.5)});
  auto limit = e.node("Add", {start, e.node("Mul", {count, delta})});
  auto y = e.node("Range", {start, limit, delta});
  e.set(range.getResult(), e.castTo(y, compute, element));
}

static void exportNonZero(Operation *op, GraphExporter &e) {
  auto nonZero = cast<llm::NonZeroOp>(op);
  e.set(nonZero.getResult(), e.node("NonZero", {e.name(nonZero.getMask())}));
}

static void exportTopK(Operation *op, GraphExporter &e) {
  auto top = cast<llm::TopKOp>(op);
  auto axis = static_cast<int64_t>(top.getAxis());
  auto k = e.size(llm::dimOf(top.getValues().getType(), axis));
  auto results =
      e.nodes("TopK", {e.name(top.getX()), k},
              {{"axis", axis}, {"largest", int64_t(!top.getSmallest())}}, 2);
  e.set(top.getValues(), results[0]);
  e.set(top.getIndices(), results[1]);
}

/// ONNX's results end with the last group; what reads ours stops there.
static void exportUnique(Operation *op, GraphExporter &e) {
  auto unique = cast<llm::UniqueOp>(op);
  auto x = e.name(unique.getX());
  if (llm::elementOf(unique.getX()).isBF16())
    x = e.cast(x, Float32Type::get(e.context()));
  auto results = e.nodes(
      "Unique", {x},
      {{"axis", int64_t(0)}, {"sorted", int64_t(!unique.getByAppearance())}},
      4);
  e.set(unique.getFirst(), results[1]);
  e.set(unique.getGroup(), results[2]);
  e.set(unique.getCounts(), results[3]);
  e.set(unique.getNumber(), e.node("Size", {results[1]}));
}

void addIndexExports(ExportTable &table) {
  table["llm.gather"] = exportGather;
  table["llm.embedding"] = exportEmbedding;
  table["llm.gather_nd"] = exportGatherND;
  table["llm.gather_rows"] = exportGatherRows;
  table["llm.gather_elements"] = exportGatherElements;
  table["llm.scatter_nd"] = exportScatterND;
  table["llm.scatter_elements"] = exportScatterElements;
  table["llm.range"] = exportRange;
  table["llm.non_zero"] = exportNonZero;
  table["llm.top_k"] = exportTopK;
  table["llm.unique"] = exportUnique;
}

} // namespace llmc::onnx
