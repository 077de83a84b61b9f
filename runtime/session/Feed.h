// SPDX-License-Identifier: Apache-2.0
// The inputs of new tokens, filled by their roles: [1, n] tokens, ones for the
// mask, positions, types, caches with nothing in them, and what a source
// gives. The tokens are those of one sequence, or of several behind each other.
// Used by sessions, encoders and steps; one thread at a time.
#ifndef LLMC_RUNTIME_SESSION_FEED_H
#define LLMC_RUNTIME_SESSION_FEED_H

#include "runtime/core/Memory.h"
#include "runtime/core/Status.h"
#include "runtime/model/Manifest.h"
#include <optional>
#include <span>
#include <vector>

namespace llmc {

/// New tokens of one sequence, which has `past` already.
struct Segment {
  std::span<const int64_t> tokens;
  int64_t past = 0;
  std::span<const int64_t> types = {}; // none: all of type 0
};

class Feed {
public:
  /// Makes room for masks of `positions`. Fails where an input's role is not
  /// known; inputs that stand for one of `states` are empty caches.
  Status prepare(const EntryInfo &entry, int64_t positions,
                 std::span<const StateInfo> states = {});
  /// What an input takes that is the source's (Roles.h), until it is given
  /// again.
  void give(size_t index, const LlmcTensor &tensor) {
    tensors_[index] = tensor;
  }
  /// Tokens at [past, past + n), of these types, or all of type 0. Takes no
  /// memory while n and past + n stay within what was seen.
  Status fill(std::span<const int64_t> tokens, int64_t past,
              std::span<const int64_t> types = {}) {
    Segment segment = {tokens, past, types};
    return fill({&segment, 1}, {});
  }
  /// Those of several sequences, for an entry that takes segments; `rows` are
  /// the tokens, counted over all, whose logits it gives.
  Status fill(std::span<const Segment> segments, std::span<const int64_t> rows);

  std::span<const LlmcTensor> tensors() const { return tensors_; }

private:
  enum class Kind {
    Tokens,
    Ones,
    Positions,
    Types,
    Empty,
    Given,
    Segments,
    Rows
  };
  struct Input {
    Kind kind;
    Buffer buffer;
    int64_t ones = 0; // written so far, of Kind::Ones
  };
  static void put(const LlmcTensor &tensor, int64_t index, int64_t value);
  static std::optional<Kind> kindOf(const TensorInfo &info);
  static void fillTokens(const LlmcTensor &tensor, Kind kind,
                         std::span<const Segment> segments);
  bool reserve(size_t index, int64_t count);
  bool addEmpty(const TensorInfo &info, std::span<const StateInfo> states);

  std::vector<Input> inputs_;
  std::vector<LlmcTensor> tensors_;
};

} // namespace llmc

#endif
