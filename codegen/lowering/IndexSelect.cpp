// SPDX-License-Identifier: Apache-2.0
// Finding elements: true ones, the largest ones, groups of equal ones. One tile
// where places depend on what was found before.
#include "codegen/lowering/Loops.h"
#include "codegen/ref/PlainKernel.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace llmc {

static LogicalResult lowerNonZero(Operation *op, EntryLowering &e) {
  auto nonZero = cast<llm::NonZeroOp>(op);
  MemTensor mask = e.get(nonZero.getMask()),
            out = e.result(nonZero.getResult());
  int64_t rank = mask.rank();
  auto emit = [&](PlainBody &b) {
    Value found = b.k.scratch(b.k.i64(), 1, 8);
    auto visit = [&](Values at) {
      Value n = b.k.load(b.k.i64(), found);
      Value here = b.k.bitAnd(b.load(0, at), b.k.lt(n, b.dim(1, 1)));
      b.k.ifThen(here, [&] {
        for (int64_t axis = 0; axis < rank; ++axis)
          b.store(at[axis], 1, {b.k.ci(axis), n});
        b.k.store(b.k.add(n, 1), found);
      });
    };
    Values at;
    std::function<void()> nest = [&] {
      if (static_cast<int64_t>(at.size()) == rank)
        return visit(at);
      b.k.forLoop(b.dim(0, at.size()), [&](Value iv) {
        at.push_back(iv);
        nest();
        at.pop_back();
      });
    };
    b.forTiles(0, 0, [&](Values) {
      b.k.store(b.k.ci(0), found);
      nest();
    });
  };
  launchPlain(e, "non_zero", "", {{mask}, {out, true}}, {}, 0, 0, emit);
  return success();
}

// ---- sorting ----

static Values whileLoop(CodeBuilder &k, ValueRange inits,
                        llvm::function_ref<Value(ValueRange)> condition,
                        llvm::function_ref<Values(ValueRange)> body) {
  OpBuilder &b = k.builder();
  auto loop = scf::WhileOp::create(
      b, k.location(), inits.getTypes(), inits,
      [&](OpBuilder &, Location loc, ValueRange carried) {
        Value go = condition(carried);
        scf::ConditionOp::create(b, loc, go, carried);
      },
      [&](OpBuilder &, Location loc, ValueRange carried) {
        Values next = body(carried);
        scf::YieldOp::create(b, loc, next);
      });
  return Values(loop.getResults());
}

/// x < y, with NaN above everything and equal to itself.
static Value isBelow(CodeBuilder &k, Value x, Value y, Type element) {
  if (isa<FloatType>(element))
    return k.bitOr(k.cmp(CmpF::OLT, x, y),
                   k.bitAnd(k.cmp(CmpF::UNO, y, y), k.cmp(CmpF::ORD, x, x)));
  bool isUnsigned = element.isUnsignedInteger() || element.isInteger(1);
  return k.cmp(isUnsigned ? CmpI::ult : CmpI::slt, x, y);
}

namespace {
/// A heap over places 0, 1, ... whose root is what comes last in the order.
class Heap {
public:
  using Before = std::function<Value(Value i, Value j)>;
  using Swap = std::function<void(Value i, Value j)>;
  Heap(CodeBuilder &k, Before before, Swap swap)
      : k(k), before(std::move(before)), swap(std::move(swap)) {}

  /// Brings the root of a part down to where it belongs, below `end`.
  void siftDown(Value root, Value end) {
    auto child = [&](Value at) { return k.add(k.mul(at, 2), 1); };
    whileLoop(
        k, {root}, [&](ValueRange at) { return k.lt(child(at[0]), end); },
        [&](ValueRange at) -> Values {
          Value left = child(at[0]), right = k.add(left, 1);
          Value last = k.ifElse(
              k.lt(right, end),
              [&]() -> Values {
                return {k.select(before(left, right), right, left)};
              },
              [&]() -> Values { return {left}; })[0];
          return k.ifElse(
              before(at[0], last),
              [&]() -> Values {
                swap(at[0], last);
                return {last};
              },
              [&]() -> Values { return {end}; }); // it is in its place
        });
  }

