// SPDX-License-Identifier: Apache-2.0
// A module's entries as the manifest describes them.
#include "frontend/onnx/ElementTypes.h"
#include "frontend/onnx/SequenceTypes.h"
#include "passes/Summary.h"
#include "tools/compiler/Compilation.h"

using namespace mlir;

namespace llmc::compiler {

static bool isDataSymbol(const llm::Symbols &symbols, llm::Dim d) {
  auto s = dyn_cast<AffineSymbolExpr>(d);
  return s && symbols.kind(s.getPosition()) == "data";
}

std::vector<Dim> describeDims(const llm::Symbols &symbols, Type type) {
  std::vector<Dim> dims;
  for (llm::Dim d : llm::dimsOf(type)) {
    if (auto fixed = llm::fixedDim(d))
      dims.push_back(Dim(*fixed));
    else if (isDataSymbol(symbols, d) || symbols.followsFromInputs(d))
      dims.push_back(Dim(symbols.print(d)));
    else
      dims.push_back(Dim("?")); // computed of data: nothing short to show
  }
  return dims;
}

static std::string text(func::FuncOp f, unsigned index, StringRef name,
                        bool isResult) {
  auto a = isResult ? f.getResultAttrOfType<StringAttr>(index, name)
                    : f.getArgAttrOfType<StringAttr>(index, name);
  return a ? a.str() : "";
}

/// What an output is good for, by the names that exporters give.
static std::string outputRole(StringRef name) {
  if (name == "logits")
    return "logits";
  if (name == "last_hidden_state" || name == "token_embeddings" ||
      name == "hidden_states")
    return "hidden";
  return name == "sentence_embedding" ? "embedding" : "";
}

/// A tensor, or a sequence or an optional value with the sizes that its tensors
/// are known to have (null: none).
static TensorInfo describeValue(Type type, std::string name,
                                const llm::Symbols &symbols,
                                DenseI64ArrayAttr sizes) {
  TensorInfo info;
  info.name = std::move(name);
  auto sequence = dyn_cast<llm::SequenceType>(type);
  if (!sequence) {
    info.dtype =
        onnx::dataTypeOf(cast<RankedTensorType>(type).getElementType());
    info.dims = describeDims(symbols, type);
    return info;
  }
  info.dtype = onnx::dataTypeOf(sequence.getElement());
  info.kind = onnx::valueKindOf(sequence.getKind());
  info.hasRank = sequence.hasRank();
  for (int64_t i = 0; i < sequence.getRank(); ++i)
    info.dims.push_back(sizes && sizes[i] >= 0 ? Dim(sizes[i]) : Dim("?"));
  return info;
}

static EntryInfo describeEntry(func::FuncOp f, const llm::Symbols &symbols) {
  EntryInfo info;
  info.name = f->getAttrOfType<StringAttr>("llm.entry").str();
  for (auto [i, type] : llvm::enumerate(f.getArgumentTypes())) {
    if (f.getArgAttr(i, "llm.state")) {
      int32_t dtype =
          onnx::dataTypeOf(cast<RankedTensorType>(type).getElementType());
      info.states.push_back({text(f, i, "llm.name", false),
                             text(f, i, "llm.state_output", false), dtype,
                             describeDims(symbols, type), 2});
      continue;
    }
    info.inputs.push_back(describeValue(
        type, text(f, i, "llm.name", false), symbols,
        f.getArgAttrOfType<DenseI64ArrayAttr>(i, "llm.item_dims")));
    info.inputs.back().role = text(f, i, "llm.role", false);
  }
  for (auto [i, type] : llvm::enumerate(f.getResultTypes())) {
    std::string name = text(f, i, "llm.name", true);
    info.outputs.push_back(describeValue(type, name, symbols, {}));
    if (std::string role = text(f, i, "llm.role", true); !role.empty())
      info.outputs.back().role = role;
    else if (isa<RankedTensorType>(type))
      info.outputs.back().role = outputRole(name);
  }
  return info;
}

ModelInfo describeModel(StringRef name, ModuleOp module,
                        ArrayRef<LoweredEntry> lowered) {
  ModelInfo info;
  info.name = name.str();
  llm::Symbols symbols(module);
  for (auto f : module.getOps<func::FuncOp>())
    if (f->hasAttr("llm.entry"))
      info.entries.push_back(describeEntry(f, symbols));
  for (auto [entry, from] : llvm::zip(info.entries, lowered))
    for (const SiteRow &s : from.sites)
      entry.sites.push_back({s.node, s.name, s.op, s.kernel});
  for (const passes::LayerSummary &layer : passes::opSummary(module))
    info.layers.push_back({layer.layer, layer.ops});
  for (const passes::WeightSummary &w : passes::weightSummary(module))
    info.weightTypes.push_back({w.type, w.count,
                                static_cast<int64_t>(w.elements),
                                static_cast<int64_t>(w.bits)});
  // A model of a folder with several is named after what it does.
  info.role = name != "model"           ? name.str()
              : info.entries.size() > 1 ? "decoder"
                                        : "model";
  return info;
}

} // namespace llmc::compiler
