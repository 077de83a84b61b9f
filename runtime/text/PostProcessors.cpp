// SPDX-License-Identifier: Apache-2.0
#include "runtime/text/PostProcessors.h"
#include "runtime/text/TokenizerFile.h"
#include "runtime/text/Unicode.h"
#include "runtime/text/Utf8.h"
#include <algorithm>
#include <map>

namespace llmc::text {

using nlohmann::json;

Blanks countBlanks(std::string_view token) {
  // A space is also Ġ, its spelling in the byte-level alphabet.
  auto isBlank = [](char32_t c) { return c == 0x120 || isSpace(c); };
  auto saturated = [](size_t n) {
    return static_cast<uint16_t>(std::min<size_t>(n, 0xFFFF));
  };
  size_t leading = 0, trailing = 0;
  for (size_t i = 0; i < token.size(); ++leading) {
    CodePoint p = decodeAt(token, i);
    if (!isBlank(p.value))
      break;
    i += p.size;
  }
  for (size_t i = token.size(); i > 0; ++trailing) {
    CodePoint p = decodeBefore(token, i);
    if (!isBlank(p.value))
      break;
    i -= p.size;
  }
  return {saturated(leading), saturated(trailing)};
}

void append(Encoding &encoding, Encoding &&more) {
  if (encoding.ids.empty()) {
    encoding = std::move(more);
    return;
  }
  auto join = [](auto &to, const auto &from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  join(encoding.ids, more.ids);
  join(encoding.offsets, more.offsets);
  join(encoding.typeIds, more.typeIds);
  join(encoding.words, more.words);
  join(encoding.specialMask, more.specialMask);
  join(encoding.attentionMask, more.attentionMask);
}

namespace {

void insertSpecial(Sequence &s, bool front, uint32_t id, uint32_t typeId) {
  Encoding &e = s.encoding;
  auto put = [front](auto &to, auto value) {
    to.insert(front ? to.begin() : to.end(), value);
  };
  put(e.ids, id);
  put(e.offsets, Offset{0, 0});
  put(e.typeIds, typeId);
  put(e.words, noWord);
  put(e.specialMask, uint8_t(1));
  put(e.attentionMask, uint8_t(1));
  if (!s.blanks.empty())
    put(s.blanks, Blanks{0, 0});
}

void trimOffsets(Sequence &s, bool addedPrefix) {
  for (size_t i = 0; i < s.blanks.size(); ++i) {
    Offset &o = s.encoding.offsets[i];
    uint32_t leading = s.blanks[i].leading, trailing = s.blanks[i].trailing;
    // A single leading space of the first word is the one that was added.
    bool first = i == 0 || o.begin == 0;
    if (first && addedPrefix && leading == 1)
      leading = 0;
    o.begin = std::min(o.begin + leading, o.end);
    if (o.end >= trailing)
      o.end = std::max(o.end - trailing, o.begin);
  }
}

struct ByteLevelTrim : PostProcessor {
  bool addedPrefix;
  explicit ByteLevelTrim(bool addedPrefix) : addedPrefix(addedPrefix) {}
  bool needsBlanks() const override { return true; }
  Status apply(std::vector<Sequence> &sequences, bool) const override {
    for (Sequence &s : sequences)
      trimOffsets(s, addedPrefix);
    return Status();
  }
};

/// [CLS] A [SEP] B [SEP]
struct Bert : PostProcessor {
  uint32_t cls, sep;
  Bert(uint32_t cls, uint32_t sep) : cls(cls), sep(sep) {}
  size_t addedTokens(bool pair) const override { return pair ? 3 : 2; }
  Status apply(std::vector<Sequence> &sequences,
               bool addSpecial) const override {
    for (size_t i = 0; addSpecial && i < sequences.size(); ++i) {
      if (i == 0)
        insertSpecial(sequences[i], /*front=*/true, cls, 0);
      insertSpecial(sequences[i], /*front=*/false, sep, i > 0);
    }
    return Status();
  }
};

/// <s> A </s> </s> B </s>, all of type 0.
struct Roberta : PostProcessor {
  uint32_t cls, sep;
  bool trim, addedPrefix;
  Roberta(uint32_t cls, uint32_t sep, bool trim, bool addedPrefix)
      : cls(cls), sep(sep), trim(trim), addedPrefix(addedPrefix) {}
  bool needsBlanks() const override { return trim; }
  size_t addedTokens(bool pair) const override { return pair ? 4 : 2; }
  Status apply(std::vector<Sequence> &sequences,
               bool addSpecial) const override {
    for (size_t i = 0; i < sequences.size(); ++i) {
      Sequence &s = sequences[i];
      if (trim)
        trimOffsets(s, addedPrefix);
      std::fill(s.encoding.typeIds.begin(), s.encoding.typeIds.end(), 0);
      if (!addSpecial)
        continue;
      insertSpecial(s, /*front=*/true, i == 0 ? cls : sep, 0);
      insertSpecial(s, /*front=*/false, sep, 0);
    }
    return Status();
  }
};

struct Template : PostProcessor {
  struct Piece {
    int sequence; // 0, 1, or -1: special tokens
    uint32_t typeId;
    std::vector<uint32_t> ids;
  };
  std::vector<Piece> single, pair;

  size_t addedTokens(bool isPair) const override {
    size_t count = 0;
    for (const Piece &p : isPair ? pair : single)
      count += p.ids.size();
    return count;
  }
  Status apply(std::vector<Sequence> &sequences,
               bool addSpecial) const override {
    if (sequences.empty() || sequences.size() > 2)
      return badTokenizer("post_processor TemplateProcessing",
                          "follows another template");
    const std::vector<Piece> &pieces = sequences.size() == 2 ? pair : single;
    std::vector<Sequence> out;
    for (const Piece &p : pieces) {
      if (p.sequence >= 0) {
        out.push_back(sequences[p.sequence]);
        std::vector<uint32_t> &types = out.back().encoding.typeIds;
        std::fill(types.begin(), types.end(), p.typeId);
      } else if (addSpecial) {
        out.emplace_back();
        for (uint32_t id : p.ids)
          insertSpecial(out.back(), /*front=*/false, id, p.typeId);
      }
    }
    sequences = std::move(out);
    return Status();
  }
};

/// ["[SEP]", 102]
uint32_t specialField(FieldReader &fields, const char *key) {
  const json *v = fields.find(key);
  if (v && v->is_array() && v->size() == 2 && (*v)[1].is_number_unsigned() &&
      (*v)[1].get<uint64_t>() <= maxTokenId)
    return (*v)[1].get<uint32_t>();
  fields.fail(std::string(key) + " is not [token, id]");
  return 0;
}

using SpecialIds = std::map<std::string, std::vector<uint32_t>>;

Status loadSpecialIds(FieldReader &fields, SpecialIds &out) {
  const json *tokens = fields.find("special_tokens");
  if (!tokens)
    return Status();
  if (!tokens->is_object())
    return badTokenizer(fields.where(), "special_tokens is not an object");
  for (const auto &[name, token] : tokens->items()) {
    std::vector<uint32_t> &ids = out[name];
    if (!token.is_object() || !token.contains("ids") ||
        !token["ids"].is_array())
      return badTokenizer(fields.where(),
                          "special token '" + name + "' has no list of ids");
    for (const json &id : token["ids"]) {
      if (!id.is_number_unsigned() || id.get<uint64_t>() > maxTokenId)
        return badTokenizer(fields.where(), "special token '" + name +
                                                "' has the id " + id.dump());
      ids.push_back(id.get<uint32_t>());
    }
  }
  return Status();
}

Status loadPiece(const json &piece, bool isPair, const SpecialIds &special,
                 const std::string &where, std::vector<Template::Piece> &out) {
  bool named =
      piece.is_object() && piece.size() == 1 && piece.begin()->is_object();
  std::string kind = named ? piece.begin().key() : "";
  if (kind != "Sequence" && kind != "SpecialToken")
    return badTokenizer(where, "a piece is neither Sequence nor SpecialToken");
  FieldReader fields(*piece.begin(), where);
  std::string id = fields.string("id");
  auto type = static_cast<uint32_t>(fields.unsignedInteger("type_id", 0));
  if (!fields.ok())
    return fields.takeStatus();
  if (kind == "SpecialToken") {
    auto found = special.find(id);
    if (found == special.end())
      return badTokenizer(where, "special token '" + id +
                                     "' is not in special_tokens");
    out.push_back({-1, type, found->second});
    return Status();
  }
  if (id != "A" && !(id == "B" && isPair))
    return badTokenizer(where, "there is no sequence '" + id + "'");
  out.push_back({id == "B", type, {}});
  return Status();
}

Status loadTemplate(FieldReader &fields, PostProcessorList &out) {
  SpecialIds special;
  if (Status s = loadSpecialIds(fields, special); !s)
    return s;
  auto step = std::make_unique<Template>();
  for (bool isPair : {false, true}) {
    for (const json &piece : fields.array(isPair ? "pair" : "single"))
      if (Status s = loadPiece(piece, isPair, special, fields.where(),
                               isPair ? step->pair : step->single);
          !s)
        return s;
  }
  out.push_back(std::move(step));
  return fields.takeStatus();
}

} // namespace

Status loadPostProcessor(const json &object, const std::string &where,
                         PostProcessorList &out) {
  if (!object.is_object())
    return badTokenizer(where, "not an object");
  FieldReader fields(object, where);
  std::string type = fields.string("type");
  if (!fields.ok())
    return fields.takeStatus();
  if (type == "Sequence") {
    const json &list = fields.array("processors");
    for (size_t i = 0; i < list.size(); ++i)
      if (Status s = loadPostProcessor(
              list[i], where + "[" + std::to_string(i) + "]", out);
          !s)
        return s;
    return fields.takeStatus();
  }
  FieldReader named(object, where + " " + type);
  if (type == "TemplateProcessing")
    return loadTemplate(named, out);
  bool trim = named.flag("trim_offsets", true);
  bool prefix = named.flag("add_prefix_space", true);
  if (type == "ByteLevel") {
    if (trim)
      out.push_back(std::make_unique<ByteLevelTrim>(prefix));
  } else if (type == "BertProcessing" || type == "RobertaProcessing") {
    uint32_t cls = specialField(named, "cls");
    uint32_t sep = specialField(named, "sep");
    if (type == "BertProcessing")
      out.push_back(std::make_unique<Bert>(cls, sep));
    else
      out.push_back(std::make_unique<Roberta>(cls, sep, trim, prefix));
  } else {
    return badTokenizer(where, "unknown post_processor '" + type + "'");
  }
  return named.takeStatus();
}

} // namespace llmc::text
