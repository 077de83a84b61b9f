// SPDX-License-Identifier: Apache-2.0
#include "runtime/text/TokenizerFile.h"
#include "runtime/text/JsonEvents.h"
#include "runtime/text/Utf8.h"
#include <algorithm>
#include <cstdlib>

namespace llmc::text {

using nlohmann::json;

Status badTokenizer(std::string where, std::string what) {
  return Status(Error{Code::BadInput, std::move(what), {}, std::move(where)});
}

namespace {

/// 10^n, infinite above 308; each power correctly rounded, which pow does not
/// promise.
double powerOfTen(int64_t n) {
  static const std::vector<double> powers = [] {
    std::vector<double> table;
    for (int i = 0; i <= 309; ++i)
      table.push_back(std::strtod(("1e" + std::to_string(i)).c_str(), nullptr));
    return table;
  }();
  return powers[static_cast<size_t>(std::min<int64_t>(n, 309))];
}

/// A number as the `tokenizers` package reads it. Its JSON reader is quick
/// rather than correctly rounded, and the scores of a Unigram vocabulary decide
/// between paths that differ in the last bit.
double quickDouble(std::string_view digits) {
  bool negative = digits.starts_with('-'), point = false, full = false;
  uint64_t significand = 0;
  int64_t exponent = 0;
  size_t end = std::min(digits.find_first_of("eE"), digits.size());
  for (size_t i = negative; i < end; ++i) {
    if (digits[i] == '.') {
      point = true;
      continue;
    }
    auto digit = static_cast<uint64_t>(digits[i] - '0');
    full = full || significand > (UINT64_MAX - digit) / 10;
    if (!full)
      significand = significand * 10 + digit;
    if (full != point)
      exponent += full ? 1 : -1;
  }
  if (end < digits.size()) {
    std::string written(digits.substr(end + 1));
    constexpr int64_t far = 1'000'000;
    exponent += std::clamp<int64_t>(std::strtoll(written.c_str(), nullptr, 10),
                                    -far, far);
  }
  auto value = static_cast<double>(significand);
  for (; value != 0 && exponent < -308; exponent += 308)
    value /= 1e308;
  if (value != 0)
    value = exponent < 0 ? value / powerOfTen(-exponent)
                         : value * powerOfTen(exponent);
  return negative ? -value : value;
}

/// Builds the tree, except for model.vocab and model.merges, which go to flat
/// arrays: a vocabulary has up to millions of entries.
class Builder : public nlohmann::json_sax<json> {
public:
  explicit Builder(TokenizerFile &file) : file_(file) {}
  Status status;

  bool null() override { return value(json()); }
  bool boolean(bool v) override { return value(json(v)); }
  bool number_integer(number_integer_t v) override { return value(json(v)); }
  bool number_unsigned(number_unsigned_t v) override { return value(json(v)); }
  bool number_float(number_float_t, const string_t &digits) override {
    return value(json(quickDouble(digits)));
  }
  bool string(string_t &v) override {
    if (mode_ == Mode::Tree)
      return value(json(std::move(v)));
    return flatString(v);
  }
  bool binary(binary_t &) override { return false; }

  bool start_object(std::size_t) override {
    if (!enter())
      return false;
    if (mode_ != Mode::Tree)
      return flatFail("an object where a piece or a merge belongs");
    if (at("model", "vocab")) {
      startVocabulary(/*isList=*/false);
      return true;
    }
    return open(json::object());
  }
  bool end_object() override { return leave(); }
  bool key(string_t &v) override {
    if (mode_ == Mode::Vocabulary)
      piece_ = store(v);
    else
      key_ = std::move(v);
    return true;
  }
  bool start_array(std::size_t) override {
    if (!enter())
      return false;
    switch (mode_) {
    case Mode::Tree:
      break;
    case Mode::VocabularyList:
      mode_ = Mode::ScoredPiece;
      fields_ = 0;
      return true;
    case Mode::Merges:
      mode_ = Mode::MergePair;
      fields_ = 0;
      return true;
    default:
      return flatFail("an array where a number or a string belongs");
    }
    if (at("model", "vocab")) {
      startVocabulary(/*isList=*/true);
      return true;
    }
    if (at("model", "merges")) {
      file_.vocabulary.merges.clear();
      file_.vocabulary.hasMerges = true;
      mode_ = Mode::Merges;
      return true;
    }
    return open(json::array());
  }
  bool end_array() override { return leave(); }

