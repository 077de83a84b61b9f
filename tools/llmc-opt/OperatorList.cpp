// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc-opt/OperatorList.h"

#include "frontend/onnx/OnnxToLLM.h"
#include "frontend/onnx/reader/Schema.h"

#include <algorithm>

namespace llmc {

void printOperatorList(llvm::raw_ostream &out) {
  std::vector<std::string> supported = onnx::supportedOperators();
  for (std::span<const onnx::OpSchema> versions : onnx::knownOperators()) {
    const onnx::OpSchema &newest = versions.back();
    std::string key =
        std::string(newest.domain) + ":" + std::string(newest.name);
    out << (newest.domain.empty() ? "ai.onnx" : newest.domain) << "\t"
        << newest.name << "\t"
        << (std::ranges::binary_search(supported, key) ? "yes" : "no") << "\t";
    for (const onnx::OpSchema &row : versions)
      out << (&row == versions.data() ? "" : ",") << row.sinceVersion;
    out << "\t" << (newest.isRemoved ? "" : newest.typeList()) << "\n";
  }
}

} // namespace llmc
