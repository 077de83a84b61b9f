// SPDX-License-Identifier: Apache-2.0
#include "codegen/lowering/Loops.h"

#include "codegen/cpu/Elements.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace llmc {

static bool isConstant(Value v, int64_t expected) {
  APInt value;
  return matchPattern(v, m_ConstantInt(&value)) &&
         value.getSExtValue() == expected;
}

bool isDense(const MemTensor &t) {
  return !t.base || matchPattern(t.strides.back(), m_One());
}

bool followsInner(const MemTensor &t, int64_t i) {
  if (t.contiguous)
    return true;
  Value a = t.strides[i + 1], b = t.dims[i + 1];
  if (isConstant(a, 0) && isConstant(t.strides[i], 0))
    return true;
  if (auto m = t.strides[i].getDefiningOp<arith::MulIOp>())
    return (m.getLhs() == a && m.getRhs() == b) ||
           (m.getLhs() == b && m.getRhs() == a);
  APInt outer, inner, size;
  return matchPattern(t.strides[i], m_ConstantInt(&outer)) &&
         matchPattern(a, m_ConstantInt(&inner)) &&
         matchPattern(b, m_ConstantInt(&size)) && outer == inner * size;
}

void insertUnit(CodeBuilder &h, MemTensor &t, int64_t at) {
  t.dims.insert(t.dims.begin() + at, h.ci(1));
  t.strides.insert(t.strides.begin() + at, h.ci(0));
  t.shape.insert(t.shape.begin() + at,
                 llm::constantDim(h.builder().getContext(), 1));
}

MemTensor reducedLast(MemTensor t, ArrayRef<int64_t> axes, int64_t &kept) {
  MemTensor out = t;
  out.dims.clear(), out.strides.clear(), out.shape.clear();
  for (bool reduced : {false, true}) {
    for (int64_t i = 0; i < t.rank(); ++i) {
      if (llvm::is_contained(axes, i) != reduced)
        continue;
      out.dims.push_back(t.dims[i]), out.strides.push_back(t.strides[i]),
          out.shape.push_back(t.shape[i]);
    }
    if (!reduced)
      kept = out.rank();
  }
  out.contiguous = false;
  return out;
}

MemTensor broadcastTo(EntryLowering &e, MemTensor t, const MemTensor &shape) {
  CodeBuilder &h = e.host();
  MemTensor out = t;
  out.dims = shape.dims;
  out.shape = shape.shape;
  out.strides.assign(shape.rank(), h.ci(0));
  int64_t shift = shape.rank() - t.rank();
  for (int64_t i = 0; i < t.rank(); ++i) {
    if (llm::fixedDim(t.shape[i]) == 1)
      continue;
    bool same = t.shape[i] == shape.shape[shift + i];
    out.strides[shift + i] =
        same ? t.strides[i]
             : h.select(h.eq(t.dims[i], h.ci(1)), h.ci(0), t.strides[i]);
  }
  out.contiguous = t.contiguous && t.shape == shape.shape;
  return out;
}

std::optional<RowLayout> rowsOf(EntryLowering &e, const MemTensor &t) {
  CodeBuilder &h = e.host();
  if (t.rank() == 0 || (!t.contiguous && !isConstant(t.strides.back(), 1)))
    return std::nullopt;
  // Groups of leading dims that are one stride each, innermost first.
  struct Group {
    Value count, stride;
  };
  SmallVector<Group> groups;
  int64_t last = -1; // the dim that the group at hand ends with
  for (int64_t i = t.rank() - 2; i >= 0; --i) {
    if (llm::fixedDim(t.shape[i]) == 1)
      continue;
    if (last >= 0 && last == i + 1 && followsInner(t, i)) {
      groups.back().count = h.mul(groups.back().count, t.dims[i]);
      last = i;
      continue;
    }
    groups.push_back({t.dims[i], t.strides[i]});
    last = i;
  }
  if (groups.size() > 2)
    return std::nullopt;
  RowLayout r{h.ci(1), h.ci(1), h.ci(0), h.ci(0)};
  if (groups.size() == 1) {
    r.rows = groups[0].count, r.outerStride = groups[0].stride;
  } else if (groups.size() == 2) {
    r.rows = h.mul(groups[0].count, groups[1].count), r.inner = groups[0].count;
    r.outerStride = groups[1].stride, r.innerStride = groups[0].stride;
  }
  return r;
}