  bool parse_error(std::size_t position, const std::string &token,
                   const nlohmann::detail::exception &) override {
    status = badTokenizer(
        {}, "not valid JSON: cannot parse at byte " + std::to_string(position) +
                (token.empty() ? std::string() : ", near '" + token + "'"));
    return false;
  }

private:
  enum class Mode {
    Tree,
    Vocabulary,
    VocabularyList,
    ScoredPiece,
    Merges,
    MergePair
  };

  bool enter() {
    if (++depth_ <= maxTokenizerDepth)
      return true;
    status = badTokenizer({}, "JSON nested deeper than " +
                                  std::to_string(maxTokenizerDepth));
    return false;
  }

  bool at(const char *first, const char *second) const {
    return depth_ == 3 && stack_.size() == 2 && stack_[1]->is_object() &&
           stack_[0]->is_object() && section_ == first && key_ == second;
  }

  void startVocabulary(bool isList) {
    VocabularyData &v = file_.vocabulary;
    v.pieces.clear();
    v.scores.clear();
    v.hasVocabulary = true;
    v.isList = isList;
    mode_ = isList ? Mode::VocabularyList : Mode::Vocabulary;
  }

  json *place(json v) {
    if (stack_.empty()) {
      file_.root = std::move(v);
      return &file_.root;
    }
    json &parent = *stack_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(v));
      return &parent.back();
    }
    json &slot = parent[key_];
    slot = std::move(v);
    return &slot;
  }

  bool open(json container) {
    if (stack_.size() == 1)
      section_ = key_;
    stack_.push_back(place(std::move(container)));
    return true;
  }

  bool leave() {
    --depth_;
    switch (mode_) {
    case Mode::Tree:
      stack_.pop_back();
      return true;
    case Mode::ScoredPiece:
      if (fields_ != 2)
        return flatFail("an entry is not [piece, score]");
      mode_ = Mode::VocabularyList;
      return true;
    case Mode::MergePair:
      if (fields_ != 2)
        return flatFail("a merge has " + std::to_string(fields_) +
                        " pieces, not two");
      file_.vocabulary.merges.push_back({left_, right_});
      mode_ = Mode::Merges;
      return true;
    default:
      mode_ = Mode::Tree;
      return true;
    }
  }

  bool value(json v) {
    switch (mode_) {
    case Mode::Tree:
      place(std::move(v));
      return true;
    case Mode::Vocabulary:
      return vocabularyEntry(v);
    case Mode::ScoredPiece:
      return score(v);
    default:
      return flatFail(v.dump() + " where a string belongs");
    }
  }

  bool vocabularyEntry(const json &v) {
    VocabularyData &data = file_.vocabulary;
    if (!v.is_number_unsigned() || v.get<uint64_t>() > maxTokenId)
      return flatFail("piece '" + std::string(data.view(piece_)) +
                      "' has the id " + v.dump() +
                      ", which is no integer from 0 to 2147483647");
    data.pieces.push_back({piece_, v.get<uint32_t>()});
    return true;
  }

  bool score(const json &v) {
    VocabularyData &data = file_.vocabulary;
    if (fields_++ != 1 || !v.is_number())
      return flatFail("an entry is not [piece, score]: " + v.dump());
    data.scores.push_back(v.get<double>());
    data.pieces.push_back({piece_, static_cast<uint32_t>(data.pieces.size())});
    return true;
  }

  bool flatString(const std::string &v) {
    switch (mode_) {
    case Mode::Vocabulary:
      return vocabularyEntry(json(v));
    case Mode::ScoredPiece:
      if (fields_++ != 0)
        return flatFail("piece '" + std::string(file_.vocabulary.view(piece_)) +
                        "' has the score '" + v + "', which is no number");
      piece_ = store(v);
      return true;
    case Mode::MergePair:
      (fields_++ == 0 ? left_ : right_) = store(v);
      return true;
    case Mode::Merges:
      return mergeLine(v);
    default:
      return flatFail("the string '" + v + "' where [piece, score] belongs");
    }
  }

