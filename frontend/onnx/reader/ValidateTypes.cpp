// SPDX-License-Identifier: Apache-2.0
// Declared types of inputs and outputs, and every tensor wherever the model
// holds one.
#include "frontend/onnx/reader/Tensor.h"
#include "frontend/onnx/reader/Validator.h"

#include <algorithm>
#include <fmt/format.h>

namespace llmc::onnx {

namespace {

/// Checks what is declared; a missing element type is allowed where types are
/// only hints.
void checkType(TypeProto &type, bool isHint, const std::string &where,
               Remarks &remarks) {
  switch (type.kind) {
  case TypeProto::Kind::None:
    if (!isHint)
      throw InputError(where, "has no type");
    return;
  case TypeProto::Kind::Tensor:
  case TypeProto::Kind::SparseTensor:
    if (!findElementType(type.elemType) && !(isHint && type.elemType == 0))
      throw InputError(where,
                       fmt::format("element type {} unknown", type.elemType));
    break;
  case TypeProto::Kind::Sequence:
  case TypeProto::Kind::Optional:
  case TypeProto::Kind::Map:
    if (!type.element && !isHint)
      throw InputError(where,
                       "a sequence, map or optional has no element type");
    if (type.element)
      checkType(*type.element, isHint, where, remarks);
    return;
  case TypeProto::Kind::Opaque:
    return;
  }
  if (!type.shape)
    return;
  std::vector<int64_t> known;
  for (Dim &dim : *type.shape) {
    if (dim.kind == Dim::Kind::Value && dim.value < 0) {
      remarks.warning(
          where, fmt::format("dimension {} is taken as unknown", dim.value));
      dim = Dim();
    }
    known.push_back(dim.kind == Dim::Kind::Value ? dim.value : 1);
    requireShortName(dim.param, where);
  }
  countElements(known, where);
}

/// Whether a tensor fits a declared type.
void checkAgainst(const TypeProto &type, int32_t dataType,
                  std::span<const int64_t> dims, const std::string &where) {
  if (type.kind != TypeProto::Kind::Tensor)
    return;
  bool fits = type.elemType == dataType;
  if (type.shape) {
    fits &= type.shape->size() == dims.size();
    for (size_t i = 0; fits && i < dims.size(); ++i) {
      const Dim &dim = (*type.shape)[i];
      fits &= dim.kind != Dim::Kind::Value || dim.value == dims[i];
    }
  }
  if (fits)
    return;
  std::string declared = elementTypeName(type.elemType);
  if (type.shape) {
    declared += "[";
    for (const Dim &dim : *type.shape)
      declared += fmt::format(
          "{}{}", &dim == type.shape->data() ? "" : ",",
          dim.kind == Dim::Kind::Value   ? fmt::format("{}", dim.value)
          : dim.kind == Dim::Kind::Param ? escaped(dim.param, 24)
                                         : "?");
    declared += "]";
  }
  throw InputError(
      where, fmt::format("the initializer is {}, the input of this name {}",
                         describeType(dataType, dims), declared));
}

} // namespace

void Validator::checkTensor(const TensorProto &tensor,
                            const std::string &where) {
  TensorLayout layout = onnx::checkTensor(tensor, where);
  if (layout.storage == TensorLayout::Storage::External)
    external.locate(tensor, layout.bytes, where);
}

void Validator::checkSparse(const SparseTensorProto &tensor,
                            const std::string &where) {
  checkTensor(tensor.values, where + " values");
  checkSparseIndices(tensor, &external, where);
}

void Validator::checkInterface(GraphProto &graph, const Scope &scope) {
  for (size_t i = 0; i < graph.inputs.size(); ++i) {
    ValueInfo &input = graph.inputs[i];
    if (input.name.empty())
      throw InputError(scope.where(), fmt::format("input {} has no name", i));
    // Before IR 4 initializers had to be inputs as well, and some exporters
    // left their types out.
    checkType(input.type, !scope.isMain(),
              scope.where("input " + inQuotes(input.name)), remarks);
  }
  if (scope.isMain() && graph.outputs.empty())
    throw InputError("", "the graph has no outputs");
  Names outputs;
  for (size_t i = 0; i < graph.outputs.size(); ++i) {
    ValueInfo &output = graph.outputs[i];
    if (output.name.empty())
      throw InputError(scope.where(), fmt::format("output {} has no name", i));
    if (!outputs.insert(output.name).second)
      throw InputError(scope.where(), fmt::format("output {} is listed twice",
                                                  inQuotes(output.name)));
    checkType(output.type, true, scope.where("output " + inQuotes(output.name)),
              remarks);
  }
}

void Validator::checkTensors(const GraphProto &graph, const Scope &scope) {
  std::unordered_map<std::string_view, const TypeProto *> declared;
  for (const ValueInfo &input : graph.inputs)
    declared.emplace(input.name, &input.type);
  auto compare = [&](std::string_view name, int32_t dataType,
                     std::span<const int64_t> dims, const std::string &where) {
    auto found = declared.find(name);
    if (found != declared.end())
      checkAgainst(*found->second, dataType, dims, where);
  };
  for (const TensorProto &tensor : graph.initializers) {
    std::string where = scope.where(describeTensor(tensor));
    checkTensor(tensor, where);
    compare(tensor.name, tensor.dataType, tensor.dims, where);
  }
  for (const SparseTensorProto &tensor : graph.sparseInitializers) {
    std::string where = scope.where(describeTensor(tensor.values));
    checkSparse(tensor, where);
    compare(tensor.values.name, tensor.values.dataType, tensor.dims, where);
  }
}

void Validator::checkTensorAttribute(const AttributeProto &attribute,
                                     const std::string &where) {
  if (!attribute.messages)
    return;
  auto place = [&](const TensorProto &tensor) {
    std::string name =
        tensor.name.empty() ? "" : " (" + describeTensor(tensor) + ")";
    return where + ": attribute " + inQuotes(attribute.name) + name;
  };
  for (const TensorProto &tensor : attribute.messages->tensors)
    checkTensor(tensor, place(tensor));
  for (const SparseTensorProto &tensor : attribute.messages->sparseTensors)
    checkSparse(tensor, place(tensor.values));
  for (TypeProto &type : attribute.messages->types)
    checkType(type, false, where + ": attribute " + inQuotes(attribute.name),
              remarks);
}

} // namespace llmc::onnx
