// SPDX-License-Identifier: Apache-2.0
// Byte pair encoding against the definition, done naively: short words, words
// long enough for the heap, and words that the cache has seen.
#include "test/unit/text/Harness.h"
#include <map>

using namespace llmc;
using namespace llmc::test;

namespace {

struct Merges {
  json vocabulary = json::object();
  json list = json::array();
  std::map<std::pair<std::string, std::string>, int> ranks;

  explicit Merges(unsigned seed) {
    std::mt19937 random(seed);
    std::vector<std::string> pieces = {"a", "b", "c", "d"};
    for (const std::string &piece : pieces)
      vocabulary[piece] = vocabulary.size();
    while (ranks.size() < 60) {
      std::string left = pieces[random() % pieces.size()],
                  right = pieces[random() % pieces.size()];
      if (left.size() + right.size() > 9 ||
          !ranks.emplace(std::pair(left, right), ranks.size()).second)
        continue;
      list.push_back({left, right});
      if (vocabulary.emplace(left + right, vocabulary.size()).second)
        pieces.push_back(left + right);
    }
  }

  std::vector<uint32_t> encode(const std::string &word) const {
    std::vector<std::string> parts;
    for (char c : word)
      parts.push_back(std::string(1, c));
    while (true) {
      size_t best = parts.size();
      int rank = INT32_MAX;
      for (size_t i = 0; i + 1 < parts.size(); ++i) {
        auto found = ranks.find({parts[i], parts[i + 1]});
        if (found != ranks.end() && found->second < rank) {
          rank = found->second;
          best = i;
        }
      }
      if (best == parts.size())
        break;
      parts[best] += parts[best + 1];
      parts.erase(parts.begin() + static_cast<ptrdiff_t>(best) + 1);
    }
    std::vector<uint32_t> ids;
    for (const std::string &part : parts)
      ids.push_back(vocabulary[part]);
    return ids;
  }
};

} // namespace

TEST_CASE("pairs are merged by rank, leftmost first") {
  for (unsigned seed = 0; seed < 20; ++seed) {
    Merges merges(seed);
    TokenizerPointer tokenizer = load({{"model",
                                        {{"type", "BPE"},
                                         {"vocab", merges.vocabulary},
                                         {"merges", merges.list}}}});
    std::mt19937 random(seed);
    for (size_t length : {1, 2, 3, 5, 8, 13, 30, 31, 90, 96, 97, 300}) {
      std::string word;
      for (size_t i = 0; i < length; ++i)
        word += "abcd"[random() % 4];
      INFO(word);
      REQUIRE(*tokenizer->encodeIds(word) == merges.encode(word));
      REQUIRE(*tokenizer->encodeIds(word) == merges.encode(word)); // cached
    }
  }
}

TEST_CASE("a word of megabytes takes no quadratic time") {
  Merges merges(7);
  TokenizerPointer tokenizer = load({{"model",
                                      {{"type", "BPE"},
                                       {"vocab", merges.vocabulary},
                                       {"merges", merges.list}}}});
  std::string word(4 << 20, 'a');
  auto ids = tokenizer->encodeIds(word);
  REQUIRE(ids);
  CHECK(*tokenizer->decode(*ids) != "");
}

TEST_CASE("characters without a piece: unknown, fused, or bytes") {
  json model = {
      {"type", "BPE"},
      {"vocab", {{"<unk>", 0}, {"a", 1}, {"<0xC3>", 2}, {"<0xA9>", 3}}},
      {"merges", json::array()},
      {"unk_token", "<unk>"}};
  using Ids = std::vector<uint32_t>;
  CHECK(*load({{"model", model}})->encodeIds("axya") == Ids{1, 0, 0, 1});
  model["fuse_unk"] = true;
  CHECK(*load({{"model", model}})->encodeIds("axya") == Ids{1, 0, 1});
  model["byte_fallback"] = true;
  CHECK(*load({{"model", model}})->encodeIds("aéx") == Ids{1, 2, 3, 0});
  model.erase("unk_token");
  CHECK(*load({{"model", model}})->encodeIds("aéx") == Ids{1, 2, 3});
}
