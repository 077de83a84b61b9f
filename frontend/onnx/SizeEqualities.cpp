// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/Rule.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/AttrTypeSubElements.h"

using namespace mlir;

namespace llmc::onnx {

namespace {
/// Writes the symbol table anew: symbols known to equal something go, those
/// without uses go, derived ones are computed from what their operands became.
class Renumber {
public:
  Renumber(ModuleOp module, const SizeEqualities &equalities)
      : module(module), ctx(module.getContext()), equalities(equalities),
        old(module->getAttrOfType<ArrayAttr>("llm.symbols")),
        fresh(ModuleOp::create(module.getLoc())), sizes(*fresh) {}

  llm::Dim of(llm::Dim e) {
    llvm::DenseMap<AffineExpr, AffineExpr> map;
    e.walk([&](AffineExpr x) {
      if (auto s = dyn_cast<AffineSymbolExpr>(x))
        map[x] = symbol(s.getPosition());
    });
    return llm::simplified(e.replace(map));
  }

  AffineMap of(AffineMap map) {
    llm::Dims dims;
    for (AffineExpr e : map.getResults())
      dims.push_back(of(e));
    return llm::dimsMap(ctx, dims);
  }

  /// The number a symbol of its own now has; nothing if it became an
  /// expression.
  std::optional<int64_t> position(int64_t i) {
    auto s = dyn_cast<AffineSymbolExpr>(symbol(i));
    return s ? std::optional<int64_t>(s.getPosition()) : std::nullopt;
  }

  void finish() {
    if (Attribute rows = (*fresh)->getAttr("llm.symbols"))
      module->setAttr("llm.symbols", rows);
    else
      module->removeAttr("llm.symbols");
  }

private:
  llm::Dim symbol(unsigned i) {
    if (auto it = made.find(i); it != made.end())
      return it->second;
    llm::Symbols table(*fresh);
    llm::Dim out;
    if (auto it = equalities.known.find(i);
        it != equalities.known.end() && !busy.contains(i)) {
      busy.insert(i); // a circle of equalities ends at its first symbol
      out = of(it->second);
      busy.erase(i);
    } else if (auto name = dyn_cast<StringAttr>(old[i])) {
      out = table.named(name.getValue());
    } else {
      out = derived(cast<DictionaryAttr>(old[i]), table);
    }
    made[i] = out;
    return out;
  }

  llm::Dim derived(DictionaryAttr row, llm::Symbols &table) {
    StringRef kind = row.getAs<StringAttr>("kind").getValue();
    if (kind == "data")
      return table.data(row.getAs<StringAttr>("name").getValue(),
                        llm::rangeOf(row));
    llm::Dims operands;
    for (llm::Dim d : row.getAs<AffineMapAttr>("of").getValue().getResults())
      operands.push_back(of(d));
    if (kind == "min")
      return sizes.min(operands[0], operands[1]);
    if (kind == "max")
      return sizes.max(operands[0], operands[1]);
    return table.derived(kind, operands);
  }

  ModuleOp module;
  MLIRContext *ctx;
  const SizeEqualities &equalities;
  ArrayAttr old;
  OwningOpRef<ModuleOp> fresh;
  SizeMath sizes; // of the new table
  llvm::DenseMap<unsigned, llm::Dim> made;
  llvm::SmallDenseSet<unsigned> busy;
};
} // namespace

void applySizeEqualities(ModuleOp module, const SizeEqualities &equalities) {
  if (!module->hasAttr("llm.symbols"))
    return;
  Renumber renumber(module, equalities);
  AttrTypeReplacer replacer;
  replacer.addReplacement(
      [&](RankedTensorType type) -> std::optional<std::pair<Type, WalkResult>> {
        if (!type.getEncoding())
          return std::nullopt;
        llm::Dims dims;
        for (llm::Dim d : llm::dimsOf(type))
          dims.push_back(renumber.of(d));
        return std::pair<Type, WalkResult>(
            llm::tensorType(type.getContext(), dims, type.getElementType()),
            WalkResult::skip());
      });
  replacer.addReplacement(
      [&](AffineMapAttr map)
          -> std::optional<std::pair<Attribute, WalkResult>> {
        return std::pair<Attribute, WalkResult>(
            AffineMapAttr::get(renumber.of(map.getValue())),
            WalkResult::skip());
      });
  for (auto main : module.getOps<func::FuncOp>()) {
    // Arguments first, so that the inputs' names keep their order.
    for (Type t : main.getArgumentTypes())
      replacer.replace(t);
    replacer.recursivelyReplaceElementsIn(main, /*replaceAttrs=*/true,
                                          /*replaceLocs=*/false,
                                          /*replaceTypes=*/true);
    main.walk([&](llm::BindDimOp op) {
      if (auto position = renumber.position(op.getSymbol()))
        op.setSymbol(*position);
    });
  }
  renumber.finish();
}

} // namespace llmc::onnx
