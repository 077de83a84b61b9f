// SPDX-License-Identifier: Apache-2.0
//
//   %s = llm.matmul %q, %kt ; %m = llm.add %s, %mask ; %p = llm.softmax %m ;
//   llm.matmul %p, %v
//   ->  llm.transpose (llm.attention %q', %k, %v {causal, offset, scale, ...})
//   [0, 2, 1, 3]
//
// with q' = [batch, seq, heads, size] and k, v = [batch, kv heads, total,
// size]: copies of kv heads for groups of heads go, scalings of q and k become
// `scale`. Masks are read by MaskAnalysis; one that is not understood stays as
// `bias`. NaN of rows without a key (-inf everywhere) become zeros, whether the
// graph replaces them by a where, asks its bias for them, or does neither.
#include "passes/recognise/MaskAnalysis.h"
#include "passes/recognise/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "passes/match/Match.h"

using namespace mlir;
using namespace llmc::llm;
using namespace llmc::match;

namespace llmc::recognise {
#define GEN_PASS_DEF_MATCHATTENTION
#include "passes/recognise/Passes.h.inc"

namespace {
/// The bias whose rows of -inf everywhere a condition holds for, or null.
Value biasOfEmptyRows(Value condition) {
  auto equal = condition.getDefiningOp<EqualOp>();
  for (int side : {0, 1}) {
    auto top =
        equal ? equal->getOperand(side).getDefiningOp<ReduceOp>() : ReduceOp();
    if (top && top.getKind() == ReduceKind::Max && top.getKeepdims() &&
        top.getAxes() == ArrayRef<int64_t>{rankOf(top.getX()) - 1} &&
        splatOf(equal->getOperand(1 - side)) ==
            -std::numeric_limits<double>::infinity())
      return top.getX();
  }
  return {};
}

/// softmax of v, also where its NaN, or rows that a bias leaves no key, are
/// replaced by 0.
SoftmaxOp softmaxOf(Value v, Value &emptyRowsOf) {
  v = peelFloatCasts(v);
  if (auto where = v.getDefiningOp<WhereOp>()) {
    auto isNaN = where.getCondition().getDefiningOp<IsNaNOp>();
    emptyRowsOf = biasOfEmptyRows(where.getCondition());
    bool replacesNaN = isNaN && isNaN.getX() == where.getY();
    if ((!replacesNaN && !emptyRowsOf) || splatOf(where.getX()) != 0.0)
      return {};
    v = peelFloatCasts(where.getY());
  }
  auto softmax = v.getDefiningOp<SoftmaxOp>();
  if (!softmax || softmax.getLog() ||
      static_cast<int64_t>(softmax.getAxis()) != rankOf(v) - 1)
    return {};
  return softmax;
}

/// k or v without the copies that give each group of heads its own:
/// [B, h, T, D] -> [B, h, 1, T, D] -> [B, h, n, T, D] -> [B, h*n, T, D].
Value withoutRepeat(Value v) {
  auto merged = v.getDefiningOp<ReshapeOp>();
  auto expand = merged ? merged.getX().getDefiningOp<ExpandOp>() : ExpandOp();
  auto split = expand ? expand.getX().getDefiningOp<ReshapeOp>() : ReshapeOp();
  if (!split || rankOf(split.getX()) != 4 || rankOf(expand) != 5 ||
      rankOf(v) != 4)
    return v;
  Dims in = dimsOf(split.getX()), one = dimsOf(split), many = dimsOf(expand),
       out = dimsOf(v);
  MLIRContext *ctx = v.getContext();
  bool fits = one == Dims{in[0], in[1], constantDim(ctx, 1), in[2], in[3]} &&
              many == Dims{in[0], in[1], many[2], in[2], in[3]} &&
              out == Dims{in[0], simplified(in[1] * many[2]), in[2], in[3]};
  return fits ? split.getX() : v;
}

/// v before it was widened to another float type, or v.
Value narrower(Value v) {
  auto cast = v.getDefiningOp<CastOp>();
  bool widens = cast && isa<FloatType>(elementOf(cast.getX())) &&
                elementOf(cast.getX()).getIntOrFloatBitWidth() <
                    elementOf(v).getIntOrFloatBitWidth();
  return widens ? cast.getX() : v;
}

/// The scores before softmax, taken apart.
struct Scores {
  Value q, k;                 // [B, H, S, D], [B, H, T, D]
  SmallVector<Value, 2> bias; // terms added to the product
  double scale = 1, softcap = 0;
};

/// Null for no terms.
Value sumOf(OpBuilder &b, Location loc, ArrayRef<Value> terms) {
  Value sum;
  for (Value term : terms)
    sum = sum ? Value(AddOp::create(b, loc, sum, term)) : term;
  return sum;
}

/// What a sum adds up, at most a few.
void addTerms(Value v, SmallVectorImpl<Value> &terms) {
  constexpr size_t kMaxTerms = 4;
  auto add = v.getDefiningOp<AddOp>();
  if (!add || terms.size() + 1 >= kMaxTerms)
    return terms.push_back(v);
  addTerms(add.getX(), terms);
  addTerms(add.getY(), terms);
}

constexpr int64_t kSwapLast[] = {0, 1, 3, 2}, kSwapHeads[] = {0, 2, 1, 3};

Dims permuted(Value v, ArrayRef<int64_t> perm) {
  Dims dims = dimsOf(v), out;
  for (int64_t p : perm)
    out.push_back(dims[p]);
  return out;
}

/// k from k^T, [.., D, T], if it is there; nothing is built.
Value untransposed(Value kt) {
  auto t = kt.getDefiningOp<TransposeOp>();
  return t && llvm::equal(t.getPerm(), kSwapLast) ? withoutRepeat(t.getX())
                                                  : Value();
}

struct Primitive : OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;

