// SPDX-License-Identifier: Apache-2.0
// The inputs of one sequence of tokens, filled by their roles: [1, n] tokens,
// ones for the mask, positions, zeros for the token types, and caches with
// nothing in them. Used by sessions and encoders; one thread at a time.
#ifndef LLMC_RUNTIME_SESSION_FEED_H
#define LLMC_RUNTIME_SESSION_FEED_H

#include "runtime/core/Memory.h"
#include "runtime/core/Status.h"
#include "runtime/model/Manifest.h"
#include <span>
#include <vector>

namespace llmc {

class Feed {
public:
  /// Makes room for masks of `positions`. Fails where an input's role is not
  /// known; inputs that stand for one of `states` are empty caches.
  Status prepare(const EntryInfo &entry, int64_t positions,
                 std::span<const StateInfo> states = {});
  /// Tokens at [past, past + n). Takes no memory while n and past + n stay
  /// within what was seen.
  Status fill(std::span<const int64_t> tokens, int64_t past);

  std::span<const LlmcTensor> tensors() const { return tensors_; }

private:
  enum class Kind { Tokens, Ones, Positions, Zeros, Empty };
  struct Input {
    Kind kind;
    Buffer buffer;
    int64_t ones = 0; // written so far, of Kind::Ones
  };
  static void put(const LlmcTensor &tensor, int64_t index, int64_t value);
  bool reserve(size_t index, int64_t count);
  bool addEmpty(const TensorInfo &info, std::span<const StateInfo> states);

  std::vector<Input> inputs_;
  std::vector<LlmcTensor> tensors_;
};

} // namespace llmc

#endif