  bool mergeLine(const std::string &line) {
    if (line.rfind("#version", 0) == 0)
      return true;
    size_t space = line.find(' ');
    if (space == std::string::npos || line.find(' ', space + 1) != line.npos)
      return flatFail("merge '" + line + "' is not two pieces");
    ArenaString left = store(std::string_view(line).substr(0, space));
    ArenaString right = store(std::string_view(line).substr(space + 1));
    file_.vocabulary.merges.push_back({left, right});
    return true;
  }

  ArenaString store(std::string_view s) {
    std::string &arena = file_.vocabulary.arena;
    ArenaString where{static_cast<uint32_t>(arena.size()),
                      static_cast<uint32_t>(s.size())};
    arena.append(s);
    return where;
  }

  bool flatFail(std::string what) {
    bool merges = mode_ == Mode::Merges || mode_ == Mode::MergePair;
    status =
        badTokenizer(merges ? "model.merges" : "model.vocab", std::move(what));
    return false;
  }

  TokenizerFile &file_;
  std::vector<json *> stack_; // of the tree
  std::string key_;
  std::string section_; // the key of the object at depth 2
  size_t depth_ = 0;
  Mode mode_ = Mode::Tree;
  ArenaString piece_, left_, right_;
  size_t fields_ = 0;
};

} // namespace

Result<TokenizerFile> readTokenizerFile(std::string_view bytes) {
  if (bytes.size() > maxTokenizerBytes)
    return badTokenizer({}, "larger than 256 MiB");
  TokenizerFile file;
  if (Builder builder(file);
      quickJsonEvents(bytes, builder) && file.root.is_object())
    return file;
  // What is wrong with it, if anything.
  file = {};
  Builder builder(file);
  bool done = json::sax_parse(bytes.begin(), bytes.end(), &builder);
  if (!builder.status)
    return std::move(builder.status);
  if (!done || !file.root.is_object())
    return badTokenizer({}, "not a JSON object");
  return file;
}

const json *FieldReader::find(const char *key) const {
  auto it = object_.find(key);
  return it == object_.end() || it->is_null() ? nullptr : &*it;
}

void FieldReader::fail(std::string what) {
  if (status_.ok())
    status_ = badTokenizer(where_, std::move(what));
}

bool FieldReader::flag(const char *key, bool absent) {
  const json *v = find(key);
  if (!v)
    return absent;
  if (!v->is_boolean())
    fail(std::string(key) + " is not true or false");
  return v->is_boolean() && v->get<bool>();
}

std::string FieldReader::string(const char *key,
                                std::optional<std::string> absent) {
  const json *v = find(key);
  if (v && v->is_string())
    return v->get<std::string>();
  if (v || !absent)
    fail(std::string(key) + (v ? " is not a string" : " is missing"));
  return absent.value_or(std::string());
}

uint64_t FieldReader::unsignedInteger(const char *key,
                                      std::optional<uint64_t> absent,
                                      uint64_t limit) {
  const json *v = find(key);
  if (v && v->is_number_unsigned() && v->get<uint64_t>() <= limit)
    return v->get<uint64_t>();
  if (v)
    fail(std::string(key) + " is " + v->dump() + ", not an integer from 0 to " +
         std::to_string(limit));
  else if (!absent)
    fail(std::string(key) + " is missing");
  return absent.value_or(0);
}

char32_t FieldReader::character(const char *key,
                                std::optional<char32_t> absent) {
  const json *v = find(key);
  if (!v && absent)
    return *absent;
  std::string s = string(key);
  if (!ok())
    return 0;
  if (s.empty() || decodeAt(s, 0).size != s.size()) {
    fail(std::string(key) + " is not one character");
    return 0;
  }
  return decodeAt(s, 0).value;
}

const json &FieldReader::array(const char *key) {
  static const json none = json::array();
  const json *v = find(key);
  if (v && v->is_array())
    return *v;
  fail(std::string(key) + (v ? " is not a list" : " is missing"));
  return none;
}

} // namespace llmc::text
