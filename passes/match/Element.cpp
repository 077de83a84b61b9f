// SPDX-License-Identifier: Apache-2.0
// Elements: going from an element of a value to elements of its operands. Ops
// that are not understood, and indices that are not proven to be inside, end as
// a Load.
#include "passes/match/Element.h"

#include "passes/match/Match.h"
#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/TypeSwitch.h"

#include <bit>

using namespace mlir;
using namespace llmc::llm;

namespace llmc::match {

AffineExpr Elements::variable(Dim extent) {
  sizes.push_back(extent);
  return getAffineDimExpr(sizes.size() - 1, ctx);
}

Formula Elements::unique(Element e) {
  size_t hash = llvm::hash_combine(
      static_cast<int>(e.kind), e.type, std::bit_cast<uint64_t>(e.number),
      e.index, e.tensor.getAsOpaquePointer(), e.op,
      llvm::hash_combine_range(e.args.begin(), e.args.end()));
  auto [first, last] = byHash.equal_range(hash);
  for (auto it = first; it != last; ++it) {
    const Element &o = *it->second;
    if (o.kind == e.kind && o.type == e.type && o.number == e.number &&
        o.index == e.index && o.tensor == e.tensor && o.op == e.op &&
        o.args == e.args)
      return it->second;
  }
  owned.push_back(std::make_unique<Element>(std::move(e)));
  byHash.emplace(hash, owned.back().get());
  return owned.back().get();
}

Formula Elements::number(double n, Type type) {
  Element e = Element::make(Element::Kind::Number, type);
  e.number = n;
  return unique(std::move(e));
}

Formula Elements::index(AffineExpr expr) {
  Element e = Element::make(Element::Kind::Index, IntegerType::get(ctx, 64));
  e.index = simplified(expr);
  return unique(std::move(e));
}

Formula Elements::load(Value v, ArrayRef<Formula> at) {
  Element e = Element::make(Element::Kind::Load, elementOf(v));
  e.tensor = v;
  e.args.assign(at.begin(), at.end());
  return unique(std::move(e));
}

SmallVector<bool> Elements::dependsOn(Formula f) const {
  SmallVector<bool> out(sizes.size(), false);
  std::function<void(Formula)> visit = [&](Formula x) {
    if (x->index)
      x->index.walk([&](AffineExpr e) {
        if (auto d = dyn_cast<AffineDimExpr>(e))
          out[d.getPosition()] = true;
      });
    for (Formula a : x->args)
      visit(a);
  };
  visit(f);
  return out;
}

Formula Elements::at(Value v, ArrayRef<AffineExpr> indices) {
  SmallVector<Formula> formulas;
  for (AffineExpr e : indices)
    formulas.push_back(index(e));
  return at(v, formulas);
}

Formula Elements::at(Value v, ArrayRef<Formula> indices) {
  auto key =
      std::make_pair(v.getAsOpaquePointer(), SmallVector<Formula, 4>(indices));
  auto it = memo.find(key);
  if (it != memo.end())
    return it->second;
  Formula f = evaluate(v, indices);
  memo[key] = f;
  return f;
}

static bool areIndices(ArrayRef<Formula> fs) {
  return llvm::all_of(
      fs, [](Formula f) { return f->kind == Element::Kind::Index; });
}

Formula Elements::evaluate(Value v, ArrayRef<Formula> point) {
  Operation *op = v.getDefiningOp();
  if (!op)
    return load(v, point);
  if (isa<ElementwiseOp>(op))
    return elementwise(op, point);
  return llvm::TypeSwitch<Operation *, Formula>(op)
      .Case([&](ConstantOp c) { return constant(c, point); })
      .Case([&](DimsOp d) -> Formula {
        auto results = d.getValues().getResults();
        if (results.size() == 1)
          return index(results[0]);
        if (point.size() == 1 && areIndices(point))
          if (auto k = fixedDim(point[0]->index);
              k && *k >= 0 && *k < static_cast<int64_t>(results.size()))
            return index(results[*k]);
        return load(v, point);
      })
      .Case([&](RangeOp r) -> Formula {
        Formula start = at(r.getStart(), ArrayRef<Formula>{}),
                delta = at(r.getDelta(), ArrayRef<Formula>{});
        if (start->kind != Element::Kind::Index ||
            delta->kind != Element::Kind::Index || !areIndices(point))
          return load(v, point);
        return index(start->index + delta->index * point[0]->index);
      })
      .Case([&](ReshapeOp r) { return reshaped(r, point); })
      .Case([&](ExpandOp e) -> Formula {
        Dims from = dimsOf(e.getX()), to = dimsOf(e);
        SmallVector<Formula> inner;
        for (auto [k, d] : llvm::enumerate(from)) {
          size_t axis = to.size() - from.size() + k;
          if (fixedDim(d) == 1)
            inner.push_back(index(constantDim(ctx, 0)));
          else if (d == to[axis])
            inner.push_back(point[axis]);
          else
            return load(v, point);
        }
        return at(e.getX(), inner);
      })
      .Case([&](TransposeOp t) {
        SmallVector<Formula> inner(point.size());
        for (auto [i, p] : llvm::enumerate(t.getPerm()))
          inner[p] = point[i];
        return at(t.getX(), inner);
      })
      .Case([&](SliceOp s) -> Formula {
        if (!areIndices(point))
          return load(v, point);
        SmallVector<AffineExpr> inner;
        for (auto [k, start] : llvm::enumerate(s.getStarts().getResults()))
          inner.push_back(start + point[k]->index * s.getSteps()[k]);
        return at(s.getX(), inner);
      })
      .Case([&](ConcatOp c) { return concatenated(c, point); })
      .Case<GatherOp, GatherNDOp, EmbeddingOp>(
          [&](Operation *o) { return gathered(o, point); })
      .Case([&](MatmulOp m) { return product(m, point); })
      .Case([&](TriluOp t) -> Formula {
        Formula k =
            t.getK()
                ? at(t.getK(), SmallVector<Formula>(rankOf(t.getK()),
                                                    index(constantDim(ctx, 0))))
                : index(constantDim(ctx, 0));
        if (k->kind != Element::Kind::Index || !areIndices(point))
          return load(v, point);
        AffineExpr row = point[point.size() - 2]->index,
                   column = point.back()->index,
                   above = column - row - k->index;
        Formula kept = atLeast0(t.getUpper() ? above : -above);
        Type type = elementOf(v);
        Formula zero = isa<IntegerType>(type) && !type.isInteger(1)
                           ? index(constantDim(ctx, 0))
                           : number(0, type);
        return where(kept, at(t.getX(), point), zero, type);
      })
      .Default([&](Operation *) { return load(v, point); });
}

Formula Elements::elementwise(Operation *op, ArrayRef<Formula> point) {
  // An attribute would tell apart formulas that look equal. Those of a cast
  // matter only for floats of 8 bits and less.
  Type type = elementOf(op->getResult(0));
  bool isPlainCast = isa<CastOp>(op) && (isa<IntegerType>(type) ||
                                         type.getIntOrFloatBitWidth() >= 16);
  if (!op->getAttrs().empty() && !isPlainCast)
    return load(op->getResult(0), point);
  Dims result = dimsOf(op->getResult(0));
  SmallVector<Formula> args;
  for (Value operand : op->getOperands()) {
    Dims dims = dimsOf(operand);
    SmallVector<Formula> inner;
    for (auto [k, d] : llvm::enumerate(dims)) {
      size_t axis = result.size() - dims.size() + k;
      if (fixedDim(d) == 1)
        inner.push_back(index(constantDim(ctx, 0)));
      else if (d == result[axis])
        inner.push_back(point[axis]);
      else // broadcast or not is known at run time only
        return load(op->getResult(0), point);
    }
    args.push_back(at(operand, inner));
  }
  return apply(op, args);
}

/// Constants that count along their axes (0, 1, 2, ...) are formulas as well.
static std::optional<AffineExpr> progression(DenseElementsAttr a,
                                             ArrayRef<Formula> at) {
  auto shape = cast<RankedTensorType>(a.getType()).getShape();
  SmallVector<int64_t> values;
  for (const APInt &x : a.getValues<APInt>())
    values.push_back(x.getSExtValue());
  SmallVector<int64_t> strides(shape.size(), 1), steps(shape.size(), 0);
  for (int64_t k = static_cast<int64_t>(shape.size()) - 2; k >= 0; --k)
    strides[k] = strides[k + 1] * shape[k + 1];
  for (size_t k = 0; k < shape.size(); ++k)
    if (shape[k] > 1)
      steps[k] = values[strides[k]] - values[0];
  for (size_t n = 0; n < values.size(); ++n) {
    int64_t want = values[0], left = n;
    for (size_t k = 0; k < shape.size(); ++k) {
      want += left / strides[k] * steps[k];
      left %= strides[k];
    }
    if (want != values[n])
      return std::nullopt;
  }
  AffineExpr out = constantDim(a.getContext(), values[0]);
  for (size_t k = 0; k < shape.size(); ++k)
    out = out + at[k]->index * steps[k];
  return out;
}

Formula Elements::constant(ConstantOp op, ArrayRef<Formula> point) {
  Type type = elementOf(op.getResult());
  bool integer = isa<IntegerType>(type) && !type.isInteger(1);
  if (auto n = splatOf(op.getResult()))
    return integer ? index(constantDim(ctx, static_cast<int64_t>(*n)))
                   : number(*n, type);
  auto dense = dyn_cast<DenseElementsAttr>(op.getValue());
  if (dense && integer && dense.getNumElements() > 0 && areIndices(point))
    if (auto e = progression(dense, point))
      return index(*e);
  return load(op.getResult(), point);
}

Formula Elements::reshaped(ReshapeOp op, ArrayRef<Formula> point) {
  if (!areIndices(point))
    return load(op.getResult(), point);
  Dims from = dimsOf(op.getX()), to = dimsOf(op);
  // Dims of size 1 come and go; equal rest, equal indices.
  SmallVector<AffineExpr> inner;
  size_t k = 0;
  bool plain = true;
  for (Dim d : from) {
    while (k < to.size() && fixedDim(to[k]) == 1 && d != to[k])
      ++k;
    if (k < to.size() && to[k] == d)
      inner.push_back(fixedDim(d) == 1 ? constantDim(ctx, 0) : point[k]->index),
          ++k;
    else if (fixedDim(d) == 1)
      inner.push_back(constantDim(ctx, 0));
    else
      plain = false;
    if (!plain)
      break;
  }
  while (plain && k < to.size())
    plain = fixedDim(to[k++]) == 1;
  if (plain)
    return at(op.getX(), inner);
  AffineExpr linear = constantDim(ctx, 0);
  for (auto [size, f] : llvm::zip(to, point))
    linear = linear * size + f->index;
  inner.assign(from.size(), constantDim(ctx, 0));
  for (int64_t axis = static_cast<int64_t>(from.size()) - 1; axis > 0; --axis) {
    if (fixedDim(from[axis]) == 1)
      continue;
    Division d = divide(linear, from[axis]);
    if (!provablyIndexOf(d.rest, from[axis], sizes))
      return load(op.getResult(), point);
    inner[axis] = d.rest;
    linear = d.quotient;
  }
  if (!from.empty())
    inner[0] = simplified(linear);
  return at(op.getX(), inner);
}

Formula Elements::concatenated(ConcatOp op, ArrayRef<Formula> point) {
  int64_t axis = op.getAxis();
  if (point[axis]->kind != Element::Kind::Index)
    return load(op.getResult(), point);
  AffineExpr e = point[axis]->index;
  for (Value v : op.getInputs()) {
    Dim size = dimsOf(v)[axis];
    if (provablyIndexOf(e, size, sizes)) {
      SmallVector<Formula> inner(point);
      inner[axis] = index(e);
      return at(v, inner);
    }
    if (!provablyNonNegative(e - size, sizes))
      break;
    e = simplified(e - size);
  }
  return load(op.getResult(), point);
}

Formula Elements::gathered(Operation *op, ArrayRef<Formula> point) {
  Value data = op->getOperand(0), indices = op->getOperand(1),
        result = op->getResult(0);
  int64_t rank = rankOf(indices);
  SmallVector<Formula> inner;
  // An index counts from the end when negative, so it has to be proven inside;
  // a loaded one stays what it is: the formula only compares equal to itself.
  auto inside = [&](Formula f, int64_t axis) {
    return f->kind != Element::Kind::Index ||
           provablyIndexOf(f->index, dimsOf(data)[axis], sizes);
  };
  if (auto nd = dyn_cast<GatherNDOp>(op)) {
    int64_t tuple = *fixedDim(dimsOf(indices).back());
    if (nd.getBatchDims() != 0)
      return load(result, point);
    for (int64_t k = 0; k < tuple; ++k) {
      SmallVector<Formula> where(point.take_front(rank - 1));
      where.push_back(index(constantDim(ctx, k)));
      inner.push_back(at(indices, where));
      if (!inside(inner.back(), k))
        return load(result, point);
    }
    inner.append(point.begin() + rank - 1, point.end());
    return at(data, inner);
  }
  int64_t axis = isa<EmbeddingOp>(op) ? 0 : cast<GatherOp>(op).getAxis();
  inner.append(point.begin(), point.begin() + axis);
  inner.push_back(at(indices, point.slice(axis, rank)));
  if (!inside(inner.back(), axis))
    return load(result, point);
  inner.append(point.begin() + axis + rank, point.end());
  return at(data, inner);
}

/// A product over one inner element is a multiplication.
Formula Elements::product(MatmulOp op, ArrayRef<Formula> point) {
  Dims a = dimsOf(op.getA()), b = dimsOf(op.getB());
  size_t rank = point.size();
  if (a.size() < 2 || b.size() < 2 || fixedDim(a.back()) != 1)
    return load(op.getResult(), point);
  Dims result = dimsOf(op);
  Formula zero = index(constantDim(ctx, 0));
  auto operand = [&](Value v, ArrayRef<Dim> dims, Formula row,
                     Formula column) -> Formula {
    SmallVector<Formula> inner;
    for (size_t k = 0; k + 2 < dims.size(); ++k) {
      size_t axis = rank - dims.size() + k;
      if (fixedDim(dims[k]) != 1 && dims[k] != result[axis])
        return nullptr;
      inner.push_back(fixedDim(dims[k]) == 1 ? zero : point[axis]);
    }
    inner.push_back(row);
    inner.push_back(column);
    return at(v, inner);
  };
  Formula x = operand(op.getA(), a, point[rank - 2], zero),
          y = operand(op.getB(), b, zero, point[rank - 1]);
  if (!x || !y)
    return load(op.getResult(), point);
  return applied("mul", elementOf(op.getResult()), {x, y});
}

} // namespace llmc::match
