// SPDX-License-Identifier: Apache-2.0
#include "passes/recognise/Step.h"

#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "passes/match/Element.h"
#include "passes/match/Match.h"
#include "passes/match/Substitute.h"
#include "passes/recognise/KeepTokens.h"
#include "passes/recognise/PerToken.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::recognise {
namespace {

class StepMaker {
public:
  StepMaker(func::FuncOp f, ModuleOp module, std::string &why)
      : f(f), module(module), why(why), builder(f) {}

  LogicalResult run() {
    if (failed(bindSizes()))
      return failure();
    token = elements.variable(seq);
    dropMask();
    countPositions();
    dropLengths();
    dropDead();
    for (Operation &op : f.front().without_terminator())
      if (failed(check(&op)))
        return refuse("'" + siteOf(op.getLoc()).name + "' (" +
                      op.getName().getStringRef() +
                      ") depends on more than a token and its past");
    OpOperand *logits = tokenLogits(f, seq);
    if (!logits)
      return refuse("the model gives no logits of each token");
    Symbols symbols(module);
    addArgument({symbols.fresh("segments")}, "segments");
    Value rows = addArgument({symbols.fresh("rows")}, "rows");
    keepTokens(f, *logits, seq, NamedTokens(rows));
    return success();
  }

private:
  LogicalResult refuse(const Twine &text) {
    why = text.str();
    return failure();
  }

  std::optional<BlockArgument> withRole(StringRef role) {
    for (BlockArgument arg : f.getArguments())
      if (auto a =
              f.getArgAttrOfType<StringAttr>(arg.getArgNumber(), "llm.role");
          a && a.getValue() == role)
        return arg;
    return std::nullopt;
  }

  /// One row of tokens; one symbol for what all caches hold.
  LogicalResult bindSizes() {
    BlockArgument tokens = *withRole("tokens");
    if (auto batch = dyn_cast<AffineSymbolExpr>(dimsOf(tokens)[0]))
      match::substituteSymbols(
          f, module, {{batch.getPosition(), constantDim(f.getContext(), 1)}});
    seq = dimsOf(tokens)[1];
    for (BlockArgument arg : f.getArguments()) {
      if (!f.getArgAttr(arg.getArgNumber(), "llm.state"))
        continue;
      Dims dims = dimsOf(arg);
      if (fixedDim(dims[0]) != 1 || (past && dims[2] != past))
        return refuse("caches differ in their sizes");
      past = dims[2];
    }
    if (fixedDim(dimsOf(tokens)[0]) != 1)
      return refuse("the batch is fixed");
    perToken.emplace(module, seq, past);
    return success();
  }

  /// All positions are there: what a mask hides goes, and what counts it is
  /// their number.
  void dropMask() {
    auto mask = withRole("attention_mask");
    if (!mask || dimsOf(*mask)[1] != simplified(past + seq))
      return;
    for (OpOperand &use : llvm::make_early_inc_range(mask->getUses())) {
      Operation *user = use.getOwner();
      auto attention = dyn_cast<AttentionOp>(user);
      if (attention && attention.getKeyMask() == *mask)
        attention.getKeyMaskMutable().clear();
      auto sum = dyn_cast<ReduceOp>(user);
      if (!sum || sum.getKind() != ReduceKind::Sum ||
          sum.getAxes() != ArrayRef<int64_t>{1})
        continue;
      builder.setInsertionPoint(sum);
      sum.getResult().replaceAllUsesWith(
          DimsOp::create(builder, sum.getLoc(), sum.getType(),
                         dimsMap(f.getContext(), {simplified(past + seq)})));
      sum.erase();
    }
    if (mask->use_empty())
      (void)f.eraseArgument(mask->getArgNumber());
  }

  /// The elements of a row of integers as an expression over sizes, and over
  /// the token's number where the row has tokens.
  AffineExpr formulaOf(Value v) {
    SmallVector<AffineExpr> at;
    for (Dim d : dimsOf(v)) {
      if (d != seq && fixedDim(d) != 1)
        return {};
      at.push_back(d == seq ? token : constantDim(f.getContext(), 0));
    }
    match::Formula formula = elements.at(v, at);
    return formula->kind == match::Element::Kind::Index ? formula->index
                                                        : AffineExpr();
  }

