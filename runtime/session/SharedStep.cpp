// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/SharedStep.h"
#include "runtime/core/DType.h"
#include "runtime/session/FloatTensor.h"
#include "runtime/session/Roles.h"
#include "runtime/session/Scores.h"
#include <fmt/format.h>

namespace llmc {

Result<std::unique_ptr<SharedStep>>
SharedStep::create(std::shared_ptr<const Model> model,
                   const std::string &name) {
  if (!model->hasEntry(name, "step"))
    return Error{
        .code = Code::Unsupported,
        .what = "cannot run several sequences or tokens in one step: it has "
                "no entry 'step'",
        .file = model->artifact().path(),
        .hint = "compile the model anew; one whose attention depends on more "
                "than positions, or that is quantized over whole tensors, has "
                "none"};
  auto entry = model->entry(name, "step");
  if (!entry)
    return entry.takeStatus();
  std::unique_ptr<SharedStep> step(new SharedStep);
  step->call_ = std::make_unique<Call>(model, *entry);
  std::optional<size_t> logits = findOutput(*entry->info, "logits");
  if (!logits)
    return Status(Code::Integrity, "entry 'step' has no logits");
  step->output_ = *logits;
  if (Status status = step->feed_.prepare(*entry->info, 1); !status)
    return std::move(status).inFile(model->artifact().path());
  return step;
}

Status SharedStep::run(std::span<const StepPart> parts) {
  segments_.clear(), states_.clear(), rows_.clear();
  int64_t end = 0;
  for (const StepPart &part : parts) {
    segments_.push_back(part.segment);
    auto views = part.states->views(part.segment.past);
    states_.insert(states_.end(), views.begin(), views.end());
    end += static_cast<int64_t>(part.segment.tokens.size());
    for (int64_t i = static_cast<int64_t>(part.rows); i > 0; --i)
      rows_.push_back(end - i);
  }
  if (Status status = feed_.fill(segments_, rows_); !status)
    return status;
  return call_->run(feed_.tensors(), states_);
}

Result<std::span<const float>> SharedStep::logits(size_t row,
                                                  int64_t position) {
  const LlmcTensor &tensor = call_->outputs()[output_];
  auto count = elementCount(tensor.dims, tensor.rank);
  bool fits = tensor.rank > 0 && count && row < rows_.size();
  auto vocabulary =
      fits ? static_cast<size_t>(tensor.dims[tensor.rank - 1]) : 0;
  if (!isFloat(tensor) || vocabulary == 0 ||
      static_cast<size_t>(*count) != rows_.size() * vocabulary)
    return Status(Code::Unsupported, "entry 'step' gives no logits");
  auto logits = floatsOf(tensor, row * vocabulary, vocabulary, converted_);
  if (logits && !areUsable(*logits))
    return unusableLogits(position);
  return logits;
}

} // namespace llmc
