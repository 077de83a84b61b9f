// SPDX-License-Identifier: Apache-2.0
// Finished modules as a model that runs here, in a file that is gone once it is
// open. Throws CompileError.
#pragma once

#include "runtime/session/Model.h"
#include "tools/compiler/Compilation.h"

namespace llmc::compiler {

struct Compiled {
  std::shared_ptr<const Model> model;
  std::vector<llm::RecipeAttr> weights; ///< by their ids in the artifact
};

/// `model` has passed all phases. For the machine at hand, with up to `jobs`
/// threads. Code that `cache` has is not made again.
Compiled compiled(const ModelUnit &model, const llm::WeightSource &weights,
                  unsigned jobs, ObjectCache *cache = nullptr);

} // namespace llmc::compiler
