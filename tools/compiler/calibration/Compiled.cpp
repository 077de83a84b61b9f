// SPDX-License-Identifier: Apache-2.0
#include "tools/compiler/calibration/Compiled.h"

#include "tools/llmc/TemporaryFolder.h"

namespace llmc::compiler {

Compiled compiled(const ModelUnit &unit, const llm::WeightSource &weights,
                  unsigned jobs, ObjectCache *cache) {
  auto host = resolveTarget("host");
  if (!host)
    fail(Code::Unsupported, llvm::toString(host.takeError()));
  mlir::ModuleOp module = unit.module.get();
  CodeGeneration code(*module.getContext(), {module}, Digest(),
                      {.targets = {*host}, .jobs = jobs, .cache = cache});
  Manifest manifest;
  manifest.version = LLMC_VERSION;
  manifest.models = {describeModel(unit.name, module, code.models().front())};
  code.emit();
  auto folder = valueOf(cli::TemporaryFolder::create());
  std::string path = folder->path() + "/model.llmc";
  auto writer = valueOf(ArtifactWriter::begin(path));
  code.write(*writer, weights, [](uint64_t, uint64_t) {});
  check(writer->finish(std::move(manifest)));
  return {valueOf(Model::open(path, {.threads = static_cast<int>(jobs)})),
          code.weights().vec()};
}

} // namespace llmc::compiler
