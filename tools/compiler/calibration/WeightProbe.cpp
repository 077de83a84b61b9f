// SPDX-License-Identifier: Apache-2.0
#include "tools/compiler/calibration/WeightProbe.h"

#include "tools/compiler/Quantization.h"
#include "tools/compiler/calibration/OutputComparison.h"

#include <cstring>

using namespace mlir;

namespace llmc::compiler {

void HeldOutputs::add(std::span<const LlmcTensor> outputs) {
  for (auto [tensors, output] : llvm::zip(held, outputs))
    tensors.add(output);
}

std::vector<LlmcTensor> HeldOutputs::of(size_t sample) const {
  std::vector<LlmcTensor> outputs;
  for (const HeldTensors &tensors : held)
    outputs.push_back(tensors.of(sample));
  return outputs;
}

WeightProbe::WeightProbe(Compiled compiled, SampleSet samples,
                         const llm::WeightSource &weights, unsigned jobs)
    : program(std::move(compiled)), set(std::move(samples)), weights(weights),
      jobs(jobs), call(program.model, valueOf(program.model->entry("", "raw"))),
      wanted(call.info().outputs.size()) {
  for (size_t s = 0; s < set.samples.size(); ++s) {
    run(s);
    wanted.add(call.outputs());
  }
}

void WeightProbe::run(size_t sample) {
  Sample &one = set.samples[sample];
  one.check(call.run(one.views()));
}

namespace {
/// One tensor of floats.
class OneTensor final : public llm::WeightSource {
public:
  explicit OneTensor(std::vector<float> numbers)
      : numbers(std::move(numbers)) {}
  size_t size() const override { return 1; }
  std::string name(size_t) const override { return ""; }
  RankedTensorType type(MLIRContext *ctx, size_t) const override {
    return RankedTensorType::get({static_cast<int64_t>(numbers.size())},
                                 Float32Type::get(ctx));
  }
  std::span<const std::byte> bytes(size_t) const override {
    return std::as_bytes(std::span(numbers));
  }

private:
  std::vector<float> numbers;
};
} // namespace

void WeightProbe::pack(llm::RecipeAttr packed, llm::RecipeAttr matrix) {
  MLIRContext *ctx = matrix.getContext();
  OneTensor source(readFloats(weights, matrix, jobs));
  RankedTensorType type = packed.getType();
  auto floats = llm::reshapeRecipe(llm::sourceRecipe(source.type(ctx, 0), 0),
                                   type.getShape());
  auto recipe = llm::RecipeAttr::get(
      ctx, packed.getKind(),
      ArrayAttr::get(ctx, {llm::castRecipe(floats, type.getElementType())}),
      packed.getParams(), type);
  if (!bytes.reserve(RecipeEvaluator::storedBytes(recipe)))
    fail(Code::Resource, "out of memory");
  auto *at = bytes.as<std::byte>();
  RecipeEvaluator(source, jobs)
      .stream(recipe, [&](std::span<const std::byte> p) {
        std::memcpy(at, p.data(), p.size());
        at += p.size();
      });
}

double WeightProbe::cost(const passes::WeightChange &change) {
  auto reads = [&](llm::RecipeAttr weight) {
    return weight.getKind() == "pack" && weight.getInputs()[0] == change.before;
  };
  auto found = llvm::find_if(program.weights, reads);
  if (found == program.weights.end())
    fail(Code::Internal, "a product's weight is not in the artifact",
         change.name);
  pack(*found, change.after);
  call.replaceWeight(static_cast<uint32_t>(found - program.weights.begin()),
                     bytes.as<>());
  OutputComparison comparison(call.info(), !set.texts.empty(), jobs);
  for (size_t s = 0; s < set.samples.size(); ++s) {
    run(s);
    comparison.add(call.outputs(), wanted.of(s), set.text(s));
  }
  return comparison.loss();
}

} // namespace llmc::compiler
