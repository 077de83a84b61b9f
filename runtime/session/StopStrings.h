// SPDX-License-Identifier: Apache-2.0
// Ends a text before the first of some strings, wherever the borders of its
// pieces are: what may be the beginning of one is held back. Used by the
// generator; one thread at a time.
#ifndef LLMC_RUNTIME_SESSION_STOPSTRINGS_H
#define LLMC_RUNTIME_SESSION_STOPSTRINGS_H

#include <string>
#include <string_view>
#include <vector>

namespace llmc {

/// Where the string that is complete first begins; of several that end there,
/// the longest. npos: there is none. So the result does not depend on how the
/// text came in pieces.
size_t findStop(std::string_view text, const std::vector<std::string> &strings);

class StopStrings {
public:
  /// Strings of valid UTF-8, none empty, which must outlive it.
  explicit StopStrings(const std::vector<std::string> &strings)
      : strings_(strings) {}

  /// Text that is now certain to come before any of the strings. Pieces of
  /// whole characters give such pieces.
  std::string push(std::string_view piece);
  /// The rest, when no more text comes.
  std::string finish();
  /// Whether one of the strings has come; nothing is to be pushed then.
  bool found() const { return found_; }

private:
  size_t heldBack() const;

  const std::vector<std::string> &strings_;
  std::string pending_; // may be the beginning of a string
  bool found_ = false;
};

} // namespace llmc

#endif
