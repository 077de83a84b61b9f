// SPDX-License-Identifier: Apache-2.0
#include "passes/recognise/MaskAnalysis.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "passes/match/Match.h"

using namespace mlir;
using namespace llmc::llm;
using namespace llmc::match;

namespace llmc::recognise {

using Kind = Element::Kind;

namespace {
/// Below this a masked score vanishes in the softmax beside any other, and a
/// row of masked scores is uniform: adding a score to it gives it back. The
/// smallest f16 is not low enough for scores that are kept in f32.
bool isMasked(double n) { return n <= -1e30; }

struct Reader {
  Elements &elements;
  AffineExpr batch, query, key;
  Reader(Elements &elements, AffineExpr batch, AffineExpr query, AffineExpr key)
      : elements(elements), batch(batch), query(query), key(key) {}
  Mask mask;
  std::string why;
  /// -inf and a finite number were both seen.
  bool sawInfinite = false;

  bool fail(StringRef reason) {
    why = reason.str();
    return false;
  }

  bool masked(Formula f) {
    if (f->kind != Kind::Number || !isMasked(f->number))
      return false;
    (std::isinf(f->number) ? sawInfinite : mask.finite) = true;
    return true;
  }

  /// A bias that is 0 where the key is kept.
  bool bias(Formula f) {
    if (f->isNumber(0))
      return true;
    if (f->is("where")) {
      Formula c = f->args[0], x = f->args[1], y = f->args[2];
      if (x->isNumber(0) && masked(y))
        return keep(c);
      if (y->isNumber(0) && masked(x))
        return keep(elements.negated(c));
      return fail("its values are not 0 and one masking value");
    }
    if (f->is("cast") && isa<FloatType>(f->args[0]->type))
      return bias(f->args[0]);
    // -inf absorbs: the sum of two such masks masks where one does.
    if (f->is("add"))
      return bias(f->args[0]) && bias(f->args[1]) &&
             (mask.finite ? fail("it adds masks of finite numbers") : true);
    if (f->is("mul"))
      for (int side : {0, 1})
        if (masked(f->args[side]))
          return scaled(f->args[1 - side]);
    return fail("its formula is not known");
  }

  /// (1 - m) * lowest: m holds 0 and 1, as an integer input named a mask does
  /// and a boolean always.
  bool scaled(Formula f) {
    if (!f->is("sub") || !f->args[0]->isNumber(1) || !f->args[1]->is("cast"))
      return fail("its formula is not known");
    Formula m = f->args[1]->args[0];
    bool input = m->kind == Kind::Load && isa<BlockArgument>(m->tensor);
    if (m->type.isInteger(1))
      return keep(m);
    if (!input || !isa<IntegerType>(m->type))
      return fail("it scales values that may be other than 0 and 1");
    return keysOf(m, /*one=*/true);
  }

  bool keep(Formula f) {
    if (f->kind == Kind::Number)
      return f->number != 0 ? true : fail("it masks everything");
    if (f->is("and"))
      return keep(f->args[0]) && keep(f->args[1]);
    if (f->kind == Kind::AtLeast0)
      return band(f->index);
    if (f->kind == Kind::NonZero)
      return keysOf(f->args[0], false);
    if (f->kind == Kind::Load && f->type.isInteger(1))
      return keysOf(f, false);
    if (f->is("equal"))
      for (int side : {0, 1})
        if (f->args[side]->isNumber(1) ||
            (f->args[side]->index && fixedDim(f->args[side]->index) == 1))
          return keysOf(unwidened(f->args[1 - side]), true);
    // not (1 - m != 0): m is 1
    if (f->is("not") && f->args[0]->kind == Kind::NonZero) {
      Formula e = f->args[0]->args[0];
      if (e->is("sub") && (e->args[0]->isNumber(1)))
        return keysOf(unwidened(e->args[1]), true);
    }
    return fail("a condition in it is not known");
  }

  /// Below a cast that no small integer changes.
  static Formula unwidened(Formula f) {
    return f->is("cast") && isa<IntegerType>(f->args[0]->type) ? f->args[0] : f;
  }

  bool keysOf(Formula f, bool one) {
    if (f->kind != Kind::Load || f->args.size() != 2 ||
        !isa<IntegerType>(f->type))
      return fail("a condition in it is no element of a mask [batch, total]");
    Formula row = f->args[0], column = f->args[1];
    bool rows = row->kind == Kind::Index &&
                (row->index == batch || fixedDim(row->index) == 0);
    if (!rows || column->kind != Kind::Index || column->index != key)
      return fail("a condition in it does not follow batch row and key");
    if (f->type.isInteger(1))
      one = false;
    if (mask.keys && (mask.keys != f->tensor || mask.keysAreOne != one))
      return fail("it has conditions on two masks of keys");
    mask.keys = f->tensor;
    mask.keysAreOne = one;
    return true;
  }

  AffineExpr above, below; ///< key <= query + above; key >= query - below

  /// A band along the diagonal: e >= 0 with e = +-(query - key) + c.
  bool band(AffineExpr e) {
    AffineExpr up = simplified(e - query + key),
               down = simplified(e + query - key);
    auto constant = [&](AffineExpr c) {
      bool ok = true;
      c.walk([&](AffineExpr x) { ok &= !isa<AffineDimExpr>(x); });
      return ok;
    };
    if (constant(up)) {
      if (above && above != up)
        return fail("it has two upper diagonals");
      above = up;
      return true;
    }
    if (constant(down)) {
      if (below && below != down)
        return fail("it has two lower diagonals");
      below = down;
      return true;
    }
    return fail("a condition on positions in it is no diagonal");
  }

  bool finish() {
    if (sawInfinite && mask.finite)
      return fail("it mixes -inf and finite numbers");
    if (!above && !below)
      return true;
    // A band symmetric around the diagonal is a window without causality.
    if (above && below && above == below && fixedDim(above)) {
      mask.window = *fixedDim(above) + 1;
      mask.offset = constantDim(above.getContext(), 0);
      return mask.window > 0 || fail("it masks everything");
    }
    if (!above)
      return fail("it has a lower diagonal only");
    mask.causal = true;
    mask.offset = above;
    if (!below)
      return true;
    auto window = fixedDim(simplified(above + below + 1));
    if (!window || *window <= 0)
      return fail("its window has no fixed width");
    mask.window = *window;
    return true;
  }
};
} // namespace

std::optional<Mask> MaskAnalysis::analyse(Value bias, ArrayRef<Dim> scores) {
  Elements elements(ctx);
  Dims dims = dimsOf(bias);
  if (dims.size() > 4 || !broadcastsTo(bias, scores)) {
    why = "its sizes are not those of the scores";
    return std::nullopt;
  }
  SmallVector<AffineExpr> all, point;
  for (Dim d : scores)
    all.push_back(elements.variable(d));
  for (auto [k, d] : llvm::enumerate(dims))
    point.push_back(fixedDim(d) == 1 ? constantDim(ctx, 0)
                                     : all[4 - dims.size() + k]);
  Reader reader(elements, all[0], all[2], all[3]);
  bool ok = reader.bias(elements.at(bias, point)) && reader.finish();
  why = reader.why;
  return ok ? std::optional<Mask>(reader.mask) : std::nullopt;
}

const std::optional<Mask> &MaskAnalysis::ofBias(Value bias,
                                                ArrayRef<Dim> scores) {
  auto [it, fresh] = known.try_emplace(bias);
  if (fresh)
    it->second = analyse(bias, scores);
  return it->second;
}

} // namespace llmc::recognise
