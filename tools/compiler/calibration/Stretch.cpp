// SPDX-License-Identifier: Apache-2.0
#include "tools/compiler/calibration/Stretch.h"

#include "ir/llm/Shape.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/RegionUtils.h"

#include <fmt/format.h>

using namespace mlir;
using namespace llmc::llm;

namespace llmc::compiler {

Operation *makerIn(func::FuncOp main, Value v) {
  Operation *maker = v.getDefiningOp();
  return maker ? main.front().findAncestorOpInBlock(*maker) : nullptr;
}

/// What an op of the body reads, in its regions too.
static llvm::SetVector<Value> readBy(Operation *op) {
  llvm::SetVector<Value> values(op->operand_begin(), op->operand_end());
  getUsedValuesDefinedAbove(op->getRegions(), values);
  return values;
}

static bool isOfItself(Operation *op) {
  return op->getNumRegions() == 0 && op->getNumOperands() == 0;
}

/// Ends a function with its results, which get names.
static void giveResults(OpBuilder &b, func::FuncOp f, ArrayRef<Value> results) {
  func::ReturnOp::create(b, f.getLoc(), results);
  f.setFunctionType(
      b.getFunctionType(f.getArgumentTypes(), ValueRange(results).getTypes()));
  for (size_t i = 0; i < results.size(); ++i)
    f.setResultAttr(i, "llm.name", b.getStringAttr(fmt::format("~{}", i)));
}

SmallVector<Value> valuesAlive(func::FuncOp main, Operation *last,
                               ArrayRef<Value> wanted) {
  llvm::SetVector<Value> open(wanted.begin(), wanted.end());
  SmallVector<Value> alive;
  for (size_t i = 0; i < open.size(); ++i) {
    Operation *maker = makerIn(main, open[i]);
    if (!maker || isOfItself(maker))
      continue;
    if (last && !last->isBeforeInBlock(maker))
      alive.push_back(open[i]);
    else
      open.insert_range(readBy(maker));
  }
  llvm::sort(alive, [&](Value a, Value b) {
    Operation *x = makerIn(main, a), *y = makerIn(main, b);
    return x != y ? x->isBeforeInBlock(y)
                  : cast<OpResult>(a).getResultNumber() <
                        cast<OpResult>(b).getResultNumber();
  });
  return alive;
}

namespace {
/// The ops that compute some values, and the arguments of `main` for them.
struct Slice {
  llvm::SmallPtrSet<Operation *, 32> ops;
  SmallVector<unsigned> arguments;
};

class StretchBuilder {
public:
  StretchBuilder(func::FuncOp main, ArrayRef<Value> known)
      : main(main), known(known), ctx(main.getContext()),
        module(ModuleOp::create(main.getLoc())), b(ctx) {
    auto from = main->getParentOfType<ModuleOp>();
    module.get()->setDiscardableAttrs(from->getDiscardableAttrDictionary());
  }

  /// Begins with what computes the values.
  void begin(ArrayRef<Value> values) {
    Slice slice = sliceOf(values);
    addMain(slice.arguments);
    for (Operation &op : main.front())
      if (slice.ops.contains(&op))
        b.clone(op, map);
    arguments = std::move(slice.arguments);
  }

  void give(Value v) { outputs.push_back(map.lookup(v)); }

  void giveRows(Value v) {
    Value x = map.lookup(v);
    auto f32 = b.getF32Type();
    if (elementOf(x) != f32)
      x = CastOp::create(b, v.getLoc(), withElement(x.getType(), f32), x);
    Dims dims = dimsOf(x);
    Dim rows = productOf(ctx, ArrayRef(dims).drop_back());
    outputs.push_back(ReshapeOp::create(
        b, v.getLoc(), tensorType(ctx, {rows, dims.back()}, f32), x));
  }

  Stretch take() {
    giveResults(b, f, outputs);
    return {std::move(module), std::move(arguments)};
  }

private:
  Slice sliceOf(ArrayRef<Value> values) {
    llvm::SetVector<Value> open(values.begin(), values.end());
    llvm::SmallDenseSet<Value> given(known.begin(), known.end());
    Slice slice;
    for (size_t i = 0; i < open.size(); ++i) {
      Operation *maker = makerIn(main, open[i]);
      if (maker && !given.contains(open[i]) && slice.ops.insert(maker).second)
        open.insert_range(readBy(maker));
    }
    llvm::DenseSet<Dim> sizes;
    for (BlockArgument arg : main.getArguments()) {
      bool isFirst = false; // with one of its sizes
      for (Dim dim : dimsOf(arg))
        isFirst |= !fixedDim(dim) && sizes.insert(dim).second;
      if (isFirst || open.contains(arg))
        slice.arguments.push_back(arg.getArgNumber());
    }
    return slice;
  }

