// SPDX-License-Identifier: Apache-2.0
#include "codegen/weights/Recipe.h"
#include "codegen/lowering/WeightTable.h"
#include "mlir/IR/Builders.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>

using namespace llmc;
using namespace llmc::llm;

namespace {
/// f32 tensors in memory.
struct Stored : WeightSource {
  struct Tensor {
    std::vector<int64_t> dims;
    std::vector<float> values;
  };
  std::vector<Tensor> tensors;
  size_t size() const override { return tensors.size(); }
  std::string name(size_t id) const override {
    return "w" + std::to_string(id);
  }
  mlir::RankedTensorType type(mlir::MLIRContext *c, size_t id) const override {
    return mlir::RankedTensorType::get(tensors[id].dims,
                                       mlir::Float32Type::get(c));
  }
  std::span<const std::byte> bytes(size_t id) const override {
    return std::as_bytes(std::span(tensors[id].values));
  }
};

struct Recipes {
  mlir::MLIRContext context;
  Stored source;
  Recipes() { context.loadDialect<LlmDialect>(); }
  RecipeAttr add(std::vector<int64_t> dims, std::vector<float> values) {
    source.tensors.push_back({dims, values});
    int64_t id = source.tensors.size() - 1;
    return sourceRecipe(source.type(&context, id), id);
  }
  template <class Element>
  std::vector<Element> stored(RecipeAttr recipe, unsigned jobs = 1) {
    std::vector<std::byte> bytes;
    RecipeEvaluator(source, jobs)
        .stream(recipe, [&](std::span<const std::byte> piece) {
          bytes.insert(bytes.end(), piece.begin(), piece.end());
        });
    CHECK(bytes.size() == RecipeEvaluator::storedBytes(recipe));
    std::vector<Element> out(bytes.size() / sizeof(Element));
    std::memcpy(out.data(), bytes.data(), out.size() * sizeof(Element));
    return out;
  }
  std::vector<float> floats(RecipeAttr recipe) { return stored<float>(recipe); }
  std::vector<uint16_t> halves(RecipeAttr recipe) {
    return stored<uint16_t>(recipe);
  }
};
using Floats = std::vector<float>;
} // namespace

