// SPDX-License-Identifier: Apache-2.0
// What each version of each operator may look like: numbers of inputs and
// outputs, types, attributes. Used by the validation and to find the version
// that a node means, and by the conversion for inputs' types. An immutable
// table.
#ifndef LLMC_FRONTEND_ONNX_READER_SCHEMA_H
#define LLMC_FRONTEND_ONNX_READER_SCHEMA_H

#include "frontend/onnx/reader/Model.h"

namespace llmc::onnx {

/// The newest version of ai.onnx that the table knows.
inline constexpr int64_t newestOpset = 28;
inline constexpr int64_t oldestIr = 3, newestIr = 14;

struct AttributeRule {
  AttributeType type = AttributeType::Undefined;
  bool isRequired = false;
};

struct OpSchema {
  std::string_view domain, name;
  int sinceVersion = 0;
  bool isRemoved = false; // deprecated in this version
  // One letter per parameter: r required, o optional, + one or more, * any
  // number (the last one only).
  std::string_view inputs, outputs;
  // A letter per input, equal for those of one type; then the types of a, b,
  // ...: "aab fe l".
  std::string_view types;
  std::string_view attributes; // "axis:i perm:I body:g!"

  static bool isVariadic(std::string_view parameters);
  /// The least and the largest number of arguments; SIZE_MAX if there is no
  /// largest.
  static size_t least(std::string_view parameters);
  static size_t most(std::string_view parameters);
  /// Whether argument i, if the list is that long, may not be "".
  static bool isRequired(std::string_view parameters, size_t i);

  /// What is wrong with the element types of a node's inputs, 0 for absent or
  /// unknown ones; empty if they fit.
  std::string typeFault(std::span<const int32_t> inputTypes) const;

  /// Of each type variable the types that it may be, "f32 f16, i64"; "any"
  /// where there is no limit.
  std::string typeList() const;

  std::optional<AttributeRule> attribute(std::string_view attributeName) const;
  /// Calls visit(name, rule) for each attribute.
  template <typename Visit> void forEachAttribute(Visit visit) const {
    for (std::string_view rest = attributes; !rest.empty();) {
      std::string_view item = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(item.size() + 1, rest.size()));
      visit(item.substr(0, item.find(':')), ruleOf(item));
    }
  }

private:
  static AttributeRule ruleOf(std::string_view item);
};

/// The version that a node of this op means where the domain is imported at
/// version; null if the table has none. A result may be isRemoved.
const OpSchema *resolve(std::string_view domain, std::string_view op,
                        int64_t version);
/// The oldest version of an op, to tell a new op from an unknown one; null for
/// an unknown one.
const OpSchema *firstVersion(std::string_view domain, std::string_view op);
/// All versions of an op, by ascending version; empty for an unknown one.
std::vector<const OpSchema *> versionsOf(std::string_view domain,
                                         std::string_view op);
/// Domain and name of all operators of the table, sorted.
std::vector<std::pair<std::string_view, std::string_view>> knownOperators();
/// An op's name that differs only by upper and lower case; empty if there is
/// none.
std::string_view similarOp(std::string_view domain, std::string_view op);
bool isKnownDomain(std::string_view domain);

} // namespace llmc::onnx

#endif // LLMC_FRONTEND_ONNX_READER_SCHEMA_H
