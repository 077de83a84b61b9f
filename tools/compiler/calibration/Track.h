// SPDX-License-Identifier: Apache-2.0
// A program on its way through all samples, stretch by stretch: between two of
// them it keeps what the rest needs. One thread at a time. Throws CompileError.
#pragma once

#include "runtime/session/Call.h"
#include "tools/compiler/calibration/HeldTensors.h"
#include "tools/compiler/calibration/Samples.h"
#include "tools/compiler/calibration/Stretch.h"
#include "llvm/ADT/MapVector.h"

#include <functional>

namespace llmc::compiler {

/// Compiles a program of one entry.
using CallMaker =
    std::function<std::unique_ptr<Call>(mlir::OwningOpRef<mlir::ModuleOp>)>;

class Track {
public:
  Track(mlir::func::FuncOp main, std::vector<Sample> &samples, CallMaker make)
      : main(main), samples(samples), make(std::move(make)) {}

  /// Begins the stretch whose last values are `observed`; `later` are those of
  /// the stretches behind it.
  void enter(llvm::ArrayRef<mlir::Value> observed,
             llvm::ArrayRef<mlir::Value> later);
  /// Each observed value as f32 [rows, size], valid until the next run. Samples
  /// are to be run in order, each once.
  std::vector<LlmcTensor> run(size_t sample);
  void leave();

private:
  using HeldValues = llvm::MapVector<mlir::Value, HeldTensors>;

  mlir::func::FuncOp main;
  std::vector<Sample> &samples;
  CallMaker make;
  HeldValues held;
  SpareFiles spare;
  // Of the stretch at hand.
  llvm::SmallVector<unsigned> arguments;
  llvm::SmallVector<mlir::Value> kept;
  HeldValues made;                  ///< those of `kept` that it computes
  llvm::SmallVector<size_t> places; ///< of the observed values in its outputs
  std::unique_ptr<Call> call;
};

} // namespace llmc::compiler
