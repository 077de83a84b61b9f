// SPDX-License-Identifier: Apache-2.0
// Equal weights by content. A sum of mixed element bits does not depend on the
// order of elements, so that a transposed copy has the same fingerprint;
// candidates are then compared element by element.
#include "codegen/weights/Recipe.h"

#include "llvm/ADT/MapVector.h"

#include <cstring>
#include <map>

using namespace mlir;

namespace llmc {

static uint64_t mix(uint64_t x) {
  x ^= x >> 32;
  x *= 0x9e3779b97f4a7c15;
  x ^= x >> 29;
  x *= 0xbf58476d1ce4e5b9;
  return x ^ (x >> 32);
}

template <class Word>
static uint64_t fingerprintOf(std::span<const std::byte> bytes) {
  uint64_t sum = 0;
  for (size_t i = 0; i + sizeof(Word) <= bytes.size(); i += sizeof(Word)) {
    Word w;
    std::memcpy(&w, bytes.data() + i, sizeof(Word));
    sum += mix(w + 1);
  }
  return sum;
}

static uint64_t fingerprint(std::span<const std::byte> bytes, unsigned bits) {
  switch (bits) {
  case 64:
    return fingerprintOf<uint64_t>(bytes);
  case 32:
    return fingerprintOf<uint32_t>(bytes);
  case 16:
    return fingerprintOf<uint16_t>(bytes);
  default:
    return fingerprintOf<uint8_t>(bytes);
  }
}

template <class Word>
static bool equalTransposed(const std::byte *a, const std::byte *b,
                            int64_t rows, int64_t columns) {
  constexpr int64_t block = 16; // both sides stay in cached lines
  for (int64_t r = 0; r < rows; r += block)
    for (int64_t c = 0; c < columns; c += block)
      for (int64_t i = r; i < std::min(rows, r + block); ++i)
        for (int64_t j = c; j < std::min(columns, c + block); ++j)
          if (std::memcmp(a + (i * columns + j) * sizeof(Word),
                          b + (j * rows + i) * sizeof(Word), sizeof(Word)))
            return false;
  return true;
}

static bool isTranspose(const std::byte *a, const std::byte *b,
                        RankedTensorType type) {
  int64_t rows = type.getDimSize(0), columns = type.getDimSize(1);
  switch (type.getElementTypeBitWidth()) {
  case 32:
    return equalTransposed<uint32_t>(a, b, rows, columns);
  case 16:
    return equalTransposed<uint16_t>(a, b, rows, columns);
  case 8:
    return equalTransposed<uint8_t>(a, b, rows, columns);
  default:
    return false;
  }
}

/// The recipe for tensor `type`/`bytes` in terms of an earlier one, or null.
static llm::RecipeAttr asCopyOf(llm::RecipeAttr earlier,
                                std::span<const std::byte> earlierBytes,
                                RankedTensorType type,
                                std::span<const std::byte> bytes) {
  if (earlierBytes.size() != bytes.size() ||
      earlier.getType().getElementType() != type.getElementType())
    return {};
  if (earlier.getType() == type &&
      !std::memcmp(earlierBytes.data(), bytes.data(), bytes.size()))
    return earlier;
  ArrayRef<int64_t> a = earlier.getType().getShape(), b = type.getShape();
  bool swapped = a.size() == 2 && b.size() == 2 && a[0] == b[1] && a[1] == b[0];
  if (swapped &&
      isTranspose(earlierBytes.data(), bytes.data(), earlier.getType()))
    return llm::transposeRecipe(earlier, {1, 0});
  return {};
}

uint64_t shareEqualWeights(ArrayRef<ModuleOp> modules,
                           const llm::WeightSource &source) {
  uint64_t saved = 0;
  std::map<std::pair<uint64_t, uint64_t>, std::vector<llm::RecipeAttr>>
      firsts; // fingerprint and size -> distinct tensors
  llvm::DenseMap<Attribute, llm::RecipeAttr> known;
  auto idOf = [](llm::RecipeAttr r) {
    return cast<IntegerAttr>(r.getParams().get("id")).getInt();
  };
  auto share = [&](llm::WeightOp op) {
    llm::RecipeAttr recipe = op.getRecipe();
    if (recipe.getKind() != "source")
      return;
    auto [entry, isNew] = known.try_emplace(recipe, recipe);
    if (isNew) {
      auto bytes = source.bytes(idOf(recipe));
      auto &group =
          firsts[{fingerprint(bytes, recipe.getType().getElementTypeBitWidth()),
                  bytes.size()}];
      for (llm::RecipeAttr earlier : group)
        if (llm::RecipeAttr copy =
                asCopyOf(earlier, source.bytes(idOf(earlier)), recipe.getType(),
                         bytes)) {
          entry->second = copy;
          saved += bytes.size();
          break;
        }
      if (entry->second == recipe)
        group.push_back(recipe);
    }
    op.setRecipeAttr(entry->second);
  };
  for (ModuleOp module : modules)
    module.walk(share);
  return saved;
}

} // namespace llmc
