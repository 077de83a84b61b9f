// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/KernelBuilder.h"
#include "runtime/include/llmc/abi.h"

using namespace mlir;

namespace llmc {

std::string KernelModule::get(StringRef family, StringRef key,
                              llvm::function_ref<void(StringRef)> emit) {
  std::string full = (family + ":" + key).str();
  auto [entry, isNew] = symbols.try_emplace(full);
  if (isNew) {
    // Copied first: emitting may ask for further kernels and move the table.
    std::string symbol = (family + "_" + Twine(symbols.size() - 1)).str();
    entry->second = symbol;
    emit(symbol);
    return symbol;
  }
  return entry->second;
}

static Type argType(CodeBuilder &k, KernelArg::Kind kind) {
  return kind == KernelArg::Int     ? k.i64()
         : kind == KernelArg::Float ? k.f32()
                                    : k.ptr();
}

KernelBuilder::KernelBuilder(ModuleOp module, const CpuTarget &target,
                             StringRef symbol, ArrayRef<KernelArg> args)
    : BuilderOwner(module.getContext()),
      CodeBuilder(own,
                  NameLoc::get(StringAttr::get(module.getContext(), symbol)),
                  target),
      count(args.size()) {
  // The work is in a function of its own that takes the words as typed
  // arguments: "noalias" is a property of arguments, and inlining keeps it.
  b.setInsertionPointToEnd(module.getBody());
  SmallVector<Type> types;
  for (const KernelArg &arg : args)
    types.push_back(argType(*this, arg.kind));
  types.append(3, i64());
  body = LLVM::LLVMFuncOp::create(b, loc, (symbol + ".body").str(),
                                  LLVM::LLVMFunctionType::get(i32(), types),
                                  LLVM::Linkage::Internal);
  body.setAlwaysInline(true);
  for (auto [i, arg] : llvm::enumerate(args)) {
    if (arg.kind == KernelArg::Read || arg.kind == KernelArg::Write)
      body.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(),
                      b.getUnitAttr());
    if (arg.kind == KernelArg::Read)
      body.setArgAttr(i, LLVM::LLVMDialect::getReadonlyAttrName(),
                      b.getUnitAttr());
  }
  emitWrapper(symbol, args);
  b.setInsertionPointToStart(body.addEntryBlock(b));
}

void KernelBuilder::emitWrapper(StringRef symbol, ArrayRef<KernelArg> args) {
  auto type = LLVM::LLVMFunctionType::get(i32(), {ptr(), i64(), i64(), i64()});
  auto outer = LLVM::LLVMFuncOp::create(b, loc, symbol, type);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(outer.addEntryBlock(b));
  Value words = outer.getArgument(0);
  Values operands;
  for (auto [i, arg] : llvm::enumerate(args)) {
    Value word = address(words, i64(), Value(), i);
    operands.push_back(LLVM::LoadOp::create(b, loc, argType(*this, arg.kind),
                                            word, /*alignment=*/8));
  }
  operands.append(
      {outer.getArgument(1), outer.getArgument(2), outer.getArgument(3)});
  auto call = LLVM::CallOp::create(b, loc, body, operands);
  LLVM::ReturnOp::create(b, loc, call.getResults());
}

Value KernelBuilder::scratch(Type element, int64_t elements, unsigned align) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(&body.getBody().front());
  return stackBuffer(element, elements, align);
}

void KernelBuilder::finish(Value status) {
  LLVM::ReturnOp::create(b, loc, status ? status : ci32(0));
}

void KernelBuilder::finishTiles(llvm::function_ref<Value(Value)> fill) {
  Values status = forLoop(begin(), end(), ci(1), ci32(LLMC_OK),
                          [&](Value tile, ValueRange carried) {
                            Value now = fill(tile);
                            Value failed = cmp(CmpI::ne, now, ci32(LLMC_OK));
                            return Values{select(failed, now, carried[0])};
                          });
  finish(status[0]);
}

LLVM::LLVMFuncOp emitSharedFunction(
    KernelModule &kernels, StringRef family, StringRef key,
    llvm::function_ref<SmallVector<Type>(CodeBuilder &)> types,
    llvm::function_ref<void(CodeBuilder &, LLVM::LLVMFuncOp)> fill) {
  std::string symbol = kernels.get(family, key, [&](StringRef name) {
    OpBuilder b(kernels.module().getContext());
    b.setInsertionPointToEnd(kernels.module().getBody());
    CodeBuilder k(b, NameLoc::get(b.getStringAttr(name)), kernels.target());
    auto type = LLVM::LLVMFunctionType::get(
        LLVM::LLVMVoidType::get(b.getContext()), types(k));
    auto func = LLVM::LLVMFuncOp::create(b, k.location(), name, type,
                                         LLVM::Linkage::Internal);
    func.setNoInline(true);
    for (auto [i, t] : llvm::enumerate(type.getParams()))
      if (isa<LLVM::LLVMPointerType>(t))
        func.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(),
                        b.getUnitAttr());
    b.setInsertionPointToStart(func.addEntryBlock(b));
    fill(k, func);
    LLVM::ReturnOp::create(b, k.location(), ValueRange());
  });
  return kernels.module().lookupSymbol<LLVM::LLVMFuncOp>(symbol);
}

} // namespace llmc
