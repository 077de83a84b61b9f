// SPDX-License-Identifier: Apache-2.0
// Which model-local function a node calls. Used by the validation and the
// inliner; refers to the model.
#ifndef LLMC_FRONTEND_ONNX_READER_FUNCTIONS_H
#define LLMC_FRONTEND_ONNX_READER_FUNCTIONS_H

#include "frontend/onnx/reader/Model.h"

#include <map>
#include <tuple>

namespace llmc::onnx {

class FunctionTable {
public:
  /// Throws InputError if two functions have the same domain, name and
  /// overload, or one has no name.
  explicit FunctionTable(const ModelProto &model);

  /// The function that node calls, which goes before an operator of the same
  /// name; null if there is none.
  const FunctionProto *find(const NodeProto &node) const;
  /// find(), as a position in the model's list; -1 if there is none.
  int64_t indexOf(const NodeProto &node) const;

private:
  const ModelProto &model;
  std::map<std::tuple<std::string_view, std::string_view, std::string_view>,
           uint32_t>
      indices;
};

/// `function 'pkg.Name'`, with the overload where there is one.
std::string describeFunction(const FunctionProto &function);

} // namespace llmc::onnx

#endif // LLMC_FRONTEND_ONNX_READER_FUNCTIONS_H
