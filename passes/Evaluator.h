// SPDX-License-Identifier: Apache-2.0
// What a pass that has to run the model asks for: statistics of inner values on
// calibration samples. tools/compiler implements it over code generation and
// runtime; passes know this interface alone. One thread at a time; failures
// are the exceptions of whoever implements it (QuantizeTools::failure).
#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "passes/WeightStore.h"

#include <vector>

namespace llmc::passes {

/// Of a value [..., size], over all rows of all samples.
struct InputStatistics {
  int64_t size = 0, rows = 0;
  /// [size, size], row-major: the sum of x x^T of all rows x. Products are f32,
  /// sums over samples double.
  std::vector<float> hessian;
  /// The same of x y^T, where y is the row of the module as it was when
  /// observe() began.
  std::vector<float> original;
  std::vector<float> largest; ///< [size]: of |x|
  std::vector<double> sum;    ///< [size]
};

struct ObserveOptions {
  bool hessian = true;   ///< else it stays empty
  bool original = false; ///< the same; only with `hessian`
  /// The sink changes weights of ops that read the value, or what comes after
  /// it, in the module itself, and what follows is computed with them. Else the
  /// samples go through the module as it is, in fewer runs.
  bool sequential = false;
};

class Evaluator {
public:
  virtual ~Evaluator() = default;

  /// The model as it was imported and recognised, which writes the samples
  /// where none are given. To be called before the others, the first one
  /// counts; the module may be changed afterwards.
  virtual void begin(mlir::ModuleOp model) = 0;

  /// Calls sink(i, statistics of values[i]) once for each, i ascending. The
  /// values are float tensors [..., size] of fixed size in the body of @main,
  /// in program order. Memory is bounded: the samples go through a stretch of
  /// the program at a time, and only what is alive at its end is kept of them.
  /// NaN and infinity are an error that names the op.
  using Sink = llvm::function_ref<void(size_t, InputStatistics)>;
  virtual void observe(mlir::ModuleOp module,
                       llvm::ArrayRef<mlir::Value> values,
                       const ObserveOptions &options, Sink sink) = 0;

  /// What each of the changes alone does to what the module predicts on some of
  /// the samples, while all other weights are as the module has them: the mean
  /// KL divergence of its logits in nats, or without logits 1 - the mean cosine
  /// of its outputs' rows. Changed weights keep their types: what activations
  /// are rounded to is no part of it.
  virtual std::vector<double> costs(mlir::ModuleOp module,
                                    llvm::ArrayRef<WeightChange> changes) = 0;
};

} // namespace llmc::passes