  void addMain(ArrayRef<unsigned> fromMain) {
    SmallVector<Value> inputs;
    for (unsigned i : fromMain)
      inputs.push_back(main.getArgument(i));
    llvm::append_range(inputs, known);
    b.setInsertionPointToEnd(module->getBody());
    f = func::FuncOp::create(
        b, main.getLoc(), "main",
        b.getFunctionType(ValueRange(inputs).getTypes(), {}));
    f->setAttr("llm.entry", b.getStringAttr("raw"));
    b.setInsertionPointToStart(f.addEntryBlock());
    map.map(inputs, f.getArguments());
    for (auto [at, i] : llvm::enumerate(fromMain))
      f.setArgAttrs(at, main.getArgAttrDict(i));
    for (size_t i = 0; i < known.size(); ++i)
      f.setArgAttr(fromMain.size() + i, "llm.name",
                   b.getStringAttr(fmt::format("~{}", i)));
  }

  func::FuncOp main, f;
  ArrayRef<Value> known;
  MLIRContext *ctx;
  OwningOpRef<ModuleOp> module;
  OpBuilder b;
  IRMapping map;
  SmallVector<unsigned> arguments;
  SmallVector<Value> outputs;
};
} // namespace

Stretch makeStretch(func::FuncOp main, ArrayRef<Value> known,
                    ArrayRef<Value> kept, ArrayRef<Value> observed) {
  StretchBuilder builder(main, known);
  SmallVector<Value> all(kept);
  llvm::append_range(all, observed);
  builder.begin(all);
  for (Value v : kept)
    builder.give(v);
  for (Value v : observed)
    builder.giveRows(v);
  return builder.take();
}

OwningOpRef<ModuleOp> makeSums(MLIRContext *ctx, int64_t size,
                               const passes::ObserveOptions &options) {
  OpBuilder b(ctx);
  Location loc = b.getUnknownLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  Dim rows = Symbols(*module).named("rows");
  Type f32 = b.getF32Type(),
       type = tensorType(ctx, {rows, constantDim(ctx, size)}, f32);
  b.setInsertionPointToEnd(module->getBody());
  SmallVector<Type> inputs(options.original ? 2 : 1, type);
  auto f = func::FuncOp::create(b, loc, "main", b.getFunctionType(inputs, {}));
  f->setAttr("llm.entry", b.getStringAttr("raw"));
  for (size_t i = 0; i < inputs.size(); ++i)
    f.setArgAttr(i, "llm.name", b.getStringAttr(fmt::format("x{}", i)));
  b.setInsertionPointToStart(f.addEntryBlock());
  Value x = f.getArgument(0);
  SmallVector<Value> outputs;
  auto columns = [&](int64_t from, int64_t to) -> Value {
    auto starts = AffineMap::get(
        0, 0, {b.getAffineConstantExpr(0), b.getAffineConstantExpr(from)}, ctx);
    return SliceOp::create(
        b, loc, tensorType(ctx, {rows, constantDim(ctx, to - from)}, f32), x,
        starts, ArrayRef<int64_t>{1, 1});
  };
  auto turned = [&](Value of) {
    return TransposeOp::create(b, loc, of, ArrayRef<int64_t>{1, 0});
  };
  for (int64_t at = 0; options.hessian && at < size; at += kSumColumns) {
    int64_t end = std::min(at + kSumColumns, size);
    outputs.push_back(
        MatmulOp::create(b, loc, turned(columns(0, end)), columns(at, end)));
  }
  if (options.original)
    outputs.push_back(MatmulOp::create(b, loc, turned(x), f.getArgument(1)));
  auto over = [&](Value of, ReduceKind kind) {
    outputs.push_back(ReduceOp::create(b, loc, of, kind, ArrayRef<int64_t>{0},
                                       /*keepdims=*/false));
  };
  over(AbsOp::create(b, loc, type, x), ReduceKind::Max);
  over(x, ReduceKind::Sum);
  giveResults(b, f, outputs);
  return module;
}

} // namespace llmc::compiler
