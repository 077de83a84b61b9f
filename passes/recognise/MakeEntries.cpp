// SPDX-License-Identifier: Apache-2.0
//
//   @main(%ids, %mask, %past...) -> (%logits, %present...)
//   ->  @main {llm.entry = "raw"}          as it was
//       @prefill {llm.entry = "prefill"}   any number of new tokens, logits of
//       the last one
//       @decode {llm.entry = "decode"}     one new token
//       @step {llm.entry = "step"}         new tokens of several sequences,
//       logits of those that are asked for (passes/recognise/Step.h)
//
// In the made ones, a past input that only feeds a kv_append whose result
// is returned becomes a state
// (`llm.state` = its number, `llm.state_output` = the result's name) and the
// result goes. All inputs of @main have to be states or of a known role
// (`llm.role`), else there is only the raw entry.
//
// The two files of a decoder that looks at an encoder, the first step's and
// that of all others, which takes the keys and values of the encoder's states:
//
//   @main(%hidden, %mask, %ids) -> (%logits, %present..., %cross...)
//   ->  @main   {llm.entry = "raw"}
//       @cross  {llm.entry = "cross"}  (%hidden) -> %cross...
//
//   @main(%mask, %ids, %past..., %cross...) -> (%logits, %present...)
//   ->  @main   {llm.entry = "raw"}
//       @decode {llm.entry = "decode"}  one token, the first ones too:
//       exporters trace this file with one
#include "passes/recognise/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "passes/match/Match.h"
#include "passes/match/Substitute.h"
#include "passes/recognise/KeepTokens.h"
#include "passes/recognise/Step.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::recognise {
#define GEN_PASS_DEF_MAKEENTRIES
#include "passes/recognise/Passes.h.inc"

namespace {
constexpr llvm::StringLiteral kName = "llm.name", kRole = "llm.role",
                              kEntry = "llm.entry", kState = "llm.state",
                              kStateOutput = "llm.state_output";

constexpr llvm::StringLiteral kEncoderHidden = "encoder_hidden",
                              kEncoderMask = "encoder_mask",
                              kCrossCache = "cross_cache";

/// The role of an input of floats.
StringRef floatRoleOf(StringRef name, int64_t rank) {
  if (rank == 3 && name == "encoder_hidden_states")
    return kEncoderHidden;
  if (rank == 3 && name == "input_features")
    return "features";
  bool isCross = name.starts_with("past") &&
                 (name.contains(".encoder.") || name.contains("_cross_"));
  return rank == 4 && isCross ? StringRef(kCrossCache) : StringRef();
}

/// The role of an input by its name and type; empty: unknown.
StringRef roleOf(StringRef name, Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (tensor && isa<FloatType>(tensor.getElementType()))
    return floatRoleOf(name, tensor.getRank());
  if (!tensor || tensor.getRank() != 2 ||
      !isa<IntegerType>(tensor.getElementType()))
    return {};
  if (name == "encoder_attention_mask")
    return kEncoderMask;
  if (name == "input_ids" || name == "decoder_input_ids")
    return "tokens";
  for (StringRef known : {"attention_mask", "position_ids", "token_type_ids"})
    if (name == known)
      return known;
  return {};
}

StringRef nameOf(func::FuncOp f, unsigned i, bool result) {
  auto name = result ? f.getResultAttrOfType<StringAttr>(i, kName)
                     : f.getArgAttrOfType<StringAttr>(i, kName);
  return name ? name.getValue() : StringRef();
}

struct State {
  unsigned argument, result;
};

/// The result that a past input comes back in, if it is a state.
std::optional<unsigned> presentOf(BlockArgument past, Operation *ret) {
  if (!past.hasOneUse())
    return std::nullopt;
  auto append = dyn_cast<KvAppendOp>(*past.user_begin());
  if (!append || append.getPast() != past)
    return std::nullopt;
  Dims dims = dimsOf(past);
  bool fits =
      isa<AffineSymbolExpr>(dims[2]) && fixedDim(dims[1]) && fixedDim(dims[3]);
  std::optional<unsigned> at;
  for (OpOperand &use : ret->getOpOperands())
    if (use.get() == append.getResult()) {
      if (at)
        return std::nullopt;
      at = use.getOperandNumber();
    }
  return fits ? at : std::nullopt;
}

/// Which values are computed of the encoder's states and of nothing else that
/// is given: the keys and values of cross attention.
class EncoderValues {
public:
  explicit EncoderValues(func::FuncOp f) {
    for (BlockArgument arg : f.getArguments()) {
      auto role = f.getArgAttrOfType<StringAttr>(arg.getArgNumber(), kRole);
      StringRef name = role ? role.getValue() : StringRef();
      (name == kEncoderHidden ? encoder : other).insert(arg);
    }
    for (Operation &op : f.front())
      visit(&op);
  }
  bool contains(Value v) const {
    return encoder.contains(v) && !other.contains(v) && !isa<BlockArgument>(v);
  }

private:
  void visit(Operation *op) {
    bool ofEncoder = false, ofOther = false;
    op->walk([&](Operation *inner) {
      for (Value v : inner->getOperands()) {
        ofEncoder |= encoder.contains(v);
        ofOther |= other.contains(v);
      }
    });
    for (Value v : op->getResults()) {
      if (ofEncoder)
        encoder.insert(v);
      if (ofOther)
        other.insert(v);
    }
  }

