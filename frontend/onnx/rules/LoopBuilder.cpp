// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/rules/LoopBuilder.h"

#include "frontend/onnx/ConversionErrors.h"
#include "frontend/onnx/SequenceTypes.h"

using namespace mlir;

namespace llmc::onnx {

bool isLocalSize(llm::Symbols &symbols, llm::Dim size, unsigned firstLocal) {
  bool local = false;
  size.walk([&](AffineExpr e) {
    auto s = dyn_cast<AffineSymbolExpr>(e);
    if (!s || s.getPosition() < firstLocal)
      return;
    StringRef kind = symbols.kind(s.getPosition());
    // A broadcast fails where sizes don't fit, which only the body may judge.
    if (kind == "input" || kind == "data" || kind == "broadcast")
      local = true;
    for (llm::Dim of : symbols.operands(s.getPosition()))
      local |= isLocalSize(symbols, of, firstLocal);
  });
  return local;
}

namespace {
/// Which dims of the carried values change: (value, axis) to a class. Dims of
/// one class that begin equal stay equal. Of sequences the rank, as if of axis
/// 0; and those values that are optional in some turn.
using Varying = std::map<std::pair<unsigned, unsigned>, unsigned>;

class LoopBuilder {
public:
  LoopBuilder(Binder &b, const LoopSpec &spec, TurnFn turn)
      : b(b), spec(spec), turn(turn), varying(b.shared().varyingSizes[b.node]),
        inits(spec.inits) {
    firstLocal = b.sizes.table().size();
  }

  std::optional<SmallVector<Value>> run() {
    size_t notes = b.shared().unsupported.size();
    while (true) {
      for (auto [k, init] : llvm::enumerate(inits))
        if (varying.count({k, kOptional}))
          init = asOptional(b.builder, b.loc, init);
      convertTurn();
      if (made.unknown)
        return std::nullopt;
      if (!refine())
        return finish();
      b.shared().unsupported.resize(notes);
    }
  }

private:
  static constexpr unsigned kOptional = ~0u; ///< an "axis" in Varying
  static unsigned asClass(int64_t rank) {
    return static_cast<unsigned>(rank - llm::SequenceType::kAnyRank);
  }
  static int64_t asRank(unsigned number) {
    return static_cast<int64_t>(number) + llm::SequenceType::kAnyRank;
  }

  void convertTurn() {
    body = std::make_unique<BodyHolder>(b);
    symbols.clear();
    BodyScope scope(b.shared());
    iteration = b.boundSymbol("turn");
    Block &block = body->block();
    for (auto [k, init] : llvm::enumerate(inits)) {
      if (auto sequence = dyn_cast<llm::SequenceType>(init.getType())) {
        block.addArgument(carriedSequence(k, sequence), b.loc);
        continue;
      }
      llm::Dims dims = llm::dimsOf(init);
      for (auto [axis, d] : llvm::enumerate(dims))
        if (auto it = varying.find({k, axis}); it != varying.end()) {
          llm::Dim &symbol = symbols[{d, it->second}];
          if (!symbol)
            symbol = b.boundSymbol("carried");
          d = symbol;
        }
      block.addArgument(b.tensor(dims, llm::elementOf(init)), b.loc);
    }
    b.builder.setInsertionPointToEnd(&block);
    made = turn(iteration, block.getArguments());
    if (made.unknown)
      return;
    for (auto [arg, next] : llvm::zip(block.getArguments(), made.next))
      if (isOptional(arg.getType()))
        next = asOptional(b.builder, b.loc, next);
    SmallVector<Value> yields = {
        made.go ? made.go
                : b.scalarSize(b.constantDim(1), b.builder.getI1Type())};
    yields.append(made.next);
    yields.append(made.rows);
    llm::YieldOp::create(b.builder, b.loc, yields);
  }

  /// Whether what the turn yields shows further dims that change.
  bool refine() {
    bool changed = false;
    using Class = std::pair<llm::Dim, unsigned>;
    llvm::DenseMap<Class, llvm::SmallDenseMap<llm::Dim, unsigned>> classes;
    unsigned last = 0;
    for (auto &[place, number] : varying)
      last = std::max(last, number);
    for (auto [k, next] : llvm::enumerate(made.next)) {
      Value arg = body->block().getArgument(k);
      if (isOptional(next.getType()) && !isOptional(arg.getType())) {
        varying.erase({k, 0}); // of a tensor's sizes
        changed |= varying.insert({{k, kOptional}, 0}).second;
        continue;
      }
      if (isa<llm::SequenceType>(arg.getType())) {
        changed |= refineSequence(k, arg, next);
        continue;
      }
      checkCarried(k, arg, next);
      for (unsigned axis = 0; axis < llm::rankOf(arg); ++axis) {
        llm::Dim before = llm::dimsOf(arg)[axis],
                 after = llm::dimsOf(next)[axis];
        auto it = varying.find({k, axis});
        if (it == varying.end()) {
          if (before != after) {
            varying[{k, axis}] = 0;
            changed = true;
          }
          continue;
        }
        // One symbol needs one size after the turn.
        auto &seen = classes[{llm::dimsOf(inits[k])[axis], it->second}];
        auto [known, isNew] =
            seen.try_emplace(after, seen.empty() ? it->second : ++last);
        if (known->second != it->second) {
          it->second = known->second;
          changed = true;
        }
      }
    }
    return changed;
  }

