// SPDX-License-Identifier: Apache-2.0
// The end of a compilation: what the artifact holds beside code and weights,
// and what the user is told of it.
#include "tools/compiler/Compilation.h"

#include "frontend/package/Json.h"
#include "tools/compiler/PassList.h"

#include <filesystem>
#include <fmt/format.h>

using namespace mlir;

namespace llmc::compiler {

Digest Compilation::identity() const {
  std::string text = "llmc " LLMC_VERSION "\n";
  for (const CpuTarget &t : resolveTargets())
    text += t.name + "\n";
  llvm::raw_string_ostream os(text);
  for (const ModelUnit &unit : units) {
    os << unit.name << "\n";
    unit.module.get()->print(os, OpPrintingFlags().enableDebugInfo(false));
  }
  return sha256(std::as_bytes(std::span(text)));
}

static std::vector<std::byte> readFile(const std::string &path) {
  std::string text = loadText(path);
  auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

void Compilation::addPackageFiles(ArtifactWriter &writer) {
  for (const std::string &path :
       {package.tokenizer, package.configs.config, package.configs.genai,
        package.configs.generation})
    if (!path.empty())
      writer.addFile(std::filesystem::path(path).filename(), readFile(path));
  auto add = [&](const std::string &name, const std::string &text) {
    auto bytes = std::as_bytes(std::span(text));
    writer.addFile(name, {bytes.begin(), bytes.end()});
  };
  for (const auto &[name, text] : chatFiles)
    add(name, text);
  for (const auto &[name, text] : constraints)
    add(name, text);
}

static GenerationDefaults generationOf(const Package &package) {
  GenerationDefaults g;
  const GenerationSettings &s = package.generation;
  g.eos = s.eosIds;
  g.bos = s.bosId, g.pad = s.padId;
  g.decoderStart = s.decoderStartId;
  g.forcedBos = s.forcedBosId, g.forcedEos = s.forcedEosId;
  g.suppressed = s.suppressedIds;
  g.firstSuppressed = s.firstSuppressedIds;
  g.contextLength = package.facts.contextLength;
  g.minNewTokens = s.minNewTokens, g.maxNewTokens = s.maxNewTokens;
  g.minLength = s.minLength, g.maxLength = s.maxLength;
  g.doSample = s.doSample;
  g.temperature = s.temperature, g.topK = s.topK, g.topP = s.topP;
  g.minP = s.minP, g.repetitionPenalty = s.repetitionPenalty;
  g.noRepeatNgram = s.noRepeatNgram;
  g.sequences = s.sequences, g.beams = s.beams;
  g.lengthPenalty = s.lengthPenalty, g.earlyStopping = s.earlyStopping;
  return g;
}

static SpeechDefaults speechOf(const SpeechSettings &s) {
  return {s.rate,      s.fft,   s.hop,   s.bins,         s.samples,
          s.languages, s.tasks, s.start, s.noTimestamps, s.latestStart};
}

void Compilation::writeArtifact() {
  Manifest manifest;
  manifest.id = identity();
  manifest.version = LLMC_VERSION;
  manifest.passes = passNames(options);
  manifest.generation = generationOf(package);
  manifest.embedding = {package.embedding.pooling, package.embedding.normalize};
  manifest.speech = speechOf(package.speech);
  CodeGeneration code = generateCode(resolveTargets(), manifest.id);
  for (auto [unit, entries] : llvm::zip(units, code.models()))
    manifest.models.push_back(describeModel(unit.name, *unit.module, entries));
  if (emits("rt"))
    return code.print(llvm::outs());
  progress.phase("compiling code");
  code.emit();
  code.printDump(llvm::outs());
  if (!options.emit.empty())
    return;
  std::string path = options.output;
  if (path.empty())
    path = std::filesystem::path(options.model)
               .lexically_normal()
               .stem()
               .string() +
           ".llmc";
  auto writer = valueOf(ArtifactWriter::begin(path));
  progress.phase("writing weights");
  code.write(*writer, weights, [&](uint64_t done, uint64_t total) {
    progress.step(done, total);
  });
  weights.requireUnchanged();
  addPackageFiles(*writer);
  uint64_t weightBytes = writer->weightBytes();
  Manifest described = manifest;
  check(writer->finish(std::move(manifest)));
  progress.finish();
  summarize(described, weightBytes, path);
}

static std::string size(uint64_t bytes) {
  return bytes < (1 << 20) ? fmt::format("{:.1f} KB", bytes / 1024.0)
                           : fmt::format("{:.1f} MB", bytes / 1048576.0);
}

void Compilation::summarize(const Manifest &manifest, uint64_t weightBytes,
                            const std::string &path) {
  uint64_t artifact = std::filesystem::file_size(path), ops = 0, layers = 0;
  std::string entries;
  for (const ModelInfo &m : manifest.models) {
    layers += m.layers.size();
    for (const EntryInfo &e : m.entries)
      entries += (entries.empty() ? "" : ", ") + e.name;
  }
  for (ModelUnit &unit : units)
    for (auto f : unit.module->getOps<func::FuncOp>()) {
      if (f->getAttrOfType<StringAttr>("llm.entry") != "raw")
        continue;
      for (Operation &op : f.front())
        ops += !isa<llm::WeightOp, llm::ConstantOp, func::ReturnOp>(op);
    }
  shell.document.update({{"artifact", path},
                         {"entries", entries},
                         {"layers", layers},
                         {"ops", ops},
                         {"weight_bytes", weightBytes},
                         {"artifact_bytes", artifact},
                         {"shared_bytes", sharedBytes},
                         {"seconds", progress.seconds()},
                         {"peak_anonymous_bytes", progress.peakAnonymous()}});
  if (shell.json || shell.quiet)
    return;
  fmt::print("{:<12} {}\n", "artifact", path);
  fmt::print("{:<12} {}\n", "entries", entries);
  fmt::print("{:<12} {}\n", "layers", layers);
  fmt::print("{:<12} {}\n", "ops", ops);
  fmt::print("{:<12} {}{}\n", "weights", size(weightBytes),
             sharedBytes ? fmt::format(" (and {} that the model has twice)",
                                       size(sharedBytes))
                         : "");
  fmt::print("{:<12} {}\n", "size", size(artifact));
  fmt::print("{:<12} {:.2f} s\n", "time", progress.seconds());
  fmt::print("{:<12} {}\n", "peak memory", size(progress.peakAnonymous()));
}

} // namespace llmc::compiler
