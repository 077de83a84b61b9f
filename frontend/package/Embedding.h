// SPDX-License-Identifier: Apache-2.0
// How a folder of sentence-transformers makes one vector of a text: its
// modules.json lists the steps after the model.
#ifndef LLMC_FRONTEND_PACKAGE_EMBEDDING_H
#define LLMC_FRONTEND_PACKAGE_EMBEDDING_H

#include <string>

namespace llmc {

class Remarks;

struct EmbeddingSettings {
  std::string pooling; // "mean", "first", "last" or "max"; empty: not said
  bool normalize = false;
};

/// Reads modules.json of the folder, where there is one, and the configuration
/// of its pooling. Steps that llmc does not take earn a warning. Throws
/// InputError.
void loadEmbedding(const std::string &folder, EmbeddingSettings &embedding,
                   Remarks &remarks);

} // namespace llmc

#endif // LLMC_FRONTEND_PACKAGE_EMBEDDING_H
