// SPDX-License-Identifier: Apache-2.0
//
//   %x = llm.linear %a, %w        ->  %x = llm.linear %a, %w R
//   %n = llm.rms_norm %x, %g          %n = llm.rms_norm %x
//   %y = llm.linear %n, %v            %y = llm.linear %n, R^T diag(%g) %v
//
// The residual stream of a decoder in a rotated basis (Ashkboos et al.: QuaRot,
// arXiv 2404.00456): an RMS norm without factors does not mind, so that the
// products around the stream have R in their weights and the function stays
// what it is, while no channel is larger than others. What can't take R into
// weights is rotated as it comes, or turned back before who reads it: a table
// of embeddings that is the logits' weight as well, and that product. Inputs
// that are rounded to integers and do not come out of the stream are rotated
// where they are read.
#include "passes/quantize/QuantizeWeights.h"

#include "ir/llm/Rotation.h"
#include "ir/llm/Shape.h"
#include "passes/quantize/Products.h"
#include "passes/quantize/Spec.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::quantize {
#define GEN_PASS_DEF_ROTATEINPUTS
#include "passes/quantize/Passes.h.inc"

namespace {
/// A stored tensor, transposed or not.
Attribute untransposed(RecipeAttr recipe) {
  return recipe.getKind() == "transpose" ? recipe.getInputs()[0]
                                         : Attribute(recipe);
}

/// Values that are sums of each other, with all that makes and reads them.
struct Stream {
  int64_t block = 0;
  llvm::SetVector<Value> members;
  SmallVector<Operation *> makers;    ///< whose weights take R
  SmallVector<Value> others;          ///< members that nothing such makes
  llvm::SetVector<Operation *> norms; ///< whose readers' weights take R
  SmallVector<OpOperand *> readers;   ///< all other readers
  /// R moves into weights, where more norms gain than it costs products.
  bool isWorthIt() const {
    return norms.size() > others.size() + readers.size();
  }
};

class Rotator {
public:
  Rotator(const QuantizeSpec &spec, const passes::WeightStore *store)
      : spec(spec), store(store) {}

  void run(ModuleOp module) {
    collect(module);
    SmallVector<RmsNormOp> norms;
    module.walk([&](RmsNormOp norm) { norms.push_back(norm); });
    llvm::DenseSet<Value> seen;
    for (RmsNormOp norm : norms) {
      if (seen.contains(norm.getX()) || !spec.rules.front().type.rotate)
        continue;
      Stream stream = follow(norm.getX());
      seen.insert(stream.members.begin(), stream.members.end());
      if (stream.block && stream.isWorthIt())
        apply(stream);
    }
    rotateRounded();
  }

private:
  /// Products and tables whose weights are theirs alone.
  void collect(ModuleOp module) {
    llvm::DenseSet<Attribute> weights;
    for (const Product &product : productsOf(module)) {
      products[product.op] = product;
      for (OpOperand *weight : product.weights)
        weights.insert(untransposed(recipeOf(weight->get())));
    }
    llvm::DenseSet<Attribute> tables;
    module.walk([&](EmbeddingOp op) {
      RecipeAttr table = recipeOf(op.getTable());
      if (table)
        tables.insert(untransposed(table));
      if (table && isPlain(table) && !weights.contains(untransposed(table)))
        ownTables.insert(op);
    });
    products.remove_if([&](const auto &entry) {
      return llvm::any_of(entry.second.weights, [&](OpOperand *weight) {
        RecipeAttr recipe = recipeOf(weight->get());
        return !isPlain(recipe) || tables.contains(untransposed(recipe));
      });
    });
  }

  /// Whether R can go into what makes a result: a product without more than a
  /// bias and a residual.
  bool takesRotation(LinearOp op) const {
    return products.contains(op) && op.getActivation() == Activation::None &&
           !op.isScaled() && (!op.getBias() || recipeOf(op.getBias()));
  }

