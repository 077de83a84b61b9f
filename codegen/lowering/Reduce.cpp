// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Reduce.h"
#include "codegen/cpu/Math.h"
#include "codegen/cpu/MathDouble.h"
#include "codegen/lowering/Loops.h"
#include "codegen/lowering/Scalar.h"
#include "codegen/ref/PlainKernel.h"

using namespace mlir;

namespace llmc {

using llm::ReduceKind;

/// The result without its kept dims of 1, so that its index is the kept axes'.
static MemTensor squeezed(MemTensor out, ArrayRef<int64_t> axes,
                          bool keepdims) {
  if (!keepdims)
    return out;
  int64_t kept = 0;
  MemTensor r = reducedLast(out, axes, kept);
  r.dims.truncate(kept), r.strides.truncate(kept), r.shape.truncate(kept);
  return r;
}

/// Sums accumulate in f64 on the reference target, in the compute type
/// elsewhere; integers in i64, or in f64 where a root or logarithm follows.
static Type accumulatorType(EntryLowering &e, Type element, ReduceKind kind) {
  Type t = computeType(element);
  bool ordered = kind == ReduceKind::Max || kind == ReduceKind::Min;
  bool isReal = kind == ReduceKind::L2 || kind == ReduceKind::LogSum ||
                kind == ReduceKind::LogSumExp;
  if (!isa<FloatType>(t))
    return isReal ? e.host().f64() : ordered ? t : e.host().i64();
  return e.target().isReference() && !ordered ? e.host().f64() : t;
}

static Value neutral(CodeBuilder &k, Type t, Type element, ReduceKind kind) {
  auto f = isa<FloatType>(t);
  unsigned width = t.getIntOrFloatBitWidth();
  bool isUnsigned = element.isUnsignedInteger() || element.isInteger(1);
  switch (kind) {
  case ReduceKind::Max:
    return f ? k.constant(t, -INFINITY)
             : k.constantInt(
                   t, isUnsigned
                          ? 0
                          : APInt::getSignedMinValue(width).getSExtValue());
  case ReduceKind::Min:
    return f ? k.constant(t, INFINITY)
             : k.constantInt(
                   t, isUnsigned
                          ? -1
                          : APInt::getSignedMaxValue(width).getSExtValue());
  case ReduceKind::Prod:
    return f ? k.constant(t, 1) : k.constantInt(t, 1);
  default:
    return k.zero(t);
  }
}

static Value accumulate(CodeBuilder &k, ReduceKind kind, Type element,
                        Value sum, Value x) {
  bool f = isa<FloatType>(x.getType()),
       isUnsigned = element.isUnsignedInteger() || element.isInteger(1);
  switch (kind) {
  case ReduceKind::Max:
    return f ? k.maximum(sum, x)
             : k.select(k.cmp(isUnsigned ? CmpI::ugt : CmpI::sgt, x, sum), x,
                        sum);
  case ReduceKind::Min:
    return f ? k.minimum(sum, x)
             : k.select(k.cmp(isUnsigned ? CmpI::ult : CmpI::slt, x, sum), x,
                        sum);
  case ReduceKind::Prod:
    return k.mul(sum, x);
  case ReduceKind::L1:
    return k.add(sum, f || !isUnsigned ? k.abs(x) : x);
  case ReduceKind::L2:
  case ReduceKind::SumSquare:
    return k.add(sum, k.mul(x, x));
  case ReduceKind::LogSumExp: // on values less the maximum
    return k.add(sum, emitExp(k, x));
  default:
    return k.add(sum, x);
  }
}

/// Loops over the axes [from, rank) of tensor 0, carrying `sum`.
static Value nest(PlainBody &b, int64_t axis, int64_t rank, Values &index,
                  Value sum,
                  llvm::function_ref<Value(Value sum, Values &index)> step) {
  if (axis == rank)
    return step(sum, index);
  return b.k.forLoop(b.k.ci(0), b.dim(0, axis), b.k.ci(1), {sum},
                     [&](Value iv, ValueRange carried) -> Values {
                       index.push_back(iv);
                       Value next =
                           nest(b, axis + 1, rank, index, carried[0], step);
                       index.pop_back();
                       return {next};
                     })[0];
}

static Value finishReduce(CodeBuilder &k, ReduceKind kind, Value sum,
                          Value count, Value shift) {
  auto viaDouble = [&](llvm::function_ref<Value(Value)> f) {
    return k.convert(f(k.convert(sum, k.f64())), sum.getType());
  };
  switch (kind) {
  case ReduceKind::Mean:
    return isa<FloatType>(sum.getType())
               ? k.div(sum, k.convert(count, sum.getType()))
               : k.div(sum, k.max(count, k.ci(1)));
  case ReduceKind::L2:
    return isa<FloatType>(sum.getType())
               ? k.sqrt(sum)
               : viaDouble([&](Value d) { return k.sqrt(d); });
  case ReduceKind::LogSum:
    return viaDouble([&](Value d) { return emitLog(k, d); });
  case ReduceKind::LogSumExp:
    return k.add(viaDouble([&](Value d) { return emitLog(k, d); }), shift);
  default:
    return sum;
  }
}

/// The reduction kernel, for f32 over adjacent axes of a dense tensor. False:
/// it does not take them.
static bool launchReduce(EntryLowering &e, llm::ReduceOp reduce) {
  ReduceKind kind = reduce.getKind();
  SmallVector<int64_t> axes(reduce.getAxes());
  llvm::sort(axes);
  bool adjacent = !axes.empty() && axes.back() - axes.front() + 1 ==
                                       static_cast<int64_t>(axes.size());
  bool simple = kind != ReduceKind::LogSum && kind != ReduceKind::LogSumExp;
  if (e.target().isReference() || !adjacent || !simple ||
      !llm::elementOf(reduce.getX()).isF32())
    return false;
  MemTensor x = e.get(reduce.getX());
  if (!x.contiguous)
    return false;
  MemTensor out = e.result(reduce.getResult());
  CodeBuilder &h = e.host();
  ReduceSpec spec;
  spec.kind = kind == ReduceKind::Max    ? ReduceSpec::Max
              : kind == ReduceKind::Min  ? ReduceSpec::Min
              : kind == ReduceKind::Prod ? ReduceSpec::Mul
                                         : ReduceSpec::Add;
  spec.key = stringifyReduceKind(kind).str();
  spec.input = spec.sum = spec.output = h.f32();
  if (kind == ReduceKind::L1)
    spec.pre = [](CodeBuilder &k, Value v) { return k.abs(v); };
  if (kind == ReduceKind::L2 || kind == ReduceKind::SumSquare)
    spec.pre = [](CodeBuilder &k, Value v) { return k.mul(v, v); };
  if (kind == ReduceKind::L2)
    spec.post = [](CodeBuilder &k, Value v, Value) { return k.sqrt(v); };
  if (kind == ReduceKind::Mean)
    spec.post = [](CodeBuilder &k, Value v, Value n) { return k.div(v, n); };
  ArrayRef<Value> dims = x.dims;
  Value outer = e.product(dims.take_front(axes.front())),
        reduced = e.product(dims.slice(axes.front(), axes.size())),
        inner = e.product(dims.drop_front(axes.back() + 1));
  spec.rows = axes.back() == x.rank() - 1;
  SmallVector<Value> args(ReduceArgCount);
  args[ReduceX] = x.base, args[ReduceY] = out.base, args[ReduceOuter] = outer,
  args[ReduceReduced] = reduced, args[ReduceInner] = inner;
  TileCount tiles = reduceTiles(h, spec, outer, reduced, inner);
  e.launch(emitReduce(e.kernels(), spec), args, tiles.count, tiles.grain);
  return true;
}

static LogicalResult lowerReduce(Operation *op, EntryLowering &e) {
  auto reduce = cast<llm::ReduceOp>(op);
  if (launchReduce(e, reduce))
    return success();
  ReduceKind kind = reduce.getKind();
  int64_t kept = 0;
  MemTensor x = reducedLast(e.get(reduce.getX()), reduce.getAxes(), kept);
  MemTensor out = squeezed(e.result(reduce.getResult()), reduce.getAxes(),
                           reduce.getKeepdims());
  int64_t rank = x.rank();
  std::string key = (stringifyReduceKind(kind) + "," + Twine(kept)).str();
  launchPlain(
      e, "reduce", key, {{x}, {out, true}}, {}, 1, kept, [&](PlainBody &b) {
        Type element = b.element(0), acc = accumulatorType(e, element, kind);
        b.forTiles(1, kept, [&](Values index) {
          Values at = index;
          auto value = [&](Values &i) {
            return b.k.convert(b.load(0, i), acc, element.isUnsignedInteger());
          };
          Value shift;
          if (kind == ReduceKind::LogSumExp) {
            Value top = nest(
                b, kept, rank, at, neutral(b.k, acc, element, ReduceKind::Max),
                [&](Value m, Values &i) { return b.k.maximum(m, value(i)); });
            shift = b.k.select(
                b.k.cmp(CmpF::OLT, b.k.abs(top), b.k.constant(acc, INFINITY)),
                top, b.k.zero(acc));
          }
          Value sum = nest(b, kept, rank, at, neutral(b.k, acc, element, kind),
                           [&](Value s, Values &i) {
                             Value v = value(i);
                             return accumulate(b.k, kind, element, s,
                                               shift ? b.k.sub(v, shift) : v);
                           });
          Value count = b.k.ci(1);
          for (int64_t i = kept; i < rank; ++i)
            count = b.k.mul(count, b.dim(0, i));
          b.store(b.k.convert(finishReduce(b.k, kind, sum, count, shift),
                              computeType(element)),
                  1, index);
        });
      });
  return success();
}

static LogicalResult lowerArgReduce(Operation *op, EntryLowering &e) {
  auto arg = cast<llm::ArgReduceOp>(op);
  int64_t kept = 0, axis = arg.getAxis();
  MemTensor x = reducedLast(e.get(arg.getX()), axis, kept);
  MemTensor out = squeezed(e.result(arg.getResult()), axis, arg.getKeepdims());
  bool smallest = arg.getSmallest(), last = arg.getLast();
  std::string key =
      std::string(smallest ? "min" : "max") + (last ? ",last" : "");
  launchPlain(
      e, "arg_reduce", key, {{x}, {out, true}}, {}, 1, kept, [&](PlainBody &b) {
        bool isUnsigned = b.element(0).isUnsignedInteger(),
             f = isa<FloatType>(b.element(0));
        b.forTiles(1, kept, [&](Values index) {
          Values at = index;
          at.push_back(b.k.ci(0));
          Values best = b.k.forLoop(
              b.k.ci(1), b.dim(0, kept), b.k.ci(1), {b.load(0, at), b.k.ci(0)},
              [&](Value iv, ValueRange carried) -> Values {
                at.back() = iv;
                Value v = b.load(0, at);
                Value better =
                    f ? b.k.cmp(smallest ? (last ? CmpF::OLE : CmpF::OLT)
                                         : (last ? CmpF::OGE : CmpF::OGT),
                                v, carried[0])
                      : b.k.cmp(
                            smallest
                                ? (isUnsigned ? (last ? CmpI::ule : CmpI::ult)
                                              : (last ? CmpI::sle : CmpI::slt))
                                : (isUnsigned ? (last ? CmpI::uge : CmpI::ugt)
                                              : (last ? CmpI::sge : CmpI::sgt)),
                            v, carried[0]);
                return {b.k.select(better, v, carried[0]),
                        b.k.select(better, iv, carried[1])};
              });
          b.store(best[1], 1, index);
        });
      });
  return success();
}

static LogicalResult lowerCumulate(Operation *op, EntryLowering &e) {
  auto sum = cast<llm::CumulateOp>(op);
  int64_t kept = 0, axis = sum.getAxis();
  MemTensor x = reducedLast(e.get(sum.getX()), axis, kept),
            out = reducedLast(e.result(sum.getResult()), axis, kept);
  bool exclusive = sum.getExclusive(), reverse = sum.getReverse(),
       product = sum.getProduct();
  std::string key = std::string(product ? "p" : "s") + (exclusive ? "e" : "i") +
                    (reverse ? "r" : "f");
  launchPlain(
      e, "cumulate", key, {{x}, {out, true}}, {}, 1, kept, [&](PlainBody &b) {
        Type acc = accumulatorType(e, b.element(0), ReduceKind::Sum);
        Value first = b.k.convert(b.k.ci(product), acc);
        b.forTiles(1, kept, [&](Values index) {
          Values at = index;
          at.push_back(Value());
          Value n = b.dim(0, kept);
          b.k.forLoop(b.k.ci(0), n, b.k.ci(1), {first},
                      [&](Value iv, ValueRange carried) -> Values {
                        at.back() = reverse ? b.k.sub(b.k.sub(n, 1), iv) : iv;
                        Value x = b.k.convert(b.load(0, at), acc,
                                              b.element(0).isUnsignedInteger());
                        Value next = product ? b.k.mul(carried[0], x)
                                             : b.k.add(carried[0], x);
                        b.store(b.k.convert(exclusive ? carried[0] : next,
                                            computeType(b.element(0))),
                                1, at);
                        return {next};
                      });
        });
      });
  return success();
}

void addReduceLowerings(LoweringTable &table) {
  table["llm.reduce"] = lowerReduce;
  table["llm.arg_reduce"] = lowerArgReduce;
  table["llm.cumulate"] = lowerCumulate;
}

} // namespace llmc