  /// softcap * tanh(x / softcap)
  static Value uncapped(Value v, double &softcap) {
    double outer = 1, inner = 1;
    auto tanh = peelScale(v, outer).getDefiningOp<TanhOp>();
    if (!tanh)
      return v;
    auto div = tanh.getX().getDefiningOp();
    Value x = withSplat(div, inner);
    if (!x || !isa<DivOp, MulOp>(div) || inner == 0)
      return v;
    double by = isa<DivOp>(div) ? inner : 1 / inner;
    if (outer <= 0 || std::abs(outer - by) > 1e-5 * outer)
      return v;
    softcap = outer;
    return x;
  }

  static std::optional<Scores> scoresOf(Value v, ArrayRef<Dim> dims) {
    Scores out;
    auto product = [&](Value x) {
      out.softcap = 0;
      x = uncapped(x, out.softcap);
      double scale = 1;
      auto matmul = peelScale(x, scale).getDefiningOp<MatmulOp>();
      if (!matmul || rankOf(matmul) != 4)
        return false;
      if (dimsOf(matmul) != Dims(dims))
        return false;
      out.scale = scale;
      out.q = peelScale(matmul.getA(), out.scale);
      out.k = peelScale(matmul.getB(), out.scale);
      return true;
    };
    // A position bias and a mask may be added one after the other.
    constexpr size_t kMaxTerms = 3;
    std::function<bool(Value)> sum = [&](Value x) {
      x = peelFloatCasts(x);
      if (product(x))
        return true;
      auto add = x.getDefiningOp<AddOp>();
      if (!add || out.bias.size() == kMaxTerms)
        return false;
      for (int side : {0, 1}) {
        out.bias.push_back(add->getOperand(1 - side));
        if (sum(add->getOperand(side)))
          return true;
        out.bias.pop_back();
      }
      return false;
    };
    if (!sum(v))
      return std::nullopt;
    return out;
  }

