// SPDX-License-Identifier: Apache-2.0
//
//   %a = llm.mul %x, %cos ; %r = llm.concat (llm.neg %x[half..]), %x[..half] ;
//   %b = llm.mul %r, %sin ; llm.add %a, %b
//   ->  llm.rope %x, %positions inv_freq %inv_freq
//
// The formulas of %cos and %sin (match/Element.h) must be scale * cos(p * f)
// and scale * sin(p * f), with a position p per row and token and a stored
// frequency f per pair, equal in both halves; or rows of stored tables at p. x
// = [batch, heads, seq, size] is turned to the op's [batch, seq, heads, size]
// and back. x may be the first part of heads, whose others a concat puts behind
// it.
#include "passes/recognise/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "passes/match/Element.h"
#include "passes/match/Match.h"

using namespace mlir;
using namespace llmc::llm;
using namespace llmc::match;

namespace llmc::recognise {
#define GEN_PASS_DEF_MATCHROPE
#include "passes/recognise/Passes.h.inc"

namespace {
using Kind = Element::Kind;

/// Elements [start, start + size) of the last dim of `base`, which other dims
/// keep, transposed by `perm` if there is one.
struct Part {
  Value base;
  int64_t start = 0, size = 0;
  SmallVector<int64_t> perm = {};
  bool operator==(const Part &o) const {
    return base == o.base && start == o.start && size == o.size &&
           perm == o.perm;
  }
  /// What it is a part of, in its own layout.
  Value whole(OpBuilder &b, Location loc) const {
    return perm.empty() ? base : transposeBy(b, loc, base, perm);
  }
};

/// v as a part of what it is sliced from; at least of itself. A transpose of
/// all dims but the last may stand behind the slice.
std::optional<Part> partOf(Value v) {
  auto size = fixedDim(dimsOf(v).back());
  if (!size)
    return std::nullopt;
  if (auto t = v.getDefiningOp<TransposeOp>();
      t && t.getPerm().back() == rankOf(v) - 1 &&
      !t.getX().getDefiningOp<TransposeOp>()) {
    auto inner = partOf(t.getX());
    inner->perm.assign(t.getPerm().begin(), t.getPerm().end());
    return inner;
  }
  auto slice = v.getDefiningOp<SliceOp>();
  if (!slice)
    return Part{v, 0, *size};
  auto starts = slice.getStarts().getResults();
  int64_t last = starts.size() - 1;
  bool whole = llvm::all_of(slice.getSteps(), [](int64_t n) { return n == 1; });
  for (int64_t k = 0; k < last; ++k)
    whole &=
        fixedDim(starts[k]) == 0 && dimsOf(slice)[k] == dimsOf(slice.getX())[k];
  auto start = fixedDim(starts[last]);
  return whole && start ? Part{slice.getX(), *start, *size} : Part{v, 0, *size};
}

/// The part whose halves v is, swapped, the new first one negated.
std::optional<Part> rotatedOf(Value v) {
  auto concat = v.getDefiningOp<ConcatOp>();
  if (!concat || concat.getInputs().size() != 2 ||
      static_cast<int64_t>(concat.getAxis()) != rankOf(v) - 1)
    return std::nullopt;
  auto neg = concat.getInputs()[0].getDefiningOp<NegOp>();
  auto high = neg ? partOf(neg.getX()) : std::nullopt,
       low = partOf(concat.getInputs()[1]);
  if (!high || !low || high->base != low->base || high->perm != low->perm ||
      high->size != low->size || low->start + low->size != high->start)
    return std::nullopt;
  return Part{low->base, low->start, 2 * low->size, low->perm};
}

/// What one of the two tables says at (row, token, pair).
struct Angles {
  Formula position = nullptr; ///< an integer
  Value table;                ///< frequencies, or cos or sin by position
  bool isTable = false;
  double scale = 1;
};

struct Reader {
  Elements elements;
  Dims dims; // of x
  SmallVector<AffineExpr> variables;
  AffineExpr pair;
  int64_t half;

  Reader(MLIRContext *ctx, Value x, int64_t half)
      : elements(ctx), dims(dimsOf(x)), half(half) {
    for (Dim d : ArrayRef(dims).drop_back())
      variables.push_back(elements.variable(d));
    pair = elements.variable(constantDim(ctx, half));
  }

