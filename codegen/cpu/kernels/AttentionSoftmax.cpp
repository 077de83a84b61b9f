// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/AttentionSoftmax.h"
#include "codegen/cpu/Math.h"
#include "codegen/cpu/kernels/Lanes.h"
#include <cmath>

using namespace mlir;

namespace llmc {

static constexpr int64_t chains = 4; // vectors of a row at once

AttentionSoftmax::AttentionSoftmax(KernelBuilder &k, const AttentionSpec &spec)
    : AttentionPlace(k, spec),
      unit(spec.bias == AttentionSpec::NoBias ? M_LOG2E : 1) {}

void AttentionSoftmax::makeScores(int64_t partRows) {
  // Loops over vectors of rows may pass the last row.
  partRows += lanes;
  scores = k.scratch(k.f32(), partRows * scoreStride);
  for (Value *row : {&blockTops, &blockTotals, &olds, &freshes})
    *row = k.scratch(k.f32(), partRows);
  if (spec.keyMask)
    maskRow = k.scratch(k.f32(), attentionBlock);
}

/// e^x of scores in their unit, x <= 0.
Value AttentionSoftmax::power(Value x) {
  return unit == 1 ? emitExpNonPositive(k, x) : emitExp2NonPositive(k, x);
}

Value AttentionSoftmax::loadMask(Value first, Value valid) {
  Value from = k.address(k.arg(AttentionKeyMask), spec.keyMask,
                         k.add(k.mul(batch, k.arg(AttentionMaskBatch)), first));
  Value no = k.constantInt(k.i1(), 0), yes = k.constantInt(k.i1(), 1);
  Values seen = k.forLoop(
      k.ci(0), valid, k.ci(1), {no, yes},
      [&](Value t, ValueRange carried) -> Values {
        Value keep =
            k.convert(k.load(spec.keyMask, from, t), k.builder().getI1Type());
        k.store(k.select(keep, k.cf(0), k.cf(-INFINITY)), maskRow, t);
        return {k.bitOr(carried[0], keep), k.bitAnd(carried[1], keep)};
      });
  maskKeepsAll = seen[1];
  return seen[0];
}

void AttentionSoftmax::softmax(Value from, Value count, Value first, Value high,
                               bool isMasked) {
  k.forLoop(count, [&](Value r) {
    Value top = rowTop(r, k.add(from, r), first, high, isMasked);
    k.store(top, blockTops, r);
  });
  k.forLoop(count, [&](Value r) {
    Value row = at(scores, r, scoreStride);
    Value top = k.load(k.f32(), blockTops, r);
    // A row that keeps no key of the block has no maximum to subtract.
    Value none = k.cmp(CmpF::OEQ, top, k.cf(-INFINITY));
    Value base = k.broadcast(k.select(none, k.cf(0), top), lanes);
    Values sum = overScores(high, k.zero(vector),
                            [&](Value t, int64_t i, Value carried) {
                              Value score = k.load(vector, row, t, i);
                              Value weight = power(k.sub(score, base));
                              storeWeight(weight, row, t, i);
                              return k.add(carried, weight);
                            });
    Value total = k.add(k.add(sum[0], sum[1]), k.add(sum[2], sum[3]));
    k.store(k.reduceAdd(total), blockTotals, r);
  });
}

void AttentionSoftmax::storeWeight(Value weight, Value row, Value t,
                                   int64_t i) {
  if (!spec.rounds)
    return k.store(weight, row, t, i);
  // In place of scores that have been read.
  storeLanes(k, weight, k.builder().getBF16Type(), Value(), row, t, i);
}

Values AttentionSoftmax::overScores(Value high, Value init, ScoreBody body) {
  return k.forLoop(k.ci(0), high, k.ci(chains * lanes), Values(chains, init),
                   [&](Value t, ValueRange carried) {
                     Values next;
                     for (int64_t i = 0; i < chains; ++i)
                       next.push_back(body(t, i * lanes, carried[i]));
                     return next;
                   });
}

Value AttentionSoftmax::rowTop(Value r, Value tileRow, Value first, Value high,
                               bool isMasked) {
  Value row = at(scores, r, scoreStride), biasRow, low, end;
  if (spec.bias != AttentionSpec::NoBias) {
    Type type = floatOf(spec.biasElement);
    biasRow = rowAddress(tileRow, type, AttentionBias, AttentionBiasBatch,
                         AttentionBiasToken, AttentionBiasHead);
    if (spec.bias == AttentionSpec::ContiguousBias)
      biasRow = laneAddress(k, type, biasRow, first);
  }
  if (isMasked) {
    auto bound = [&](Value v) {
      v = k.max(k.min(k.sub(v, first), k.ci(attentionBlock)), k.ci(0));
      return k.broadcast(k.convert(v, k.i32()), lanes);
    };
    low = bound(lowest(tileRow)), end = bound(highest(tileRow));
  }
  bool isChanged = isMasked || spec.softcap > 0 || biasRow;
  auto most = [&](Value x, Value y) { return k.max(x, y); };
  Values tops = overScores(high, k.constant(vector, -INFINITY),
                           [&](Value t, int64_t i, Value carried) {
                             Value score = k.load(vector, row, t, i);
                             score = biased(score, biasRow, t, i,
                                            isMasked ? high : Value());
                             if (isMasked)
                               score = masked(score, t, i, low, end);
                             if (isChanged)
                               k.store(score, row, t, i);
                             return most(score, carried);
                           });
  return k.reduce(most(most(tops[0], tops[1]), most(tops[2], tops[3])), most);
}

Value AttentionSoftmax::biased(Value score, Value biasRow, Value t, int64_t i,
                               Value valid) {
  if (spec.softcap > 0) {
    Value cap = k.constant(vector, spec.softcap * unit);
    score = k.mul(cap, emitTanh(k, k.div(score, cap)));
  }
  Type type = floatOf(spec.biasElement);
  if (spec.bias == AttentionSpec::ContiguousBias) {
    Value mask = valid ? k.tailMask(k.sub(valid, k.add(t, i)), lanes) : Value();
    score = k.add(score, loadLanes(k, type, lanes, mask, biasRow, t, i));
  } else if (spec.bias == AttentionSpec::BroadcastBias) {
    Value one = loadLanes(k, type, 1, Value(), biasRow);
    score = k.add(score, k.broadcast(one, lanes));
  }
  return score;
}

Value AttentionSoftmax::masked(Value score, Value t, int64_t i, Value low,
                               Value end) {
  if (spec.keyMask)
    score = k.add(score, k.load(vector, maskRow, t, i));
  Value index =
      k.add(k.add(k.iota(lanes, k.i32()), k.constantInt(low.getType(), i)),
            k.broadcast(k.convert(t, k.i32()), lanes));
  Value kept = k.cmp(CmpI::slt, index, end);
  if (spec.window)
    kept = k.bitAnd(kept, k.cmp(CmpI::sge, index, low));
  return k.select(kept, score, k.constant(vector, -INFINITY));
}

AttentionSoftmax::Merge AttentionSoftmax::merge(Value top, Value total,
                                                Value blockTop,
                                                Value blockTotal) {
  Merge m;
  m.top = k.max(blockTop, top);
  Type type = top.getType();
  Value none = k.cmp(CmpF::OEQ, m.top, k.constant(type, -INFINITY));
  Value base = k.select(none, k.zero(type), m.top);
  m.old = power(k.sub(top, base));
  m.fresh = power(k.sub(blockTop, base));
  m.total = k.fma(total, m.old, k.mul(blockTotal, m.fresh));
  return m;
}

} // namespace llmc
