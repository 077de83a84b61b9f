// SPDX-License-Identifier: Apache-2.0
#include "runtime/text/AddedTokens.h"
#include "runtime/text/Unicode.h"
#include "runtime/text/Utf8.h"
#include <algorithm>

namespace llmc::text {

using nlohmann::json;

void AddedTokens::Matcher::add(std::string_view content, uint32_t index) {
  if (content.empty())
    return;
  trie.add(content, index);
  firstBytes.set(static_cast<unsigned char>(content[0]));
  any = true;
}

uint32_t AddedTokens::Matcher::match(std::string_view text, size_t at,
                                     size_t &length) const {
  uint32_t node = 0, found = noId;
  for (size_t i = at; i < text.size(); ++i) {
    node = trie.step(node, static_cast<unsigned char>(text[i]));
    if (node == noId)
      break;
    if (trie.accepted(node) != noId) {
      found = trie.accepted(node);
      length = i + 1 - at;
    }
  }
  return found;
}

/// True where a word of the text would run into the token.
static bool insideWord(std::string_view text, size_t begin, size_t end) {
  return (begin > 0 && isWord(decodeBefore(text, begin).value)) ||
         (end < text.size() && isWord(decodeAt(text, end).value));
}

void AddedTokens::find(const Matcher &matcher, std::string_view text,
                       std::vector<Stretch> &out) const {
  size_t done = 0;
  auto plain = [&](size_t end) {
    if (done < end)
      out.push_back(
          {static_cast<uint32_t>(done), static_cast<uint32_t>(end), nullptr});
  };
  for (size_t at = 0; matcher.any && at < text.size();) {
    size_t length = 0;
    uint32_t index = noId;
    if (matcher.firstBytes[static_cast<unsigned char>(text[at])])
      index = matcher.match(text, at, length);
    if (index == noId) {
      ++at;
      continue;
    }
    const AddedToken &token = tokens_[index];
    size_t begin = at, end = at + length;
    at = end;
    if (token.singleWord && insideWord(text, begin, end))
      continue;
    if (token.stripLeft) {
      while (begin > done && isSpace(decodeBefore(text, begin).value))
        begin -= decodeBefore(text, begin).size;
      begin = std::min(std::max(begin, done), at);
    }
    while (token.stripRight && end < text.size() &&
           isSpace(decodeAt(text, end).value))
      end += decodeAt(text, end).size;
    plain(begin);
    out.push_back(
        {static_cast<uint32_t>(begin), static_cast<uint32_t>(end), &token});
    done = end;
  }
  plain(text.size());
}

Status AddedTokens::add(AddedToken token, const Model &model,
                        const NormalizerList &normalizers, uint32_t &nextId) {
  token.id = model.vocabulary().id(token.content);
  uint32_t index = byContent_.get(token.content);
  if (index != noId)
    token.id = tokens_[index].id;
  else if (token.id == noId)
    token.id = nextId++;
  token.shown = token.content;
  if (token.normalized) {
    AlignedText text;
    text.reset(token.content, 0);
    for (const auto &normalizer : normalizers)
      if (Status s = normalizer->apply(text); !s)
        return s;
    token.shown = std::string(text.text());
  }
  if (index == noId) {
    index = static_cast<uint32_t>(tokens_.size());
    byContent_.set(token.content, index);
    tokens_.push_back({});
  }
  if (token.special)
    specials_.set(token.content, 1);
  byId_[token.id] = index + 1;
  tokens_[index] = std::move(token);
  return Status();
}

Status AddedTokens::load(const json &root, const Model &model,
                         const NormalizerList &normalizers) {
  auto list = root.find("added_tokens");
  if (list == root.end() || list->is_null())
    return Status();
  if (!list->is_array())
    return badTokenizer("added_tokens", "not a list");
  auto nextId = static_cast<uint32_t>(model.vocabulary().size());
  for (size_t i = 0; i < list->size(); ++i) {
    std::string where = "added_tokens[" + std::to_string(i) + "]";
    if (!(*list)[i].is_object())
      return badTokenizer(where, "not an object");
    FieldReader fields((*list)[i], where);
    AddedToken token;
    token.content = fields.string("content");
    token.singleWord = fields.flag("single_word", false);
    token.stripLeft = fields.flag("lstrip", false);
    token.stripRight = fields.flag("rstrip", false);
    token.special = fields.flag("special", false);
    token.normalized = fields.flag("normalized", !token.special);
    fields.unsignedInteger("id", 0);
    constexpr size_t longest = 4096;
    if (token.content.size() > longest)
      fields.fail("content is longer than 4096 bytes");
    if (!fields.ok())
      return fields.takeStatus();
    if (token.content.empty())
      continue;
    if (Status s = add(std::move(token), model, normalizers, nextId); !s)
      return std::move(s).at(where);
  }
  for (uint32_t i = 0; i < tokens_.size(); ++i)
    (tokens_[i].normalized ? normalized_ : raw_).add(tokens_[i].shown, i);
  return Status();
}

const AddedToken *AddedTokens::byId(uint32_t id) const {
  const uint32_t *index = byId_.get(id);
  return index ? &tokens_[*index - 1] : nullptr;
}

const AddedToken *AddedTokens::byContent(std::string_view content) const {
  uint32_t index = byContent_.get(content);
  return index == noId ? nullptr : &tokens_[index];
}

} // namespace llmc::text