  Formula at(Value v, AffineExpr column) {
    Dims mine = dimsOf(v);
    SmallVector<AffineExpr> point;
    for (auto [k, d] : llvm::enumerate(mine)) {
      size_t axis = dims.size() - mine.size() + k;
      AffineExpr e = axis + 1 == dims.size() ? column : variables[axis];
      point.push_back(fixedDim(d) == 1 ? constantDim(e.getContext(), 0) : e);
    }
    return elements.at(v, point);
  }

  /// Only `pair`, once, beside zeros: a stored vector's index.
  bool isPairOf(Formula load) {
    int found = 0;
    for (Formula f : load->args) {
      if (f->kind != Kind::Index)
        return false;
      found += f->index == pair;
      if (f->index != pair && fixedDim(f->index) != 0)
        return false;
    }
    return found == 1;
  }

  bool isStored(Value v, int64_t count) {
    auto type = cast<RankedTensorType>(v.getType());
    return recipeOf(v) && type.getNumElements() == count &&
           isa<FloatType>(type.getElementType());
  }

  void flatten(Formula f, SmallVectorImpl<Formula> &out, double &scale) {
    if (f->is("mul"))
      for (Formula a : f->args)
        flatten(a, out, scale);
    else if (f->kind == Kind::Number)
      scale *= f->number;
    else if (f->is("cast") && isa<FloatType>(f->args[0]->type))
      flatten(f->args[0], out, scale);
    else
      out.push_back(f);
  }

  /// p * f of an angle.
  bool angle(Formula f, Angles &out) {
    SmallVector<Formula> factors;
    double scale = 1;
    flatten(f, factors, scale);
    if (factors.size() != 2 || scale != 1)
      return false;
    for (int side : {0, 1}) {
      Formula frequency = factors[side], position = factors[1 - side];
      if (frequency->kind != Kind::Load || !isPairOf(frequency) ||
          !isStored(frequency->tensor, half) || !position->is("cast"))
        continue;
      out.table = frequency->tensor;
      out.position = position->args[0];
      return true;
    }
    return false;
  }

  /// scale * function(p * f), or scale * table[p, pair].
  std::optional<Angles> anglesOf(Value v, StringRef function) {
    Formula low = at(v, pair), high = at(v, simplified(pair + half));
    // A table for one half only is read by both.
    if (low != high && fixedDim(dimsOf(v).back()) != half)
      return std::nullopt;
    return anglesOf(low, function);
  }

  /// An element of a matrix [batch or 1, seq].
  Formula at(Value v, int64_t rowAxis, int64_t columnAxis) {
    Dims mine = dimsOf(v);
    AffineExpr zero = constantDim(pair.getContext(), 0);
    return elements.at(v,
                       {fixedDim(mine[0]) == 1 ? zero : variables[rowAxis],
                        fixedDim(mine[1]) == 1 ? zero : variables[columnAxis]});
  }

  /// Row `row` of a computed table.
  std::optional<Angles> rowOf(Value table, Formula row, StringRef function) {
    if (row->kind != Kind::Index)
      return std::nullopt;
    auto out = anglesOf(elements.at(table, {row->index, pair}), function);
    return out && !out->isTable ? out : std::nullopt;
  }

  std::optional<Angles> anglesOf(Formula low, StringRef function) {
    Angles out;
    SmallVector<Formula> factors;
    flatten(low, factors, out.scale);
    if (factors.size() != 1)
      return std::nullopt;
    Formula f = factors[0];
    if (f->is(function))
      return angle(f->args[0], out) ? std::optional<Angles>(out) : std::nullopt;
    auto type = f->kind == Kind::Load
                    ? cast<RankedTensorType>(f->tensor.getType())
                    : RankedTensorType();
    if (!type || f->args.size() != 2 || f->args[1]->kind != Kind::Index ||
        f->args[1]->index != pair || !recipeOf(f->tensor) ||
        type.getDimSize(1) != half)
      return std::nullopt;
    out.isTable = true;
    out.table = f->tensor;
    out.position = f->args[0];
    return out;
  }

  /// The axis of x that positions run along; nothing if it is none of two.
  std::optional<int64_t> tokenAxis(Formula position) {
    SmallVector<bool> used = elements.dependsOn(position);
    if (used[1] == used[2] || used[3])
      return std::nullopt;
    return used[1] ? 1 : 2;
  }

