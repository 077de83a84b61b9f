// SPDX-License-Identifier: Apache-2.0
// A compiled model, some samples and what it makes of them, against which a
// change of one weight is held. One thread at a time; throws CompileError.
#pragma once

#include "passes/WeightStore.h"
#include "runtime/session/Call.h"
#include "tools/compiler/calibration/Compiled.h"
#include "tools/compiler/calibration/HeldTensors.h"
#include "tools/compiler/calibration/Samples.h"

namespace llmc::compiler {

/// All outputs of a run.
class HeldOutputs {
public:
  explicit HeldOutputs(size_t outputs) : held(outputs) {}
  void add(std::span<const LlmcTensor> outputs);
  std::vector<LlmcTensor> of(size_t sample) const;

private:
  std::vector<HeldTensors> held; ///< by output
};

class WeightProbe {
public:
  /// `weights` are those that `program` was compiled with.
  WeightProbe(Compiled program, SampleSet samples,
              const llm::WeightSource &weights, unsigned jobs);
  /// OutputComparison::loss() of the program with the changed weight to the
  /// program as it is. The weight has to be one that products read packed.
  double cost(const passes::WeightChange &change);

private:
  /// The weight's bytes as the artifact has them, for another matrix.
  void pack(llm::RecipeAttr packed, llm::RecipeAttr matrix);
  void run(size_t sample);

  Compiled program;
  SampleSet set;
  const llm::WeightSource &weights;
  unsigned jobs;
  Call call;
  HeldOutputs wanted;
  Buffer bytes;
};

} // namespace llmc::compiler
