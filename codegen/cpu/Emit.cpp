// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/Emit.h"
#include "codegen/cpu/Pipeline.h"
#include "lld/Common/Driver.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/IPO/Internalize.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include <mutex>

LLD_HAS_DRIVER(elf)

namespace llmc {
namespace {

llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createMachine(const CpuTarget &target, unsigned optLevel) {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeAllTargetInfos();
    llvm::InitializeAllTargets();
    llvm::InitializeAllTargetMCs();
    llvm::InitializeAllAsmPrinters();
  });
  llvm::Triple triple(target.triple);
  std::string why;
  const llvm::Target *backEnd = llvm::TargetRegistry::lookupTarget(triple, why);
  if (!backEnd)
    return llvm::createStringError("no code generator for " + target.triple +
                                   ": " + why);
  llvm::TargetOptions options;
  options.AllowFPOpFusion =
      llvm::FPOpFusion::Standard; // fused only where the IR says fma
  auto level = llvm::CodeGenOpt::getLevel(optLevel > 3 ? 3 : optLevel)
                   .value_or(llvm::CodeGenOptLevel::Default);
  std::unique_ptr<llvm::TargetMachine> machine(
      backEnd->createTargetMachine(triple, target.cpu, target.features, options,
                                   llvm::Reloc::PIC_, std::nullopt, level));
  if (!machine)
    return llvm::createStringError("no target machine for " + target.triple);
  return machine;
}

void setFunctionAttributes(llvm::Module &module,
                           const llvm::TargetMachine &machine,
                           const CpuTarget &target) {
  for (llvm::Function &f : module) {
    if (f.isDeclaration())
      continue;
    f.addFnAttr("target-cpu", machine.getTargetCPU());
    if (!machine.getTargetFeatureString().empty())
      f.addFnAttr("target-features", machine.getTargetFeatureString());
    if (target.vectorBits)
      f.addFnAttr("prefer-vector-width", std::to_string(target.vectorBits));
    f.addFnAttr(llvm::Attribute::NoUnwind);
  }
}

void restrictVisibility(llvm::Module &module, const EmitOptions &options,
                        bool wholeProgram) {
  auto exported = [&](const llvm::GlobalValue &value) {
    return llvm::is_contained(options.exports, value.getName().str());
  };
  if (wholeProgram) {
    llvm::internalizeModule(module, exported);
    return;
  }
  for (llvm::GlobalValue &value : module.global_values())
    if (!value.isDeclaration() && !value.hasLocalLinkage() && !exported(value))
      value.setVisibility(llvm::GlobalValue::HiddenVisibility);
}

llvm::Expected<std::string> generate(llvm::Module &module,
                                     llvm::TargetMachine &machine,
                                     llvm::CodeGenFileType type) {
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream out(bytes);
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, out, nullptr, type))
    return llvm::createStringError(
        "the code generator cannot write this kind of file");
  passes.run(module);
  return std::string(bytes.begin(), bytes.end());
}

/// A folder for the linker's files, removed with what is in it.
struct ScratchFolder {
  llvm::SmallString<128> path;
  std::error_code error = llvm::sys::fs::createUniqueDirectory("llmc", path);
  ~ScratchFolder() {
    if (!error)
      llvm::sys::fs::remove_directories(path);
  }
  std::string file(const llvm::Twine &name) const {
    return (path + "/" + name).str();
  }
};

llvm::Error checkSymbols(llvm::MemoryBufferRef bytes) {
  auto object = llvm::object::ObjectFile::createELFObjectFile(bytes);
  if (!object)
    return object.takeError();
  for (const auto &symbol :
       llvm::cast<llvm::object::ELFObjectFileBase>(**object)
           .getDynamicSymbolIterators()) {
    auto flags = symbol.getFlags();
    auto name = symbol.getName();
    if (!flags || !name)
      return llvm::joinErrors(flags.takeError(), name.takeError());
    bool allowed = *name == "memcpy" || *name == "memmove" ||
                   *name == "memset" || name->empty();
    if ((*flags & llvm::object::SymbolRef::SF_Undefined) && !allowed)
      return llvm::createStringError("compiled code needs the symbol '" +
                                     *name + "', which no machine provides");
  }
  return llvm::Error::success();
}

} // namespace

