// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/LayerErrors.h"
#include "runtime/core/DType.h"
#include "runtime/eval/Correlation.h"
#include "runtime/session/FloatTensor.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace llmc::cli {

Result<LayerErrors> LayerErrors::create(std::shared_ptr<const Model> ours,
                                        std::shared_ptr<const Model> baseline,
                                        const std::string &name) {
  LayerErrors errors;
  errors.file_ = ours->artifact().path();
  for (auto [model, encoder] : {std::pair(ours, &errors.ours_),
                                std::pair(baseline, &errors.baseline_)}) {
    if (!model->hasEntry(name, "layers"))
      return Error{.code = Code::BadInput,
                   .what = "the artifact does not give its layers' results",
                   .file = model->artifact().path(),
                   .hint = "llmc compile --layers makes one that does"};
    auto created = Encoder::create(model, name, {}, "layers");
    if (!created)
      return created.takeStatus();
    *encoder = std::move(*created);
  }
  for (const TensorInfo &output : errors.ours_->info().outputs)
    errors.layers_.push_back({output.name});
  if (errors.layers_.size() != errors.baseline_->info().outputs.size())
    return Error{.code = Code::BadInput,
                 .what = fmt::format("it has {} layers, and the artifact {}",
                                     errors.baseline_->info().outputs.size(),
                                     errors.layers_.size()),
                 .file = baseline->artifact().path()};
  return errors;
}

Status LayerErrors::add(std::span<const int64_t> tokens) {
  auto ours = ours_->run(tokens);
  if (!ours)
    return ours.takeStatus();
  auto theirs = baseline_->run(tokens);
  if (!theirs)
    return theirs.takeStatus();
  for (size_t i = 0; i < layers_.size(); ++i) {
    const LlmcTensor &a = (*ours)[i], &b = (*theirs)[i];
    if (a.rank != b.rank || a.rank == 0 ||
        !std::equal(a.dims, a.dims + a.rank, b.dims))
      return Error{Code::BadInput,
                   "its layers differ in size from the baseline's", file_};
    auto count = static_cast<size_t>(*elementCount(a.dims, a.rank)),
         width = static_cast<size_t>(a.dims[a.rank - 1]);
    auto x = floatsOf(a, 0, count, room_[0]),
         y = floatsOf(b, 0, count, room_[1]);
    if (!x || !y)
      return x ? y.takeStatus() : x.takeStatus();
    Layer &layer = layers_[i];
    for (size_t k = 0; k < count; ++k) {
      double want = (*y)[k], difference = (*x)[k] - want;
      layer.error += difference * difference;
      layer.square += want * want;
    }
    for (size_t k = 0; width && k < count; k += width, ++layer.rows)
      layer.cosines += eval::cosine(x->subspan(k, width), y->subspan(k, width));
  }
  return Status();
}

void LayerErrors::report(Shell &shell) const {
  if (!shell.json)
    fmt::print("layers      relative error of what a layer leaves to the next "
               "one, and mean cosine\n");
  for (const Layer &layer : layers_) {
    double error = layer.square > 0 ? std::sqrt(layer.error / layer.square) : 0,
           cosine =
               layer.rows ? layer.cosines / static_cast<double>(layer.rows) : 1;
    shell.document["layers"].push_back(
        {{"name", layer.name}, {"error", error}, {"cosine", cosine}});
    if (!shell.json)
      fmt::print("{:>11} {:>10.3g} {:>10.6f}\n", layer.name, error, cosine);
  }
}

} // namespace llmc::cli
