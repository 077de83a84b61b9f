// SPDX-License-Identifier: Apache-2.0
// An ONNX model in memory, and its bytes on the protobuf wire. Weights stand in
// a file beside it (external data) and are described here only. Plain data.
#pragma once

#include "runtime/core/ValueKind.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace llmc::onnx {

/// A tensor's type, or that of the tensors in another value.
struct WrittenType {
  int32_t dataType;
  std::vector<std::variant<int64_t, std::string>> dims; // empty: unknown
  ValueKind kind = ValueKind::Tensor;
  bool hasRank = true;
};

struct WrittenGraph;

struct WrittenAttribute {
  std::string name;
  std::variant<int64_t, float, std::string, std::vector<int64_t>,
               std::vector<float>, std::vector<std::string>, WrittenType,
               std::shared_ptr<const WrittenGraph>>
      value;
};

struct WrittenNode {
  std::string op, domain, name;
  std::vector<std::string> inputs, outputs; // empty names: absent
  std::vector<WrittenAttribute> attributes;
};

struct WrittenTensor {
  std::string name;
  int32_t dataType; // TensorProto.DataType
  std::vector<int64_t> dims;
  std::string raw;      // little-endian, as raw_data has them; or external:
  std::string location; // file, relative to the model's folder
  uint64_t offset = 0, length = 0;
};

struct WrittenValue {
  std::string name;
  WrittenType type;
};

/// The model's, or a body of If and Loop: that one reads outer values as well.
struct WrittenGraph {
  std::vector<WrittenNode> nodes; // in topological order
  std::vector<WrittenTensor> initializers;
  std::vector<WrittenValue> inputs, outputs;
};

/// Takes out nodes and initializers that no output needs. Bodies have been
/// through it already.
void removeUnused(WrittenGraph &);

struct WrittenModel {
  WrittenGraph graph;
  std::map<std::string, int64_t> opsets; // by domain

  /// ModelProto. Equal models have equal bytes.
  std::string serialize() const;
};

} // namespace llmc::onnx
