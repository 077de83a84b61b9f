// SPDX-License-Identifier: Apache-2.0
#include "tools/compiler/CodeGeneration.h"

#include "codegen/cpu/Emit.h"
#include "tools/compiler/CompileError.h"

#include <atomic>
#include <mutex>
#include <thread>

using namespace mlir;

namespace llmc::compiler {

CodeGeneration::CodeGeneration(MLIRContext &context,
                               std::vector<ModuleOp> modules, const Digest &id,
                               CodeOptions codeOptions)
    : context(context), options(std::move(codeOptions)) {
  Diagnostics diagnostics(&context);
  for (const CpuTarget &target : options.targets) {
    TargetCode &code = codes.emplace_back(TargetCode{
        target, ModuleOp::create(UnknownLoc::get(&context)), {}, {}});
    KernelModule kernels(*code.module, code.target);
    // Every target has the same entries, and kernels of its own.
    auto models = lowerModules(modules, kernels, table, id, lowered);
    if (failed(models))
      diagnostics.raise(Code::Unsupported);
    lowered = std::move(*models);
  }
}

void CodeGeneration::print(llvm::raw_ostream &os) const {
  for (const TargetCode &code : codes)
    code.module.get()->print(os);
}

void CodeGeneration::printDump(llvm::raw_ostream &os) const {
  for (const TargetCode &code : codes)
    os << code.dump;
}

/// Everything that the object depends on.
static Digest digestOf(ModuleOp lowered, const CpuTarget &target) {
  std::string text = target.name + "\n";
  llvm::raw_string_ostream os(text);
  lowered.print(os);
  return sha256(std::as_bytes(std::span(text)));
}

void CodeGeneration::emitObject(TargetCode &code) const {
  std::string *known = nullptr;
  if (options.cache) {
    known = &(*options.cache)[digestOf(*code.module, code.target)];
    code.object = *known;
    if (!code.object.empty())
      return;
  }
  lowerRtToLLVM(*code.module);
  EmitOptions emit;
  emit.exports = {LLMC_MODULE_SYMBOL};
  emit.verifyEach = options.verifyEach;
  if (options.dump == "llvm")
    emit.dumpLLVM = &code.dump;
  if (options.dump == "asm")
    emit.dumpAsm = &code.dump;
  auto object = emitSharedObject(*code.module, code.target, emit);
  if (!object)
    fail(Code::Internal, llvm::toString(object.takeError()), code.target.name);
  code.object = std::move(*object);
  if (known)
    *known = code.object;
}

/// Each target's module is its own, so that targets are compiled side by side.
void CodeGeneration::emit() {
  context.enableMultithreading(options.jobs > 1 && codes.size() > 1);
  std::atomic<size_t> next = 0;
  std::mutex lock;
  std::optional<CompileError> error;
  auto work = [&] {
    for (size_t i = next++; i < codes.size(); i = next++) {
      try {
        emitObject(codes[i]);
      } catch (CompileError &e) {
        std::lock_guard guard(lock);
        error = std::move(e);
      }
    }
  };
  std::vector<std::thread> threads;
  for (size_t i = 1; i < std::min<size_t>(options.jobs, codes.size()); ++i)
    threads.emplace_back(work);
  work();
  for (std::thread &t : threads)
    t.join();
  if (error)
    throw std::move(*error);
}

/// The first stored tensor that a recipe reads.
static std::string nameOf(llm::RecipeAttr recipe,
                          const llm::WeightSource &weights) {
  while (!recipe.getInputs().empty())
    recipe = cast<llm::RecipeAttr>(recipe.getInputs()[0]);
  auto id = recipe.getParams().getAs<IntegerAttr>("id");
  return id ? weights.name(id.getInt()) : "";
}

void CodeGeneration::writeWeights(
    ArtifactWriter &writer, const llm::WeightSource &weights,
    llvm::function_ref<void(uint64_t, uint64_t)> progress) {
  RecipeEvaluator evaluator(weights, options.jobs);
  uint64_t total = 0, done = 0;
  for (llm::RecipeAttr r : table.recipes())
    total += RecipeEvaluator::storedBytes(r);
  for (llm::RecipeAttr r : table.recipes()) {
    uint64_t size = RecipeEvaluator::storedBytes(r);
    auto result = writer.addWeight(
        nameOf(r, weights), size,
        [&](const ArtifactWriter::Sink &sink) -> Status {
          Status status;
          evaluator.stream(r, [&](std::span<const std::byte> piece) {
            if (status.ok())
              status = sink(piece);
          });
          return status;
        });
    check(result.takeStatus());
    progress(done += size, total);
  }
}

void CodeGeneration::write(
    ArtifactWriter &writer, const llm::WeightSource &weights,
    llvm::function_ref<void(uint64_t, uint64_t)> progress) {
  writeWeights(writer, weights, progress);
  for (TargetCode &code : codes) {
    auto bytes = std::as_bytes(std::span(code.object));
    writer.addCode(code.target.name, code.target.required, code.target.rank,
                   {bytes.begin(), bytes.end()});
  }
}

} // namespace llmc::compiler
