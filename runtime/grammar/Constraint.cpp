// SPDX-License-Identifier: Apache-2.0
#include "runtime/grammar/Constraint.h"
#include <algorithm>
#include <fmt/format.h>

namespace llmc::grammar {

// What is forgotten between two calls when it has become larger. Sets of one
// call may take more, up to limits::setBytes.
static constexpr size_t mostSetBytes = size_t(64) << 20;
static constexpr size_t mostMaskBytes = size_t(64) << 20;

Constraint::Constraint(Automaton automaton,
                       std::shared_ptr<const TokenTexts> tokens)
    : automaton_(std::move(automaton)), tokens_(std::move(tokens)),
      sets_(automaton_), stateMasks_(sets_, tokens_->later) {}

void Constraint::forgetSets() {
  sets_.clear();
  masks_.clear();
  ++generation_;
}

/// After a failure the sets are not to be trusted.
Status Constraint::takeFailure() {
  if (sets_.failure().ok())
    return Status();
  Status failure(sets_.failure().error());
  forgetSets();
  return failure;
}

/// The text's set, made again from its tokens where sets were forgotten.
Status Constraint::renew(ConstrainedText &text) {
  if (sets_.bytes() > mostSetBytes)
    forgetSets();
  if (text.generation_ == generation_)
    return Status();
  SetId set = sets_.start();
  for (size_t i = 0; i < text.tokens_.size() && set != StateSets::dead; ++i)
    set = sets_.step(set, trieAt(i).textOf(text.tokens_[i]));
  if (Status failure = takeFailure(); !failure)
    return failure;
  text.set_ = set;
  text.generation_ = generation_;
  return Status();
}

Status Constraint::add(ConstrainedText &text, uint32_t token) {
  if (Status status = renew(text); !status)
    return status;
  SetId after =
      sets_.step(text.set_, trieAt(text.tokens_.size()).textOf(token));
  if (Status failure = takeFailure(); !failure)
    return failure;
  if (after == StateSets::dead)
    return Status(
        Code::BadInput,
        fmt::format("token {} does not go on in the constraint", token));
  text.set_ = after;
  text.tokens_.push_back(token);
  return Status();
}

Result<Allowed> Constraint::allowed(ConstrainedText &text) {
  if (Status status = renew(text); !status)
    return status;
  bool isFirst = text.tokens_.empty() && tokens_->firstDiffers;
  const TokenBits &bits = isFirst ? firstMask(text.set_) : laterMask(text.set_);
  if (Status failure = takeFailure(); !failure) {
    firstMask_.clear();
    return failure;
  }
  Allowed allowed = {bits,
                     std::any_of(bits.begin(), bits.end(),
                                 [](uint64_t word) { return word != 0; }),
                     sets_.isEnd(text.set_)};
  if (!allowed.any && !allowed.end)
    return lacksTokens(text.set_);
  return allowed;
}

Result<const StateMask *> Constraint::maskOf(StateId state) {
  if (sets_.bytes() > mostSetBytes)
    forgetSets();
  const StateMask &mask = stateMasks_.of(state);
  if (Status failure = takeFailure(); !failure)
    return failure;
  return &mask;
}

TokenBits Constraint::newBits() const {
  return TokenBits((tokens_->later.idLimit() + 63) / 64, 0);
}

const TokenBits &Constraint::firstMask(SetId set) {
  if (firstMask_.empty()) {
    firstMask_ = newBits();
    StateMasks::allowAll(sets_, set, tokens_->first, firstMask_);
  }
  return firstMask_;
}

const TokenBits &Constraint::laterMask(SetId set) {
  auto known = masks_.find(set);
  if (known != masks_.end())
    return known->second;
  TokenBits bits = newBits();
  if (masks_.size() * bits.size() * sizeof(uint64_t) > mostMaskBytes)
    masks_.clear();
  std::vector<StateSets::Place> places(sets_.places(set).begin(),
                                       sets_.places(set).end());
  std::vector<TokenTrie::Rank> uncertain;
  for (size_t i = 0; i < places.size(); ++i) {
    if (i > 0 && places[i].state == places[i - 1].state)
      continue;
    const StateMask &mask = stateMasks_.of(places[i].state);
    for (size_t word = 0; word < mask.bits.size(); ++word)
      bits[word] |= mask.bits[word];
    for (uint32_t token : mask.tokens)
      allow(bits, token);
    uncertain.insert(uncertain.end(), mask.uncertain.begin(),
                     mask.uncertain.end());
  }
  if (places.size() > 1) {
    std::sort(uncertain.begin(), uncertain.end());
    uncertain.erase(std::unique(uncertain.begin(), uncertain.end()),
                    uncertain.end());
  }
  tryUncertain(set, uncertain, bits);
  return masks_[set] = std::move(bits);
}

/// Reads the tokens on the stacks at hand, each from where it leaves the one
/// before: in the order of ranks common beginnings are neighbours.
void Constraint::tryUncertain(SetId set, std::span<const TokenTrie::Rank> ranks,
                              TokenBits &bits) {
  const TokenTrie &trie = tokens_->later;
  path_.resize(trie.longest() + 1);
  path_[0] = set;
  size_t known = 0; // bytes of `before` whose sets are in path_
  std::string_view before;
  for (TokenTrie::Rank rank : ranks) {
    std::string_view now = trie.text(rank);
    auto common = static_cast<size_t>(
        std::mismatch(now.begin(), now.end(), before.begin(), before.end())
            .first -
        now.begin());
    size_t at = std::min(common, known);
    while (at < now.size() && path_[at] != StateSets::dead) {
      path_[at + 1] = sets_.step(path_[at], static_cast<uint8_t>(now[at]));
      ++at;
    }
    if (path_[at] != StateSets::dead)
      allow(bits, trie.token(rank));
    known = at;
    before = now;
  }
}

/// Neither a token nor the end: names what could come next.
Status Constraint::lacksTokens(SetId set) const {
  constexpr size_t shown = 8;
  std::string bytes;
  size_t count = 0;
  for (int byte = 0; byte < 256; ++byte) {
    bool reads = false;
    for (StateSets::Place place : sets_.places(set))
      for (const auto &edge : automaton_.byteEdges(place.state))
        reads |= edge.first <= automaton_.classOf(static_cast<uint8_t>(byte)) &&
                 automaton_.classOf(static_cast<uint8_t>(byte)) <= edge.last;
    if (!reads || count++ >= shown)
      continue;
    bool isPrintable = byte > ' ' && byte < 0x7F;
    bytes += bytes.empty() ? "" : ", ";
    bytes += isPrintable ? fmt::format("'{}'", static_cast<char>(byte))
                         : fmt::format("0x{:02X}", byte);
  }
  return Error{.code = Code::BadInput,
               .what = fmt::format(
                   "no token of the vocabulary goes on as the constraint asks: "
                   "with {}{}",
                   bytes, count > shown ? ", ..." : ""),
               .hint = "a constraint can only ask for texts that the tokenizer "
                       "can spell"};
}

} // namespace llmc::grammar
