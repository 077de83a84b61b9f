// SPDX-License-Identifier: Apache-2.0
// The values that templates compute with: Python's, as far as Jinja2's sandbox
// lets a template see them. Texts, lists and dicts are immutable, so values
// form no cycles, except through what an Arena owns. A value may be read by any
// number of threads.
#ifndef LLMC_RUNTIME_TEMPLATE_VALUE_H
#define LLMC_RUNTIME_TEMPLATE_VALUE_H

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

namespace llmc::jinja {

enum class Kind : uint8_t {
  Missing, // a variable without a value; never seen by an operation
  Undefined,
  None,
  Bool,
  Int,
  Float,
  Text,
  List,
  Tuple,
  Dict,
  Range,
  View,     // dict.keys(), .values(), .items()
  Iterator, // what filters such as map make, and reversed sequences
  Namespace,
  Function, // built in: range, namespace, ...
  Method,   // of a value: text.strip
  Macro,
  Loop,
  Cycler,
  Joiner
};

/// What is too large for a Value itself; see Objects.h.
struct Object;

class Value {
public:
  Value() = default;
  Value(Kind kind, std::shared_ptr<const Object> object)
      : kind_(kind), object_(std::move(object)) {}

  static Value none() { return Value(Kind::None); }
  static Value boolean(bool value) {
    Value out(Kind::Bool);
    out.integer_ = value;
    return out;
  }
  static Value integer(int64_t value) {
    Value out(Kind::Int);
    out.integer_ = value;
    return out;
  }
  static Value real(double value) {
    Value out(Kind::Float);
    out.real_ = value;
    return out;
  }

  Kind kind() const { return kind_; }
  bool is(Kind kind) const { return kind_ == kind; }
  bool isMissing() const { return is(Kind::Missing); }
  bool isUndefined() const { return is(Kind::Undefined); }
  bool isNone() const { return is(Kind::None); }
  bool isText() const { return is(Kind::Text); }
  /// What Python's int() of it would keep: an int or a bool.
  bool isInteger() const { return is(Kind::Int) || is(Kind::Bool); }
  bool isNumber() const { return isInteger() || is(Kind::Float); }
  bool isSequence() const { return is(Kind::List) || is(Kind::Tuple); }

  /// Of an Int or a Bool.
  int64_t integer() const { return integer_; }
  bool boolean() const { return integer_ != 0; }
  /// Of a number.
  double real() const {
    return is(Kind::Float) ? real_ : static_cast<double>(integer_);
  }
  /// Of a Text: its UTF-8.
  std::string_view text() const;
  /// The object behind it, of the type that belongs to its kind.
  template <typename T> const T &as() const {
    return static_cast<const T &>(*object_);
  }
  const std::shared_ptr<const Object> &object() const { return object_; }

private:
  explicit Value(Kind kind) : kind_(kind) {}

  Kind kind_ = Kind::Missing;
  union {
    int64_t integer_ = 0;
    double real_;
  };
  std::shared_ptr<const Object> object_;
};

} // namespace llmc::jinja

#endif