void launchMap(EntryLowering &e, StringRef key, ArrayRef<MemTensor> inputs,
               ArrayRef<MemTensor> outputs,
               std::function<Values(CodeBuilder &, ValueRange)> body) {
  CodeBuilder &h = e.host();
  SmallVector<MemTensor> all(inputs);
  all.append(outputs.begin(), outputs.end());
  const MemTensor &shape = outputs[0];
  // Adjacent dims become one where every operand moves through them evenly;
  // dims of 1 go.
  struct Axis {
    Value size;
    SmallVector<Value> strides;
  };
  SmallVector<Axis> axes;
  std::optional<int64_t> inner; // the dim behind, in the axis at hand
  for (int64_t i = shape.rank() - 1; i >= 0; --i) {
    if (llm::fixedDim(shape.shape[i]) == 1)
      continue;
    bool joins = inner == i + 1 && llvm::all_of(all, [&](const MemTensor &t) {
                   return followsInner(t, i);
                 });
    if (joins) {
      axes.back().size = h.mul(axes.back().size, shape.dims[i]);
    } else {
      Axis axis{shape.dims[i], {}};
      for (const MemTensor &t : all)
        axis.strides.push_back(t.strides[i]);
      axes.push_back(axis);
    }
    inner = i;
  }
  if (axes.empty())
    axes.push_back({h.ci(1), SmallVector<Value>(all.size(), h.ci(1))});
  std::reverse(axes.begin(), axes.end());

  MapSpec spec;
  spec.key = key.str();
  spec.rank = axes.size();
  spec.body = std::move(body);
  for (auto [i, t] : llvm::enumerate(all)) {
    Value stride = axes.back().strides[i];
    MapOperand::Inner how = isConstant(stride, 1)   ? MapOperand::Contiguous
                            : isConstant(stride, 0) ? MapOperand::Broadcast
                                                    : MapOperand::Strided;
    Type stored = memoryType(t.element);
    bool isOutput = i >= inputs.size();
    (isOutput ? spec.outputs : spec.inputs).push_back({stored, how});
  }
  std::string symbol = emitMap(e.kernels(), spec);
  SmallVector<Value> args(spec.argCount()), dims;
  for (auto [i, t] : llvm::enumerate(all))
    args[i] = t.base;
  for (auto [d, axis] : llvm::enumerate(axes)) {
    dims.push_back(axis.size);
    args[spec.dimArg(d)] = axis.size;
    for (size_t i = 0; i < all.size(); ++i)
      args[spec.strideArg(i, d)] = axis.strides[i];
  }
  TileCount tiles = mapTiles(h, dims);
  e.setTensors(all, shape);
  e.launch(symbol, args, tiles.count, tiles.grain);
}

MemTensor asMatrix(EntryLowering &e, MemTensor t) {
  CodeBuilder &h = e.host();
  MLIRContext *ctx = h.builder().getContext();
  int64_t rank = t.rank();
  MemTensor m = t;
  m.shape = {llm::productOf(ctx, ArrayRef(t.shape).drop_back()),
             t.shape.back()};
  m.dims = {e.size(m.shape[0]), t.dims.back()};
  m.strides = {rank > 1 ? t.strides[rank - 2] : h.ci(0), t.strides.back()};
  // The stride of rows is that of the innermost dim above 1.
  for (int64_t i = rank - 2; i >= 0; --i)
    if (llm::fixedDim(t.shape[i]) != 1) {
      m.strides[0] = t.strides[i];
      break;
    }
  return m;
}

} // namespace llmc
