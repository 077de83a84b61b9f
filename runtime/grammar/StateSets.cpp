// SPDX-License-Identifier: Apache-2.0
#include "runtime/grammar/StateSets.h"
#include <algorithm>
#include <fmt/format.h>

namespace llmc::grammar {

static constexpr uint64_t hashFactor = 0x9E3779B97F4A7C15;
static constexpr size_t slotBits = 13; // several times as many as places
static_assert(size_t{1} << slotBits >= 4 * limits::places);

static uint64_t pairOf(uint32_t a, uint32_t b) { return uint64_t{a} << 32 | b; }

StateSets::StateSets(const Automaton &automaton)
    : automaton_(automaton), slots_(size_t{1} << slotBits) {
  clear();
}

void StateSets::clear() {
  sets_.clear();
  places_.clear();
  next_.clear();
  setsByHash_.clear();
  stacksByTop_.clear();
  stacks_.assign({{0, wholeText, 0}, {0, anyCaller, 0}});
  failure_ = Status();
}

size_t StateSets::bytes() const {
  constexpr size_t hashed = 48; // an entry of a standard map
  return sets_.size() * (sizeof(Set) + hashed) +
         places_.size() * sizeof(Place) + next_.size() * sizeof(SetId) +
         stacks_.size() * (sizeof(Stack) + hashed);
}

SetId StateSets::start() {
  open_ = {{automaton_.start(), wholeText}};
  follow();
  return keep();
}

SetId StateSets::startAt(StateId state) {
  open_ = {{state, anyCaller}};
  follow();
  return keep();
}

SetId StateSets::step(SetId set, std::string_view bytes) {
  for (size_t i = 0; i < bytes.size() && set != dead; ++i)
    set = step(set, static_cast<uint8_t>(bytes[i]));
  return set;
}

SetId StateSets::computeStep(SetId set, uint8_t byteClass) {
  open_.clear();
  for (Place place : places(set))
    for (const Automaton::ByteEdge &edge : automaton_.byteEdges(place.state))
      if (edge.first <= byteClass && byteClass <= edge.last)
        open_.push_back({edge.target, place.stack});
  follow();
  SetId made = keep();
  next_[set * automaton_.classCount() + byteClass] = made;
  return made;
}

void StateSets::fail(std::string what) {
  if (failure_.ok())
    failure_ = Status(Code::Resource, std::move(what));
}

uint32_t StateSets::push(StateId after, uint32_t below) {
  auto [it, isNew] = stacksByTop_.try_emplace(
      pairOf(after, below), static_cast<uint32_t>(stacks_.size()));
  if (isNew) {
    uint32_t depth = stacks_[below].depth + 1;
    if (depth > limits::stackDepth)
      fail(fmt::format("the text nests deeper in the grammar than {} rules",
                       limits::stackDepth));
    stacks_.push_back({after, below, depth});
  }
  return it->second;
}

void StateSets::enter(Place place) {
  uint64_t hash = pairOf(place.state, place.stack) * hashFactor;
  size_t slot = hash >> (64 - slotBits);
  for (; slots_[slot].stamp == stamp_; slot = (slot + 1) % slots_.size())
    if (slots_[slot].place == place)
      return;
  if (enteredCount_++ == limits::places)
    fail(fmt::format("the grammar is too ambiguous: the text may be in more "
                     "than {} places of it",
                     limits::places));
  if (!failure_.ok())
    return;
  slots_[slot] = {place, stamp_};
  open_.push_back(place);
}

/// From the open places along all edges without bytes; checkRules() sees to it
/// that this ends.
void StateSets::follow() {
  made_.clear();
  ++stamp_;
  enteredCount_ = 0;
  isEnd_ = false;
  std::vector<Place> first;
  first.swap(open_);
  for (Place place : first)
    enter(place);
  while (!open_.empty() && failure_.ok()) {
    Place place = open_.back();
    open_.pop_back();
    if (!automaton_.byteEdges(place.state).empty())
      made_.push_back(place);
    for (StateId target : automaton_.freeEdges(place.state))
      enter({target, place.stack});
    for (const Automaton::Call &call : automaton_.calls(place.state))
      enter({call.start, push(call.after, place.stack)});
    if (!automaton_.isEnd(place.state))
      continue;
    if (place.stack <= anyCaller)
      isEnd_ = true;
    else
      enter({stacks_[place.stack].after, stacks_[place.stack].below});
  }
}

/// The number of the set that was made.
SetId StateSets::keep() {
  if (!failure_.ok() || (made_.empty() && !isEnd_))
    return dead;
  std::sort(made_.begin(), made_.end());
  size_t hash = isEnd_;
  for (Place place : made_)
    hash =
        (hash ^ pairOf(place.state, place.stack)) * hashFactor ^ (hash >> 29);
  auto [begin, end] = setsByHash_.equal_range(hash);
  for (auto it = begin; it != end; ++it)
    if (sets_[it->second].isEnd == isEnd_ &&
        std::ranges::equal(places(it->second), made_))
      return it->second;
  if (bytes() > limits::setBytes) {
    fail("the grammar is too ambiguous: what may come next takes more memory "
         "than is allowed");
    return dead;
  }
  auto id = static_cast<SetId>(sets_.size());
  sets_.push_back(
      {places_.size(), static_cast<uint32_t>(made_.size()), isEnd_});
  places_.insert(places_.end(), made_.begin(), made_.end());
  next_.resize(next_.size() + automaton_.classCount(), unknown);
  setsByHash_.emplace(hash, id);
  return id;
}

} // namespace llmc::grammar
