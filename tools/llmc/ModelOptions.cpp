// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/ModelOptions.h"
#include <fmt/format.h>

namespace llmc::cli {

void addModelFlags(CLI::App *verb, ModelFlags &flags) {
  verb->add_option("--threads", flags.threads,
                   "Threads that run kernels (default: the physical cores this "
                   "process may use)")
      ->check(CLI::Range(1, 1024));
  verb->add_option(
      "--isa", flags.isa,
      "Run the code of this target instead of the best one for this CPU");
  verb->add_option("--model", flags.model,
                   "The model inside the artifact, by name");
  verb->add_option("--check", flags.check,
                   "full: verify the weights' checksums too (default: quick)")
      ->check(CLI::IsMember({"quick", "full"}));
}

Result<std::shared_ptr<const Model>> openModel(const std::string &path,
                                               const ModelFlags &flags) {
  auto model = Model::open(path, flags.options());
  if (model && (*model)->artifact().writableByAll())
    printWarning(fmt::format("{}: everyone on this machine may change this "
                             "file, and it holds native code",
                             path));
  return model;
}

} // namespace llmc::cli
