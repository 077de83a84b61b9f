// SPDX-License-Identifier: Apache-2.0
// Elements: the algebra. Every rule keeps the value exactly; integers are sizes
// and indices, which don't overflow.
#include "passes/match/Element.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::match {

using Kind = Element::Kind;

Formula Elements::applied(StringRef op, Type type, ArrayRef<Formula> args) {
  Element e = Element::make(Kind::Apply, type);
  e.op = op;
  e.args.assign(args.begin(), args.end());
  return unique(std::move(e));
}

Formula Elements::atLeast0(AffineExpr expr) {
  Type boolean = IntegerType::get(ctx, 1);
  expr = simplified(expr);
  if (provablyNonNegative(expr, sizes))
    return number(1, boolean);
  if (provablyNonNegative(-expr - 1, sizes))
    return number(0, boolean);
  Element e = Element::make(Kind::AtLeast0, boolean);
  e.index = expr;
  return unique(std::move(e));
}

Formula Elements::negated(Formula f) {
  if (f->kind == Kind::Number)
    return number(f->number == 0, f->type);
  if (f->kind == Kind::AtLeast0)
    return atLeast0(-f->index - 1);
  if (f->is("not"))
    return f->args[0];
  if (f->is("and"))
    return either(negated(f->args[0]), negated(f->args[1]));
  if (f->is("or"))
    return both(negated(f->args[0]), negated(f->args[1]));
  return applied("not", f->type, {f});
}

Formula Elements::both(Formula a, Formula b) {
  if (a->isNumber(0) || b->isNumber(1) || a == b)
    return a;
  if (b->isNumber(0) || a->isNumber(1))
    return b;
  return applied("and", a->type, {a, b});
}

Formula Elements::either(Formula a, Formula b) {
  if (a->isNumber(1) || b->isNumber(0) || a == b)
    return a;
  if (b->isNumber(1) || a->isNumber(0))
    return b;
  return applied("or", a->type, {a, b});
}

Formula Elements::where(Formula c, Formula x, Formula y, Type type) {
  if (c->kind == Kind::Number)
    return c->number != 0 ? x : y;
  if (c->is("not"))
    return where(c->args[0], y, x, type);
  // Where `e != 0` does not hold, e is 0.
  if (c->kind == Kind::NonZero && c->args[0] == y)
    y = isa<FloatType>(type) || type.isInteger(1) ? number(0, type)
                                                  : index(constantDim(ctx, 0));
  if (x == y)
    return x;
  if (type.isInteger(1))
    return either(both(c, x), both(negated(c), y));
  return applied("where", type, {c, x, y});
}

static double roundedTo(double n, FloatType type) {
  llvm::APFloat f(n);
  bool lost = false;
  f.convert(type.getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven,
            &lost);
  f.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven,
            &lost);
  return f.convertToDouble();
}

Formula Elements::cast(Formula f, Type to) {
  if (f->type == to ||
      (f->kind == Kind::Index && isa<IntegerType>(to) && !to.isInteger(1)))
    return f;
  if (to.isInteger(1)) {
    if (f->kind == Kind::Number)
      return number(f->number != 0, to);
    if (f->kind == Kind::Index)
      return either(atLeast0(f->index - 1), atLeast0(-f->index - 1));
    // A number is 0 where what it was made of is 0; sizes of types keep that.
    if (f->is("cast") && !isa<FloatType>(f->args[0]->type))
      return cast(f->args[0], to);
    Element e = Element::make(Kind::NonZero, to);
    e.args = {f};
    return unique(std::move(e));
  }
  if (isa<FloatType>(to) && to.getIntOrFloatBitWidth() < 16)
    return applied("cast", to, {f});
  if (f->kind == Kind::Number) {
    if (auto t = dyn_cast<FloatType>(to))
      return number(roundedTo(f->number, t), to);
    if (f->type.isInteger(1))
      return index(constantDim(ctx, static_cast<int64_t>(f->number)));
  }
  if (f->kind == Kind::Index && isa<FloatType>(to))
    if (auto c = fixedDim(f->index))
      return number(
          roundedTo(static_cast<double>(*c), mlir::cast<FloatType>(to)), to);
  return applied("cast", to, {f});
}

