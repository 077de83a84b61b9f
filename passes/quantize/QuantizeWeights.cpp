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
#include "passes/quantize/CorrectBiases.h"
#include "passes/quantize/Mix.h"
#include "passes/quantize/Products.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::quantize {
#define GEN_PASS_DEF_QUANTIZEWEIGHTS
#include "passes/quantize/Passes.h.inc"

namespace {
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
    mix(module, jobs);
    if (llvm::any_of(jobs, [](const Job &job) { return job.type.observes(); }))
      calibrate(module, jobs);
    for (const Job &job : jobs)
      quantize(job, nullptr);
    if (spec.rules.front().type.activations)
      roundAttention(module);
    // All products are known: tables that are weights, too.
    module.walk([&](EmbeddingOp op) { quantize(op); });
  }

private:
  struct Job {
    Product product;
    WeightType type;
    bool done = false;
  };

  /// Gives jobs of mixed types one each. Products of the same weights have the
  /// type of the first.
  void mix(ModuleOp module, std::vector<Job> &jobs) {
    std::vector<MixedProduct> products;
    std::vector<std::pair<Job *, size_t>> mixed;
    llvm::DenseMap<Attribute, size_t> known;
    for (Job &job : jobs) {
      if (job.type.kind != WeightType::Mixed)
        continue;
      MixedProduct product;
      for (OpOperand *weight : job.product.weights)
        product.push_back(recipeOf(weight->get()));
      auto [entry, isNew] = known.try_emplace(product.front(), products.size());
      mixed.emplace_back(&job, entry->second);
      if (isNew)
        products.push_back(std::move(product));
    }
    if (products.empty())
      return;
    std::vector<WeightType> options = mixed.front().first->type.options;
    tools.evaluator->begin(module);
    Mix outcome = mixTypes(module, products, options, spec.target, tools);
    report.mix = outcome.summary, report.unmet = outcome.unmet;
    for (auto [job, product] : mixed)
      job->type = options[outcome.chosen[product]];
  }

  /// The product's node, with the stored tensors where it reads several.
  std::string nameOf(const Product &product, RecipeAttr weight) const {
    Site site = siteOf(product.op->getLoc());
    std::vector<std::string> tensors;
    addNames(weight, store, tensors);
    std::string all = llvm::join(tensors, ", ");
    if (site.name.empty())
      return all;
    return product.weights.size() > 1 ? site.name + " (" + all + ")"
                                      : site.name;
  }

  void calibrate(ModuleOp module, std::vector<Job> &jobs) {
    llvm::MapVector<Value, SmallVector<Job *>> readers;
    for (Job &job : jobs)
      if (job.type.observes() && isObservable(job.product.input()))
        readers[job.product.input()].push_back(&job);
    SmallVector<Value> values =
        llvm::to_vector(llvm::make_first_range(readers));
    passes::ObserveOptions options{.hessian = false, .sequential = true};
    for (const Job &job : jobs)
      options.hessian |= job.type.gptq, options.original |= job.type.propagate;
    tools.evaluator->begin(module);
    tools.evaluator->observe(
        module, values, options,
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
    SmallVector<RecipeAttr, 2> originals;
    for (OpOperand *weight : product.weights) {
      RecipeAttr before = originals.emplace_back(recipeOf(weight->get()));
      RecipeAttr &after = became[before]; // one that several read stays one
      if (!after) {
        after = statistics && type.gptq
                    ? calibrated(before, type, *statistics, *store, tools.jobs)
                    : storedAs(before, type);
        if (after != before)
          report.changes.push_back({before, after, nameOf(product, before)});
      }
      if (after != before)
        setWeight(*weight, after);
    }
    if (type.correctBias && statistics && hasStoredBiases(product))
      correctBiases(product, originals, *statistics, *store);
    if (type.activations && !hasRounding(product))
      setRounding(product, roundingOf(product, *type.activations, statistics));
  }

  /// A fixed scale needs statistics: without them rows have their own.
  static IntegerRoundingAttr
  roundingOf(const Product &product, const ActivationType &type,
             const passes::InputStatistics *statistics) {
    int64_t k =
        recipeOf(product.weights.front()->get()).getType().getDimSize(0);
    FloatAttr scale;
    if (type.fixed && statistics) {
      constexpr float smallest = 0x1p-100f; // of inputs that are all 0
      float most = *llvm::max_element(statistics->largest);
      scale = FloatAttr::get(Float32Type::get(product.op->getContext()),
                             std::max(most / 127, smallest));
    }
    return IntegerRoundingAttr::get(product.op->getContext(),
                                    type.group ? std::min(type.group, k) : k,
                                    scale);
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
      after = became[turned] = storedAs(turned, spec.embedding(names));
      report.tables += after != turned;
    }
    if (after == turned)
      return;
    setWeight(op.getTableMutable(), transposeRecipe(after, {1, 0}));
    widen(op, table.getType().getElementType());
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
    auto parsed = specOf(getOperation(), spec);
    if (failed(parsed))
      return signalPassFailure();
    if ((parsed->observes() || parsed->mixes()) &&
        !(tools.evaluator && tools.weights)) {
      getOperation().emitError(
          "gptq, bias, act=static and mixed need samples to run the model on");
      return signalPassFailure();
    }
    passes::QuantizeReport own;
    Quantizer quantizer(*parsed, tools, tools.report ? *tools.report : own);
    if (!tools.run([&] { quantizer.run(getOperation()); }))
      signalPassFailure();
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
