// SPDX-License-Identifier: Apache-2.0
#include "passes/Summary.h"

#include "ir/llm/Quantized.h"
#include "ir/llm/Shape.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/match/Layers.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::passes {
namespace {

/// Columns or heads of a product, turned or not: read in place through strides.
bool isColumns(Operation &op) {
  if (!isa<SliceOp, TransposeOp>(op))
    return false;
  Operation *from = op.getOperand(0).getDefiningOp();
  while (from && isa<ViewOp, SliceOp, TransposeOp>(from))
    from = from->getOperand(0).getDefiningOp();
  return from && isa<LinearOp, RopeOp>(from);
}

bool isListed(Operation &op) {
  return isa<LlmDialect>(op.getDialect()) && op.getNumResults() > 0 &&
         !isa<ConstantOp, WeightOp, DimsOp, ViewOp>(op) && !isColumns(op);
}

/// Numbers that are no integers, by their names in --quantize; nothing for
/// integers.
std::string codesOf(const QuantizedMatrix &m) {
  Type q = m.q.getType().getElementType();
  if (isa<Float8E4M3FNType>(q))
    return "e4m3";
  if (isa<Float8E5M2Type>(q))
    return "e5m2";
  if (!m.codebook)
    return "";
  bool powers = isa<Float8E8M0FNUType>(m.scales.getType().getElementType());
  MLIRContext *ctx = q.getContext();
  return m.codebook == codebookAttr(ctx, Codes::NF4) ? "nf4"
         : m.codebook == codebookAttr(ctx, Codes::E2M1)
             ? powers ? "mxfp4" : "fp4"
             : "codes4";
}

/// "int4" and the like.
std::string numbersOf(const QuantizedMatrix &m) {
  std::string codes = codesOf(m);
  unsigned bits = m.q.getType().getElementTypeBitWidth();
  return codes.empty() ? "int" + std::to_string(bits) : codes;
}

/// ":int4" of a product by quantized weights, else nothing.
std::string weightSuffix(Value weight) {
  RecipeAttr recipe = recipeOf(weight);
  auto m = recipe ? quantizedMatrix(recipe) : std::nullopt;
  if (!m)
    return "";
  return ":" + numbersOf(*m);
}

std::string nameOf(Operation &op) {
  std::string name = op.getName().stripDialect().str();
  if (auto linear = dyn_cast<LinearOp>(op))
    name += weightSuffix(linear.getWeight());
  if (auto gated = dyn_cast<GatedLinearOp>(op))
    name += weightSuffix(gated.getGate());
  if (auto linear = dyn_cast<LinearOp>(op)) {
    if (linear.getActivation() != Activation::None)
      name += "+" + stringifyActivation(linear.getActivation()).str();
    if (linear.isScaled())
      name += "+scale";
    if (linear.getRounding())
      name += "+rounding";
    if (linear.getResidual())
      name += "+residual";
  }
  if (auto gated = dyn_cast<GatedLinearOp>(op); gated && gated.getRounding())
    name += "+rounding";
  if (auto norm = dyn_cast<RmsNormOp>(op); norm && norm.getResidual())
    name += "+residual";
  if (auto rope = dyn_cast<RopeOp>(op); rope && rope.getNorm())
    name += "+norm";
  return name;
}

/// Whether the op only prepares inputs (positions, masks): nothing that the
/// model learnt is in it. Where it stands is the exporter's choice.
bool preparesInputs(Operation &op, llvm::SmallPtrSetImpl<Operation *> &learnt) {
  bool is = isa<EmbeddingOp, LinearOp, MatmulOp>(op) ||
            llvm::any_of(op.getOperands(), [&](Value v) {
              Operation *from = v.getDefiningOp();
              return from ? isa<WeightOp>(from) || learnt.contains(from)
                          : isa<FloatType>(elementOf(v));
            });
  if (is)
    learnt.insert(&op);
  return !is;
}

/// The ops of a block and of the bodies of its control flow, in order.
void addOps(Block &block, SmallVectorImpl<Operation *> &out) {
  for (Operation &op : block) {
    out.push_back(&op);
    if (isa<IfOp, LoopOp>(op))
      for (Region &region : op.getRegions())
        addOps(region.front(), out);
  }
}

func::FuncOp firstEntry(ModuleOp module) {
  for (auto f : module.getOps<func::FuncOp>())
    if (f->hasAttr("llm.entry"))
      return f;
  return module.lookupSymbol<func::FuncOp>("main");
}

using Names = std::vector<std::string>;

/// The last layer and what follows it: it ends where its ops stop being those
/// of the layer before, or without one behind its last residual sum.
size_t lastLayerEnd(const Names &rest, const Names *before) {
  if (before && rest.size() >= before->size() &&
      std::equal(before->begin(), before->end(), rest.begin()))
    return before->size();
  for (size_t k = rest.size(); k > 0; --k)
    if (StringRef(rest[k - 1]).ends_with("+residual") || rest[k - 1] == "add")
      return k;
  return rest.size();
}
} // namespace

