// SPDX-License-Identifier: Apache-2.0
// What can go wrong, as a value: Status (no value) and Result<T>. Used by the
// runtime, the readers and the tools; holds no references. Codes are the exit
// codes of the command line.
#ifndef LLMC_RUNTIME_CORE_STATUS_H
#define LLMC_RUNTIME_CORE_STATUS_H

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace llmc {

enum class Code : int {
  Ok = 0,
  Internal = 1,    // a bug of ours
  BadInput = 2,    // bad input or usage
  Unsupported = 3, // valid, but not supported here
  Mismatch = 4,    // a budget or comparison failed
  Resource = 5,    // out of memory, disk or time
  Integrity = 6    // checksum, signature, wrong machine
};

/// One failure. Shown as `error: FILE: WHERE: WHAT`; empty parts are left out.
/// Text is escaped when it is printed.
struct Error {
  Code code = Code::Internal;
  std::string what = {};
  std::string file = {};
  std::string where = {};
  std::string hint = {};
  std::vector<std::string> nodes = {}; // one note each
};

class [[nodiscard]] Status {
public:
  Status() = default;
  Status(Error error) : error_(std::make_unique<Error>(std::move(error))) {}
  Status(Code code, std::string what) : Status(Error{code, std::move(what)}) {}
  Status(Status &&) = default;
  Status &operator=(Status &&) = default;

  bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }
  Code code() const { return error_ ? error_->code : Code::Ok; }
  /// Only of a failure.
  const Error &error() const { return *error_; }
  Error &error() { return *error_; }

  Status &&inFile(std::string file) && {
    if (error_ && error_->file.empty())
      error_->file = std::move(file);
    return std::move(*this);
  }
  Status &&at(std::string where) && {
    if (error_ && error_->where.empty())
      error_->where = std::move(where);
    return std::move(*this);
  }
  Status &&hint(std::string hint) && {
    if (error_)
      error_->hint = std::move(hint);
    return std::move(*this);
  }

private:
  std::unique_ptr<Error> error_;
};

/// A T or the reason why there is none.
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : value_(std::move(value)) {}
  Result(Error error) : value_(Status(std::move(error))) {}
  Result(Status status) : value_(std::move(status)) {}

  bool ok() const { return value_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T &operator*() { return std::get<0>(value_); }
  const T &operator*() const { return std::get<0>(value_); }
  T *operator->() { return &std::get<0>(value_); }
  const T *operator->() const { return &std::get<0>(value_); }
  /// The failure, moved out.
  Status takeStatus() {
    return ok() ? Status() : std::move(std::get<1>(value_));
  }
  const Error &error() const { return std::get<1>(value_).error(); }

private:
  std::variant<T, Status> value_;
};

} // namespace llmc

#endif
