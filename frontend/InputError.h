// SPDX-License-Identifier: Apache-2.0
// The user's fault, found while reading a model, a test vector or a
// configuration. Thrown inside the reader and caught at the tools' boundary,
// which prints `error: FILE: WHERE: WHAT`, the notes and the hint. Everything
// in it is already escaped for a terminal.
#ifndef LLMC_FRONTEND_INPUTERROR_H
#define LLMC_FRONTEND_INPUTERROR_H

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace llmc {

/// The process's exit code that an error asks for.
enum class ExitCode : int { BadInput = 2, Unsupported = 3, OutOfResource = 5 };

/// One of several places that an error is about.
struct NodeNote {
  std::string where;
  std::string what;
};

class InputError : public std::runtime_error {
public:
  InputError(std::string where, std::string what, std::string hint = {},
             ExitCode code = ExitCode::BadInput);

  ExitCode code() const { return exitCode; }
  /// Node index, name and op, or the tensor's name, or a byte offset; may be
  /// empty.
  const std::string &where() const { return place; }
  const std::string &message() const { return text; }
  const std::string &hint() const { return advice; }
  /// The file the error is about, where that isn't the model itself; else
  /// empty.
  const std::string &file() const { return otherFile; }
  const std::vector<NodeNote> &nodes() const { return notes; }

  InputError &inFile(std::string_view path);
  InputError &withNodes(std::vector<NodeNote> nodes);

  /// `WHERE: WHAT`, or WHAT alone.
  static std::string line(std::string_view where, std::string_view what);

private:
  ExitCode exitCode;
  std::string place, text, advice, otherFile;
  std::vector<NodeNote> notes;
};

/// What doesn't stop the work: notes and warnings for the user, in order.
/// Escaped like an InputError.
class Remarks {
public:
  struct Remark {
    bool isWarning;
    std::string text; // `WHERE: WHAT`
  };
  void note(std::string_view where, std::string_view what);
  void warning(std::string_view where, std::string_view what);
  const std::vector<Remark> &all() const { return remarks; }

private:
  void add(bool isWarning, std::string_view where, std::string_view what);
  std::vector<Remark> remarks;
};

/// Untrusted bytes as text for one line of a message: control and direction
/// characters and what is no UTF-8 become escapes, and of more than maxBytes
/// only the beginning and the end are kept.
std::string escaped(std::string_view bytes, size_t maxBytes = 120);

/// escaped(), in single quotes.
std::string inQuotes(std::string_view bytes, size_t maxBytes = 120);

} // namespace llmc

#endif // LLMC_FRONTEND_INPUTERROR_H
