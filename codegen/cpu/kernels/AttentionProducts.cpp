// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/AttentionProducts.h"
#include "codegen/cpu/kernels/AttentionTile.h"
#include "codegen/cpu/kernels/Lanes.h"

using namespace mlir;

namespace llmc {

static int64_t panelsOf(int64_t columns) {
  return llvm::divideCeil(columns, panelColumns);
}

int64_t attentionWidth(int64_t columns) {
  return panelsOf(columns) * panelColumns;
}

int64_t attentionRows(const AttentionSpec &spec) {
  int64_t most = std::max(spec.headSize, spec.valueSize) > 128 ? 96 : 192;
  return spec.group < most ? most / spec.group * spec.group : most;
}

AttentionProducts::AttentionProducts(KernelModule &kernels, KernelBuilder &k,
                                     const AttentionSpec &spec)
    : AttentionSoftmax(k, spec), counts(k.target(), spec),
      queryStride(attentionWidth(wordsOf(spec.headSize)) + rowPadding),
      sumStride(attentionWidth(spec.valueSize) + rowPadding), kernels(kernels) {
  sums = k.scratch(k.f32(), attentionRows(spec) * sumStride);
}

AttentionProducts::RowCounts::RowCounts(const CpuTarget &target,
                                        const AttentionSpec &spec) {
  int64_t most = attentionRows(spec),
          step = spec.group <= most ? spec.group : 1, mr = target.tileRows;
  // Groups of up to 4 rows are common; larger thin forms are for groups that
  // need them.
  mostThin = spec.rounds ? 0
                         : std::min(attentionThinRows(target),
                                    std::max<int64_t>(4, spec.group));
  unit = mr % spec.group ? 1 : spec.group;
  for (int64_t rows = step; rows <= most; rows += step) {
    if (rows <= mostThin) {
      thin.insert(rows);
      continue;
    }
    int64_t count = llvm::divideCeil(rows, mr), units = rows / unit;
    for (int64_t p = 0; p < count; ++p)
      parts.insert(unit * (units * (p + 1) / count - units * p / count));
  }
}

/// Of a row of the operands of the products: of f32, or pairs of bf16.
int64_t AttentionProducts::wordsOf(int64_t size) const {
  return spec.rounds ? size / 2 : size;
}
/// Whether the thick form reads a copy of the values: in f32, padded.
bool AttentionProducts::copiesValues() const {
  return !valueType.isF32() || spec.valueSize % panelColumns;
}
void AttentionProducts::makeBuffers() {
  queries = k.scratch(k.f32(), attentionRows(spec) * queryStride);
  keys = k.scratch(k.f32(), attentionBlock * wordsOf(spec.headSize));
  if (spec.rounds) {
    values = k.scratch(k.f32(), panelsOf(spec.valueSize) * valuePanelStride);
    products = k.scratch(k.f32(), k.target().tileRows * sumStride);
  } else if (copiesValues()) {
    values =
        k.scratch(k.f32(), attentionBlock * attentionWidth(spec.valueSize));
  }
  makeScores(
      std::max<int64_t>(k.target().tileRows, attentionThinRows(k.target())));
}

void AttentionProducts::loadBlock(Value first, Value valid) {
  if (spec.rounds) {
    loadKeyPairs(keys, first, valid);
    return loadValuePairs(values, first, valid);
  }
  loadKeys(keys, first, valid);
  if (copiesValues())
    loadValues(values, first, valid);
}

void AttentionProducts::switchOnRows(Value count,
                                     const std::set<int64_t> &numbers,
                                     llvm::function_ref<void(int64_t)> fill) {
  if (numbers.empty())
    return;
  std::vector<int64_t> all(numbers.begin(), numbers.end());
  // Cases between the numbers do not occur; they share the next one's code.
  SmallVector<std::function<void()>> cases;
  for (int64_t r = all.front(); r <= all.back(); ++r)
    cases.push_back([=, &numbers] { fill(*numbers.lower_bound(r)); });
  k.switchOn(k.sub(count, all.front()), cases);
}

void AttentionProducts::call(LLVM::LLVMFuncOp function, ValueRange operands) {
  LLVM::CallOp::create(k.builder(), k.location(), function, operands);
}

void AttentionProducts::multiplyKeys(Value from, Value count, Value first,
                                     Value high, Value isThin) {
  Value q = at(queries, from, queryStride);
  auto thin = [&] {
    Value stride = k.arg(AttentionKToken);
    Value base = laneAddress(k, keyType, keyBase, k.mul(first, keyStride()));
    switchOnRows(count, counts.thin, [&](int64_t r) {
      ThinScores tile{r,           keyType,     spec.headSize, spec.keyStride,
                      queryStride, scoreStride, spec.keyRows};
      if (!spec.valueRows && spec.valueStride == spec.valueSize)
        tile.valueBytes = spec.valueSize * elementBytes(valueType);
      call(emitThinScores(kernels, tile),
           {q, base, stride, scores, high, valueAt(first)});
    });
  };
  auto thick = [&] {
    int64_t words = wordsOf(spec.headSize);
    switchOnRows(count, counts.parts, [&](int64_t r) {
      multiplyPanels({r, 0, queryStride, scoreStride}, q, keys,
                     words * panelColumns, scores, k.ci(words),
                     k.ceilDiv(high, panelColumns), /*exact=*/false);
    });
  };
  choose(isThin, thin, thick);
}

/// Tiles over panels [0, count); unless it is `exact`, the last ones may pass
/// the end, by few panels.
void AttentionProducts::multiplyPanels(MatmulTile tile, Value rows,
                                       Value panels, int64_t stride, Value to,
                                       Value steps, Value count, bool exact) {
  int64_t wide = tile.rows <= matmulThinRows
                     ? matmulThinPanels(k.target(), tile.rows)
                     : k.target().tilePanels;
  tile.cached = true, tile.pairs = spec.rounds;
  auto group = [&](int64_t width, Value p) {
    tile.panels = width;
    call(emitMatmulTile(kernels, tile),
         {rows, k.ci(0), k.address(panels, k.f32(), k.mul(p, stride)),
          k.ci(stride), k.address(to, k.f32(), k.mul(p, panelColumns)), steps,
          k.constantInt(k.i1(), 0)});
  };
  if (exact)
    return forPanelGroups(k, k.ci(0), count, wide, group);
  auto sweep = [&](int64_t width, Value begin, Value end) {
    k.forLoop(begin, end, k.ci(width), [&](Value p) { group(width, p); });
  };
  Value whole = k.mul(k.divSize(count, wide), wide);
  sweep(wide, k.ci(0), whole);
  if (wide > 1)
    sweep(wide / 2, whole, count);
}

void AttentionProducts::choose(Value isThin, llvm::function_ref<void()> thin,
                               llvm::function_ref<void()> thick) {
  if (counts.thin.empty())
    thick();
  else if (counts.parts.empty())
    thin();
  else
    k.ifElseDo(isThin, thin, thick);
}

void AttentionProducts::multiplyValues(Value from, Value count, Value first,
                                       Value high, Value isThin) {
  Value target = at(sums, from, sumStride);
  Value merges = k.cmp(CmpI::eq, parts, k.ci(1));
  if (spec.rounds)
    return multiplyValuePairs(target, count, high, merges);
  auto multiply = [&](bool isStream) {
    bool copied = !isStream && copiesValues();
    Value source = copied ? values : valueAt(first);
    switchOnRows(count, isStream ? counts.thin : counts.parts, [&](int64_t r) {
      WeightedValues tile{
          r,
          copied ? k.f32() : valueType,
          copied ? attentionWidth(spec.valueSize) : spec.valueSize,
          copied ? attentionWidth(spec.valueSize) : spec.valueStride,
          scoreStride,
          sumStride,
          isStream,
          copied ? PackedRows() : spec.valueRows};
      call(emitWeightedValues(kernels, tile),
           {scores, source, k.arg(AttentionVToken), target, olds, freshes, high,
            merges});
    });
  };
  choose(isThin, [&] { multiply(true); }, [&] { multiply(false); });
}

/// The same with weights and values of bf16; what is behind an odd number of
/// keys has no weight.
void AttentionProducts::multiplyValuePairs(Value target, Value count,
                                           Value high, Value merges) {
  switchOnRows(count, counts.parts, [&](int64_t r) {
    multiplyPanels({r, 0, scoreStride, sumStride}, scores, values,
                   valuePanelStride, products, k.ceilDiv(high, 2),
                   k.ci(panelsOf(spec.valueSize)), /*exact=*/true);
  });
  k.forLoop(count, [&](Value r) {
    Value sum = at(target, r, sumStride), add = at(products, r, sumStride);
    auto factor = [&](Value factors, double otherwise) {
      Value f = k.select(merges, k.load(k.f32(), factors, r), k.cf(otherwise));
      return k.broadcast(f, lanes);
    };
    Value keep = factor(olds, 0), take = factor(freshes, 1);
    for (int64_t c = 0; c < attentionWidth(spec.valueSize); c += lanes) {
      Value fresh = k.mul(k.load(vector, add, Value(), c), take);
      k.store(k.fma(k.load(vector, sum, Value(), c), keep, fresh), sum, Value(),
              c);
    }
  });
}

} // namespace llmc
