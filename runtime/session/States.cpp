// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/States.h"
#include "runtime/core/DType.h"
#include <cstring>
#include <fmt/format.h>

namespace llmc {

static Status doesNotFit(int64_t positions) {
  return Status(
      Code::Resource,
      fmt::format("a context of {} positions does not fit into memory",
                  positions));
}

Result<States::State> States::layOut(const StateInfo &info, int64_t capacity) {
  State state = {{}, 1, dtypeBits(info.dtype) / 8};
  constexpr int64_t limit = int64_t(1) << 40;
  for (size_t d = 0; d < info.dims.size(); ++d) {
    if (d == static_cast<size_t>(info.axis))
      continue;
    int64_t size = info.dims[d].isFixed() ? info.dims[d].size
                                          : 1; // a symbol here is the batch
    int64_t &product = d < static_cast<size_t>(info.axis)
                           ? state.rows
                           : state.bytesPerPosition;
    if (size == 0 || size > limit / product)
      return Status(
          Code::Integrity,
          fmt::format("state '{}' has an impossible size", info.input));
    product *= size;
  }
  if (state.rows > limit / state.bytesPerPosition ||
      capacity > limit / (state.rows * state.bytesPerPosition))
    return doesNotFit(capacity);
  return state;
}

Result<uint64_t> States::bytesOf(const EntryInfo &entry, int64_t capacity) {
  uint64_t bytes = 0;
  for (const StateInfo &info : entry.states) {
    auto state = layOut(info, capacity);
    if (!state)
      return state.takeStatus();
    bytes += static_cast<uint64_t>(state->rows * state->bytesPerPosition) *
             static_cast<uint64_t>(capacity);
  }
  return bytes;
}

Result<States> States::create(const EntryInfo &entry, int64_t capacity) {
  States states;
  states.capacity_ = capacity;
  for (const StateInfo &info : entry.states) {
    auto state = layOut(info, capacity);
    if (!state)
      return state.takeStatus();
    if (Status status = states.addBranch(*state); !status)
      return status;
    states.views_.push_back({state->branches[0].as<void>(), capacity, 0});
    states.states_.push_back(std::move(*state));
  }
  return states;
}

Status States::addBranch(State &state) {
  Buffer &buffer = state.branches.emplace_back();
  uint64_t bytes =
      static_cast<uint64_t>(state.rows * state.bytesPerPosition * capacity_);
  return buffer.reserveExact(bytes) ? Status() : doesNotFit(capacity_);
}

Status States::setBranches(size_t count) {
  useBranch(0);
  Status status;
  for (State &state : states_)
    while (status && state.branches.size() < count)
      status = addBranch(state);
  for (State &state : states_)
    state.branches.resize(status ? count : 1);
  return status;
}

void States::useBranch(size_t branch) {
  for (size_t i = 0; i < states_.size(); ++i)
    views_[i].data = states_[i].branches[branch].as<void>();
}

void States::copyBranch(size_t from, size_t to, int64_t begin, int64_t end) {
  for (const State &state : states_)
    for (int64_t row = 0; row < state.rows; ++row) {
      int64_t offset = (row * capacity_ + begin) * state.bytesPerPosition;
      std::memcpy(state.branches[to].as<std::byte>() + offset,
                  state.branches[from].as<std::byte>() + offset,
                  static_cast<size_t>((end - begin) * state.bytesPerPosition));
    }
}

std::span<LlmcState> States::views(int64_t length) {
  for (LlmcState &view : views_)
    view.length = length;
  return views_;
}

uint64_t States::bytes() const {
  uint64_t bytes = 0;
  for (const State &state : states_)
    for (const Buffer &buffer : state.branches)
      bytes += buffer.capacity();
  return bytes;
}

} // namespace llmc
