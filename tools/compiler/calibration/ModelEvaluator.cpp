// SPDX-License-Identifier: Apache-2.0
#include "tools/compiler/calibration/ModelEvaluator.h"

#include "ir/llm/Shape.h"
#include "runtime/session/Philox.h"
#include "runtime/session/Sampler.h"
#include "runtime/session/Session.h"
#include "tools/compiler/calibration/Compiled.h"
#include "tools/compiler/calibration/Stretch.h"

#include <fmt/format.h>

using namespace mlir;

namespace llmc::compiler {

void ModelEvaluator::runPhases(ModuleOp module, const std::string &until) {
  PassManager pm(module.getContext());
  passes::PipelineOptions phases = setup.phases;
  phases.from = until.empty() ? "entries" : "quantize";
  phases.until = until;
  passes::buildPipeline(pm, phases);
  Diagnostics diagnostics(module.getContext());
  if (failed(pm.run(module)))
    diagnostics.raise(Code::Internal);
}

/// The model's signature, and which of its inputs stand for caches.
void ModelEvaluator::describe(ModuleOp model) {
  markRawEntry(model);
  ModelInfo info = describeModel("model", model, {});
  for (const EntryInfo &entry : info.entries) {
    if (entry.name == "raw")
      raw = entry;
    if (entry.name == "prefill")
      caches = entry.states;
  }
  for (const TensorInfo &input : raw.inputs)
    if (input.kind != ValueKind::Tensor)
      fail(Code::Unsupported,
           "inputs that are sequences cannot be calibrated with",
           "input '" + input.name + "'");
  isCausal = !caches.empty();
  model.walk([&](llm::AttentionOp op) { isCausal |= op.getCausal(); });
  bool dataDecides =
      model.walk([](llm::BindDimOp) { return WalkResult::interrupt(); })
          .wasInterrupted();
  if (dataDecides)
    fail(Code::Unsupported,
         "the model has sizes that its data decides: it cannot be calibrated");
}

void ModelEvaluator::begin(ModuleOp model) {
  if (!samples.empty())
    return;
  OwningOpRef<ModuleOp> copy = model.clone();
  runPhases(*copy, "entries");
  describe(*copy);
  SampleSource source{setup.package, raw, caches, isCausal};
  const CalibrationOptions &calibration = setup.calibration;
  setup.progress.phase("reading samples");
  if (hasTensors(calibration.file))
    samples = loadSamples(source, calibration.file);
  else if (!calibration.file.empty())
    texts = cutTexts(source, calibration);
  else
    texts = generateTexts(*copy);
  for (const Tokens &text : texts)
    samples.push_back(sampleOf(source, text));
}

/// What the model writes by itself: draws from its own distribution, after its
/// mark of a beginning, or a token of any kind.
std::vector<Tokens> ModelEvaluator::generateTexts(ModuleOp model) {
  if (caches.empty())
    throw CompileError{
        Error{.code = Code::BadInput,
              .what = "there is nothing to calibrate with, and the model does "
                      "not generate text",
              .hint = "--calibrate FILE names a text, or an .npz file of the "
                      "model's inputs"}};
  // Drawing takes a run for every token.
  constexpr size_t fewer = 4, shorter = 2;
  size_t count = std::max<size_t>(setup.calibration.samples / fewer, 1);
  SampleSource source{setup.package, raw, caches, isCausal};
  size_t length =
      std::max<size_t>(source.longest(setup.calibration.tokens) / shorter, 2);
  setup.progress.phase("letting the model write samples");
  runPhases(model, "");
  auto running = compiled({"model", model.clone()}, setup.weights, setup.jobs);
  auto session = valueOf(
      Session::create(running, {.capacity = static_cast<int64_t>(length)}));
  // The model's own distribution, whatever its files say of sampling.
  GenerateOptions options = valueOf(
      complete({.temperature = 1}, GenerationDefaults(), /*promptTokens=*/1));
  Sampler sampler(options);
  std::vector<Tokens> written;
  for (size_t s = 0; s < count; ++s) {
    Tokens &text = written.emplace_back();
    check(session->rewind(0));
    int64_t first = setup.package.generation.bosId.value_or(0);
    auto logits = valueOf(session->prefill({&first, 1}));
    if (!setup.package.generation.bosId) {
      first = static_cast<int64_t>(uniformAt(options.seed, s, 0) *
                                   static_cast<double>(logits.size()));
      check(session->rewind(0));
      logits = valueOf(session->prefill({&first, 1}));
    }
    for (text.push_back(first); text.size() < length;) {
      text.push_back(valueOf(sampler.choose(logits, s, text.size())));
      logits = valueOf(session->decode(text.back()));
    }
    setup.progress.step(s + 1, count);
  }
  return written;
}

size_t ModelEvaluator::tokens() const {
  size_t count = 0;
  for (const Tokens &text : texts)
    count += text.size();
  return count;
}

/// Whether all sums of `count` values fit into memory at once.
static bool fitTogether(ArrayRef<Value> values) {
  constexpr int64_t most = int64_t(32) << 20; // elements, 16 bytes each
  int64_t elements = 0;
  for (Value v : values) {
    int64_t size = *llm::fixedDim(llm::dimsOf(v).back());
    elements += size * size;
  }
  return elements <= most;
}

void ModelEvaluator::observe(ModuleOp module, ArrayRef<Value> values,
                             const passes::ObserveOptions &options, Sink sink) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  SmallVector<size_t> ends; // of stretches
  for (size_t i = 0; i < values.size();) {
    size_t begin = i++;
    while (
        i < values.size() && !options.sequential &&
        (!options.hessian || fitTogether(values.slice(begin, i + 1 - begin))))
      ++i;
    ends.push_back(i);
  }
  setup.progress.phase("calibrating");
  held.clear();
  runs = ends.size() * samples.size(), runsDone = 0;
  size_t begin = 0;
  for (size_t end : ends) {
    ArrayRef<Value> observed = values.slice(begin, end - begin);
    SmallVector<Value> kept = valuesAlive(main, makerIn(main, observed.back()),
                                          values.drop_front(end));
    SmallVector<Value> known = llvm::to_vector(llvm::make_first_range(held));
    std::vector<InputSums> sums =
        run(main, known, kept, observed, options.hessian);
    for (InputSums &s : sums) {
      if (!s.isFinite()) {
        llm::Site site = llm::siteOf(values[begin].getLoc());
        fail(Code::BadInput,
             "the samples make numbers that are not finite: nothing can be "
             "calibrated behind it",
             fmt::format("node {} '{}' ({})", site.node, site.name, site.op));
      }
      sink(begin++, std::move(s).take());
    }
  }
  held.clear();
}

