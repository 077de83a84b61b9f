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

/// The role of an input by its name and type; empty: unknown.
StringRef roleOf(StringRef name, Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || tensor.getRank() != 2 ||
      !isa<IntegerType>(tensor.getElementType()))
    return {};
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
    func::FuncOp prefill = clone(builder, main, "prefill", states);
    func::FuncOp decode = clone(builder, main, "decode", states);
    auto symbol = dyn_cast<AffineSymbolExpr>(seq);
    if (!symbol)
      return;
    // Only where the model gives the logits of each token.
    if (OpOperand *logits = tokenLogits(prefill, seq))
      keepTokens(prefill, *logits, seq, LastToken(seq));
    match::substituteSymbols(
        decode, getOperation(),
        {{symbol.getPosition(), constantDim(&getContext(), 1)}});
    func::FuncOp step = clone(builder, main, "step", states);
    if (failed(makeStep(step, getOperation(), why))) {
      step.erase();
      match::missed(main, "make-entries", "no entry 'step': " + why);
    }
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
