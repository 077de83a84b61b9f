// SPDX-License-Identifier: Apache-2.0
// The contents of a tokenizer.json: the vocabulary and the merges in flat
// arrays, everything else as a JSON tree. Made by readTokenizerFile, consumed
// by the loaders of the components; owns its text.
#ifndef LLMC_RUNTIME_TEXT_TOKENIZERFILE_H
#define LLMC_RUNTIME_TEXT_TOKENIZERFILE_H

#include "runtime/core/Status.h"
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace llmc::text {

/// A string inside VocabularyData::arena.
struct ArenaString {
  uint32_t offset = 0;
  uint32_t length = 0;
};

struct VocabularyData {
  struct Piece {
    ArenaString text;
    uint32_t id;
  };
  struct Merge {
    ArenaString left, right;
  };
  std::string arena;
  std::vector<Piece> pieces;
  std::vector<double> scores; // of a Unigram vocabulary, per piece
  std::vector<Merge> merges;
  bool hasVocabulary = false;
  bool isList = false; // [[piece, score], ...]
  bool hasMerges = false;

  std::string_view view(ArenaString s) const {
    return std::string_view(arena).substr(s.offset, s.length);
  }
};

struct TokenizerFile {
  nlohmann::json root; // without model.vocab and model.merges
  VocabularyData vocabulary;
};

constexpr size_t maxTokenizerBytes = size_t(256) << 20;
constexpr size_t maxTokenizerDepth = 64;
constexpr uint32_t maxTokenId = 0x7FFFFFFF;

Result<TokenizerFile> readTokenizerFile(std::string_view bytes);

/// Reads typed fields of one JSON object and keeps the first failure, so that
/// a loader reads all its fields and checks once.
class FieldReader {
public:
  FieldReader(const nlohmann::json &object, std::string where)
      : object_(object), where_(std::move(where)) {}

  const nlohmann::json *find(const char *key) const;
  bool flag(const char *key, bool absent);
  std::string string(const char *key, std::optional<std::string> absent = {});
  uint64_t unsignedInteger(const char *key, std::optional<uint64_t> absent,
                           uint64_t limit = maxTokenId);
  /// A string of exactly one code point.
  char32_t character(const char *key, std::optional<char32_t> absent = {});
  /// The elements of a required array.
  const nlohmann::json &array(const char *key);

  void fail(std::string what);
  bool ok() const { return status_.ok(); }
  Status takeStatus() { return std::move(status_); }
  const std::string &where() const { return where_; }

private:
  const nlohmann::json &object_;
  std::string where_;
  Status status_;
};

/// "WHERE: WHAT" with exit code 2.
Status badTokenizer(std::string where, std::string what);

} // namespace llmc::text

#endif
