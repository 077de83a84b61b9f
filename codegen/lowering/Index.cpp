// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Index.h"
#include "codegen/cpu/Panels.h"
#include "codegen/lowering/Quant.h"
#include "codegen/ref/PlainKernel.h"
#include "ir/llm/Quantized.h"

using namespace mlir;

namespace llmc {

/// One element per result element; indices outside the data fail the call.
static LogicalResult lowerGather(Operation *op, EntryLowering &e) {
  auto gather = cast<llm::GatherOp>(op);
  MemTensor data = e.get(gather.getData()),
            indices = e.get(gather.getIndices()),
            out = e.result(gather.getResult());
  int64_t axis = gather.getAxis(), indexRank = indices.rank();
  std::string key = std::to_string(axis);
  launchPlain(
      e, "gather", key, {{data}, {indices}, {out, true}}, {}, 2,
      [&](PlainBody &b) {
        b.forElements(2, [&](Values at) {
          Values which(at.begin() + axis, at.begin() + axis + indexRank);
          Values from(at.begin(), at.begin() + axis);
          from.push_back(b.checkedIndex(b.load(1, which), b.dim(0, axis)));
          from.append(at.begin() + axis + indexRank, at.end());
          b.move(0, from, 2, at);
        });
      });
  return success();
}

static LogicalResult lowerGatherND(Operation *op, EntryLowering &e) {
  auto gather = cast<llm::GatherNDOp>(op);
  MemTensor data = e.get(gather.getData()),
            indices = e.get(gather.getIndices()),
            out = e.result(gather.getResult());
  int64_t batch = gather.getBatchDims(),
          tuple = *llm::fixedDim(indices.shape.back()),
          outer = indices.rank() - 1;
  std::string key = std::to_string(batch) + "," + std::to_string(tuple);
  launchPlain(e, "gather_nd", key, {{data}, {indices}, {out, true}}, {}, 2,
              [&](PlainBody &b) {
                b.forElements(2, [&](Values at) {
                  Values which(at.begin(), at.begin() + outer),
                      from(at.begin(), at.begin() + batch);
                  which.push_back(Value());
                  for (int64_t i = 0; i < tuple; ++i) {
                    which.back() = b.k.ci(i);
                    from.push_back(
                        b.checkedIndex(b.load(1, which), b.dim(0, batch + i)));
                  }
                  from.append(at.begin() + outer, at.end());
                  b.move(0, from, 2, at);
                });
              });
  return success();
}

static LogicalResult lowerGatherRows(Operation *op, EntryLowering &e) {
  auto gather = cast<llm::GatherRowsOp>(op);
  MemTensor data = e.get(gather.getData()),
            indices = e.get(gather.getIndices()),
            out = e.result(gather.getResult());
  auto axis = static_cast<int64_t>(gather.getAxis());
  launchPlain(e, "gather_rows", std::to_string(axis),
              {{data}, {indices}, {out, true}}, {}, 2, [&](PlainBody &b) {
                b.forElements(2, [&](Values at) {
                  Values from = at;
                  from[axis] = b.checkedIndex(b.load(1, {at[0], at[axis]}),
                                              b.dim(0, axis));
                  b.move(0, from, 2, at);
                });
              });
  return success();
}

static LogicalResult lowerGatherElements(Operation *op, EntryLowering &e) {
  auto gather = cast<llm::GatherElementsOp>(op);
  MemTensor data = e.get(gather.getData()),
            indices = e.get(gather.getIndices()),
            out = e.result(gather.getResult());
  int64_t axis = gather.getAxis();
  launchPlain(e, "gather_elements", std::to_string(axis),
              {{data}, {indices}, {out, true}}, {}, 2, [&](PlainBody &b) {
                b.forElements(2, [&](Values at) {
                  Values from = at;
                  from[axis] = b.checkedIndex(b.load(1, at), b.dim(0, axis));
                  b.move(0, from, 2, at);
                });
              });
  return success();
}

/// What stands at a place after an update.
static Value combined(PlainBody &b, llm::ScatterKind kind, Value old,
                      Value update) {
  bool isFloat = isa<FloatType>(old.getType()),
       isUnsigned =
           b.element(2).isUnsignedInteger() || b.element(2).isInteger(1);
  switch (kind) {
  case llm::ScatterKind::Set:
    return update;
  case llm::ScatterKind::Add:
    return b.k.add(old, update);
  case llm::ScatterKind::Mul:
    return b.k.mul(old, update);
  case llm::ScatterKind::Max:
    return isFloat ? b.k.maximum(old, update)
                   : b.k.select(b.k.cmp(isUnsigned ? CmpI::ugt : CmpI::sgt, old,
                                        update),
                                old, update);
  case llm::ScatterKind::Min:
    return isFloat ? b.k.minimum(old, update)
                   : b.k.select(b.k.cmp(isUnsigned ? CmpI::ult : CmpI::slt, old,
                                        update),
                                old, update);
  }
  return {};
}

/// A copy, then the updates in order: one tile, since updates of the same place
/// must not race. `place(b, at)` gives the place of the update at an index;
/// tensors are the indices, the updates and the result.
static void
lowerScatter(Operation *op, EntryLowering &e, llm::ScatterKind kind,
             std::string key,
             llvm::function_ref<Values(PlainBody &, Values)> place) {
  MemTensor indices = e.get(op->getOperand(1)),
            updates = e.get(op->getOperand(2)),
            out = e.result(op->getResult(0));
  e.copy(e.get(op->getOperand(0)), out);
  key += "," + llm::stringifyScatterKind(kind).str();
  launchPlain(e, "scatter", key, {{indices}, {updates}, {out, true}}, {}, 1, 0,
              [&](PlainBody &b) {
                Values at;
                std::function<void(int64_t)> nest = [&](int64_t axis) {
                  if (axis < updates.rank())
                    return b.k.forLoop(b.dim(1, axis), [&](Value iv) {
                      at.push_back(iv);
                      nest(axis + 1);
                      at.pop_back();
                    });
                  Values to = place(b, at);
                  if (kind == llm::ScatterKind::Set)
                    return b.move(1, at, 2, to);
                  b.store(combined(b, kind, b.load(2, to), b.load(1, at)), 2,
                          to);
                };
                b.forTiles(1, 0, [&](Values) { nest(0); });
              });
}

static LogicalResult lowerScatterND(Operation *op, EntryLowering &e) {
  auto scatter = cast<llm::ScatterNDOp>(op);
  llm::Dims dims = llm::dimsOf(scatter.getIndices());
  int64_t tuple = *llm::fixedDim(dims.back()), outer = dims.size() - 1;
  lowerScatter(op, e, scatter.getKind(), "nd" + std::to_string(tuple),
               [&](PlainBody &b, Values at) {
                 Values which(at.begin(), at.begin() + outer), to;
                 which.push_back(Value());
                 for (int64_t i = 0; i < tuple; ++i) {
                   which.back() = b.k.ci(i);
                   to.push_back(b.checkedIndex(b.load(0, which), b.dim(2, i)));
                 }
                 to.append(at.begin() + outer, at.end());
                 return to;
               });
  return success();
}

static LogicalResult lowerScatterElements(Operation *op, EntryLowering &e) {
  auto scatter = cast<llm::ScatterElementsOp>(op);
  int64_t axis = scatter.getAxis();
  lowerScatter(op, e, scatter.getKind(), "elements" + std::to_string(axis),
               [&](PlainBody &b, Values at) {
                 Value index = b.load(0, at);
                 at[axis] = b.checkedIndex(index, b.dim(2, axis));
                 return at;
               });
  return success();
}

static LogicalResult lowerRange(Operation *op, EntryLowering &e) {
  auto range = cast<llm::RangeOp>(op);
  MemTensor start = e.get(range.getStart()), delta = e.get(range.getDelta()),
            out = e.result(range.getResult());
  launchPlain(e, "range", "", {{start}, {delta}, {out, true}}, {}, 2,
              [&](PlainBody &b) {
                b.forElements(2, [&](Values at) {
                  Value first = b.load(0, {}), step = b.load(1, {});
                  Value i = b.k.convert(at[0], first.getType());
                  b.store(b.k.add(first, b.k.mul(i, step)), 2, at);
                });
              });
  return success();
}

/// Rows of a quantized table [V, H], read out of the packed matrix [H, V] that
/// a product with its transpose reads too.
static LogicalResult lowerQuantizedEmbedding(llm::EmbeddingOp op,
                                             EntryLowering &e,
                                             llm::RecipeAttr transposed) {
  StoredMatrix m = storedMatrix(e, transposed);
  MemTensor table = m.weight;
  std::swap(table.dims[0], table.dims[1]);
  SmallVector<PlainTensor> tensors = {{table},
                                      {e.get(op.getIndices())},
                                      {e.result(op.getResult()), true},
                                      {m.scales}};
  if (m.zeros.base)
    tensors.push_back({m.zeros});
  unsigned zeros = tensors.size() - 1;
  int64_t outer = tensors[1].tensor.rank();
  launchPlain(e, "embedding", m.format.key(), tensors, {}, 2, outer,
              [&](PlainBody &b) {
                b.forTiles(2, outer, [&](Values at) {
                  Value row = b.checkedIndex(b.load(1, at), b.dim(0, 0));
                  b.k.forLoop(b.dim(0, 1), [&](Value h) {
                    Values to = at;
                    to.push_back(h);
                    Value v = emitQuantizedElement(b.k, m.format, b.pointer(0),
                                                   b.pointer(3),
                                                   b.pointer(zeros), h, row);
                    b.store(b.k.convert(v, computeType(b.element(2))), 2, to);
                  });
                });
              });
  return success();
}

/// Rows of the table, read out of the packed copy where a matmul has one: the
/// table [V, H] is then the transpose of that weight [H, V].
static LogicalResult lowerEmbedding(Operation *op, EntryLowering &e) {
  auto embedding = cast<llm::EmbeddingOp>(op);
  llm::RecipeAttr recipe = llm::recipeOf(embedding.getTable());
  llm::RecipeAttr transposed =
      recipe ? llm::transposeRecipe(recipe, {1, 0}) : recipe;
  if (transposed && llm::quantizedMatrix(transposed))
    return lowerQuantizedEmbedding(embedding, e, transposed);
  bool packed = transposed && e.weights().isPacked(transposed);
  MemTensor table = packed
                        ? e.makeTensor(e.weight(e.weights().packed(transposed)),
                                       embedding.getTable().getType())
                        : e.get(embedding.getTable());
  MemTensor indices = e.get(embedding.getIndices()),
            out = e.result(embedding.getResult());
  int64_t outer = indices.rank();
  if (!e.target().isReference() && indices.contiguous &&
      isa<FloatType>(table.element)) {
    CodeBuilder &h = e.host();
    Value count = e.product(indices.dims);
    SmallVector<Value> args(GatherArgCount);
    args[GatherTable] = table.base, args[GatherIndex] = indices.base,
    args[GatherOut] = out.base, args[GatherOuter] = h.ci(1);
    args[GatherCount] = count, args[GatherRows] = table.dims[0],
    args[GatherWidth] = table.dims[1];
    TileCount tiles = gatherTiles(h, h.ci(1), count, table.dims[1]);
    e.launch(
        emitGather(e.kernels(),
                   {memoryType(table.element), computeType(indices.element),
                    packed ? panelInterleave(table.element) : 0}),
        args, tiles.count, tiles.grain);
    return success();
  }
  launchPlain(
      e, "embedding", packed ? "panel" : "rows",
      {{table}, {indices}, {out, true}}, {}, 2, outer, [&](PlainBody &b) {
        b.forTiles(2, outer, [&](Values at) {
          Value row = b.checkedIndex(b.load(1, at), b.dim(0, 0));
          b.k.forLoop(b.dim(0, 1), [&](Value h) {
            Values to = at;
            to.push_back(h);
            if (!packed)
              return b.store(b.load(0, {row, h}), 2, to);
            Type element = b.element(0);
            Value index = panelIndex(b.k, element, b.dim(0, 1), h, row);
            Value stored = b.k.load(memoryType(element), b.pointer(0), index);
            b.store(fromMemory(b.k, stored, element), 2, to);
          });
        });
      });
  return success();
}

void addSelectLowerings(LoweringTable &); // IndexSelect.cpp

void addIndexLowerings(LoweringTable &table) {
  addSelectLowerings(table);
  table["llm.gather"] = lowerGather;
  table["llm.gather_nd"] = lowerGatherND;
  table["llm.gather_rows"] = lowerGatherRows;
  table["llm.gather_elements"] = lowerGatherElements;
  table["llm.scatter_nd"] = lowerScatterND;
  table["llm.scatter_elements"] = lowerScatterElements;
  table["llm.range"] = lowerRange;
  table["llm.embedding"] = lowerEmbedding;
}

} // namespace llmc
