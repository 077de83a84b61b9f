// SPDX-License-Identifier: Apache-2.0
// Evaluates weight recipes, one weight at a time: views (transpose, slice,
// reshape) move nothing, so that the memory in use is at most a few times the
// largest tensor. Thread-safe for a thread-safe source.
#pragma once

#include "ir/llm/Quantized.h"

#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>

namespace llmc {

/// Bytes as programs read them (codegen/cpu/Elements.h) with sizes and strides,
/// in elements; `owner` keeps computed bytes alive.
struct WeightView {
  const std::byte *data = nullptr;
  llvm::SmallVector<int64_t> dims, strides;
  mlir::Type element;
  std::shared_ptr<std::vector<std::byte>> owner;

  bool isDense() const;
  int64_t elements() const;
};

/// Stored numbers that a recipe has no result for: the user's fault.
class RecipeError : public std::runtime_error {
public:
  RecipeError(std::string where, const std::string &what)
      : std::runtime_error(what), where(std::move(where)) {}
  std::string where; ///< the tensor, its name not escaped
};

/// A matrix [K, N] as integers [K, N], scales and zero points [groups, N]
/// (without memory where all are alike).
struct QuantizedParts {
  WeightView q, scales, zeros;
};

/// Throws RecipeError.
class RecipeEvaluator {
public:
  /// Quantizes with up to `jobs` threads; results don't depend on them.
  explicit RecipeEvaluator(const llm::WeightSource &source, unsigned jobs = 1)
      : source(source), jobs(jobs) {}

  /// Bytes that the artifact stores for the recipe.
  static uint64_t storedBytes(llm::RecipeAttr);
  /// Yields them in order, in pieces.
  using Sink = std::function<void(std::span<const std::byte>)>;
  void stream(llm::RecipeAttr, const Sink &) const;
  WeightView view(llm::RecipeAttr) const;
  const llm::WeightSource &weightSource() const { return source; }

private:
  /// `interleave` rows of K lie beside each other.
  void streamPanels(const WeightView &, int64_t interleave, const Sink &) const;
  /// All of the matrix that a recipe of kind "quantize" is a part of: the last
  /// one is kept, since its parts are asked for one after the other.
  std::shared_ptr<const QuantizedParts> quantized(llm::RecipeAttr part) const;
  WeightView quantizedView(llm::RecipeAttr part) const;

  const llm::WeightSource &source;
  unsigned jobs;
  mutable std::recursive_mutex lock; ///< of what follows
  mutable std::shared_ptr<const QuantizedParts> parts;
  mutable mlir::ArrayAttr partsInputs;
  mutable llm::QuantizeFormat partsFormat;
};

/// The error for a matrix whose numbers are not all finite; names the stored
/// tensor that they are of.
RecipeError infiniteNumbers(llm::RecipeAttr matrix, const RecipeEvaluator &);

/// The sources of several models as one; ids continue from model to model.
class JoinedWeights final : public llm::WeightSource {
public:
  /// The ids of `source` begin at size().
  void add(std::unique_ptr<llm::WeightSource> source);

  size_t size() const override { return count; }
  std::string name(size_t id) const override { return of(id).name(id); }
  mlir::RankedTensorType type(mlir::MLIRContext *ctx,
                              size_t id) const override {
    return of(id).type(ctx, id);
  }
  std::span<const std::byte> bytes(size_t id) const override {
    return of(id).bytes(id);
  }
  void requireUnchanged() const override;

private:
  const llm::WeightSource &of(size_t id) const;

  std::vector<std::pair<size_t, std::unique_ptr<llm::WeightSource>>>
      sources; // behind the last id of each
  size_t count = 0;
};

/// Finds stored tensors of equal content, transposed copies of matrices too,
/// and makes all their `llm.weight`s read the first one. Returns how many bytes
/// that saves.
uint64_t shareEqualWeights(llvm::ArrayRef<mlir::ModuleOp> modules,
                           const llm::WeightSource &source);

} // namespace llmc