Formula Elements::arithmetic(Operation *op, Formula a, Formula b) {
  if (a->kind == Kind::Index && b->kind == Kind::Index) {
    AffineExpr x = a->index, y = b->index;
    if (isa<AddOp>(op))
      return index(x + y);
    if (isa<SubOp>(op))
      return index(x - y);
    if (isa<MulOp>(op))
      return index(x * y);
    if (isa<MinOp, MaxOp>(op)) {
      bool less = provablyNonNegative(y - x, sizes),
           more = provablyNonNegative(x - y, sizes);
      if (less || more)
        return less == isa<MinOp>(op) ? a : b;
    }
  }
  if (a->kind == Kind::Number && b->kind == Kind::Number &&
      isa<FloatType>(a->type)) {
    auto type = mlir::cast<FloatType>(a->type);
    auto result = llvm::TypeSwitch<Operation *, std::optional<double>>(op)
                      .Case([&](AddOp) { return a->number + b->number; })
                      .Case([&](SubOp) { return a->number - b->number; })
                      .Case([&](MulOp) { return a->number * b->number; })
                      .Case([&](DivOp) { return a->number / b->number; })
                      .Default([](Operation *) { return std::nullopt; });
    if (result)
      return number(roundedTo(*result, type), type);
  }
  if (isa<AddOp>(op) && isa<FloatType>(a->type) && a->isNumber(0))
    return b;
  if (isa<AddOp>(op) && isa<FloatType>(a->type) && b->isNumber(0))
    return a;
  return applied(op->getName().stripDialect(), elementOf(op->getResult(0)),
                 {a, b});
}

Formula Elements::comparison(Operation *op, Formula a, Formula b) {
  Type boolean = IntegerType::get(ctx, 1);
  if (a->kind == Kind::Index && b->kind == Kind::Index) {
    AffineExpr x = a->index, y = b->index;
    if (isa<LessEqualOp>(op))
      return atLeast0(y - x);
    if (isa<LessOp>(op))
      return atLeast0(y - x - 1);
    if (isa<GreaterEqualOp>(op))
      return atLeast0(x - y);
    if (isa<GreaterOp>(op))
      return atLeast0(x - y - 1);
    return both(atLeast0(x - y), atLeast0(y - x));
  }
  if (isa<EqualOp>(op))
    for (auto [x, y] : {std::make_pair(a, b), std::make_pair(b, a)}) {
      bool zero =
          y->isNumber(0) || (y->kind == Kind::Index && fixedDim(y->index) == 0);
      if (zero)
        return negated(cast(x, boolean));
    }
  return applied(op->getName().stripDialect(), boolean, {a, b});
}

Formula Elements::apply(Operation *op, ArrayRef<Formula> args) {
  Type type = elementOf(op->getResult(0));
  if (isa<CastOp>(op))
    return cast(args[0], type);
  if (isa<WhereOp>(op))
    return where(args[0], args[1], args[2], type);
  if (isa<NotOp>(op))
    return negated(args[0]);
  if (type.isInteger(1) && isa<AndOp>(op))
    return both(args[0], args[1]);
  if (type.isInteger(1) && isa<OrOp>(op))
    return either(args[0], args[1]);
  if (isa<EqualOp, LessOp, LessEqualOp, GreaterOp, GreaterEqualOp>(op))
    return comparison(op, args[0], args[1]);
  if (isa<AddOp, SubOp, MulOp, DivOp, MinOp, MaxOp>(op))
    return arithmetic(op, args[0], args[1]);
  if (isa<NegOp>(op) && args[0]->kind == Kind::Index)
    return index(-args[0]->index);
  return applied(op->getName().stripDialect(), type, args);
}

} // namespace llmc::match