  /// A sequence's rank is that of what turns add as well.
  Type carriedSequence(unsigned k, llm::SequenceType type) {
    auto it = varying.find({k, 0});
    return it == varying.end() ? type : type.withRank(asRank(it->second));
  }
  bool refineSequence(unsigned k, Value arg, Value next) {
    auto from = cast<llm::SequenceType>(arg.getType()),
         to = dyn_cast<llm::SequenceType>(next.getType());
    if (!to || from.withRank(0) != to.withRank(0))
      b.fail("state " + Twine(k) + " is a sequence and becomes something else");
    int64_t rank = llm::SequenceType::joinRanks(from.getRank(), to.getRank());
    if (from.getRank() == rank)
      return false;
    varying[{k, 0}] = asClass(rank);
    return true;
  }

  void checkCarried(size_t k, Value arg, Value next) {
    auto from = cast<RankedTensorType>(arg.getType()),
         to = dyn_cast<RankedTensorType>(next.getType());
    if (!to)
      b.fail("state " + Twine(k) + " is a tensor and becomes a sequence");
    if (from.getElementType() != to.getElementType())
      b.fail("state " + Twine(k) + " turns from " + describe(from) + " to " +
             describe(to));
    if (from.getRank() != to.getRank())
      b.unsupported("a state whose rank changes, from " + describe(from) +
                    " to " + describe(to) + ", is not supported");
  }

  std::optional<SmallVector<Value>> finish() {
    llm::Dims binds;
    auto bound = [&](StringRef hint) {
      binds.push_back(b.boundSymbol(hint));
      return binds.back();
    };
    SmallVector<Type> types;
    llvm::DenseMap<llm::Dim, llm::Dim> outside;
    for (Value arg : body->block().getArguments()) {
      if (isa<llm::SequenceType>(arg.getType())) {
        types.push_back(arg.getType());
        continue;
      }
      llm::Dims dims = llm::dimsOf(arg);
      for (llm::Dim &d : dims)
        if (isLocalSize(b.sizes.table(), d, firstLocal)) {
          llm::Dim &symbol = outside[d];
          if (!symbol)
            symbol = bound("carried");
          d = symbol;
        }
      types.push_back(b.tensor(dims, llm::elementOf(arg)));
    }
    llm::Dim turns;
    if (!made.rows.empty())
      turns = spec.turns && !made.go ? spec.turns : bound("turns");
    bool keep = turns && (spec.rowsKeepSizes || b.sizes.lowerBound(turns) > 0);
    llvm::DenseMap<llm::Dim, llm::Dim> ofRows;
    for (Value row : made.rows) {
      if (!isa<RankedTensorType>(row.getType()))
        b.fail("a row that is no tensor");
      llm::Dims dims = llm::dimsOf(row);
      for (llm::Dim &d : dims)
        if (isLocalSize(b.sizes.table(), d, firstLocal) ||
            (!keep && !llm::fixedDim(d))) {
          llm::Dim &symbol = ofRows[d];
          if (!symbol)
            symbol = bound("row");
          d = symbol;
        }
      dims.insert(dims.begin(), turns);
      types.push_back(b.tensor(dims, llm::elementOf(row)));
    }
    auto op = llm::LoopOp::create(
        b.builder, b.loc, types, spec.trips, spec.condition, inits,
        llm::dimsAttr(b.ctx, iteration), llm::dimsAttr(b.ctx, binds));
    op.getBody().takeBody(body->region());
    b.check(op);
    return SmallVector<Value>(op.getOutputs());
  }

  Binder &b;
  const LoopSpec &spec;
  TurnFn turn;
  Varying &varying;
  SmallVector<Value> inits;
  unsigned firstLocal;
  std::unique_ptr<BodyHolder> body;
  LoopTurn made;
  llm::Dim iteration;
  llvm::DenseMap<std::pair<llm::Dim, unsigned>, llm::Dim> symbols;
};
} // namespace

std::optional<SmallVector<Value>> buildLoop(Binder &b, const LoopSpec &spec,
                                            TurnFn turn) {
  return LoopBuilder(b, spec, turn).run();
}

} // namespace llmc::onnx
