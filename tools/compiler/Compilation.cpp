// SPDX-License-Identifier: Apache-2.0
#include "tools/compiler/Compilation.h"

#include "codegen/cpu/Emit.h"
#include "frontend/onnx/Exporter.h"
#include "frontend/onnx/OnnxToLLM.h"
#include "frontend/package/Json.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "tools/compiler/BudgetCheck.h"
#include "tools/compiler/MergedDecoder.h"
#include "tools/compiler/PassList.h"
#include "tools/compiler/calibration/ModelEvaluator.h"

#include <fmt/format.h>
#include <thread>

using namespace mlir;

namespace llmc::compiler {

Compilation::Compilation(const Options &options, cli::Shell &shell)
    : options(options), shell(shell), progress(shell.quiet, shell.verbose) {
  context.disableMultithreading(); // passes may add symbols to the module
  DialectRegistry registry;
  onnx::registerImportDialects(registry);
  registerEmitDialects(registry);
  registry.insert<rt::RtDialect, LLVM::LLVMDialect>();
  context.appendDialectRegistry(registry);
  context.loadAllAvailableDialects();
}

/// Textual IR of the llm dialect takes a model's place in tests.
static onnx::ImportedModel parseIr(MLIRContext &context,
                                   const std::string &path) {
  struct NoWeights : llm::WeightSource {
    size_t size() const override { return 0; }
    std::string name(size_t) const override { return ""; }
    RankedTensorType type(MLIRContext *, size_t) const override { return {}; }
    std::span<const std::byte> bytes(size_t) const override { return {}; }
  };
  Diagnostics diagnostics(&context);
  auto module = parseSourceFile<ModuleOp>(path, &context);
  if (!module)
    diagnostics.raise(Code::BadInput);
  return {std::move(module), std::make_unique<NoWeights>()};
}

void Compilation::read() {
  progress.phase("reading the model");
  static Remarks remarks;
  if (options.model.ends_with(".mlir"))
    return add("model", parseIr(context, options.model));
  package =
      openPackage(options.model, remarks, {options.variant, options.package});
  readChat();
  constraints = readConstraints(options, package.tokenizer);
  onnx::ValidateOptions validate;
  validate.isStrict = options.strict;
  auto import = emits("onnx") ? onnx::importModel : onnx::importToLLM;
  for (const PackageModel &m : package.models) {
    try {
      auto addModel = [&](const std::string &name) {
        add(name, import(&context, m.path, remarks, validate, weights.size()));
        return *units.back().module;
      };
      ModuleOp first = addModel(m.name);
      if (package.models.size() > 1 && isMergedDecoder(first))
        splitDecoder(first, addModel("decoder_with_past"));
    } catch (InputError &e) {
      if (e.file().empty()) // of a folder's files, name the one
        e.inFile(m.path);
      throw;
    }
  }
  for (const Remarks::Remark &r : remarks.all())
    r.isWarning ? warn(r.text) : cli::printNote(shell, r.text);
}

void Compilation::splitDecoder(ModuleOp first, ModuleOp later) {
  Diagnostics diagnostics(&context);
  if (failed(takeBranch(first, false)) || failed(takeBranch(later, true)))
    diagnostics.raise(Code::Internal);
}

/// The files that say how to chat go into the artifact as they are; what is
/// wrong with them is said now.
void Compilation::readChat() {
  if (package.folder.empty())
    return;
  Result<ChatFiles> files = readChatFiles(package.folder);
  if (!files)
    check(files.takeStatus());
  chatFiles = std::move(*files);
  auto templates = ChatTemplates::load(chatFiles, package.folder);
  if (!templates)
    check(templates.takeStatus());
  for (const Error &e : (*templates)->failures())
    warn(fmt::format("{}: {}: the chat template cannot be used: {}", e.file,
                     e.where, e.what));
}

void Compilation::warn(const std::string &text) {
  if (options.strict)
    fail(Code::BadInput, text);
  cli::printWarning(text);
}

void Compilation::add(std::string name, onnx::ImportedModel model) {
  units.push_back({std::move(name), std::move(model.module)});
  weights.add(std::move(model.weights));
}

std::vector<ModuleOp> Compilation::modules() const {
  std::vector<ModuleOp> all;
  for (const ModelUnit &unit : units)
    all.push_back(*unit.module);
  return all;
}

void markRawEntry(ModuleOp module) {
  bool any = llvm::any_of(module.getOps<func::FuncOp>(), [](func::FuncOp f) {
    return f->hasAttr("llm.entry");
  });
  if (auto main = module.lookupSymbol<func::FuncOp>("main"); main && !any)
    main->setAttr("llm.entry", StringAttr::get(module.getContext(), "raw"));
}

void Compilation::runPasses(ModelUnit &unit) {
  ModuleOp module = *unit.module;
  Diagnostics diagnostics(&context);
  std::exception_ptr failure;
  auto run = [&](llvm::function_ref<void(OpPassManager &)> add) {
    PassManager pm(&context);
    pm.enableVerifier(options.verifyEach);
    add(pm);
    LogicalResult ran = pm.run(module);
    if (failure)
      std::rethrow_exception(failure);
    if (failed(ran) || failed(verify(module)))
      diagnostics.raise(Code::Internal);
  };
  ModelWeights store(weights, jobs());
  ModelEvaluator evaluator(context, {.package = package,
                                     .calibration = options.calibration,
                                     .measuredOn = options.budgetText,
                                     .weights = weights,
                                     .phases = pipelineOf(options, {}),
                                     .progress = progress,
                                     .jobs = jobs()});
  passes::QuantizeTools tools{&store, &evaluator, &quantized, jobs(), &failure};
  if (!measuresBudget(options)) {
    run([&](OpPassManager &pm) { addPasses(pm, options, tools); });
  } else {
    passes::PipelineOptions phases = pipelineOf(options, tools);
    auto runPhases = [&](const char *from, const std::string &until) {
      passes::PipelineOptions some = phases;
      some.from = from, some.until = until;
      run([&](OpPassManager &pm) { passes::buildPipeline(pm, some); });
    };
    runPhases("", "recognise");
    BudgetCheck budget(options.budget, evaluator, shell, module);
    runPhases("recognise", "quantize");
    requireQuantized();
    budget.require(module, quantized.changes);
    runPhases("quantize", phases.until);
  }
  if (needsActivations(options))
    reportCalibration(evaluator);
  markRawEntry(module);
}

void Compilation::reportCalibration(const ModelEvaluator &evaluator) {
  constexpr size_t enough = 4096;
  if (size_t tokens = evaluator.tokens(); tokens && tokens < enough)
    cli::printNote(shell, fmt::format("calibrated with {} tokens alone: {} or "
                                      "more say better which inputs count",
                                      tokens, enough));
}

/// Whether an entry has caches that the runtime keeps.
static bool hasStates(ModuleOp module) {
  return llvm::any_of(module.getOps<func::FuncOp>(), [](func::FuncOp f) {
    return llvm::any_of(f.getArguments(), [&](BlockArgument arg) {
      return f.getArgAttr(arg.getArgNumber(), "llm.state");
    });
  });
}

void Compilation::optimize() {
  progress.phase("optimizing");
  sharedBytes = shareEqualWeights(modules(), weights);
  for (ModelUnit &unit : units)
    runPasses(unit);
  if (options.passes.empty())
    warnOfIdleOptions();
}

void Compilation::requireQuantized() {
  if (quantized.changes.empty() && !quantized.tables)
    throw CompileError{nothingQuantized(quantized)};
  if (!quantized.unmet.empty())
    throw CompileError{Error{.code = Code::Mismatch,
                             .what = "mixed types cannot meet their target: " +
                                     quantized.unmet,
                             .where = "--quantize"}};
}

void Compilation::reportQuantized() {
  if (options.quantize.empty() || emits("simplify") || emits("recognise"))
    return;
  requireQuantized();
  if (!quantized.mix.empty())
    cli::printNote(shell, "mixed types: " + quantized.mix);
  if (quantized.kept)
    cli::printNote(shell,
                   fmt::format("{} products have weights that are "
                               "quantized already; they stay as they are",
                               quantized.kept));
}

unsigned Compilation::jobs() const {
  return options.jobs ? options.jobs
                      : std::max(1u, std::thread::hardware_concurrency());
}

/// Whether products of weights take bf16.
static bool hasRoundedProducts(ModuleOp module) {
  return module
      .walk([](Operation *op) {
        bool rounded = isa<llm::LinearOp, llm::GatedLinearOp>(op) &&
                       llm::elementOf(op->getOperand(0)).isBF16();
        return rounded ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

void Compilation::warnOfIdleOptions() {
  reportQuantized();
  if (!options.calibration.file.empty() && !needsActivations(options) &&
      !measuresBudget(options))
    warn("--calibrate changes nothing: no rule has a method that looks at "
         "activations (gptq, awq, smooth, bias), has act=static or is mixed");
  if (options.layers && !llvm::any_of(modules(), [](ModuleOp module) {
        return module.lookupSymbol("layers") != nullptr;
      }))
    warn("--layers changes nothing: no layers are recognised");
  if (!options.caches.empty() && !llvm::any_of(modules(), hasStates))
    warn("--kv changes nothing: the model has no caches that the runtime "
         "keeps");
  if (options.math != "bf16")
    return;
  if (!llvm::any_of(modules(), hasRoundedProducts))
    return warn("--math changes nothing: the model has no products of f32 "
                "weights");
  for (const CpuTarget &t : resolveTargets())
    if (!t.multipliesPairs() && !t.isReference())
      cli::printNote(shell, t.name + " has no products of bf16: weights are "
                                     "halved, but computed with as f32");
}

void Compilation::requireOneModel() const {
  if (units.size() > 1 &&
      (needsActivations(options) || measuresBudget(options)))
    throw CompileError{
        Error{.code = Code::Unsupported,
              .what = "the folder has several models, and what one of them "
                      "calibrates with comes from another",
              .where = "--quantize",
              .hint = "method=rtn+clip and method=hqq need no activations; or "
                      "quantize one .onnx file with .npz files of its inputs"}};
}

void Compilation::prepare() {
  read();
  requireOneModel();
  if (emits("onnx") || emits("import"))
    return;
  optimize();
  if (!llvm::is_contained(passes::stages(), options.emit))
    checkSupported();
}

void Compilation::exportTo(const std::string &path) {
  read();
  if (units.size() != 1)
    throw CompileError{Error{.code = Code::BadInput,
                             .what = "the folder has several models",
                             .hint = "name one of its .onnx files"}};
  optimize();
  progress.phase("writing the model");
  RecipeEvaluator evaluator(weights, jobs());
  onnx::exportModel(
      *units[0].module,
      [&](llm::RecipeAttr recipe, const RecipeEvaluator::Sink &sink) {
        evaluator.stream(recipe, sink);
      },
      path);
  weights.requireUnchanged();
  progress.finish();
}

/// All ops without code at once, so that the user sees everything that blocks.
void Compilation::checkSupported() {
  Error error{.code = Code::Unsupported};
  std::set<std::string> operators;
  for (ModelUnit &unit : units)
    for (auto f : unit.module->getOps<func::FuncOp>())
      f.walk<WalkOrder::PreOrder>([&](Operation *op) {
        StringRef name = op->getName().getStringRef();
        if (isa<llm::MapOp>(op))
          return WalkResult::skip(); // its body is of scalars
        if (isa<func::FuncOp, func::ReturnOp, llm::YieldOp>(op) ||
            loweringTable().contains(name))
          return WalkResult::advance();
        llm::Site site = llm::siteOf(op->getLoc());
        operators.insert(name.str());
        error.nodes.push_back(describe(site) + ": " + name.str() +
                              " has no code generator");
        return WalkResult::advance();
      });
  if (error.nodes.empty())
    return;
  bool one = error.nodes.size() == 1;
  error.what =
      fmt::format("{} node{} ({} operator{}) {} not supported",
                  error.nodes.size(), one ? "" : "s", operators.size(),
                  operators.size() == 1 ? "" : "s", one ? "is" : "are");
  throw CompileError{error};
}

std::vector<CpuTarget> Compilation::resolveTargets() const {
  std::vector<CpuTarget> targets;
  for (const std::string &spec : options.targets) {
    auto target = resolveTarget(spec);
    if (!target)
      fail(Code::BadInput, llvm::toString(target.takeError()), "--target");
    if (llvm::none_of(targets, [&](const CpuTarget &t) {
          return t.name == target->name;
        }))
      targets.push_back(*target);
  }
  return targets;
}

CodeGeneration Compilation::generateCode(std::vector<CpuTarget> targets,
                                         const Digest &id) {
  progress.phase("generating code");
  CodeOptions code{std::move(targets), jobs(), options.verifyEach, {}};
  if (emits("llvm") || emits("asm"))
    code.dump = options.emit;
  return CodeGeneration(context, modules(), id, std::move(code));
}

std::vector<LoweredModel> Compilation::lowered() {
  return generateCode({resolveTargets().front()}, Digest()).models();
}

void Compilation::run() {
  if (emits("passes")) {
    for (const std::string &pass : passNames(options))
      llvm::outs() << pass << "\n";
    return;
  }
  prepare();
  if (emits("onnx") || emits("import") ||
      llvm::is_contained(passes::stages(), options.emit)) {
    for (ModelUnit &unit : units)
      unit.module->print(llvm::outs());
    return;
  }
  writeArtifact();
}

} // namespace llmc::compiler