  LogicalResult matchAndRewrite(MatmulOp op,
                                PatternRewriter &rewriter) const override {
    if (rankOf(op) != 4)
      return failure();
    Value emptyRowsOf;
    SoftmaxOp softmax = softmaxOf(op.getA(), emptyRowsOf);
    if (!softmax)
      return failure();
    std::optional<Scores> s = scoresOf(softmax.getX(), dimsOf(softmax));
    if (!s)
      return failure();
    if (emptyRowsOf && !llvm::is_contained(s->bias, emptyRowsOf))
      return rewriter.notifyMatchFailure(op, "zeros are put into other rows");
    Value k = untransposed(s->k), v = op.getB();
    if (elementOf(v) != elementOf(s->k))
      v = narrower(v);
    v = withoutRepeat(v);
    Dims q = permuted(s->q, kSwapHeads),
         kDims = k ? dimsOf(k) : permuted(s->k, kSwapLast);
    // Only one of k and v without copies would not be one grouping.
    if (kDims[1] != dimsOf(v)[1])
      return rewriter.notifyMatchFailure(op, "k and v have other head counts");
    auto heads = fixedDim(q[2]), kvHeads = fixedDim(kDims[1]),
         size = fixedDim(q[3]);
    if (!heads || !kvHeads || *kvHeads == 0 || *heads % *kvHeads || !size ||
        size != fixedDim(kDims[3]) || kDims[0] != q[0] ||
        dimsOf(v)[0] != q[0] || kDims[2] != dimsOf(v)[2])
      return rewriter.notifyMatchFailure(op, "sizes of q, k and v don't agree");
    // Scores of narrow floats that are widened before the softmax: the op
    // computes in the wide type throughout.
    Type element = elementOf(op);
    bool wide = elementOf(s->q).getIntOrFloatBitWidth() >
                element.getIntOrFloatBitWidth();
    if (wide || elementOf(s->k) != elementOf(v))
      return rewriter.notifyMatchFailure(op, "q, k and v have several types");
    Location loc = op.getLoc();
    Value turned = transposeBy(rewriter, loc, s->q, kSwapHeads);
    if (elementOf(turned) != element)
      turned = CastOp::create(rewriter, loc,
                              tensorType(getContext(), q, element), turned);
    if (!k)
      k = transposeBy(rewriter, loc, s->k, kSwapLast);
    Dims out = q;
    out[3] = dimsOf(v)[3];
    Dim zero = constantDim(getContext(), 0);
    auto attention = AttentionOp::create(
        rewriter, loc, tensorType(getContext(), out, element), turned, k, v,
        Value(), Value(), Value(), sumOf(rewriter, loc, s->bias), Value(),
        dimsMap(getContext(), {zero}), APFloat(s->scale), false, 0,
        APFloat(s->softcap), false, false, false, nullptr, nullptr);
    rewriter.replaceOp(op, transposeBy(rewriter, loc, attention, kSwapHeads));
    return success();
  }
};

/// Attention ops as they come from the file: the same cleaning.
struct DropRepeat : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(AttentionOp op,
                                PatternRewriter &rewriter) const override {
    Value k = withoutRepeat(op.getK()), v = withoutRepeat(op.getV());
    if (k == op.getK() || v == op.getV() || dimsOf(k)[1] != dimsOf(v)[1])
      return failure();
    rewriter.modifyOpInPlace(op, [&] {
      op.getKMutable().assign(k);
      op.getVMutable().assign(v);
    });
    return success();
  }
};

/// v without scalings by numbers, also where layout ops stand above them; those
/// are built anew. `factor` is multiplied by the numbers.
Value unscaled(OpBuilder &b, Value v, double &factor) {
  Value x = peelScale(v, factor);
  Operation *layout = x.getDefiningOp();
  if (!layout || !isa<ReshapeOp, TransposeOp>(layout))
    return x;
  Value inner = unscaled(b, layout->getOperand(0), factor);
  if (inner == layout->getOperand(0))
    return x;
  if (auto t = dyn_cast<TransposeOp>(layout))
    return transposeBy(b, t.getLoc(), inner, t.getPerm());
  return reshapeTo(b, layout->getLoc(), inner, dimsOf(x));
}

/// Scalings of q and k by numbers.
struct FoldScale : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(AttentionOp op,
                                PatternRewriter &rewriter) const override {
    double scale = op.getScale().convertToDouble();
    Value q = unscaled(rewriter, op.getQ(), scale),
          k = unscaled(rewriter, op.getK(), scale);
    if (q == op.getQ() && k == op.getK())
      return failure();
    rewriter.modifyOpInPlace(op, [&] {
      op.getQMutable().assign(q);
      op.getKMutable().assign(k);
      op.setScale(APFloat(scale));
    });
    return success();
  }
};