TEST_CASE_METHOD(Recipes, "Views give their elements in order") {
  RecipeAttr w = add({2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(floats(w) == Floats{1, 2, 3, 4, 5, 6});
  CHECK(floats(transposeRecipe(w, {1, 0})) == Floats{1, 4, 2, 5, 3, 6});
  CHECK(floats(reshapeRecipe(transposeRecipe(w, {1, 0}), {6})) ==
        Floats{1, 4, 2, 5, 3, 6});
  CHECK(floats(sliceRecipe(w, {0, 1}, {1, 1}, {2, 2})) == Floats{2, 3, 5, 6});
  CHECK(floats(sliceRecipe(w, {0, 2}, {1, -2}, {2, 2})) == Floats{3, 1, 6, 4});
  CHECK(transposeRecipe(transposeRecipe(w, {1, 0}), {1, 0}) == w);
}

TEST_CASE_METHOD(Recipes, "Computed recipes") {
  RecipeAttr a = add({2, 2}, {1, 2, 3, 4}), b = add({2, 1}, {10, 20});
  CHECK(floats(concatRecipe({a, b}, 1)) == Floats{1, 2, 10, 3, 4, 20});
  CHECK(floats(binaryRecipe("mul", a, b)) == Floats{10, 20, 60, 80});
  CHECK(floats(binaryRecipe("add", a, b)) == Floats{11, 12, 23, 24});
  CHECK(floats(scaleRecipe(transposeRecipe(a, {1, 0}), 2)) ==
        Floats{2, 6, 4, 8});
  RecipeAttr half = castRecipe(
      castRecipe(add({1}, {1.0009765f}), mlir::Float16Type::get(&context)),
      mlir::Float32Type::get(&context));
  CHECK(floats(half) == Floats{1.0009765625f});
}

TEST_CASE_METHOD(Recipes, "Panels of 16 columns, padded") {
  Floats values;
  for (int i = 0; i < 2 * 17; ++i)
    values.push_back(i);
  RecipeAttr w = add({2, 17}, values); // [K, N]
  WeightTable table;
  int64_t id = table.packed(w);
  RecipeAttr packed = table.recipes()[id];
  Floats panels = floats(packed);
  REQUIRE(panels.size() == 2 * 2 * 16);
  CHECK(panels[0] == 0);
  CHECK(panels[15] == 15);
  CHECK(panels[16] == 17); // row 1
  CHECK(panels[32] == 16); // column 16 begins the second panel
  CHECK(panels[48] == 33);
  CHECK(panels[33] == 0);
  CHECK(table.packed(w) == 0);
}

TEST_CASE_METHOD(Recipes, "Panels of bf16 have rows of K in pairs") {
  Floats values;
  for (int i = 0; i < 3 * 17; ++i)
    values.push_back(i);
  mlir::Type bf16 = mlir::BFloat16Type::get(&context);
  RecipeAttr w = castRecipe(add({3, 17}, values), bf16); // [K, N]
  WeightTable table;
  int64_t id = table.packed(w);
  RecipeAttr packed = table.recipes()[id];
  std::vector<uint16_t> bits = halves(packed);
  auto at = [&](size_t i) {
    return llvm::bit_cast<float>(uint32_t(bits[i]) << 16);
  };
  REQUIRE(bits.size() == 2 * 2 * 16 * 2); // [panels][pairs][16][2]
  CHECK(at(0) == 0);
  CHECK(at(1) == 17); // row 1
  CHECK(at(2) == 1);
  CHECK(at(32) == 34); // row 2
  CHECK(at(33) == 0);  // no row 3
  CHECK(at(64) == 16); // column 16 begins the second panel
  CHECK(at(65) == 33);
  CHECK(at(66) == 0);
}

TEST_CASE_METHOD(Recipes, "Equal weights are found, transposed ones too") {
  RecipeAttr first = add({2, 3}, {1, 2, 3, 4, 5, 6}),
             same = add({2, 3}, {1, 2, 3, 4, 5, 6}),
             turned = add({3, 2}, {1, 4, 2, 5, 3, 6}),
             permuted = add({2, 3}, {6, 5, 4, 3, 2, 1});
  auto module = mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  mlir::OwningOpRef<mlir::ModuleOp> owner(module);
  mlir::OpBuilder b(module.getBody(), module.getBody()->begin());
  std::vector<WeightOp> ops;
  for (RecipeAttr r : {first, same, turned, permuted})
    ops.push_back(WeightOp::create(b, b.getUnknownLoc(), r));
  CHECK(shareEqualWeights({module}, source) == 48);
  CHECK(ops[1].getRecipe() == first);
  CHECK(ops[2].getRecipe() == transposeRecipe(first, {1, 0}));
  CHECK(ops[3].getRecipe() == permuted);
}

TEST_CASE("Elements below a byte get a byte each") {
  struct Packed : Stored {
    std::vector<std::byte> data;
    std::span<const std::byte> bytes(size_t) const override { return data; }
  };
  mlir::MLIRContext context;
  context.loadDialect<LlmDialect>();
  Packed source;
  source.data = {std::byte{0x8F}, std::byte{0x71}, std::byte{0x02}};
  auto unpacked = [&](mlir::Type element, int64_t count) {
    RecipeAttr recipe =
        sourceRecipe(mlir::RankedTensorType::get({count}, element), 0);
    CHECK(RecipeEvaluator::storedBytes(recipe) == uint64_t(count));
    std::vector<int> out;
    RecipeEvaluator(source).stream(recipe,
                                   [&](std::span<const std::byte> piece) {
                                     for (std::byte b : piece)
                                       out.push_back(static_cast<int8_t>(b));
                                   });
    return out;
  };
  using Ints = std::vector<int>;
  CHECK(unpacked(mlir::IntegerType::get(&context, 4), 5) ==
        Ints{-1, -8, 1, 7, 2});
  CHECK(
      unpacked(mlir::IntegerType::get(&context, 4, mlir::IntegerType::Unsigned),
               5) == Ints{15, 8, 1, 7, 2});
  CHECK(unpacked(mlir::IntegerType::get(&context, 2), 4) ==
        Ints{-1, -1, 0, -2});
  CHECK(unpacked(mlir::Float4E2M1FNType::get(&context), 5) ==
        Ints{15, 8, 1, 7, 2});
}

TEST_CASE_METHOD(Recipes, "Matrices quantized by columns") {
  // [K = 9, N = 2], in groups of 8 rows and a last one of 1.
  Floats numbers{-8, 1, 4, 0, 2, -2, 7, 0.5, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0};
  RecipeAttr w = add({9, 2}, numbers);
  QuantizeFormat format{{4, true, ScaleType::F32}, 8, Fit::Range};
  RecipeAttr matrix = quantizeRecipe(w, {}, format);
  auto m = quantizedMatrix(matrix);
  REQUIRE(m);
  CHECK(m->group == 8);
  CHECK(m->zero == 8);
  CHECK(storedBits(*m) == 18 * 4 + 4 * 32);
  CHECK(floats(m->scales) == Floats{1, 0.25, -0.375, 1});
  using Bytes = std::vector<uint8_t>;
  CHECK(stored<uint8_t>(m->q) ==
        Bytes{0, 12, 12, 8, 10, 0, 15, 10, 8, 8, 8, 8, 8, 8, 8, 8, 0, 8});
  CHECK(floats(matrix) == numbers);
  // The same where columns lie together, and of halves.
  Floats columns;
  for (int n = 0; n < 2; ++n)
    for (int k = 0; k < 9; ++k)
      columns.push_back(numbers[k * 2 + n]);
  RecipeAttr turned = transposeRecipe(add({2, 9}, columns), {1, 0});
  CHECK(floats(quantizeRecipe(turned, {}, format)) == numbers);
  RecipeAttr half = castRecipe(w, mlir::Float16Type::get(&context));
  CHECK(stored<uint8_t>(quantizedMatrix(quantizeRecipe(half, {}, format))->q) ==
        stored<uint8_t>(m->q));

  format = {{8, false, ScaleType::F16}, 0, Fit::Range};
  m = quantizedMatrix(quantizeRecipe(w, {}, format));
  REQUIRE(m);
  CHECK(m->group == 9);
  REQUIRE(m->zeros);
  CHECK(stored<uint8_t>(m->zeros) == Bytes{136, 170});
  CHECK(m->scales.getType().getElementType().isF16());
}

TEST_CASE_METHOD(Recipes, "Importance of rows, and any number of threads") {
  Floats values;
  for (int i = 0; i < 64 * 50; ++i)
    values.push_back(static_cast<float>((i * 7919) % 1001 - 500) / 100);
  Floats importance(64, 1);
  importance[3] = 1000;
  RecipeAttr w = add({64, 50}, values), rows = add({64}, importance);
  QuantizeFormat format{{4, false, ScaleType::F16}, 32, Fit::LeastError};
  Floats plain = floats(quantizeRecipe(w, {}, format)),
         weighted = floats(quantizeRecipe(w, rows, format));
  double plainError = 0, weightedError = 0;
  for (int n = 0; n < 50; ++n) {
    auto square = [](double x) { return x * x; };
    plainError += square(plain[3 * 50 + n] - values[3 * 50 + n]);
    weightedError += square(weighted[3 * 50 + n] - values[3 * 50 + n]);
  }
  CHECK(weightedError < plainError / 2);
  RecipeAttr q = quantizedMatrix(quantizeRecipe(w, rows, format))->q;
  CHECK(stored<uint8_t>(q, 3) == stored<uint8_t>(q));
}

TEST_CASE_METHOD(Recipes, "Numbers that are not finite are not quantized") {
  RecipeAttr good = add({2, 2}, {1, 2, 3, 4}),
             bad = add({2, 2}, {1, NAN, 3, 4});
  RecipeAttr both = concatRecipe({good, transposeRecipe(bad, {1, 0})}, 1);
  RecipeAttr matrix = quantizeRecipe(both, {}, {{8, true, ScaleType::F32}, 0});
  try {
    floats(matrix);
    FAIL("was quantized");
  } catch (const RecipeError &e) {
    CHECK(e.where == "tensor 'w1'");
    CHECK(std::string(e.what()) ==
          "has numbers that are not finite: it can't be quantized");
  }
  // Too large only when computed.
  RecipeAttr large = scaleRecipe(add({1, 1}, {3e38f}), 10);
  CHECK_THROWS_AS(
      floats(quantizeRecipe(large, {}, {{8, true, ScaleType::F32}, 0})),
      RecipeError);
}
