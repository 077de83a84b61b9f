// SPDX-License-Identifier: Apache-2.0
// All entries of a module, and the table by which the runtime finds them.
#include "codegen/lowering/EntryLowering.h"

using namespace mlir;

namespace llmc {

/// The exported constant: LlmcModule of abi.h. Its pointers are filled by
/// relative relocations at load.
static void emitModuleTable(KernelModule &kernels,
                            ArrayRef<std::string> symbols,
                            ArrayRef<uint8_t> digest) {
  ModuleOp module = kernels.module();
  OpBuilder b(module.getContext());
  b.setInsertionPointToEnd(module.getBody());
  Location loc = b.getUnknownLoc();
  auto ptr = LLVM::LLVMPointerType::get(b.getContext());
  auto global = [&](Type type, StringRef name, LLVM::Linkage linkage,
                    llvm::function_ref<Value()> init) {
    auto g = LLVM::GlobalOp::create(b, loc, type, /*isConstant=*/true, linkage,
                                    name, Attribute());
    OpBuilder::InsertionGuard guard(b);
    b.createBlock(&g.getInitializerRegion());
    LLVM::ReturnOp::create(b, loc, init());
  };
  auto insert = [&](Value aggregate, Value v, ArrayRef<int64_t> at) {
    return LLVM::InsertValueOp::create(b, loc, aggregate, v, at).getResult();
  };
  auto address = [&](StringRef name) {
    return LLVM::AddressOfOp::create(b, loc, ptr, name).getResult();
  };
  auto entriesType = LLVM::LLVMArrayType::get(ptr, symbols.size());
  global(entriesType, "llmc_entries", LLVM::Linkage::Internal, [&] {
    Value all = LLVM::UndefOp::create(b, loc, entriesType);
    for (auto [i, s] : llvm::enumerate(symbols))
      all = insert(all, address(s), i);
    return all;
  });
  auto bytes = LLVM::LLVMArrayType::get(b.getI8Type(), 32);
  auto tableType = LLVM::LLVMStructType::getLiteral(
      b.getContext(), {b.getI32Type(), b.getI32Type(), ptr, bytes});
  global(tableType, LLMC_MODULE_SYMBOL, LLVM::Linkage::External, [&] {
    Value t = LLVM::UndefOp::create(b, loc, tableType);
    t = insert(
        t, LLVM::ConstantOp::create(b, loc, b.getI32Type(), LLMC_ABI_VERSION),
        0);
    t = insert(t,
               LLVM::ConstantOp::create(b, loc, b.getI32Type(),
                                        static_cast<int64_t>(symbols.size())),
               1);
    t = insert(t, address("llmc_entries"), 2);
    for (int64_t i = 0; i < 32; ++i)
      t = insert(t,
                 LLVM::ConstantOp::create(b, loc, b.getI8Type(),
                                          static_cast<int8_t>(digest[i])),
                 {3, i});
    return t;
  });
}

FailureOr<std::vector<LoweredModel>>
lowerModules(ArrayRef<ModuleOp> modules, KernelModule &kernels,
             WeightTable &weights, ArrayRef<uint8_t> digest,
             ArrayRef<LoweredModel> before) {
  std::vector<LoweredModel> models;
  std::vector<std::string> symbols;
  for (ModuleOp module : modules)
    weights.scan(module);
  for (ModuleOp module : modules) {
    LoweredModel &model = models.emplace_back();
    for (auto f : module.getOps<func::FuncOp>()) {
      auto name = f->getAttrOfType<StringAttr>("llm.entry");
      if (!name)
        continue;
      LoweredEntry lowered{name.str(), {}, {}};
      if (!before.empty())
        lowered.sites = before[models.size() - 1][model.size()].sites;
      symbols.push_back("entry_" + std::to_string(symbols.size()));
      LoweringContext context{kernels, weights, lowered.sites, lowered.general};
      if (failed(EntryLowering(f, symbols.back(), context).run()))
        return failure();
      model.push_back(std::move(lowered));
    }
  }
  emitModuleTable(kernels, symbols, digest);
  return models;
}

} // namespace llmc