  bool isCount(Value v, AffineExpr wanted) {
    auto type = dyn_cast<RankedTensorType>(v.getType());
    return type && type.getElementType().isSignlessInteger() &&
           !type.getElementType().isInteger(1) &&
           formulaOf(v) == simplified(wanted);
  }

  /// What the program counts as positions comes from the input instead.
  void countPositions() {
    std::optional<BlockArgument> input = withRole("position_ids");
    for (Operation &op : llvm::make_early_inc_range(f.front())) {
      if (op.getNumResults() != 1 || !isCount(op.getResult(0), past + token))
        continue;
      if (!input)
        input =
            addArgument({constantDim(f.getContext(), 1), seq}, "position_ids");
      Value v = op.getResult(0);
      builder.setInsertionPoint(&op);
      Value given = match::reshapeTo(builder, op.getLoc(), *input, dimsOf(v));
      if (given.getType() != v.getType())
        given = CastOp::create(builder, op.getLoc(), v.getType(), given);
      v.replaceAllUsesWith(given);
    }
  }

  /// Lengths and starts of rows that are what the caches show.
  void dropLengths() {
    f.walk([&](Operation *op) {
      if (auto append = dyn_cast<KvAppendOp>(op)) {
        if (append.getLengths() && isCount(append.getLengths(), past + seq))
          append.getLengthsMutable().clear();
      } else if (auto attention = dyn_cast<AttentionOp>(op)) {
        bool isPlain =
            (!attention.getStarts() || isCount(attention.getStarts(), past)) &&
            attention.getLengths() &&
            isCount(attention.getLengths(), past + seq);
        if (!isPlain)
          return;
        attention.getStartsMutable().clear();
        attention.getLengthsMutable().clear();
        attention.setClamped(false);
      }
    });
  }

  void dropDead() {
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(f.front())))
      if (isOpTriviallyDead(&op))
        op.erase();
  }

  /// A cache takes and attention reads one segment; all else works on tokens.
  LogicalResult check(Operation *op) {
    if (auto append = dyn_cast<KvAppendOp>(op))
      return success(isState(append.getPast()) && !append.getLengths() &&
                     hasTokens(append.getUpdate(), seq) &&
                     llvm::all_of(append->getUses(), [](OpOperand &use) {
                       return isa<AttentionOp>(use.getOwner()) &&
                              use.getOperandNumber() > 0;
                     }));
    if (auto attention = dyn_cast<AttentionOp>(op))
      return success(attention.getCausal() && !attention.getKeyMask() &&
                     !attention.getLengths() && !attention.getBias() &&
                     attention.getOffset().getResult(0) == past &&
                     hasTokens(attention.getQ(), seq) &&
                     attention.getK().getDefiningOp<KvAppendOp>() &&
                     attention.getV().getDefiningOp<KvAppendOp>());
    return success(perToken->isOf(op));
  }

  bool isState(Value v) {
    auto arg = dyn_cast<BlockArgument>(v);
    return arg && f.getArgAttr(arg.getArgNumber(), "llm.state");
  }

  /// An input behind the others, of i64.
  BlockArgument addArgument(ArrayRef<Dim> dims, StringRef name) {
    MLIRContext *ctx = f.getContext();
    Builder b(ctx);
    auto attributes = b.getDictionaryAttr(
        {b.getNamedAttr("llm.name", b.getStringAttr(name)),
         b.getNamedAttr("llm.role", b.getStringAttr(name))});
    unsigned at = f.getNumArguments();
    (void)f.insertArgument(at, tensorType(ctx, dims, b.getI64Type()),
                           attributes, f.getLoc());
    return f.getArgument(at);
  }

  func::FuncOp f;
  ModuleOp module;
  std::string &why;
  OpBuilder builder;
  match::Elements elements{f.getContext()};
  std::optional<PerToken> perToken;
  Dim seq, past;
  AffineExpr token; ///< the number of a token in its call
};
} // namespace

LogicalResult makeStep(func::FuncOp f, ModuleOp module, std::string &why) {
  return StepMaker(f, module, why).run();
}

} // namespace llmc::recognise