  /// Positions as [batch or 1, seq].
  Value positions(PatternRewriter &rewriter, Location loc, Formula p,
                  int64_t axis) {
    Dim seq = dims[axis];
    MLIRContext *ctx = rewriter.getContext();
    Dim one = constantDim(ctx, 1);
    if (p->kind == Kind::Index) {
      AffineExpr start = simplified(p->index - variables[axis]);
      bool constant = true;
      start.walk([&](AffineExpr e) { constant &= !isa<AffineDimExpr>(e); });
      if (!constant)
        return {};
      Type i64 = rewriter.getI64Type();
      auto scalar = RankedTensorType::get({}, i64);
      Value from = DimsOp::create(rewriter, loc, scalar, dimsMap(ctx, {start}));
      Value by = DimsOp::create(rewriter, loc, scalar, dimsMap(ctx, {one}));
      Value range =
          RangeOp::create(rewriter, loc, tensorType(ctx, {seq}, i64), from, by);
      return reshapeTo(rewriter, loc, range, {one, seq});
    }
    if (p->kind != Kind::Load || !isa<IntegerType>(p->type) ||
        p->args.empty() || p->args.size() > 2 ||
        p->args.back()->kind != Kind::Index ||
        p->args.back()->index != variables[axis] ||
        dimsOf(p->tensor).back() != seq)
      return {};
    if (p->args.size() == 1)
      return reshapeTo(rewriter, loc, p->tensor, {one, seq});
    Formula row = p->args[0];
    bool rows =
        row->kind == Kind::Index &&
        ((row->index == variables[0] && dimsOf(p->tensor)[0] == dims[0]) ||
         (fixedDim(row->index) == 0 && fixedDim(dimsOf(p->tensor)[0]) == 1));
    return rows ? p->tensor : Value();
  }
};

struct Rope : OpRewritePattern<AddOp> {
  using OpRewritePattern::OpRewritePattern;

  struct Parts {
    Value x, cos, sin;
  };
  static std::optional<Parts> partsOf(AddOp op) {
    for (int side : {0, 1}) {
      auto turned = op->getOperand(side).getDefiningOp<MulOp>(),
           plain = op->getOperand(1 - side).getDefiningOp<MulOp>();
      if (!turned || !plain)
        continue;
      for (int i : {0, 1})
        for (int j : {0, 1})
          if (auto part = rotatedOf(turned->getOperand(i)))
            if (Value x = plain->getOperand(j);
                part == partOf(x) && x.getType() == op.getType())
              return Parts{x, plain->getOperand(1 - j),
                           turned->getOperand(1 - i)};
    }
    return std::nullopt;
  }

