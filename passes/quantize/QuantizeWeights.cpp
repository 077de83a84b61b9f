// SPDX-License-Identifier: Apache-2.0
//
//   %y = llm.linear %x, %w
//   ->  %y = llm.linear %x, dequantize(quantize(%w)) {rounding = <group = G>}
//
// Weights become recipes of quantized ones, each of the type that the rules
// give it. Those that activations have no say in are computed when they are
// written; others now, in the order of the program, each on what the layers
// before it became. A table of embeddings that is a weight as well follows it,
// so that it stays stored once.
#include "passes/quantize/QuantizeWeights.h"

#include "ir/llm/Shape.h"
#include "passes/quantize/Calibrated.h"
#include "passes/quantize/Products.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::quantize {
#define GEN_PASS_DEF_QUANTIZEWEIGHTS
#include "passes/quantize/Passes.h.inc"

namespace {
/// A matrix of floats that nothing has quantized.
bool isPlain(RecipeAttr matrix) {
  Type element = matrix.getType().getElementType();
  return matrix.getType().getNumElements() > 0 &&
         (element.isF32() || element.isF16() || element.isBF16()) &&
         !isQuantized(matrix);
}

class Quantizer {
public:
  Quantizer(const QuantizeSpec &spec, const passes::QuantizeTools &tools,
            passes::QuantizeReport &report)
      : spec(spec), tools(tools), store(tools.weights), report(report) {}

  void run(ModuleOp module) {
    std::vector<Job> jobs;
    for (const Product &product : productsOf(module)) {
      bool plain = llvm::all_of(product.weights, [](OpOperand *weight) {
        return isPlain(recipeOf(weight->get()));
      });
      if (plain)
        jobs.push_back(
            {product, spec.typeOf(namesOf(product, store), product.isHead)});
      else
        ++report.kept;
    }
    if (llvm::any_of(jobs, [](const Job &job) { return job.type.gptq; }))
      calibrate(module, jobs);
    for (const Job &job : jobs)
      quantize(job, nullptr);
    // All products are known: tables that are weights, too.
    module.walk([&](EmbeddingOp op) { quantize(op); });
  }

private:
  struct Job {
    Product product;
    WeightType type;
    bool done = false;
  };

  void calibrate(ModuleOp module, std::vector<Job> &jobs) {
    llvm::MapVector<Value, SmallVector<Job *>> readers;
    for (Job &job : jobs)
      if (job.type.gptq && isObservable(job.product.input()))
        readers[job.product.input()].push_back(&job);
    SmallVector<Value> values =
        llvm::to_vector(llvm::make_first_range(readers));
    bool propagates =
        llvm::any_of(jobs, [](const Job &job) { return job.type.propagate; });
    tools.evaluator->begin(module);
    tools.evaluator->observe(
        module, values,
        {.hessian = true, .original = propagates, .sequential = true},
        [&](size_t i, const passes::InputStatistics &statistics) {
          for (Job *job : readers[values[i]])
            quantize(*job, &statistics), job->done = true;
        });
  }

  void quantize(const Job &job, const passes::InputStatistics *statistics) {
    if (job.done)
      return;
    const Product &product = job.product;
    const WeightType &type = job.type;
    for (OpOperand *weight : product.weights) {
      RecipeAttr before = recipeOf(weight->get());
      RecipeAttr &after = became[before]; // one that several read stays one
      if (!after) {
        after = statistics
                    ? calibrated(before, type, *statistics, *store, tools.jobs)
                    : stored(before, type);
        report.products += after != before;
      }
      if (after != before)
        setWeight(*weight, after);
    }
    if (type.activationGroup && !hasRounding(product)) {
      int64_t
          k = recipeOf(product.weights.front()->get()).getType().getDimSize(0),
          group =
              *type.activationGroup ? std::min(*type.activationGroup, k) : k;
      setRounding(product,
                  IntegerRoundingAttr::get(product.op->getContext(), group));
    }
  }

  void quantize(EmbeddingOp op) {
    constexpr int64_t fewest = 16; // scales of a table are a table, too
    RecipeAttr table = recipeOf(op.getTable());
    if (!table || !isPlain(table) || table.getType().getRank() != 2 ||
        table.getType().getDimSize(1) < fewest)
      return;
    RecipeAttr turned = transposeRecipe(table, {1, 0}), after;
    after = became.lookup(turned);
    if (!after) {
      std::vector<std::string> names;
      if (Site site = siteOf(op.getLoc()); !site.name.empty())
        names.push_back(site.name);
      addNames(table, store, names);
      after = became[turned] = stored(turned, spec.embedding(names));
      report.tables += after != turned;
    }
    if (after == turned)
      return;
    setWeight(op.getTableMutable(), transposeRecipe(after, {1, 0}));
    widen(op, table.getType().getElementType());
  }

  static RecipeAttr stored(RecipeAttr matrix, const WeightType &type) {
    MLIRContext *ctx = matrix.getContext();
    switch (type.kind) {
    case WeightType::Float:
      return matrix;
    case WeightType::F16:
      return shorter(matrix, Float16Type::get(ctx));
    case WeightType::BF16:
      return shorter(matrix, BFloat16Type::get(ctx));
    case WeightType::Integer:
      return quantizeRecipe(matrix, {}, type.format);
    }
    llvm_unreachable("a type of weights");
  }

  static RecipeAttr shorter(RecipeAttr matrix, Type element) {
    return matrix.getType().getElementType().isF32()
               ? castRecipe(matrix, element)
               : matrix;
  }

  /// Rows of a table in a shorter type, in the type that the model has.
  static void widen(EmbeddingOp op, Type element) {
    Type now = elementOf(op.getTable());
    if (now == element)
      return;
    Value rows = op.getResult();
    Type type = rows.getType();
    rows.setType(withElement(type, now));
    OpBuilder b(op);
    b.setInsertionPointAfter(op);
    auto back = CastOp::create(b, op.getLoc(), type, rows);
    rows.replaceAllUsesExcept(back, back);
  }

  const QuantizeSpec &spec;
  const passes::QuantizeTools &tools;
  passes::WeightStore *store;
  passes::QuantizeReport &report;
  llvm::DenseMap<Attribute, RecipeAttr> became; ///< weights [K, N]
};

struct QuantizeWeights : impl::QuantizeWeightsBase<QuantizeWeights> {
  using QuantizeWeightsBase::QuantizeWeightsBase;
  QuantizeWeights(const std::string &spec, const passes::QuantizeTools &tools)
      : QuantizeWeightsBase({spec}), tools(tools) {}

  void runOnOperation() override {
    auto parsed = parseQuantizeSpec(spec);
    if (!parsed) {
      getOperation().emitError(llvm::toString(parsed.takeError()));
      return signalPassFailure();
    }
    if (parsed->feedsErrors() && !(tools.evaluator && tools.weights)) {
      getOperation().emitError(
          "method=gptq needs activations to calibrate with");
      return signalPassFailure();
    }
    passes::QuantizeReport own;
    Quantizer(*parsed, tools, tools.report ? *tools.report : own)
        .run(getOperation());
  }

  passes::QuantizeTools tools;
};
} // namespace

std::unique_ptr<Pass>
createQuantizeWeights(const std::string &spec,
                      const passes::QuantizeTools &tools) {
  return std::make_unique<QuantizeWeights>(spec, tools);
}
} // namespace llmc::quantize