  /// Whether only products read a norm, whose weights can take its factors.
  bool takesRotation(RmsNormOp norm, int64_t size) const {
    if (norm.getResidual())
      return false;
    if (Value factors = norm.getWeight()) {
      RecipeAttr recipe = recipeOf(factors);
      if (!recipe || recipe.getType().getNumElements() != size ||
          isQuantized(recipe))
        return false;
    }
    return llvm::all_of(norm->getUses(), [&](OpOperand &use) {
      return use.getOperandNumber() == 0 && products.contains(use.getOwner());
    });
  }

  Stream follow(Value start) {
    Stream stream;
    int64_t size = fixedDim(dimsOf(start).back()).value_or(0);
    stream.block = rotationBlock(size);
    stream.members.insert(start);
    for (size_t i = 0; i < stream.members.size(); ++i) {
      Value value = stream.members[i];
      visitMaker(stream, value);
      for (OpOperand &use : value.getUses())
        visitReader(stream, use, size);
    }
    return stream;
  }

  /// Sums, and the stream in another type of floats.
  static bool staysInStream(Operation *op) {
    if (isa<CastOp>(op))
      return isa<FloatType>(elementOf(op->getOperand(0))) &&
             isa<FloatType>(elementOf(op->getResult(0)));
    return isa<AddOp>(op) &&
           op->getOperand(0).getType() == op->getResult(0).getType() &&
           op->getOperand(1).getType() == op->getResult(0).getType();
  }

  void visitMaker(Stream &stream, Value value) {
    Operation *maker = value.getDefiningOp();
    if (maker && staysInStream(maker)) {
      stream.members.insert(maker->operand_begin(), maker->operand_end());
    } else if (auto linear = dyn_cast_or_null<LinearOp>(maker);
               linear && takesRotation(linear)) {
      stream.makers.push_back(linear);
      if (linear.getResidual())
        stream.members.insert(linear.getResidual());
    } else if (maker && ownTables.contains(maker)) {
      stream.makers.push_back(maker);
    } else {
      stream.others.push_back(value);
    }
  }

  void visitReader(Stream &stream, OpOperand &use, int64_t size) {
    Operation *reader = use.getOwner();
    auto linear = dyn_cast<LinearOp>(reader);
    bool isResidual = linear && linear.getResidual() == use.get() &&
                      linear.getX() != use.get() && takesRotation(linear);
    auto norm = dyn_cast<RmsNormOp>(reader);
    if (staysInStream(reader) || isResidual)
      stream.members.insert(reader->getResult(0));
    else if (norm && norm.getX() == use.get() && takesRotation(norm, size))
      stream.norms.insert(norm);
    else
      stream.readers.push_back(&use);
  }

  void apply(const Stream &stream) {
    for (Operation *maker : stream.makers)
      rotateResult(maker, stream.block);
    for (Operation *norm : stream.norms)
      rotateReaders(cast<RmsNormOp>(norm), stream.block);
    // What is rotated as it comes has readers that take it as it is.
    for (OpOperand *use : stream.readers)
      if (!llvm::is_contained(stream.others, use->get()))
        use->set(turned(use->get(), stream.block, /*back=*/true));
    for (Value value : stream.others) {
      SmallVector<OpOperand *> uses;
      for (OpOperand &use : value.getUses())
        if (!llvm::is_contained(stream.readers, &use))
          uses.push_back(&use);
      Value now = turned(value, stream.block, /*back=*/false);
      for (OpOperand *use : uses)
        use->set(now);
    }
  }

  static void rotateResult(Operation *maker, int64_t block) {
    if (auto table = dyn_cast<EmbeddingOp>(maker)) {
      setWeight(table.getTableMutable(),
                rotateRecipe(recipeOf(table.getTable()), 1, block));
      return;
    }
    auto linear = cast<LinearOp>(maker);
    setWeight(linear.getWeightMutable(),
              rotateRecipe(recipeOf(linear.getWeight()), 1, block));
    if (Value bias = linear.getBias()) {
      RecipeAttr recipe = recipeOf(bias);
      setWeight(linear.getBiasMutable()[0],
                rotateRecipe(recipe, recipe.getType().getRank() - 1, block));
    }
  }