  void build(Value count) {
    Value half = k.divSize(count, 2);
    k.forLoop(half,
              [&](Value i) { siftDown(k.sub(k.sub(half, 1), i), count); });
  }

  /// Of a heap that was built.
  void sort(Value count) {
    k.forLoop(k.ci(1), count, k.ci(1), [&](Value i) {
      Value end = k.sub(count, i);
      swap(k.ci(0), end);
      siftDown(k.ci(0), end);
    });
  }

private:
  CodeBuilder &k;
  Before before;
  Swap swap;
};
} // namespace

/// A heap of the best k in the results, of which a better element replaces the
/// worst, then sorted in place.
static void emitTopK(PlainBody &b, Values index, bool smallest) {
  CodeBuilder &k = b.k;
  int64_t axis = index.size();
  Value n = b.dim(0, axis), count = b.dim(1, axis);
  auto at = [&](Value i) {
    Values all = index;
    all.push_back(i);
    return all;
  };
  auto comesBefore = [&](Value x, Value i, Value y, Value j) {
    Value below = isBelow(k, x, y, b.element(0)),
          above = isBelow(k, y, x, b.element(0));
    Value isTie = k.eq(k.bitOr(below, above), k.constantInt(k.i1(), 0));
    return k.bitOr(smallest ? below : above, k.bitAnd(isTie, k.lt(i, j)));
  };
  auto value = [&](Value i) { return b.load(1, at(i)); };
  auto place = [&](Value i) { return b.load(2, at(i)); };
  auto put = [&](Value i, Value v, Value from) {
    b.store(v, 1, at(i));
    b.store(from, 2, at(i));
  };
  Heap heap(
      k,
      [&](Value i, Value j) {
        return comesBefore(value(i), place(i), value(j), place(j));
      },
      [&](Value i, Value j) {
        Value v = value(i), from = place(i);
        put(i, value(j), place(j));
        put(j, v, from);
      });
  k.forLoop(count, [&](Value i) { put(i, b.load(0, at(i)), i); });
  heap.build(count);
  Value zero = k.ci(0);
  k.forLoop(count, k.select(k.eq(count, zero), zero, n), k.ci(1), [&](Value i) {
    Value v = b.load(0, at(i));
    k.ifThen(comesBefore(v, i, value(zero), place(zero)), [&] {
      put(zero, v, i);
      heap.siftDown(zero, count);
    });
  });
  heap.sort(count);
}

static LogicalResult lowerTopK(Operation *op, EntryLowering &e) {
  auto top = cast<llm::TopKOp>(op);
  int64_t kept = 0, axis = top.getAxis();
  MemTensor x = reducedLast(e.get(top.getX()), axis, kept),
            values = reducedLast(e.result(top.getValues()), axis, kept),
            indices = reducedLast(e.result(top.getIndices()), axis, kept);
  bool smallest = top.getSmallest();
  launchPlain(e, "top_k", smallest ? "s" : "l",
              {{x}, {values, true}, {indices, true}}, {}, 0, kept,
              [&](PlainBody &b) {
                b.forTiles(0, kept,
                           [&](Values index) { emitTopK(b, index, smallest); });
              });
  return success();
}

// ---- groups ----

namespace {
/// The operands of the kernel of llm.unique.
struct UniqueBody {
  enum { X, First, Counts, Group, Number, Order };
  PlainBody &b;
  CodeBuilder &k = b.k;
  Value n = b.dim(X, 0);

  Value get(unsigned t, Value i) { return b.load(t, {i}); }
  void put(Value v, unsigned t, Value i) { b.store(v, t, {i}); }