struct MatchAttention : impl::MatchAttentionBase<MatchAttention> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<Primitive, DropRepeat, FoldScale>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    MaskAnalysis analysis(&getContext());
    getOperation()->walk([&](AttentionOp op) { readMask(op, analysis); });
    getOperation()->walk([&](SoftmaxOp op) {
      if (static_cast<int64_t>(op.getAxis()) == rankOf(op) - 1 &&
          rankOf(op) == 4 && !op.getLog())
        missed(op, "match-attention",
               "this softmax is not between two products of q, k and v");
    });
  }

  /// The bias is a mask, or a sum of one mask and other terms, which stay.
  static void readMask(AttentionOp op, MaskAnalysis &analysis) {
    Value bias = op.getBias();
    if (!bias || op.getLengths())
      return;
    std::string reason, inner;
    SmallVector<Value, 4> rest;
    if (!takeMask(op, bias, analysis, reason)) {
      addTerms(bias, rest);
      auto *mask = llvm::find_if(rest, [&](Value term) {
        return term != bias && takeMask(op, term, analysis, inner);
      });
      if (mask == rest.end())
        return missed(op, "match-attention",
                      "the mask stays a tensor: " + reason);
      rest.erase(mask);
    }
    OpBuilder builder(op);
    op.getBiasMutable().clear();
    if (Value sum = sumOf(builder, op.getLoc(), rest))
      op.getBiasMutable().assign(sum);
  }

  /// Whether the values are a mask that the op can do by itself; it then does.
  static bool takeMask(AttentionOp op, Value values, MaskAnalysis &analysis,
                       std::string &reason) {
    Dims q = dimsOf(op.getQ()), k = dimsOf(op.getK());
    const std::optional<Mask> &mask =
        analysis.ofBias(values, {q[0], q[2], q[1], k[2]});
    if (!mask) {
      reason = analysis.reason();
      return false;
    }
    bool placed = mask->causal || mask->window;
    bool clash = op.getKeyMask() && mask->keys;
    if ((placed && (op.getCausal() || op.getWindow())) || clash ||
        (op.getCausal() && mask->finite)) {
      reason = "the op masks by itself as well";
      return false;
    }
    OpBuilder builder(op);
    if (mask->keys)
      op.getKeyMaskMutable().assign(keyMask(builder, op, *mask));
    if (placed) {
      op.setCausal(mask->causal);
      op.setWindow(mask->window);
      op.setOffset(dimsMap(op.getContext(), {mask->offset}));
    }
    op.setUniformWhenMasked(op.getUniformWhenMasked() || mask->finite);
    return true;
  }

  /// The mask as the op takes it, [batch, total]: the input itself, or where it
  /// is 1. Made once beside the input.
  static Value keyMask(OpBuilder &builder, AttentionOp op, const Mask &mask) {
    Value keys = mask.keys;
    Dim batch = dimsOf(op.getQ())[0], total = dimsOf(op.getK())[2];
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointAfterValue(keys);
    Location loc = keys.getLoc();
    if (mask.keysAreOne) {
      auto type = cast<RankedTensorType>(keys.getType());
      auto one = ConstantOp::create(
          builder, loc,
          DenseElementsAttr::get(
              RankedTensorType::get({}, type.getElementType()),
              builder.getIntegerAttr(type.getElementType(), 1)));
      keys = EqualOp::create(builder, loc, keys, one);
    }
    if (dimsOf(keys)[0] != batch)
      keys =
          ExpandOp::create(builder, loc,
                           tensorType(op.getContext(), {batch, dimsOf(keys)[1]},
                                      elementOf(keys)),
                           keys);
    // A length under another name: equal, or the call fails here.
    return reshapeTo(builder, loc, keys, {batch, total});
  }
};
} // namespace
} // namespace llmc::recognise
