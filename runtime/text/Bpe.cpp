// SPDX-License-Identifier: Apache-2.0
// Byte pair encoding: a word starts as characters (or bytes) and the adjacent
// pair of the lowest rank is merged, leftmost first, until none is left.
#include "runtime/text/Bpe.h"
#include "runtime/text/ByteLevel.h"
#include "runtime/text/Utf8.h"
#include <algorithm>

namespace llmc::text {

bool Bpe::readBytes() {
  for (int b = 0; b < 256; ++b) {
    std::string spelled;
    appendUtf8(spelled, byteToChar(static_cast<unsigned char>(b)));
    for (int place = 0; place < 4; ++place) {
      std::string unit = place & notFirst ? options_.prefix : std::string();
      unit += spelled;
      if (place & last)
        unit += options_.suffix;
      byteIds_[place][b] = vocabulary_.id(unit);
    }
  }
  readsBytes_ = true;
  return true;
}

Status Bpe::loadMerges() {
  VocabularyData &data = vocabulary_.data();
  merges_.reserve(data.merges.size());
  std::string joined;
  uint32_t rank = 0;
  for (const VocabularyData::Merge &m : data.merges) {
    std::string_view left = data.view(m.left), right = data.view(m.right);
    uint32_t leftId = vocabulary_.id(left), rightId = vocabulary_.id(right);
    auto name = [&] {
      return "merge " + std::to_string(rank) + " ('" + std::string(left) +
             "', '" + std::string(right) + "')";
    };
    if (leftId == noId || rightId == noId)
      return badTokenizer("model.merges",
                          name() + ": '" +
                              std::string(leftId == noId ? left : right) +
                              "' is not in the vocabulary");
    if (right.size() < options_.prefix.size())
      return badTokenizer("model.merges",
                          name() + ": shorter than the subword prefix");
    joined.assign(left);
    joined.append(right.substr(options_.prefix.size()));
    uint32_t id = vocabulary_.id(joined);
    if (id == noId)
      return badTokenizer("model.merges", name() + ": '" + joined +
                                              "' is not in the vocabulary");
    merges_[pairKey(leftId, rightId)] = {rank++, id};
  }
  data.merges = {};
  return Status();
}

void Bpe::loadFallback() {
  static const char digits[] = "0123456789ABCDEF";
  for (int b = 0; b < 256; ++b) {
    char code[] = {'<', '0', 'x', digits[b >> 4], digits[b & 15], '>'};
    fallback_[b] = vocabulary_.id(std::string_view(code, sizeof code));
  }
}

Status Bpe::tokenize(std::string_view word, uint32_t base,
                     std::vector<Token> &out, ModelScratch &scratch) const {
  if (word.size() > WordCache::maxBytes)
    return tokenizeUncached(word, base, out, scratch);
  WordCache::Entry &entry = scratch.cache.slot(word);
  if (WordCache::holds(entry, word)) {
    for (size_t i = 0; i < entry.count; ++i) {
      uint32_t end = base + entry.lengths[i];
      out.push_back({entry.ids[i], base, end});
      base = end;
    }
    return Status();
  }
  size_t first = out.size();
  if (Status s = tokenizeUncached(word, base, out, scratch); !s)
    return s;
  size_t count = out.size() - first;
  if (count == 0 || count > WordCache::maxPieces)
    return Status();
  // Only words that their pieces cover in order fit an entry.
  uint32_t at = base;
  for (size_t i = first; i < out.size(); ++i) {
    if (out[i].begin != at)
      return Status();
    at = out[i].end;
  }
  entry.length = static_cast<uint8_t>(word.size());
  entry.count = static_cast<uint8_t>(count);
  word.copy(entry.word, word.size());
  for (size_t i = 0; i < count; ++i) {
    entry.ids[i] = out[first + i].id;
    entry.lengths[i] =
        static_cast<uint8_t>(out[first + i].end - out[first + i].begin);
  }
  return Status();
}

Status Bpe::tokenizeUncached(std::string_view word, uint32_t base,
                             std::vector<Token> &out,
                             ModelScratch &scratch) const {
  if (readsBytes_) {
    if (options_.ignoreMerges) {
      scratch.spelled.clear();
      appendByteLevel(scratch.spelled, word);
      uint32_t id = vocabulary_.id(scratch.spelled);
      if (id != noId) {
        out.push_back({id, base, base + static_cast<uint32_t>(word.size())});
        return Status();
      }
    }
    if (!startFromBytes(word, scratch))
      return tokenizeSpelled(word, base, out, scratch);
  } else {
    if (options_.ignoreMerges) {
      uint32_t id = vocabulary_.id(word);
      if (id != noId) {
        out.push_back({id, base, base + static_cast<uint32_t>(word.size())});
        return Status();
      }
    }
    if (Status s = startFromCharacters(word, scratch); !s)
      return s;
  }
  merge(scratch);
  uint32_t limit = base + static_cast<uint32_t>(word.size());
  for (const ModelScratch::Symbol &symbol : scratch.symbols) {
    uint32_t end = std::min(base + symbol.length, limit);
    out.push_back({symbol.id, base, end});
    base = end;
  }
  return Status();
}

bool Bpe::startFromBytes(std::string_view word, ModelScratch &scratch) const {
  scratch.symbols.resize(word.size());
  for (size_t i = 0; i < word.size(); ++i) {
    int place = (i > 0 ? notFirst : 0) | (i + 1 == word.size() ? last : 0);
    uint32_t id = byteIds_[place][static_cast<unsigned char>(word[i])];
    if (id == noId)
      return false;
    scratch.symbols[i] = {id, 1};
  }
  return true;
}

Status Bpe::tokenizeSpelled(std::string_view word, uint32_t base,
                            std::vector<Token> &out,
                            ModelScratch &scratch) const {
  // Bytes are missing from the vocabulary: offsets then follow the spelled
  // form, in which a byte takes one or two bytes.
  scratch.spelled.clear();
  scratch.positions.clear();
  for (size_t i = 0; i < word.size(); ++i) {
    appendUtf8(scratch.spelled,
               byteToChar(static_cast<unsigned char>(word[i])));
    scratch.positions.resize(scratch.spelled.size(), static_cast<uint32_t>(i));
  }
  if (Status s = startFromCharacters(scratch.spelled, scratch); !s)
    return s;
  merge(scratch);
  uint32_t at = 0;
  auto limit = static_cast<uint32_t>(scratch.spelled.size());
  for (const ModelScratch::Symbol &symbol : scratch.symbols) {
    uint32_t end = std::min(at + symbol.length, limit);
    if (end > at)
      out.push_back({symbol.id, base + scratch.positions[at],
                     base + scratch.positions[end - 1] + 1});
    at = end;
  }
  return Status();
}

Status Bpe::startFromCharacters(std::string_view word,
                                ModelScratch &scratch) const {
  scratch.symbols.clear();
  ModelScratch::Symbol unknown = {noId, 0};
  auto flushUnknown = [&] {
    if (unknown.id != noId)
      scratch.symbols.push_back(unknown);
    unknown.id = noId;
  };
  for (size_t i = 0; i < word.size();) {
    uint32_t size = sequenceLength(static_cast<unsigned char>(word[i]));
    std::string_view unit = unitAt(word, i, size, scratch);
    i += size;
    uint32_t id = vocabulary_.id(unit);
    if (id != noId) {
      flushUnknown();
      scratch.symbols.push_back({id, size});
      continue;
    }
    if (options_.byteFallback && fallBack(unit, scratch))
      continue;
    if (!options_.hasUnknown)
      continue; // dropped
    if (unknownId_ == noId)
      return badTokenizer("model", "the unknown token '" + options_.unknown +
                                       "' is not in the vocabulary");
    if (unknown.id != noId && options_.fuseUnknown) {
      unknown.length += size;
      continue;
    }
    flushUnknown();
    unknown = {unknownId_, size};
  }
  flushUnknown();
  return Status();
}

std::string_view Bpe::unitAt(std::string_view word, size_t at, uint32_t size,
                             ModelScratch &scratch) const {
  std::string_view character = word.substr(at, size);
  bool prefixed = at > 0 && !options_.prefix.empty();
  bool suffixed = at + size == word.size() && !options_.suffix.empty();
  if (!prefixed && !suffixed)
    return character;
  scratch.unit.clear();
  if (prefixed)
    scratch.unit += options_.prefix;
  scratch.unit += character;
  if (suffixed)
    scratch.unit += options_.suffix;
  return scratch.unit;
}

bool Bpe::fallBack(std::string_view unit, ModelScratch &scratch) const {
  for (char c : unit)
    if (fallback_[static_cast<unsigned char>(c)] == noId)
      return false;
  for (char c : unit)
    scratch.symbols.push_back({fallback_[static_cast<unsigned char>(c)], 1});
  return true;
}

void Bpe::merge(ModelScratch &scratch) const {
  // Short words: looking through all ranks is cheaper than a heap.
  constexpr size_t shortWord = 96;
  if (scratch.symbols.size() <= shortWord)
    mergeShort(scratch);
  else
    mergeLong(scratch);
}

void Bpe::mergeShort(ModelScratch &scratch) const {
  std::vector<ModelScratch::Symbol> &symbols = scratch.symbols;
  std::vector<uint32_t> &ranks = scratch.ranks; // of the pair (i, i + 1)
  size_t count = symbols.size();
  if (count < 2)
    return;
  ranks.resize(count);
  for (size_t i = 0; i + 1 < count; ++i)
    ranks[i] = find(symbols[i].id, symbols[i + 1].id).rank;
  while (count > 1) {
    size_t best = 0;
    for (size_t i = 1; i + 1 < count; ++i)
      if (ranks[i] < ranks[best])
        best = i;
    if (ranks[best] == noId)
      break;
    symbols[best].id = find(symbols[best].id, symbols[best + 1].id).id;
    symbols[best].length += symbols[best + 1].length;
    --count;
    for (size_t i = best + 1; i < count; ++i) {
      symbols[i] = symbols[i + 1];
      ranks[i] = ranks[i + 1];
    }
    if (best > 0)
      ranks[best - 1] = find(symbols[best - 1].id, symbols[best].id).rank;
    if (best + 1 < count)
      ranks[best] = find(symbols[best].id, symbols[best + 1].id).rank;
  }
  symbols.resize(count);
}

/// A heap of (rank, position); stale entries are recognised by the rank that
/// their pair has now.
void Bpe::mergeLong(ModelScratch &scratch) const {
  std::vector<ModelScratch::Symbol> &symbols = scratch.symbols;
  std::vector<uint32_t> &next = scratch.next, &previous = scratch.previous;
  std::vector<uint64_t> &heap = scratch.heap;
  auto count = static_cast<uint32_t>(symbols.size());
  next.resize(count);
  previous.resize(count);
  heap.clear();
  auto add = [&](uint32_t at, bool sift) {
    if (at == noId || next[at] == noId)
      return;
    uint32_t rank = find(symbols[at].id, symbols[next[at]].id).rank;
    if (rank == noId)
      return;
    heap.push_back(uint64_t(rank) << 32 | at);
    if (sift)
      std::push_heap(heap.begin(), heap.end(), std::greater<>());
  };
  for (uint32_t i = 0; i < count; ++i) {
    next[i] = i + 1 < count ? i + 1 : noId;
    previous[i] = i > 0 ? i - 1 : noId;
    add(i, false);
  }
  std::make_heap(heap.begin(), heap.end(), std::greater<>());
  while (!heap.empty()) {
    std::pop_heap(heap.begin(), heap.end(), std::greater<>());
    auto rank = static_cast<uint32_t>(heap.back() >> 32);
    auto at = static_cast<uint32_t>(heap.back());
    heap.pop_back();
    if (symbols[at].length == 0 || next[at] == noId)
      continue;
    uint32_t right = next[at];
    Merge merge = find(symbols[at].id, symbols[right].id);
    if (merge.rank != rank)
      continue;
    symbols[at].id = merge.id;
    symbols[at].length += symbols[right].length;
    symbols[right].length = 0;
    next[at] = next[right];
    if (next[at] != noId)
      previous[next[at]] = at;
    add(previous[at], true);
    add(at, true);
  }
  std::erase_if(symbols,
                [](const ModelScratch::Symbol &s) { return s.length == 0; });
}

ModelResult loadBpe(FieldReader &fields, VocabularyData data) {
  Bpe::Options options;
  options.hasUnknown = fields.find("unk_token") != nullptr;
  options.unknown = fields.string("unk_token", "");
  options.prefix = fields.string("continuing_subword_prefix", "");
  options.suffix = fields.string("end_of_word_suffix", "");
  options.fuseUnknown = fields.flag("fuse_unk", false);
  options.byteFallback = fields.flag("byte_fallback", false);
  options.ignoreMerges = fields.flag("ignore_merges", false);
  if (!data.hasVocabulary)
    fields.fail("vocab is missing");
  else if (data.isList)
    fields.fail("vocab is a list; BPE needs an object");
  else if (!data.hasMerges)
    fields.fail("merges are missing");
  if (!fields.ok())
    return fields.takeStatus();
  auto model = std::make_unique<Bpe>(std::move(data), std::move(options));
  if (Status s = model->loadMerges(); !s)
    return s;
  return std::unique_ptr<Model>(std::move(model));
}

} // namespace llmc::text