/// The program that sums up values of a size.
Call &ModelEvaluator::sumsOf(MLIRContext *ctx, int64_t size, bool products) {
  std::unique_ptr<Call> &call = programs[{size, products}];
  if (!call)
    call = callOf(makeSums(ctx, size, products));
  return *call;
}

std::unique_ptr<Call> ModelEvaluator::callOf(OwningOpRef<ModuleOp> module) {
  ModelUnit unit{"model", std::move(module)};
  runPhases(*unit.module, "");
  auto model = compiled(unit, setup.weights, setup.jobs, &objects);
  return std::make_unique<Call>(model, valueOf(model->entry("", "raw")));
}

std::vector<InputSums> ModelEvaluator::run(func::FuncOp main,
                                           ArrayRef<Value> known,
                                           ArrayRef<Value> kept,
                                           ArrayRef<Value> observed,
                                           bool products) {
  llvm::MapVector<Value, HeldTensors> after;
  SmallVector<Value> made;
  for (Value v : kept) {
    after[v];
    if (!held.contains(v))
      made.push_back(v);
  }
  std::vector<InputSums> sums;
  for (Value v : observed)
    sums.emplace_back(*llm::fixedDim(llm::dimsOf(v).back()), products);
  Stretch stretch = makeStretch(main, known, made, observed);
  auto call = callOf(std::move(stretch.module));
  for (size_t s = 0; s < samples.size(); ++s) {
    std::vector<LlmcTensor> inputs;
    for (unsigned i : stretch.arguments) {
      HostTensor &tensor = samples[s].inputs[i];
      LlmcTensor &view = inputs.emplace_back(
          LlmcTensor{tensor.data.data(),
                     tensor.dtype,
                     static_cast<int32_t>(tensor.dims.size()),
                     {}});
      llvm::copy(tensor.dims, view.dims);
    }
    for (Value v : known)
      inputs.push_back(held[v].of(s));
    if (Status status = call->run(inputs); !status)
      check(std::move(status).inFile(samples[s].file));
    std::span<const LlmcTensor> outputs = call->outputs();
    for (auto [i, v] : llvm::enumerate(made))
      after[v].add(outputs[i]);
    for (auto [sum, rows] : llvm::zip(sums, outputs.subspan(made.size()))) {
      Call &program = sumsOf(main.getContext(), rows.dims[1], products);
      check(program.run({&rows, 1}));
      sum.add(rows.dims[0], program.outputs());
    }
    setup.progress.step(++runsDone, runs);
  }
  for (Value v : kept)
    if (held.contains(v))
      after[v] = std::move(held[v]);
  held = std::move(after);
  return sums;
}

} // namespace llmc::compiler
