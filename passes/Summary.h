// SPDX-License-Identifier: Apache-2.0
// What a model is made of, layer by layer: the list of ops that `inspect --ops`
// shows, the same for every exporter of a model. Pure function over the IR.
#pragma once

#include "ir/llm/Dialect.h"

#include <string>
#include <vector>

namespace llmc::passes {

struct LayerSummary {
  std::string
      layer; ///< "embedding", "0", "1", ..., "head", or "model" without layers
  std::vector<std::string> ops; ///< in order, "linear+residual" with epilogues
};

/// Weights that are stored in one way.
struct WeightSummary {
  std::string type; ///< as --quantize has it: "int4,group=32,sym,scale=f16"
  int64_t count = 0;
  uint64_t elements = 0;
  uint64_t bits = 0; ///< of all elements, scales and zero points included
};

/// One of them, [K, N].
WeightSummary weightSummary(llm::RecipeAttr matrix);

/// How the weights of products, and tables of embeddings, are stored: each
/// once, in the order of the program.
std::vector<WeightSummary> weightSummary(mlir::ModuleOp);

/// The ops of the module's first entry (or @main). Views, constants and sizes
/// are left out: they have no code of their own. Layers are found by their
/// attention: a layer begins at the product that makes its queries, or at the
/// norm that only feeds this product. What prepares inputs comes first.
std::vector<LayerSummary> opSummary(mlir::ModuleOp);

} // namespace llmc::passes