  void rotateReaders(RmsNormOp norm, int64_t block) {
    for (Operation *reader : norm->getUsers()) {
      for (OpOperand *weight : products.find(reader)->second.weights) {
        RecipeAttr recipe = recipeOf(weight->get());
        if (Value factors = norm.getWeight())
          recipe =
              binaryRecipe("mul", recipe,
                           reshapeRecipe(recipeOf(factors),
                                         {recipe.getType().getDimSize(0), 1}));
        setWeight(*weight, rotateRecipe(recipe, 0, block));
      }
      products.erase(reader);
    }
    norm.getWeightMutable().clear();
  }

  /// x R, or x R^T, behind the op that makes x; once for each x.
  Value turned(Value x, int64_t block, bool back) {
    Value &known = turns[back][x];
    if (known)
      return known;
    OpBuilder b(x.getContext());
    b.setInsertionPointAfterValue(x);
    Location loc = x.getLoc();
    Dims dims = dimsOf(x), blocks = dims;
    int64_t size = *fixedDim(dims.back());
    blocks.back() = constantDim(b.getContext(), size / block);
    blocks.push_back(constantDim(b.getContext(), block));
    Type element = elementOf(x), type = x.getType(),
         inBlocks = tensorType(b.getContext(), blocks, element);
    RecipeAttr rotation = rotationRecipe(block, element);
    if (back)
      rotation = transposeRecipe(rotation, {1, 0});
    Value weight = WeightOp::create(b, loc, rotation);
    Value rows = size == block ? x : ReshapeOp::create(b, loc, inBlocks, x);
    Value out =
        LinearOp::create(b, loc, rows.getType(), rows, weight, Value(), Value(),
                         Activation::None, IntegerRoundingAttr());
    if (size != block)
      out = ReshapeOp::create(b, loc, type, out);
    return known = out;
  }

  /// Inputs of products that are left, whose rules round them.
  void rotateRounded() {
    for (auto &[op, product] : products) {
      WeightType type = spec.typeOf(namesOf(product, store), product.isHead);
      int64_t block =
          rotationBlock(fixedDim(dimsOf(product.input()).back()).value_or(0));
      if (!type.rotate || !type.activations || hasRounding(product) || !block)
        continue;
      op->setOperand(0, turned(product.input(), block, /*back=*/false));
      for (OpOperand *weight : product.weights)
        setWeight(*weight, rotateRecipe(recipeOf(weight->get()), 0, block));
    }
  }

  const QuantizeSpec &spec;
  const passes::WeightStore *store;
  /// Those that can take rotations and have none yet.
  llvm::MapVector<Operation *, Product> products;
  llvm::DenseSet<Operation *> ownTables;
  llvm::DenseMap<Value, Value> turns[2]; ///< by R, and by R^T
};

struct RotateInputs : impl::RotateInputsBase<RotateInputs> {
  using RotateInputsBase::RotateInputsBase;
  RotateInputs(const std::string &spec, const passes::QuantizeTools &tools)
      : RotateInputsBase({spec}), tools(tools) {}

  void runOnOperation() override {
    auto parsed = specOf(getOperation(), spec);
    if (failed(parsed))
      return signalPassFailure();
    if (parsed->rotates() && !tools.run([&] {
          Rotator(*parsed, tools.weights).run(getOperation());
        }))
      signalPassFailure();
  }

  passes::QuantizeTools tools;
};
} // namespace

std::unique_ptr<Pass> createRotateInputs(const std::string &spec,
                                         const passes::QuantizeTools &tools) {
  return std::make_unique<RotateInputs>(spec, tools);
}
} // namespace llmc::quantize
