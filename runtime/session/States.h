// SPDX-License-Identifier: Apache-2.0
// The caches of one sequence, as compiled code updates them in place. Used by
// sessions and the scheduler; one thread at a time.
#ifndef LLMC_RUNTIME_SESSION_STATES_H
#define LLMC_RUNTIME_SESSION_STATES_H

#include "runtime/core/Memory.h"
#include "runtime/core/Status.h"
#include "runtime/model/Manifest.h"
#include <span>
#include <vector>

namespace llmc {

class States {
public:
  /// Room for `capacity` positions of each state of the entry. Pages are only
  /// taken when positions are written.
  static Result<States> create(const EntryInfo &entry, int64_t capacity);
  /// The bytes of that; Resource: more than can be counted.
  static Result<uint64_t> bytesOf(const EntryInfo &entry, int64_t capacity);

  int64_t capacity() const { return capacity_; }
  /// Bytes of address space.
  uint64_t bytes() const;

  /// As compiled code sees them, with `length` valid positions.
  std::span<LlmcState> views(int64_t length);

  /// Sequences that share a beginning: copies that are used in turn. There is
  /// one at first; others begin with nothing of worth in them. Fewer give their
  /// memory back, and branch 0 is used.
  Status setBranches(size_t count);
  void useBranch(size_t branch);
  /// Copies the positions [begin, end).
  void copyBranch(size_t from, size_t to, int64_t begin, int64_t end);

private:
  struct State { // [rows, capacity, bytesPerPosition], one for each branch
    std::vector<Buffer> branches;
    int64_t rows;
    int64_t bytesPerPosition; // of one row: everything after the sequence axis
  };
  static Result<State> layOut(const StateInfo &info, int64_t capacity);
  Status addBranch(State &state);

  int64_t capacity_ = 0;
  std::vector<State> states_;
  std::vector<LlmcState> views_;
};

} // namespace llmc

#endif
