// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Index.h"
#include "codegen/ref/PlainKernel.h"

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
          b.store(b.load(0, from), 2, at);
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
                  b.store(b.load(0, from), 2, at);
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
                  b.store(b.load(0, from), 2, at);
                });
              });
  return success();
}

/// A copy, then the updates in order: one tile, since updates of the same place
/// must not race.
static LogicalResult lowerScatterND(Operation *op, EntryLowering &e) {
  auto scatter = cast<llm::ScatterNDOp>(op);
  MemTensor data = e.get(scatter.getData()),
            indices = e.get(scatter.getIndices()),
            updates = e.get(scatter.getUpdates()),
            out = e.result(scatter.getResult());
  e.copy(data, out);
  int64_t tuple = *llm::fixedDim(indices.shape.back()),
          outer = indices.rank() - 1;
  launchPlain(e, "scatter_nd", std::to_string(tuple),
              {{indices}, {updates}, {out, true}}, {}, 1, 0, [&](PlainBody &b) {
                int64_t rank = updates.rank();
                Values at;
                std::function<void(int64_t)> nest = [&](int64_t axis) {
                  if (axis < rank)
                    return b.k.forLoop(b.dim(1, axis), [&](Value iv) {
                      at.push_back(iv);
                      nest(axis + 1);
                      at.pop_back();
                    });
                  Values which(at.begin(), at.begin() + outer), to;
                  which.push_back(Value());
                  for (int64_t i = 0; i < tuple; ++i) {
                    which.back() = b.k.ci(i);
                    to.push_back(b.checkedIndex(b.load(0, which), b.dim(2, i)));
                  }
                  to.append(at.begin() + outer, at.end());
                  b.store(b.load(1, at), 2, to);
                };
                b.forTiles(1, 0, [&](Values) { nest(0); });
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

/// Rows of the table, read out of the packed copy where a matmul has one: the
/// table [V, H] is then the transpose of that weight [H, V].
static LogicalResult lowerEmbedding(Operation *op, EntryLowering &e) {
  auto embedding = cast<llm::EmbeddingOp>(op);
  llm::RecipeAttr recipe = llm::recipeOf(embedding.getTable());
  llm::RecipeAttr transposed =
      recipe ? llm::transposeRecipe(recipe, {1, 0}) : recipe;
  bool packed = transposed && e.weights().isPacked(transposed) &&
                recipe.getType().getElementType().isF32();
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
    e.launch(emitGather(e.kernels(),
                        {table.element, computeType(indices.element), packed}),
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
            Value panel = b.k.divSize(row, panelColumns),
                  lane = b.k.remSize(row, panelColumns);
            Value index = b.k.add(
                b.k.mul(b.k.add(b.k.mul(panel, b.dim(0, 1)), h), panelColumns),
                lane);
            b.store(b.k.load(b.k.f32(), b.pointer(0), index), 2, to);
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
  table["llm.gather_elements"] = lowerGatherElements;
  table["llm.scatter_nd"] = lowerScatterND;
  table["llm.range"] = lowerRange;
  table["llm.embedding"] = lowerEmbedding;
}

} // namespace llmc
