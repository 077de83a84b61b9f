// SPDX-License-Identifier: Apache-2.0
#include "tools/compiler/Report.h"

#include "codegen/weights/Recipe.h"
#include "frontend/onnx/ElementTypes.h"
#include "tools/llmc/Format.h"
#include "tools/llmc/ModelView.h"

#include <fmt/format.h>
#include <set>

using namespace mlir;

namespace llmc::compiler {

namespace {
/// Ops of one name that general loops run.
struct General {
  int64_t count = 0;
  double largest = 0;  ///< elements, symbolic sizes counted as 1
  std::string example; ///< the largest one's result, as name[sizes]
};

/// What recognition found in the raw entry.
struct Structure {
  int64_t attentions = 0, heads = 0, kvHeads = 0, headSize = 0, vocabulary = 0,
          caches = 0, crossCaches = 0, ops = 0;
  bool takesPrompts = false; ///< many new tokens at once, beside one
  uint64_t weightBytes = 0, largestWeight = 0, cacheBytesPerToken = 0;
  std::map<std::string, int64_t> recognised; ///< ops with a meaning, by name
  std::map<std::string, General> general;    ///< by name
};
} // namespace

static func::FuncOp rawEntry(ModuleOp module) {
  for (auto f : module.getOps<func::FuncOp>())
    if (auto name = f->getAttrOfType<StringAttr>("llm.entry");
        name && name.getValue() == "raw")
      return f;
  return {};
}

static void addCaches(ModuleOp module, Structure &s) {
  for (auto f : module.getOps<func::FuncOp>()) {
    auto name = f->getAttrOfType<StringAttr>("llm.entry");
    if (!name || name.getValue() == "raw")
      continue;
    if (name.getValue() == "cross")
      s.crossCaches = f.getNumResults();
    if (name.getValue() == "prefill")
      s.takesPrompts = true;
    if (name.getValue() != "decode")
      continue;
    for (BlockArgument arg : f.getArguments()) {
      if (!f.getArgAttr(arg.getArgNumber(), "llm.state"))
        continue;
      ++s.caches;
      llm::Dims dims = llm::dimsOf(arg);
      int64_t elements = llm::fixedDim(dims[1]).value_or(0) *
                         llm::fixedDim(dims[3]).value_or(0);
      s.cacheBytesPerToken +=
          elements * llm::elementOf(arg).getIntOrFloatBitWidth() / 8;
    }
  }
}

/// Ops that say what a part of a model is for, not how it computes.
static bool isRecognised(Operation *op) {
  return isa<llm::AttentionOp, llm::LinearAttentionOp, llm::RopeOp,
             llm::RmsNormOp, llm::LayerNormOp, llm::AddNormOp, llm::LinearOp,
             llm::GatedLinearOp, llm::ExpertsOp, llm::KvAppendOp,
             llm::EmbeddingOp, llm::ConvOp>(op);
}

/// "f32[batch,seq,64]"
static std::string describeResult(Operation *op) {
  auto type = op->getNumResults()
                  ? dyn_cast<RankedTensorType>(op->getResult(0).getType())
                  : RankedTensorType();
  if (!type)
    return "";
  llm::Symbols symbols(op->getParentOfType<ModuleOp>());
  return cli::formatType(onnx::dataTypeOf(type.getElementType()),
                         describeDims(symbols, type));
}

static void addGeneral(const LoweredModel &model, Structure &s) {
  for (const LoweredEntry &entry : model) {
    if (entry.name != "raw")
      continue;
    for (Operation *op : entry.general) {
      General &g = s.general[op->getName().stripDialect().str()];
      ++g.count;
      double elements = 1;
      for (Type t : op->getResultTypes())
        if (auto type = dyn_cast<RankedTensorType>(t))
          for (int64_t d : type.getShape())
            elements *= ShapedType::isDynamic(d) ? 1 : std::max<int64_t>(d, 1);
      if (elements > g.largest)
        g.largest = elements, g.example = describeResult(op);
    }
  }
}

static Structure structureOf(ModuleOp module) {
  Structure s;
  std::set<const void *> weights;
  auto count = [&](Operation *op) {
    if (auto w = dyn_cast<llm::WeightOp>(op)) {
      if (!weights.insert(w.getRecipe().getAsOpaquePointer()).second)
        return;
      uint64_t bytes = RecipeEvaluator::storedBytes(w.getRecipe());
      s.weightBytes += bytes,
          s.largestWeight = std::max(s.largestWeight, bytes);
      return;
    }
    if (isa<llm::ConstantOp, llm::YieldOp, func::ReturnOp, llm::ViewOp>(op))
      return;
    ++s.ops;
    if (auto a = dyn_cast<llm::AttentionOp>(op)) {
      ++s.attentions;
      s.heads = llm::fixedDim(llm::dimsOf(a.getQ())[2]).value_or(0),
      s.headSize = llm::fixedDim(llm::dimsOf(a.getQ())[3]).value_or(0);
      s.kvHeads = llm::fixedDim(llm::dimsOf(a.getK())[1]).value_or(0);
    } else if (auto e = dyn_cast<llm::EmbeddingOp>(op)) {
      s.vocabulary =
          std::max(s.vocabulary,
                   llm::fixedDim(llm::dimsOf(e.getTable())[0]).value_or(0));
    }
    if (isRecognised(op))
      ++s.recognised[op->getName().stripDialect().str()];
  };
  rawEntry(module).getBody().walk<WalkOrder::PreOrder>([&](Operation *op) {
    count(op);
    return isa<llm::MapOp>(op) ? WalkResult::skip() : WalkResult::advance();
  });
  addCaches(module, s);
  return s;
}

static nlohmann::json toJson(const Structure &s) {
  nlohmann::json general = nlohmann::json::object();
  for (auto &[name, g] : s.general)
    general[name] = {{"count", g.count}, {"largest", g.example}};
  return {{"attentions", s.attentions},
          {"heads", s.heads},
          {"kv_heads", s.kvHeads},
          {"head_size", s.headSize},
          {"vocabulary", s.vocabulary},
          {"caches", s.caches},
          {"ops", s.ops},
          {"recognised", s.recognised},
          {"general", general},
          {"weight_bytes", s.weightBytes},
          {"largest_weight_bytes", s.largestWeight},
          {"cache_bytes_per_token", s.cacheBytesPerToken}};
}

/// The largest first: those are what costs.
static void printGeneral(const Structure &s) {
  if (s.general.empty())
    return;
  std::vector<std::pair<std::string, General>> all(s.general.begin(),
                                                   s.general.end());
  llvm::sort(all, [](auto &a, auto &b) {
    return std::tie(b.second.largest, a.first) <
           std::tie(a.second.largest, b.first);
  });
  fmt::print("  general     run by general loops on this machine, not by "
             "kernels of their own; slow where they are large\n");
  for (auto &[name, g] : all)
    fmt::print("    {:<24}{:<6}{}\n", name, g.count,
               g.example.empty() ? "" : "up to " + g.example);
}

static void print(const ModelUnit &unit, const Structure &s) {
  fmt::print("{}: compiles\n", unit.name);
  if (s.attentions)
    fmt::print("  attention   {} of {} heads of {}, {} for keys and values\n",
               s.attentions, s.heads, s.headSize, s.kvHeads);
  if (s.vocabulary)
    fmt::print("  vocabulary  {}\n", s.vocabulary);
  if (s.caches)
    fmt::print("  caches      {}, {} per token, kept by the runtime ({})\n",
               s.caches, cli::formatBytes(s.cacheBytesPerToken),
               s.takesPrompts ? "entries prefill and decode" : "entry decode");
  else if (s.crossCaches)
    fmt::print("  caches      {} of an encoder's states, made once (entry "
               "cross)\n",
               s.crossCaches);
  else
    fmt::print("  caches      none recognised: the model runs by its own "
               "inputs and outputs (entry raw)\n");
  fmt::print("  ops         {}{}\n", s.ops,
             s.recognised.empty() ? "" : ", of them");
  for (auto &[name, count] : s.recognised)
    fmt::print("    {:<24}{}\n", name, count);
  printGeneral(s);
  fmt::print("  weights     {}, the largest {}\n",
             cli::formatBytes(s.weightBytes),
             cli::formatBytes(s.largestWeight));
}

void reportCheck(Compilation &c) {
  nlohmann::json models = nlohmann::json::array();
  auto lowered = c.lowered();
  c.progress.finish();
  for (auto [unit, model] : llvm::zip(c.units, lowered)) {
    Structure s = structureOf(*unit.module);
    addGeneral(model, s);
    nlohmann::json m = toJson(s);
    m["name"] = unit.name;
    models.push_back(m);
    if (!c.shell.json)
      print(unit, s);
  }
  c.shell.document = {{"models", models}};
}

void reportInspect(Compilation &c, bool ops) {
  nlohmann::json models = nlohmann::json::array();
  for (ModelUnit &unit : c.units) {
    ModelInfo info = describeModel(unit.name, *unit.module, {});
    models.push_back(cli::modelToJson(info, ops));
    if (!c.shell.json)
      cli::printModel(info, ops);
  }
  c.shell.document = {{"file", c.options.model}, {"models", models}};
}

} // namespace llmc::compiler
