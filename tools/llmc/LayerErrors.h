// SPDX-License-Identifier: Apache-2.0
// `llmc eval --layers`: how far what each layer leaves to the next one is from
// the baseline's, over all texts. Needs artifacts that `compile --layers` made.
// One thread at a time.
#ifndef LLMC_TOOLS_LLMC_LAYERERRORS_H
#define LLMC_TOOLS_LLMC_LAYERERRORS_H

#include "runtime/session/Encoder.h"
#include "tools/llmc/Shell.h"

namespace llmc::cli {

class LayerErrors {
public:
  /// Of the models of that name inside both artifacts.
  static Result<LayerErrors> create(std::shared_ptr<const Model> ours,
                                    std::shared_ptr<const Model> baseline,
                                    const std::string &name);
  Status add(std::span<const int64_t> tokens);
  /// Prints a line for each layer, or adds them to the document.
  void report(Shell &shell) const;

private:
  struct Layer {
    std::string name;
    double error = 0, square = 0; // of differences, and of the baseline
    double cosines = 0;
    size_t rows = 0;
  };

  std::unique_ptr<Encoder> ours_, baseline_;
  std::string file_; // for messages
  std::vector<Layer> layers_;
  Buffer room_[2]; // of tensors that are not f32
};

} // namespace llmc::cli

#endif
