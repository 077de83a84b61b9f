// SPDX-License-Identifier: Apache-2.0
#include "tools/compiler/calibration/ModelEvaluator.h"

#include "ir/llm/Shape.h"
#include "mlir/IR/IRMapping.h"
#include "runtime/session/Philox.h"
#include "runtime/session/Roles.h"
#include "runtime/session/Sampler.h"
#include "runtime/session/Session.h"
#include "tools/compiler/calibration/Compiled.h"
#include "tools/compiler/calibration/Track.h"

using namespace mlir;

namespace llmc::compiler {

void ModelEvaluator::runPhases(ModuleOp module,
                               const passes::PipelineOptions &phases) {
  PassManager pm(&context);
  passes::buildPipeline(pm, phases);
  Diagnostics diagnostics(&context);
  if (failed(pm.run(module)))
    diagnostics.raise(Code::Internal);
}

passes::PipelineOptions ModelEvaluator::phases(const char *from,
                                               const char *until) const {
  passes::PipelineOptions phases = setup.phases;
  phases.from = from, phases.until = until, phases.layers = false;
  return phases;
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
  if (!calibrated.samples.empty())
    return;
  OwningOpRef<ModuleOp> copy = model.clone();
  runPhases(*copy, phases("quantize", "entries"));
  describe(*copy);
  setup.progress.phase("reading samples");
  calibrated = setup.calibration.file.empty()
                   ? samplesOf(source(), generateTexts(*copy))
                   : loadSamples(source(), setup.calibration);
  if (!setup.measuredOn.empty()) {
    CalibrationOptions options = setup.calibration;
    options.file = setup.measuredOn;
    measured = loadSamples(source(), options);
  }
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
  size_t length =
      std::max<size_t>(source().longest(setup.calibration.tokens) / shorter, 2);
  setup.progress.phase("letting the model write samples");
  runPhases(model, phases("entries"));
  auto running =
      compiled({"model", model.clone()}, setup.weights, setup.jobs).model;
  auto session = valueOf(
      Session::create(running, {.capacity = static_cast<int64_t>(length)}));
  // The model's own distribution, whatever its files say of sampling.
  GenerateOptions options = valueOf(
      complete({.temperature = 1}, GenerationDefaults(), /*promptTokens=*/1));
  Sampler sampler(options);
  std::optional<int64_t> mark = setup.package.generation.bosId;
  int64_t first = mark.value_or(0);
  auto logits = valueOf(session->prefill({&first, 1}));
  auto vocabulary = static_cast<double>(logits.size());
  std::vector<Tokens> written;
  for (size_t s = 0; s < count; ++s) {
    Tokens &text = written.emplace_back();
    if (!mark)
      first = static_cast<int64_t>(uniformAt(options.seed, s, 0) * vocabulary);
    check(session->rewind(0));
    logits = valueOf(session->prefill({&first, 1}));
    for (text.push_back(first); text.size() < length;) {
      text.push_back(valueOf(sampler.choose(logits, s, text.size())));
      logits = valueOf(session->decode(text.back()));
    }
    setup.progress.step(s + 1, count);
  }
  return written;
}

/// Whether all sums of the values fit into memory at once.
static bool fitTogether(ArrayRef<Value> values) {
  constexpr int64_t most = int64_t(32) << 20; // elements, 16 bytes each
  int64_t elements = 0;
  for (Value v : values) {
    int64_t size = *llm::fixedDim(llm::dimsOf(v).back());
    elements += size * size;
  }
  return elements <= most;
}

/// Where stretches end, as places behind their last values.
static SmallVector<size_t> endsOf(ArrayRef<Value> values,
                                  const passes::ObserveOptions &options) {
  SmallVector<size_t> ends;
  for (size_t i = 0; i < values.size();) {
    size_t begin = i++;
    while (
        i < values.size() && !options.sequential &&
        (!options.hessian || fitTogether(values.slice(begin, i + 1 - begin))))
      ++i;
    ends.push_back(i);
  }
  return ends;
}

void ModelEvaluator::observe(ModuleOp module, ArrayRef<Value> values,
                             const passes::ObserveOptions &options, Sink sink) {
  auto make = [&](OwningOpRef<ModuleOp> program) {
    return callOf(std::move(program));
  };
  std::vector<Sample> &samples = calibrated.samples;
  Track track(module.lookupSymbol<func::FuncOp>("main"), samples, make);
  // Nothing has been changed yet: what the model would compute.
  OwningOpRef<ModuleOp> copy;
  std::optional<Track> original;
  SmallVector<Value> originals;
  if (options.original) {
    IRMapping copies;
    copy = cast<ModuleOp>(module->clone(copies));
    original.emplace(copy->lookupSymbol<func::FuncOp>("main"), samples, make);
    originals =
        llvm::map_to_vector(values, [&](Value v) { return copies.lookup(v); });
  }
  SmallVector<size_t> ends = endsOf(values, options);
  setup.progress.phase("calibrating");
  size_t runs = ends.size() * samples.size(), done = 0, begin = 0;
  for (size_t end : ends) {
    ArrayRef<Value> observed = values.slice(begin, end - begin);
    track.enter(observed, values.drop_front(end));
    if (original)
      original->enter(ArrayRef(originals).slice(begin, end - begin),
                      ArrayRef(originals).drop_front(end));
    std::vector<InputSums> sums;
    for (Value v : observed) {
      int64_t size = *llm::fixedDim(llm::dimsOf(v).back());
      sums.emplace_back(size, options, sumsOf(size, options), setup.jobs);
    }
    for (size_t s = 0; s < samples.size(); ++s) {
      std::vector<LlmcTensor> rows = track.run(s), wanted;
      if (original)
        wanted = original->run(s);
      for (size_t i = 0; i < sums.size(); ++i)
        sums[i].add(rows[i], wanted.empty() ? nullptr : &wanted[i]);
      setup.progress.step(++done, runs);
    }
    track.leave();
    if (original)
      original->leave();
    for (InputSums &s : sums) {
      s.finish();
      requireFinite(s, values[begin]);
      sink(begin++, std::move(s).take());
    }
  }
}

Call &ModelEvaluator::sumsOf(int64_t size,
                             const passes::ObserveOptions &options) {
  std::unique_ptr<Call> &program =
      programs[{size, options.hessian, options.original}];
  if (!program)
    program = callOf(makeSums(&context, size, options));
  return *program;
}

void ModelEvaluator::requireFinite(const InputSums &sums, Value v) {
  if (sums.isFinite())
    return;
  fail(Code::BadInput,
       "the samples make numbers that are not finite: nothing can be "
       "calibrated behind it",
       compiler::describe(llm::siteOf(v.getLoc())));
}

Compiled ModelEvaluator::wholeModel(ModuleOp module, bool isFinal) {
  ModelUnit unit{"model", module.clone()};
  passes::PipelineOptions behind = phases("quantize");
  behind.entries = false, behind.roundProducts &= isFinal;
  runPhases(*unit.module, behind);
  markRawEntry(*unit.module);
  return compiled(unit, setup.weights, setup.jobs, &objects);
}

SampleSet ModelEvaluator::fewSamples() const {
  constexpr size_t mostTokens = 1024, tokensOfOne = 128, mostTensors = 8;
  constexpr size_t mostLogits = size_t(64) << 20;
  if (calibrated.texts.empty()) {
    size_t count = std::min(calibrated.samples.size(), mostTensors);
    return {{calibrated.samples.begin(),
             calibrated.samples.begin() + static_cast<ptrdiff_t>(count)}};
  }
  auto width = static_cast<size_t>(vocabularySize(raw).value_or(1));
  size_t room = std::min(mostTokens, mostLogits / width);
  std::vector<Tokens> few;
  for (const Tokens &text : calibrated.texts) {
    size_t length = std::min(text.size(), tokensOfOne);
    if (!few.empty() && length > room)
      break;
    few.emplace_back(text.begin(),
                     text.begin() + static_cast<ptrdiff_t>(length));
    room -= std::min(room, length);
  }
  return samplesOf(source(), std::move(few));
}

std::vector<double>
ModelEvaluator::costs(ModuleOp module, ArrayRef<passes::WeightChange> changes) {
  setup.progress.phase("weighing layers");
  WeightProbe probe(wholeModel(module, /*isFinal=*/false), fewSamples(),
                    setup.weights, setup.jobs);
  std::vector<double> all;
  for (const passes::WeightChange &change : changes) {
    all.push_back(probe.cost(change));
    setup.progress.step(all.size(), changes.size());
  }
  return all;
}

OutputComparison ModelEvaluator::comparison() {
  return OutputComparison(raw, !evaluation().texts.empty(), setup.jobs);
}

std::vector<std::string> ModelEvaluator::measures() {
  std::vector<std::string> names;
  for (const cli::Measured &measured : comparison().measured())
    names.push_back(measured.name);
  return names;
}

static std::unique_ptr<Call> rawCall(const Compiled &program) {
  return std::make_unique<Call>(program.model,
                                valueOf(program.model->entry("", "raw")));
}

OutputComparison ModelEvaluator::compare(ModuleOp original, ModuleOp changed) {
  setup.progress.phase("measuring");
  auto wanted = rawCall(wholeModel(original, /*isFinal=*/false)),
       ours = rawCall(wholeModel(changed, /*isFinal=*/true));
  OutputComparison result = comparison();
  SampleSet &set = evaluation();
  for (size_t s = 0; s < set.samples.size(); ++s) {
    std::vector<LlmcTensor> inputs = set.samples[s].views();
    for (Call *call : {wanted.get(), ours.get()})
      set.samples[s].check(call->run(inputs));
    result.add(ours->outputs(), wanted->outputs(), set.text(s));
    setup.progress.step(s + 1, set.samples.size());
  }
  return result;
}

std::unique_ptr<Call> ModelEvaluator::callOf(OwningOpRef<ModuleOp> module) {
  ModelUnit unit{"model", std::move(module)};
  runPhases(*unit.module, phases("entries"));
  return rawCall(compiled(unit, setup.weights, setup.jobs, &objects));
}

} // namespace llmc::compiler
