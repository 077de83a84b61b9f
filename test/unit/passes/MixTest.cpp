// SPDX-License-Identifier: Apache-2.0
#include "passes/quantize/Mix.h"

#include <catch2/catch.hpp>

using namespace llmc;
using namespace llmc::quantize;

namespace {
/// Weights whose rounding errors fall with the square of the number of bits.
class Store final : public passes::WeightStore {
public:
  std::string name(int64_t) const override { return ""; }
  std::vector<float> read(llm::RecipeAttr recipe) const override {
    float error = 0;
    if (auto m = llm::quantizedMatrix(recipe))
      error = std::ldexp(1.0f, -int(m->q.getType().getElementTypeBitWidth()));
    return std::vector<float>(recipe.getType().getNumElements(), error);
  }
  llm::RecipeAttr spill(mlir::RankedTensorType, std::span<const std::byte>,
                        const std::string &) override {
    FAIL("nothing is kept");
    return {};
  }
};

class Costs final : public passes::Evaluator {
public:
  explicit Costs(std::vector<double> costs) : all(std::move(costs)) {}
  void begin(mlir::ModuleOp) override {}
  void observe(mlir::ModuleOp, llvm::ArrayRef<mlir::Value>,
               const passes::ObserveOptions &, Sink) override {}
  std::vector<double>
  costs(mlir::ModuleOp, llvm::ArrayRef<passes::WeightChange> changes) override {
    CHECK(changes.size() == all.size());
    for (const passes::WeightChange &change : changes) // with the middle option
      CHECK(llm::quantizedMatrix(change.after)
                ->q.getType()
                .getElementTypeBitWidth() == 4);
    return all;
  }

private:
  std::vector<double> all;
};
} // namespace

TEST_CASE("Types are shared out by what they cost") {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  context.loadDialect<llm::LlmDialect>();
  auto type =
      mlir::RankedTensorType::get({64, 16}, mlir::Float32Type::get(&context));
  std::vector<MixedProduct> products;
  for (int64_t id : {0, 1, 2})
    products.push_back({llm::sourceRecipe(type, id)});
  products.push_back({llm::sourceRecipe(type, 3), llm::sourceRecipe(type, 4)});
  // The second is costly, the last are costly together.
  Costs costs({1e-4, 1e-2, 1e-4, 2e-3, 3e-3});
  Store store;
  passes::QuantizeTools tools{&store, &costs, nullptr, 1};
  auto mix = [&](llvm::StringRef text) {
    QuantizeSpec spec = llvm::cantFail(parseQuantizeSpec(text));
    return mixTypes({}, products, spec.rules.front().type.options, spec.target,
                    tools);
  };
  using Chosen = std::vector<size_t>;
  CHECK(mix("mixed,bits=4.5").chosen == Chosen{1, 1, 1, 1});
  CHECK(mix("mixed,bits=4.4").chosen == Chosen{1, 1, 0, 1});
  CHECK(mix("mixed,bits=8").chosen == Chosen{2, 2, 1, 2});
  CHECK(mix("mixed,bits=9").chosen == Chosen{2, 2, 2, 2});
  CHECK(mix("mixed,size=1.5K").unmet.find("the fewest that the types allow") ==
        0);
  // int3 costs four times as much as int4, int8 a 256th.
  Mix lossy = mix("mixed,kl=0.1");
  CHECK(lossy.chosen == Chosen{0, 0, 0, 0});
  CHECK(lossy.unmet.empty());
  CHECK(mix("mixed,kl=0.04").chosen == Chosen{0, 1, 0, 0});
  CHECK(mix("mixed,kl=0.03").chosen == Chosen{0, 1, 0, 1});
  CHECK(mix("mixed,kl=0.001").chosen == Chosen{0, 2, 0, 2});
  CHECK(mix("mixed,kl=1e-9").unmet.find("the least loss") == 0);
}
