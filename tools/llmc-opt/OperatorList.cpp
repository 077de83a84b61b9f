// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc-opt/OperatorList.h"

#include "frontend/onnx/OnnxToLLM.h"
#include "frontend/onnx/reader/Schema.h"

#include <algorithm>

namespace llmc {

void printOperatorList(llvm::raw_ostream &out) {
  std::vector<std::string> supported = onnx::supportedOperators();
  for (auto [domain, name] : onnx::knownOperators()) {
    std::string key = std::string(domain) + ":" + std::string(name);
    out << (domain.empty() ? "ai.onnx" : domain) << "\t" << name << "\t"
        << (std::ranges::binary_search(supported, key) ? "yes" : "no") << "\t";
    auto versions = onnx::versionsOf(domain, name);
    for (const onnx::OpSchema *row : versions)
      out << (row == versions.front() ? "" : ",") << row->sinceVersion;
    const onnx::OpSchema &newest = *versions.back();
    out << "\t" << (newest.isRemoved ? "" : newest.typeList()) << "\n";
  }
}

} // namespace llmc