  LogicalResult matchAndRewrite(AddOp op,
                                PatternRewriter &rewriter) const override {
    auto parts = partsOf(op);
    if (!parts || rankOf(op) != 4 || !broadcastsTo(parts->cos, dimsOf(op)) ||
        !broadcastsTo(parts->sin, dimsOf(op)))
      return failure();
    Reader reader(getContext(), parts->x, *fixedDim(dimsOf(op).back()) / 2);
    auto cos = reader.anglesOf(parts->cos, "cos"),
         sin = reader.anglesOf(parts->sin, "sin");
    if (!cos || !sin || cos->position != sin->position ||
        cos->scale != sin->scale || cos->isTable != sin->isTable ||
        (!cos->isTable && cos->table != sin->table))
      return failure();
    auto axis = reader.tokenAxis(cos->position);
    if (!axis || (cos->isTable && cos->scale != 1))
      return failure();
    Location loc = op.getLoc();
    Value positions = reader.positions(rewriter, loc, cos->position, *axis);
    if (!positions)
      return failure();
    SmallVector<int64_t> perm = *axis == 2 ? SmallVector<int64_t>{0, 2, 1, 3}
                                           : SmallVector<int64_t>{0, 1, 2, 3};
    Value x = transposeBy(rewriter, loc, parts->x, perm);
    Value frequencies, cosTable, sinTable;
    if (cos->isTable) {
      cosTable = cos->table;
      sinTable = sin->table;
    } else {
      frequencies = asWeight(rewriter, cos->table, {reader.half});
    }
    Value rope =
        RopeOp::create(rewriter, loc, x.getType(), x, positions, frequencies,
                       cosTable, sinTable, Value(), 2 * reader.half, false,
                       APFloat(cos->scale), FloatAttr());
    rewriter.replaceOp(op, transposeBy(rewriter, loc, rope, perm));
    return success();
  }
};

/// The first elements of heads are turned, the others put behind them again.
struct PartialRope : OpRewritePattern<ConcatOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConcatOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getInputs().size() != 2 || rankOf(op) != 4 || op.getAxis() != 3)
      return failure();
    Value front = op.getInputs()[0];
    auto turned = front.getDefiningOp<TransposeOp>();
    auto rope = (turned ? turned.getX() : front).getDefiningOp<RopeOp>();
    if (!rope || fixedDim(dimsOf(front)[3]) != int64_t(rope.getRotary()))
      return failure();
    // Both parts in one layout: the rope's own, or the concat's.
    Value x = rope.getX(), other = op.getInputs()[1];
    SmallVector<int64_t> before = {0, 1, 2, 3}, after = before;
    if (turned) {
      after.assign(turned.getPerm().begin(), turned.getPerm().end());
      if (after != SmallVector<int64_t>{0, 2, 1, 3})
        return failure();
      auto turns = [&](Value v) {
        auto t = v.getDefiningOp<TransposeOp>();
        return t && t.getPerm() == turned.getPerm() ? t.getX() : Value();
      };
      if (Value inner = turns(other)) {
        other = inner;
      } else if (Value outer = turns(x)) {
        x = outer;
        before = after;
      } else {
        return failure();
      }
    }
    auto first = partOf(x), rest = partOf(other);
    if (!first || !rest || first->base != rest->base ||
        first->perm != rest->perm || first->start + first->size != rest->start)
      return failure();
    Dims dims = dimsOf(x), starts(4, constantDim(getContext(), 0));
    dims[3] = constantDim(getContext(), first->size + rest->size);
    starts[3] = constantDim(getContext(), first->start);
    Location loc = op.getLoc();
    Value whole = first->whole(rewriter, loc);
    if (dims != dimsOf(whole))
      whole = SliceOp::create(
          rewriter, loc, tensorType(getContext(), dims, elementOf(x)), whole,
          dimsMap(getContext(), starts), ArrayRef<int64_t>{1, 1, 1, 1});
    whole = transposeBy(rewriter, loc, whole, before);
    Value all = RopeOp::create(
        rewriter, loc, whole.getType(), whole, rope.getPositions(),
        rope.getInvFreq(), rope.getCosTable(), rope.getSinTable(), Value(),
        rope.getRotary(), rope.getInterleaved(), rope.getScale(), FloatAttr());
    rewriter.replaceOp(op, transposeBy(rewriter, loc, all, after));
    return success();
  }
};

/// Tables that the graph computes for each token: their formula says the
/// frequencies.
struct ComputedTables : OpRewritePattern<RopeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(RopeOp op,
                                PatternRewriter &rewriter) const override {
    Value cosTable = op.getCosTable(), sinTable = op.getSinTable();
    if (!cosTable || recipeOf(cosTable) || rankOf(op.getPositions()) != 2)
      return failure();
    Reader reader(getContext(), op.getX(), op.getRotary() / 2);
    Formula row = reader.at(op.getPositions(), 0, 1);
    auto cos = reader.rowOf(cosTable, row, "cos"),
         sin = reader.rowOf(sinTable, row, "sin");
    if (!cos || !sin || cos->position != sin->position ||
        cos->table != sin->table || cos->scale != sin->scale)
      return failure();
    Value positions = reader.positions(rewriter, op.getLoc(), cos->position, 1);
    if (!positions)
      return failure();
    Value frequencies = asWeight(rewriter, cos->table, {reader.half});
    double scale = cos->scale * op.getScale().convertToDouble();
    rewriter.replaceOpWithNewOp<RopeOp>(op, op.getType(), op.getX(), positions,
                                        frequencies, Value(), Value(), Value(),
                                        op.getRotary(), op.getInterleaved(),
                                        APFloat(scale), FloatAttr());
    return success();
  }
};

struct MatchRope : impl::MatchRopeBase<MatchRope> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<Rope, PartialRope, ComputedTables>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    getOperation()->walk([](AddOp op) {
      if (Rope::partsOf(op))
        missed(
            op, "match-rope",
            "x * a + rotated x * b where a and b are not known as cosine and "
            "sine of positions");
    });
  }
};
} // namespace
} // namespace llmc::recognise
