// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/GraphExporter.h"

using namespace mlir;

namespace llmc::onnx {

static void exportEmpty(Operation *op, GraphExporter &e) {
  Value result = op->getResult(0);
  WrittenType type = e.describe(result.getType());
  if (type.kind == ValueKind::Sequence) {
    e.set(result,
          e.node("SequenceEmpty", {}, {{"dtype", int64_t(type.dataType)}}));
    return;
  }
  // Optional's attribute is the type of the element.
  type.kind = type.kind == ValueKind::Optional ? ValueKind::Tensor
                                               : ValueKind::Sequence;
  e.set(result, e.node("Optional", {}, {{"type", type}}));
}

/// The same operands in the same order, absent ones at the end.
template <const char *op> static void exportAs(Operation *o, GraphExporter &e) {
  GraphExporter::Names inputs;
  for (Value v : o->getOperands())
    inputs.push_back(e.name(v));
  e.set(o->getResult(0), e.node(op, std::move(inputs)));
}

static void exportAt(Operation *op, GraphExporter &e) {
  auto at = cast<llm::SequenceAtOp>(op);
  e.set(at.getResult(), e.node("SequenceAt", {e.name(at.getSequence()),
                                              e.name(at.getPosition())}));
  e.bindSizes(at.getResult(), at.getBinds());
}

static void exportGet(Operation *op, GraphExporter &e) {
  auto get = cast<llm::OptionalGetOp>(op);
  e.set(get.getResult(),
        e.node("OptionalGetElement", {e.name(get.getOptional())}));
  if (isa<RankedTensorType>(get.getResult().getType()))
    e.bindSizes(get.getResult(), get.getBinds());
}

static void exportCast(Operation *op, GraphExporter &e) {
  e.set(op->getResult(0), e.name(op->getOperand(0)));
}

static constexpr char kInsert[] = "SequenceInsert", kErase[] = "SequenceErase",
                      kLength[] = "SequenceLength", kOptional[] = "Optional",
                      kHas[] = "OptionalHasElement";

void addSequenceExports(ExportTable &table) {
  table["llm.sequence_empty"] = exportEmpty;
  table["llm.sequence_insert"] = exportAs<kInsert>;
  table["llm.sequence_erase"] = exportAs<kErase>;
  table["llm.sequence_at"] = exportAt;
  table["llm.sequence_length"] = exportAs<kLength>;
  table["llm.sequence_cast"] = exportCast;
  table["llm.optional"] = exportAs<kOptional>;
  table["llm.optional_has"] = exportAs<kHas>;
  table["llm.optional_get"] = exportGet;
}

} // namespace llmc::onnx
