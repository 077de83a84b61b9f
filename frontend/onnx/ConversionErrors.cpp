// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/ConversionErrors.h"

#include "frontend/onnx/reader/Model.h"
#include "ir/llm/Shape.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace llmc::onnx {

std::string describeSite(Location loc) {
  llm::Site site = llm::siteOf(loc);
  if (site.node < 0)
    return "";
  NodeProto node;
  node.index = static_cast<uint32_t>(site.node);
  node.name = site.name;
  node.opType = site.op;
  return describeNode(node);
}

std::string describe(RankedTensorType type) {
  std::string text;
  llvm::raw_string_ostream out(text);
  out << type.getElementType() << '[';
  llvm::interleave(
      type.getShape(), out,
      [&](int64_t d) {
        if (ShapedType::isDynamic(d))
          out << '?';
        else
          out << d;
      },
      ",");
  out << ']';
  return text;
}

} // namespace llmc::onnx