void registerEmitDialects(mlir::DialectRegistry &registry) {
  registry.insert<mlir::arith::ArithDialect, mlir::cf::ControlFlowDialect,
                  mlir::func::FuncDialect, mlir::LLVM::LLVMDialect,
                  mlir::math::MathDialect, mlir::scf::SCFDialect,
                  mlir::vector::VectorDialect>();
  // What the passes make, too: a dialect must not be loaded while several
  // targets are compiled side by side.
  mlir::MLIRContext none(mlir::MLIRContext::Threading::DISABLED);
  mlir::PassManager lowering(&none);
  buildLowerToLLVM(lowering, CpuTarget());
  lowering.getDependentDialects(registry);
  mlir::registerBuiltinDialectTranslation(registry);
  mlir::registerLLVMDialectTranslation(registry);
}

void registerEmitDialects(mlir::MLIRContext &context) {
  mlir::DialectRegistry registry;
  registerEmitDialects(registry);
  context.appendDialectRegistry(registry);
  context.loadAllAvailableDialects();
}

llvm::Expected<std::string> emitObject(mlir::ModuleOp module,
                                       const CpuTarget &target,
                                       const EmitOptions &options,
                                       bool wholeProgram) {
  mlir::PassManager lowering(module.getContext());
  lowering.enableVerifier(options.verifyEach);
  buildLowerToLLVM(lowering, target);
  if (mlir::failed(lowering.run(module)))
    return llvm::createStringError("lowering to LLVM failed");

  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> code =
      mlir::translateModuleToLLVMIR(module, context, "llmc");
  if (!code)
    return llvm::createStringError("translation to LLVM IR failed");
  auto machine = createMachine(target, options.optLevel);
  if (!machine)
    return machine.takeError();
  code->setTargetTriple(llvm::Triple(target.triple));
  code->setDataLayout((*machine)->createDataLayout());
  setFunctionAttributes(*code, **machine, target);
  restrictVisibility(*code, options, wholeProgram);
  optimizeModule(*code, **machine, target, options.optLevel);
  if (options.dumpLLVM) {
    llvm::raw_string_ostream out(*options.dumpLLVM);
    code->print(out, nullptr);
  }
  if (options.dumpAsm) {
    std::unique_ptr<llvm::Module> copy =
        llvm::CloneModule(*code); // generating code changes the module
    auto text = generate(*copy, **machine, llvm::CodeGenFileType::AssemblyFile);
    if (!text)
      return text.takeError();
    *options.dumpAsm = std::move(*text);
  }
  return generate(*code, **machine, llvm::CodeGenFileType::ObjectFile);
}

llvm::Expected<std::string>
linkSharedObject(llvm::ArrayRef<std::string> objects, const CpuTarget &target) {
  ScratchFolder folder;
  if (folder.error)
    return llvm::createStringError(folder.error,
                                   "cannot make a temporary folder");
  std::vector<std::string> arguments = {"ld.lld",
                                        "-shared",
                                        "--build-id=none",
                                        "--hash-style=gnu",
                                        "-z",
                                        "now",
                                        "-z",
                                        "noexecstack",
                                        "-soname=llmc",
                                        "-o",
                                        folder.file("code.so")};
  for (size_t i = 0; i < objects.size(); ++i) {
    arguments.push_back(folder.file(llvm::Twine(i) + ".o"));
    std::error_code error;
    llvm::raw_fd_ostream out(arguments.back(), error);
    out << objects[i];
    out.close();
    if (error || out.has_error()) {
      out.clear_error();
      return llvm::createStringError(error ? error : out.error(),
                                     "cannot write a temporary object");
    }
  }
  std::vector<const char *> raw;
  for (const std::string &argument : arguments)
    raw.push_back(argument.c_str());
  std::string messages;
  llvm::raw_string_ostream log(messages);
  {
    static std::mutex linking; // lld keeps its state in globals
    std::lock_guard<std::mutex> lock(linking);
    if (lld::lldMain(raw, log, log, {{lld::Gnu, &lld::elf::link}}).retCode != 0)
      return llvm::createStringError("linking failed: " + messages);
  }
  auto bytes =
      llvm::MemoryBuffer::getFile(folder.file("code.so"), /*IsText=*/false,
                                  /*RequiresNullTerminator=*/false);
  if (!bytes)
    return llvm::createStringError(bytes.getError(),
                                   "cannot read the linked file");
  if (llvm::Error error = checkSymbols(**bytes))
    return std::move(error);
  return (*bytes)->getBuffer().str();
}

llvm::Expected<std::string> emitSharedObject(mlir::ModuleOp module,
                                             const CpuTarget &target,
                                             const EmitOptions &options) {
  auto object = emitObject(module, target, options, /*wholeProgram=*/true);
  if (!object)
    return object.takeError();
  return linkSharedObject(*object, target);
}

} // namespace llmc