  /// 0 where the rows are equal, 1 where the first is below, else 2.
  Value compare(Value r, Value s) {
    Value zero = k.ci(0);
    return whileLoop(
        k, {zero, zero},
        [&](ValueRange c) {
          return k.bitAnd(k.lt(c[0], b.dim(X, 1)), k.eq(c[1], zero));
        },
        [&](ValueRange c) -> Values {
          Value x = b.load(X, {r, c[0]}), y = b.load(X, {s, c[0]});
          Value above = k.select(isBelow(k, y, x, b.element(X)), k.ci(2), zero);
          return {k.add(c[0], 1),
                  k.select(isBelow(k, x, y, b.element(X)), k.ci(1), above)};
        })[1];
  }

  void sortRows() {
    Heap heap(
        k,
        [&](Value i, Value j) {
          Value r = get(Order, i), s = get(Order, j), c = compare(r, s);
          return k.bitOr(k.eq(c, k.ci(1)),
                         k.bitAnd(k.eq(c, k.ci(0)), k.lt(r, s)));
        },
        [&](Value i, Value j) {
          Value r = get(Order, i);
          put(get(Order, j), Order, i);
          put(r, Order, j);
        });
    heap.build(n);
    heap.sort(n);
  }

  void count(Value g) { put(k.add(get(Counts, g), 1), Counts, g); }

  /// Numbers the groups along the sorted rows.
  void numberByValue() {
    Value last =
        k.forLoop(k.ci(0), n, k.ci(1), {k.ci(-1)},
                  [&](Value p, ValueRange carried) -> Values {
                    Value r = get(Order, p), zero = k.ci(0);
                    Value before = get(Order, k.max(k.sub(p, 1), zero));
                    Value differs = k.cmp(CmpI::ne, compare(before, r), zero);
                    Value isNew = k.bitOr(k.eq(p, zero), differs);
                    Value g = k.select(isNew, k.add(carried[0], 1), carried[0]);
                    k.ifThen(isNew, [&] { put(r, First, g); });
                    put(g, Group, r);
                    count(g);
                    return {g};
                  })[0];
    b.store(k.add(last, 1), Number, {});
  }

  /// Numbers them anew in the order of their first rows.
  void numberByAppearance() {
    k.forLoop(k.ci(0), n, k.ci(1), {k.ci(0)},
              [&](Value r, ValueRange next) -> Values {
                Value g = get(Group, r), isFirst = k.eq(get(First, g), r);
                k.ifThen(isFirst, [&] { put(next[0], Order, g); });
                put(get(Order, g), Group, r);
                return {k.select(isFirst, k.add(next[0], 1), next[0])};
              });
    k.forLoop(n, [&](Value i) { put(k.ci(0), Counts, i); });
    k.forLoop(n, [&](Value r) {
      Value g = get(Group, r);
      k.ifThen(k.eq(get(Counts, g), k.ci(0)), [&] { put(r, First, g); });
      count(g);
    });
  }
};
} // namespace

static LogicalResult lowerUnique(Operation *op, EntryLowering &e) {
  auto unique = cast<llm::UniqueOp>(op);
  MemTensor x = e.get(unique.getX());
  SmallVector<PlainTensor> tensors = {{x}};
  for (Value v : op->getResults())
    tensors.push_back({e.result(v), true});
  llm::Dim bytes = x.shape[0] * 8;
  tensors.push_back(
      {e.makeTensor(e.scratch(bytes), unique.getFirst().getType()), true});
  bool byAppearance = unique.getByAppearance();
  launchPlain(e, "unique", byAppearance ? "a" : "v", tensors, {}, 0, 0,
              [&](PlainBody &b) {
                b.forTiles(0, 0, [&](Values) {
                  UniqueBody u{b};
                  b.k.forLoop(u.n, [&](Value i) {
                    u.put(i, UniqueBody::Order, i);
                    u.put(b.k.ci(0), UniqueBody::First, i);
                    u.put(b.k.ci(0), UniqueBody::Counts, i);
                  });
                  u.sortRows();
                  u.numberByValue();
                  if (byAppearance)
                    u.numberByAppearance();
                });
              });
  return success();
}

void addSelectLowerings(LoweringTable &table) {
  table["llm.non_zero"] = lowerNonZero;
  table["llm.top_k"] = lowerTopK;
  table["llm.unique"] = lowerUnique;
}

} // namespace llmc
