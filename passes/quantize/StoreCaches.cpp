// SPDX-License-Identifier: Apache-2.0
//
//   %past {llm.state} : f32 ; %present = llm.kv_append %past, %k
//   ->  %past {llm.state} : f16
//       %present = llm.kv_append %past, (llm.cast %k)
//   or, as integers with scales,
//   ->  %past {llm.state} : [batch, heads, past, bytes] of ui8
//       %present = llm.kv_append %past, (llm.pack_rows %k)
//
// Attention reads keys and values of any type, and packed ones; what else reads
// them gets floats back. Entries without states (`raw`) keep the types of the
// model.
#include "passes/quantize/Passes.h"

#include "ir/llm/Shape.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::quantize {
#define GEN_PASS_DEF_STORECACHES
#include "passes/quantize/Passes.h.inc"

namespace {
/// What `type` says: floats of another type, or integers with scales.
struct Storage {
  Type element; ///< null: packed
  int64_t bits = 0;
};

std::optional<Storage> storageOf(StringRef type, MLIRContext *ctx) {
  return llvm::StringSwitch<std::optional<Storage>>(type)
      .Case("f32", Storage{Float32Type::get(ctx)})
      .Case("f16", Storage{Float16Type::get(ctx)})
      .Case("bf16", Storage{BFloat16Type::get(ctx)})
      .Case("int8", Storage{{}, 8})
      .Case("int4", Storage{{}, 4})
      .Default(std::nullopt);
}

/// One cache, [batch, heads, past, size], and how it is stored.
class Cache {
public:
  Cache(KvAppendOp append, const Storage &storage)
      : append(append), element(storage.element) {
    if (!element)
      rows = PackedRowsAttr::get(append.getContext(), storage.bits, packedUnit,
                                 *fixedDim(dimsOf(append.getPast())[3]));
  }

  void store() {
    auto past = cast<BlockArgument>(append.getPast());
    past.setType(typeOf(past));
    OpBuilder b(append);
    append.getUpdateMutable().assign(toStored(b, append.getUpdate()));
    Value present = append.getResult();
    Type type = present.getType();
    present.setType(typeOf(present));
    b.setInsertionPointAfter(append);
    Value back;
    for (OpOperand &use : llvm::make_early_inc_range(present.getUses())) {
      if (use.getOwner() == (back ? back.getDefiningOp() : nullptr) ||
          readsStored(use))
        continue;
      if (!back)
        back = fromStored(b, present, type);
      use.set(back);
    }
  }

private:
  Type typeOf(Value v) {
    Dims dims = dimsOf(v);
    if (!rows)
      return tensorType(v.getContext(), dims, element);
    dims[3] = constantDim(v.getContext(), rows.rows().bytes());
    return tensorType(
        v.getContext(), dims,
        IntegerType::get(v.getContext(), 8, IntegerType::Unsigned));
  }

  Value toStored(OpBuilder &b, Value v) {
    if (rows)
      return PackRowsOp::create(b, v.getLoc(), v, rows);
    return CastOp::create(b, v.getLoc(), withElement(v.getType(), element), v);
  }

  Value fromStored(OpBuilder &b, Value v, Type type) {
    if (rows)
      return UnpackRowsOp::create(b, v.getLoc(), type, v, rows);
    return CastOp::create(b, v.getLoc(), type, v);
  }

  /// Attention reads its keys and values as they are stored.
  bool readsStored(OpOperand &use) {
    auto attention = dyn_cast<AttentionOp>(use.getOwner());
    if (!attention || use.get() == attention.getQ())
      return false;
    bool isKey = &use == &attention.getKMutable(),
         isValue = &use == &attention.getVMutable();
    if (rows && isKey)
      attention.setKeyRowsAttr(rows);
    if (rows && isValue)
      attention.setValueRowsAttr(rows);
    return isKey || isValue;
  }

  KvAppendOp append;
  Type element;
  PackedRowsAttr rows;
};

struct StoreCaches : impl::StoreCachesBase<StoreCaches> {
  using StoreCachesBase::StoreCachesBase;

  void runOnOperation() override {
    auto storage = storageOf(type, &getContext());
    if (!storage) {
      getOperation().emitError(
          "caches are of f32, f16, bf16, int8 or int4, not ")
          << type;
      return signalPassFailure();
    }
    for (auto f : getOperation().getOps<func::FuncOp>())
      for (BlockArgument arg : f.getArguments())
        if (f.getArgAttr(arg.getArgNumber(), "llm.state"))
          if (auto append = dyn_cast<KvAppendOp>(*arg.user_begin());
              append && isa<FloatType>(elementOf(arg)) &&
              elementOf(arg) != storage->element) {
            Cache(append, *storage).store();
            f.setFunctionType(
                FunctionType::get(&getContext(), f.front().getArgumentTypes(),
                                  f.getFunctionType().getResults()));
          }
  }
};
} // namespace
} // namespace llmc::quantize
