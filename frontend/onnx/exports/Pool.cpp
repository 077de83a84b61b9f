// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/exports/Window.h"

using namespace mlir;

namespace llmc::onnx {

using Name = GraphExporter::Name;

/// Whether windows that end behind the pads count: 0 or 1, or nothing where
/// sizes don't say.
static std::optional<int64_t> ceilMode(llm::PoolOp pool, GraphExporter &e) {
  llm::Dims in = llm::dimsOf(pool.getX()), out = llm::dimsOf(pool.getResult());
  SizeMath &math = e.sizeMath();
  bool isFloor = true, isCeil = true;
  for (size_t i = 0; i < pool.getKernel().size(); ++i) {
    int64_t span = (pool.getKernel()[i] - 1) * pool.getDilations()[i] + 1,
            stride = pool.getStrides()[i];
    llm::Dim before = pool.getBefore().getResult(i),
             after = pool.getAfter().getResult(i), size = out[2 + i],
             padded = llm::simplified(in[2 + i] + before);
    llm::Dim room = math.max(llm::simplified(padded + after - span + stride),
                             math.constant(0));
    // Pads that make as many windows as there are strides.
    llm::Dim same =
        math.max(llm::simplified((size - 1) * stride + span - in[2 + i]),
                 math.constant(0));
    isFloor &= size == llm::simplified(room.floorDiv(stride)) ||
               (size == math.ceilDiv(in[2 + i], stride) &&
                same == llm::simplified(before + after));
    isCeil &= size == math.min(math.ceilDiv(room, stride),
                               math.ceilDiv(padded, stride));
  }
  return isFloor  ? std::optional<int64_t>(0)
         : isCeil ? std::optional<int64_t>(1)
                  : std::nullopt;
}

/// Of the same windows with their pads as elements; averages are divided by the
/// part of a window that lies inside.
static Name padFirst(llm::PoolOp pool, const char *op,
                     GraphExporter::Attributes attributes, GraphExporter &e) {
  Type element = llm::elementOf(pool.getX());
  auto number = [&](double v) { return e.scalar(element, v); };
  bool isMax = pool.getKind() == llm::PoolKind::Max;
  double least = isa<FloatType>(element)       ? -INFINITY
                 : element.isUnsignedInteger() ? 0
                                               : -128;
  auto pooled = [&](Name x) {
    return e.node(op, {padded(pool, x, e, isMax ? number(least) : Name())},
                  attributes);
  };
  Name y = pooled(e.name(pool.getX()));
  if (pool.getKind() != llm::PoolKind::Average)
    return y;
  Name ones = e.node("Expand", {number(1), e.shape(pool.getX())});
  return e.node("Div", {y, pooled(ones)});
}

static void exportPool(Operation *o, GraphExporter &e) {
  auto pool = cast<llm::PoolOp>(o);
  Type element = llm::elementOf(pool.getX()), compute = element;
  bool isMax = pool.getKind() == llm::PoolKind::Max,
       isLp = pool.getKind() == llm::PoolKind::Lp;
  if (element.isBF16())
    e.needOpset(22);
  if (isa<IntegerType>(element) && element.getIntOrFloatBitWidth() != 8) {
    compute = Float64Type::get(e.context());
    if (element.getIntOrFloatBitWidth() > 32)
      return e.refuse("MaxPool takes no integers of 64 bits");
  }
  auto mode = ceilMode(pool, e);
  auto pads = fixedPads(pool);
  if (!mode || (!pads && (pool.getIndices() || *mode || compute != element)))
    return e.refuse("the number of windows follows from no attribute");
  const char *op = isMax ? "MaxPool" : isLp ? "LpPool" : "AveragePool";
  auto attributes = windowAttributes(
      pool, pads.value_or(std::vector<int64_t>(2 * pool.getKernel().size())));
  attributes.push_back(
      {"kernel_shape", std::vector<int64_t>(pool.getKernel())});
  attributes.push_back({"ceil_mode", *mode});
  if (isLp)
    attributes.push_back({"p", static_cast<int64_t>(pool.getP())});
  if (pool.getKind() == llm::PoolKind::AveragePadded)
    attributes.push_back({"count_include_pad", int64_t(1)});
  if (pool.getColumnMajor())
    attributes.push_back({"storage_order", int64_t(1)});
  if (!pads)
    return e.set(pool.getResult(), padFirst(pool, op, attributes, e));
  auto results = e.nodes(op, {e.castTo(e.name(pool.getX()), element, compute)},
                         attributes, pool.getIndices() ? 2 : 1);
  e.set(pool.getResult(), e.castTo(results[0], compute, element));
  if (pool.getIndices())
    e.set(pool.getIndices(), results[1]);
}

void addPoolExports(ExportTable &table) { table["llm.pool"] = exportPool; }

} // namespace llmc::onnx