  llvm::DenseSet<Value> encoder, other;
};

/// Removes what nothing uses: ops, and arguments.
void dropUnused(func::FuncOp f) {
  for (Operation &op :
       llvm::make_early_inc_range(llvm::reverse(f.front().getOperations())))
    if (isOpTriviallyDead(&op))
      op.erase();
  llvm::BitVector gone(f.getNumArguments());
  for (BlockArgument arg : f.getArguments())
    gone[arg.getArgNumber()] = arg.use_empty();
  (void)f.eraseArguments(gone);
}

/// Whether there are cross caches, which then have an entry.
bool makeCross(func::FuncOp main) {
  EncoderValues values(main);
  llvm::BitVector gone(main.getNumResults());
  for (OpOperand &result : main.front().getTerminator()->getOpOperands())
    gone[result.getOperandNumber()] = !values.contains(result.get());
  if (gone.all())
    return false;
  OpBuilder builder(main);
  builder.setInsertionPointAfter(main);
  func::FuncOp f = main.clone();
  builder.insert(f);
  f.setName("cross");
  f->setAttr(kEntry, builder.getStringAttr("cross"));
  f.front().getTerminator()->eraseOperands(gone);
  (void)f.eraseResults(gone);
  for (unsigned i = 0; i < f.getNumResults(); ++i)
    f.setResultAttr(i, kRole, builder.getStringAttr(kCrossCache));
  dropUnused(f);
  return true;
}

struct MakeEntries : impl::MakeEntriesBase<MakeEntries> {
  void runOnOperation() override {
    auto main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!main || main.isDeclaration() || !main.getBody().hasOneBlock())
      return;
    Builder b(&getContext());
    for (BlockArgument arg : main.getArguments())
      if (StringRef role =
              roleOf(nameOf(main, arg.getArgNumber(), false), arg.getType());
          !role.empty())
        main.setArgAttr(arg.getArgNumber(), kRole, b.getStringAttr(role));
    main->setAttr(kEntry, b.getStringAttr("raw"));
    if (hasRole(main, kEncoderHidden) && makeCross(main))
      return;
    SmallVector<State> states;
    Dim seq;
    std::string why;
    if (!findStates(main, states, seq, why)) {
      if (!why.empty())
        match::missed(main, "make-entries", "only the raw entry: " + why);
      return;
    }
    OpBuilder builder(main);
    builder.setInsertionPointAfter(main);
    // Behind an encoder, tokens come one by one.
    bool oneByOne = hasRole(main, kCrossCache);
    func::FuncOp prefill =
        oneByOne ? func::FuncOp() : clone(builder, main, "prefill", states);
    func::FuncOp decode = clone(builder, main, "decode", states);
    auto symbol = dyn_cast<AffineSymbolExpr>(seq);
    if (!symbol)
      return;
    match::substituteSymbols(
        decode, getOperation(),
        {{symbol.getPosition(), constantDim(&getContext(), 1)}});
    if (oneByOne)
      return;
    // Only where the model gives the logits of each token.
    if (OpOperand *logits = tokenLogits(prefill, seq))
      keepTokens(prefill, *logits, seq, LastToken(seq));
    func::FuncOp step = clone(builder, main, "step", states);
    if (failed(makeStep(step, getOperation(), why))) {
      step.erase();
      match::missed(main, "make-entries", "no entry 'step': " + why);
    }
  }

  static bool hasRole(func::FuncOp f, StringRef role) {
    return llvm::any_of(f.getArguments(), [&](BlockArgument arg) {
      auto has = f.getArgAttrOfType<StringAttr>(arg.getArgNumber(), kRole);
      return has && has.getValue() == role;
    });
  }

  static bool findStates(func::FuncOp main, SmallVectorImpl<State> &states,
                         Dim &seq, std::string &why) {
    Operation *ret = main.front().getTerminator();
    std::string unknown;
    for (BlockArgument arg : main.getArguments()) {
      unsigned i = arg.getArgNumber();
      auto role = main.getArgAttrOfType<StringAttr>(i, kRole);
      if (role && role.getValue() == "tokens")
        seq = dimsOf(arg)[1];
      if (role)
        continue;
      auto type = dyn_cast<RankedTensorType>(arg.getType());
      bool cache =
          type && type.getRank() == 4 && isa<FloatType>(type.getElementType());
      std::optional<unsigned> present =
          cache ? presentOf(arg, ret) : std::nullopt;
      if (present)
        states.push_back({i, *present});
      else
        unknown =
            "the input '" + nameOf(main, i, false).str() +
            "' is neither a cache that comes back longer nor of a known role";
    }
    if (states.empty())
      return false; // a model without caches: nothing is missing
    why = unknown;
    if (!seq)
      why = "no input of tokens";
    else if (!isa<AffineSymbolExpr>(seq) && fixedDim(seq) != 1)
      why = "the number of new tokens is not free";
    return why.empty();
  }

  static func::FuncOp clone(OpBuilder &builder, func::FuncOp main,
                            StringRef name, ArrayRef<State> states) {
    func::FuncOp f = main.clone();
    builder.insert(f);
    f.setName(name);
    f->setAttr(kEntry, builder.getStringAttr(name));
    llvm::BitVector gone(f.getNumResults());
    for (auto [k, s] : llvm::enumerate(states)) {
      f.setArgAttr(s.argument, kState, builder.getI64IntegerAttr(k));
      f.setArgAttr(s.argument, kStateOutput,
                   builder.getStringAttr(nameOf(main, s.result, true)));
      gone.set(s.result);
    }
    f.front().getTerminator()->eraseOperands(gone);
    (void)f.eraseResults(gone);
    return f;
  }
};
} // namespace
} // namespace llmc::recognise
