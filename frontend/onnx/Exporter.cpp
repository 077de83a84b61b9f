// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/Exporter.h"

#include "frontend/InputError.h"
#include "frontend/onnx/GraphExporter.h"
#include "runtime/core/File.h"

#include <filesystem>
#include <set>

using namespace mlir;

namespace llmc::onnx {

constexpr int64_t opsetVersion = 21;
/// Of a tensor in the data file, so that it may be mapped.
constexpr uint64_t dataAlignment = 4096;

/// What ONNX has only since a later version.
static bool isNewer(Operation *op) {
  bool shiftsSigned = isa<llm::ShiftLeftOp, llm::ShiftRightOp>(op) &&
                      llm::elementOf(op->getOperand(0)).isSignlessInteger();
  return shiftsSigned || llvm::any_of(op->getResultTypes(), [](Type type) {
           Type element = getElementTypeOrSelf(type);
           return isa<Float8E8M0FNUType, Float4E2M1FNType>(element) ||
                  (element.isIntOrFloat() &&
                   element.getIntOrFloatBitWidth() == 2);
         });
}

/// All ops that no rule writes, at once.
static void requireRules(func::FuncOp f) {
  std::vector<NodeNote> nodes;
  std::set<std::string> operators;
  f.walk([&](Operation *op) {
    StringRef name = op->getName().getStringRef();
    if (op == f || op->hasTrait<OpTrait::IsTerminator>() ||
        (exportTable().contains(name) && !isNewer(op)))
      return;
    llm::Site site = llm::siteOf(op->getLoc());
    operators.insert(name.str());
    nodes.push_back({"node " + std::to_string(site.node) + " " +
                         inQuotes(site.name) + " (" + escaped(site.op) + ")",
                     name.str() + " can't be written as ONNX"});
  });
  if (nodes.empty())
    return;
  throw InputError("",
                   std::to_string(nodes.size()) +
                       (nodes.size() == 1 ? " operation (" : " operations (") +
                       std::to_string(operators.size()) +
                       (operators.size() == 1 ? " operator)" : " operators)") +
                       " can't be exported",
                   "", ExitCode::Unsupported)
      .withNodes(std::move(nodes));
}

static void require(Status status) {
  if (!status)
    throw InputError("", status.error().what, status.error().hint,
                     ExitCode::OutOfResource)
        .inFile(status.error().file);
}

static std::unique_ptr<OutputFile> create(const std::string &path) {
  auto file = OutputFile::create(path);
  if (!file)
    require(file.takeStatus());
  return std::move(*file);
}

void exportModel(ModuleOp module, const WeightReader &weights,
                 const std::string &path) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  assert(main && "the model's function");
  requireRules(main);
  WrittenModel model;
  model.opsets[""] = opsetVersion;
  GraphExporter exporter(model, module);
  exporter.run(main);

  std::unique_ptr<OutputFile> data;
  uint64_t end = 0;
  for (auto [recipe, index] : exporter.weights()) {
    WrittenTensor &tensor = model.initializers[index];
    if (!data)
      data = create(path + ".data");
    tensor.location = std::filesystem::path(path).filename().string() + ".data";
    tensor.offset = end =
        (end + dataAlignment - 1) / dataAlignment * dataAlignment;
    weights(recipe, [&](std::span<const std::byte> piece) {
      require(data->write(piece, end));
      end += piece.size();
    });
    tensor.length = end - tensor.offset;
  }
  std::string bytes = model.serialize();
  std::unique_ptr<OutputFile> file = create(path);
  require(file->write(std::as_bytes(std::span(bytes)), 0));
  if (data)
    require(data->commit());
  require(file->commit());
}

} // namespace llmc::onnx
