// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/Exporter.h"

#include "frontend/InputError.h"
#include "frontend/onnx/GraphExporter.h"
#include "runtime/core/File.h"

#include <filesystem>

using namespace mlir;

namespace llmc::onnx {

constexpr int64_t opsetVersion = 21;
/// Of a tensor in the data file: larger ones may be mapped.
static uint64_t alignmentOf(RankedTensorType type) {
  constexpr int64_t page = 4096;
  int64_t bits = type.getNumElements() * type.getElementTypeBitWidth();
  return bits / 8 >= page ? page : 64;
}

/// All ops that can't be written, at once.
static void requireWhole(const GraphExporter &exporter) {
  std::vector<NodeNote> nodes = exporter.refusals();
  if (nodes.empty())
    return;
  size_t operators = exporter.refusedOperators();
  throw InputError("",
                   std::to_string(nodes.size()) +
                       (nodes.size() == 1 ? " operation (" : " operations (") +
                       std::to_string(operators) +
                       (operators == 1 ? " operator)" : " operators)") +
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

namespace {
/// Elements below 8 bits are a byte each in memory, and packed in files, low
/// bits first.
class Packer {
public:
  explicit Packer(Type element)
      : width(element.getIntOrFloatBitWidth()), packs(width > 1 && width < 8) {}

  /// Valid until the next call; all pieces but the last are whole bytes.
  std::span<const std::byte> packed(std::span<const std::byte> elements) {
    if (!packs)
      return elements;
    size_t perByte = 8 / width;
    bytes.assign((elements.size() + perByte - 1) / perByte, std::byte{});
    std::byte mask{static_cast<unsigned char>((1 << width) - 1)};
    for (size_t i = 0; i < elements.size(); ++i)
      bytes[i / perByte] |= (elements[i] & mask) << (i % perByte * width);
    return bytes;
  }

private:
  unsigned width;
  bool packs;
  std::vector<std::byte> bytes;
};
} // namespace

void exportModel(ModuleOp module, const WeightReader &weights,
                 const std::string &path) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  assert(main && "the model's function");
  WrittenModel model;
  model.opsets[""] = opsetVersion;
  GraphExporter exporter(model, module);
  exporter.run(main);
  requireWhole(exporter);

  std::unique_ptr<OutputFile> data;
  uint64_t end = 0;
  llvm::StringMap<WrittenTensor *> kept;
  for (WrittenTensor &tensor : model.graph.initializers)
    kept[tensor.name] = &tensor;
  for (const auto &[name, recipe] : exporter.weights()) {
    if (!kept.contains(name))
      continue; // what used it is written in another way
    WrittenTensor &tensor = *kept[name];
    Packer packer(recipe.getType().getElementType());
    if (!data)
      data = create(path + ".data");
    tensor.location = std::filesystem::path(path).filename().string() + ".data";
    tensor.offset = end = llvm::alignTo(end, alignmentOf(recipe.getType()));
    weights(recipe, [&](std::span<const std::byte> piece) {
      piece = packer.packed(piece);
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
