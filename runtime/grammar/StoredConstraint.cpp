// SPDX-License-Identifier: Apache-2.0
#include "runtime/grammar/StoredConstraint.h"
#include "runtime/core/Sha256.h"
#include <algorithm>
#include <cstring>

namespace llmc::grammar {

static constexpr size_t mostMaskBytes = size_t(16) << 20;

std::string constraintFile(std::string_view name) {
  return "constraint." + std::string(name);
}

bool isConstraintName(std::string_view name) {
  return !name.empty() && name.size() <= 64 &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
         });
}

/// Of what masks depend on: every state with its edges, every token.
static Digest digestOf(const Automaton &automaton, const TokenTrie &trie) {
  Sha256 hash;
  auto add = [&](const auto &value) {
    hash.update(std::as_bytes(std::span(&value, 1)));
  };
  hash.update(std::as_bytes(std::span(automaton.classes())));
  for (StateId state = 0; state < automaton.size(); ++state) {
    for (const auto &edge : automaton.byteEdges(state)) {
      add(edge.first);
      add(edge.last);
      add(edge.target);
    }
    for (StateId target : automaton.freeEdges(state))
      add(target);
    for (const auto &call : automaton.calls(state)) {
      add(call.start);
      add(call.after);
    }
    add(static_cast<uint8_t>(automaton.isEnd(state)));
  }
  for (TokenTrie::Rank rank = 0; rank < trie.tokenCount(); ++rank) {
    hash.update(std::as_bytes(std::span(trie.text(rank))));
    add(trie.token(rank));
  }
  return hash.finish();
}

namespace {

/// Little-endian, as all that an artifact holds.
class Output {
public:
  void number(uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8)
      bytes.push_back(static_cast<char>(value >> shift));
  }
  void numbers(std::span<const uint32_t> values) {
    number(static_cast<uint32_t>(values.size()));
    for (uint32_t value : values)
      number(value);
  }
  std::string bytes;
};

/// Reads what Output wrote; after a failure all is empty.
class Input {
public:
  explicit Input(std::string_view bytes) : bytes_(bytes) {}

  bool failed() const { return failed_; }
  bool atEnd() const { return bytes_.empty(); }
  std::string_view take(size_t size) {
    failed_ |= size > bytes_.size();
    if (failed_)
      return {};
    std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  uint32_t number() {
    uint32_t value = 0;
    int shift = 0;
    for (char byte : take(4)) {
      value |= uint32_t{static_cast<uint8_t>(byte)} << shift;
      shift += 8;
    }
    return value;
  }
  /// In order, and each below the limit.
  std::vector<uint32_t> numbers(size_t limit) {
    uint32_t count = number();
    failed_ |= count > bytes_.size() / 4;
    std::vector<uint32_t> values(failed_ ? 0 : count);
    for (uint32_t &value : values)
      value = number();
    for (size_t i = 0; i < values.size(); ++i)
      failed_ |= values[i] >= limit || (i > 0 && values[i] <= values[i - 1]);
    return values;
  }

private:
  std::string_view bytes_;
  bool failed_ = false;
};

std::vector<uint32_t> tokensOf(const StateMask &mask) {
  std::vector<uint32_t> tokens = mask.tokens;
  for (uint32_t token = 0; token < mask.bits.size() * 64; ++token)
    if (isAllowed(mask.bits, token))
      tokens.push_back(token);
  return tokens;
}

} // namespace

Result<std::string> storeConstraint(const ConstraintSource &source,
                                    std::shared_ptr<const TokenTexts> tokens) {
  auto constraint = makeConstraint(source, tokens);
  if (!constraint)
    return constraint.takeStatus();
  const Automaton &automaton = (*constraint)->automaton();
  Digest digest = digestOf(automaton, tokens->later);
  Output out;
  out.number(static_cast<uint32_t>(source.kind));
  out.number(static_cast<uint32_t>(source.text.size()));
  out.bytes += source.text;
  out.bytes.append(reinterpret_cast<const char *>(digest.data()),
                   digest.size());
  size_t end = out.bytes.size() + mostMaskBytes;
  for (StateId state = 0; state < automaton.size() && out.bytes.size() < end;
       ++state) {
    if (automaton.byteEdges(state).empty())
      continue;
    auto mask = (*constraint)->maskOf(state);
    if (!mask)
      return mask.takeStatus();
    out.number(state);
    out.numbers(tokensOf(**mask));
    out.numbers((*mask)->uncertain);
  }
  return std::move(out.bytes);
}

Result<std::shared_ptr<Constraint>>
loadConstraint(std::string_view bytes,
               std::shared_ptr<const TokenTexts> tokens) {
  Input in(bytes);
  uint32_t kind = in.number();
  std::string_view text = in.take(in.number());
  std::string_view digest = in.take(sizeof(Digest));
  Status damaged(Code::Integrity,
                 "the stored constraint is damaged, or of another version: "
                 "compile the model again");
  if (in.failed() || kind > static_cast<uint32_t>(ConstraintKind::Grammar))
    return damaged;
  auto constraint = makeConstraint(
      {static_cast<ConstraintKind>(kind), std::string(text)}, tokens);
  if (!constraint)
    return constraint.takeStatus();
  const Automaton &automaton = (*constraint)->automaton();
  Digest made = digestOf(automaton, tokens->later);
  if (std::memcmp(made.data(), digest.data(), made.size()) != 0)
    return damaged;
  while (!in.atEnd()) {
    uint32_t state = in.number();
    StateMask mask;
    mask.tokens = in.numbers(tokens->later.idLimit());
    mask.uncertain = in.numbers(tokens->later.tokenCount());
    if (in.failed() || state >= automaton.size())
      return damaged;
    (*constraint)->setMask(state, std::move(mask));
  }
  return constraint;
}

} // namespace llmc::grammar