namespace {
std::string elementName(Type t) {
  std::string name;
  llvm::raw_string_ostream(name) << t;
  return name;
}

/// Of a matrix [K, N] as kernels read it.
std::string describe(const QuantizedMatrix &m) {
  int64_t bits = m.q.getType().getElementTypeBitWidth(),
          k = m.q.getType().getDimSize(0);
  bool isSigned = !m.q.getType().getElementType().isUnsignedInteger();
  bool symmetric =
      !m.zeros && m.zero == (isSigned ? 0 : int64_t(1) << (bits - 1));
  std::string group = m.group == k ? "channel" : std::to_string(m.group);
  return numbersOf(m) + ",group=" + group +
         (!codesOf(m).empty() ? ""
          : symmetric         ? ",sym"
                              : ",asym") +
         ",scale=" + elementName(m.scales.getType().getElementType());
}
} // namespace

WeightSummary weightSummary(RecipeAttr matrix) {
  auto elements = static_cast<uint64_t>(matrix.getType().getNumElements());
  if (auto m = quantizedMatrix(matrix))
    return {describe(*m), 1, elements, storedBits(*m)};
  return {elementName(matrix.getType().getElementType()), 1, elements,
          elements * matrix.getType().getElementTypeBitWidth()};
}

std::vector<WeightSummary> weightSummary(ModuleOp module) {
  llvm::SetVector<RecipeAttr> weights; // [K, N]
  auto add = [&](Value weight, bool isTable = false) {
    RecipeAttr recipe = recipeOf(weight);
    if (recipe && recipe.getType().getRank() == 2)
      weights.insert(isTable ? transposeRecipe(recipe, {1, 0}) : recipe);
  };
  module.walk([&](Operation *op) {
    if (auto linear = dyn_cast<LinearOp>(op))
      add(linear.getWeight());
    else if (auto gated = dyn_cast<GatedLinearOp>(op))
      add(gated.getGate()), add(gated.getUp());
    else if (auto mlp = dyn_cast<GatedMlpOp>(op))
      add(mlp.getGate()), add(mlp.getUp()), add(mlp.getDown());
    else if (auto embedding = dyn_cast<EmbeddingOp>(op))
      add(embedding.getTable(), /*isTable=*/true);
  });
  std::vector<WeightSummary> all;
  for (RecipeAttr weight : weights) {
    WeightSummary one = weightSummary(weight);
    auto known = llvm::find_if(all, [&](const WeightSummary &other) {
      return other.type == one.type;
    });
    if (known == all.end()) {
      all.push_back(one);
      continue;
    }
    ++known->count, known->elements += one.elements, known->bits += one.bits;
  }
  return all;
}

std::vector<LayerSummary> opSummary(ModuleOp module) {
  func::FuncOp f = firstEntry(module);
  if (!f || f.isDeclaration())
    return {};
  SmallVector<Operation *> all = match::layerStarts(f);
  llvm::SmallPtrSet<Operation *, 16> starts(all.begin(), all.end());
  std::vector<LayerSummary> out = {
      {starts.empty() ? "model" : "embedding", {}}};
  llvm::SmallPtrSet<Operation *, 32> learnt;
  SmallVector<Operation *> ops;
  addOps(f.front(), ops);
  for (Operation *op : ops) {
    if (starts.contains(op))
      out.push_back({std::to_string(out.size() - 1), {}});
    bool prepares = preparesInputs(*op, learnt);
    if (isListed(*op))
      (prepares ? out.front() : out.back()).ops.push_back(nameOf(*op));
  }
  if (starts.empty())
    return out;
  Names &last = out.back().ops;
  size_t end =
      lastLayerEnd(last, out.size() > 2 ? &out[out.size() - 2].ops : nullptr);
  Names head(last.begin() + end, last.end());
  last.resize(end);
  if (!head.empty())
    out.push_back({"head", head});
  return out;
}

} // namespace llmc::passes
