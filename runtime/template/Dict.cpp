// SPDX-License-Identifier: Apache-2.0
// Dicts: which values are keys, and how entries are found.
#include "runtime/template/Compare.h"
#include "runtime/template/Failure.h"
#include "runtime/template/Heap.h"
#include "runtime/template/Print.h"
#include <cmath>
#include <limits>

namespace llmc::jinja {

namespace {

/// Dicts up to this size are searched from the front.
constexpr size_t fewEntries = 8;

uint64_t mix(uint64_t value) {
  value ^= value >> 32;
  value *= 0x9E3779B97F4A7C15;
  return value ^ value >> 29;
}

uint64_t hashText(std::string_view text) {
  return std::hash<std::string_view>()(text);
}

uint64_t hashNumber(const Value &value) {
  if (value.isInteger())
    return mix(static_cast<uint64_t>(value.integer()));
  // Numbers that are equal have the same hash, whatever their type.
  double real = value.real();
  constexpr double beyond = 9223372036854775808.0; // 2^63
  if (real >= -beyond && real < beyond && std::trunc(real) == real)
    return mix(static_cast<uint64_t>(static_cast<int64_t>(real)));
  return std::hash<double>()(real);
}

uint64_t hashKey(Heap &heap, const Value &key) {
  heap.step();
  switch (key.kind()) {
  case Kind::Text:
    heap.stepBytes(key.text().size());
    return hashText(key.text());
  case Kind::Bool:
  case Kind::Int:
  case Kind::Float:
    return hashNumber(key);
  case Kind::None:
  case Kind::Undefined:
    return static_cast<uint64_t>(key.kind());
  case Kind::Tuple: {
    Heap::Level level = heap.nest();
    uint64_t hash = 1;
    for (const Value &item : key.as<SequenceObject>().items)
      hash = mix(hash ^ hashKey(heap, item));
    return hash;
  }
  case Kind::Range:
    return static_cast<uint64_t>(key.as<RangeObject>().size());
  case Kind::List:
  case Kind::Dict:
  case Kind::View:
    fail("unhashable type: '{}'", typeName(key));
  default: // equal only to itself
    return mix(reinterpret_cast<uintptr_t>(key.object().get()));
  }
}

/// Where in the table a key is or would be. `isKey` tells whether an entry is
/// the key's.
template <typename F>
size_t probe(Heap &heap, const std::vector<uint32_t> &table, uint64_t hash,
             F isKey) {
  size_t mask = table.size() - 1;
  size_t place = mix(hash) & mask;
  for (; table[place] != 0; place = (place + 1) & mask) {
    heap.step();
    if (isKey(table[place] - 1))
      break;
  }
  return place;
}

template <typename Hash, typename Equal>
const Value *search(Heap &heap, const DictObject &dict, Hash hash,
                    Equal isKey) {
  if (dict.table.empty()) {
    for (const DictObject::Entry &entry : dict.entries)
      if (isKey(entry.first))
        return &entry.second;
    return nullptr;
  }
  size_t place = probe(heap, dict.table, hash(),
                       [&](size_t i) { return isKey(dict.entries[i].first); });
  uint32_t found = dict.table[place];
  return found ? &dict.entries[found - 1].second : nullptr;
}

/// Doubles the table until at most half of it is in use.
void rehash(Heap &heap, DictObject &dict) {
  size_t size = std::max<size_t>(dict.table.size() * 2, 4 * fewEntries);
  heap.grow(dict, (size - dict.table.size()) * sizeof(uint32_t));
  dict.table.assign(size, 0);
  for (size_t i = 0; i < dict.entries.size(); ++i) {
    uint64_t hash = hashKey(heap, dict.entries[i].first);
    dict.table[probe(heap, dict.table, hash, [](size_t) { return false; })] =
        static_cast<uint32_t>(i + 1);
  }
}

} // namespace

const Value *findEntry(Heap &heap, const DictObject &dict, const Value &key) {
  uint64_t hash = hashKey(heap, key);
  return search(
      heap, dict, [&] { return hash; },
      [&](const Value &other) { return areEqual(heap, key, other); });
}

const Value *findEntry(Heap &heap, const DictObject &dict,
                       std::string_view key) {
  return search(
      heap, dict, [&] { return hashText(key); },
      [&](const Value &other) {
        return other.isText() && other.text() == key;
      });
}

DictBuilder::DictBuilder(Heap &heap)
    : heap_(heap), dict_(std::make_shared<DictObject>()) {
  heap.adopt(*dict_, sizeof(DictObject), 0);
}

void DictBuilder::set(const Value &key, const Value &value) {
  heap_.step();
  std::vector<DictObject::Entry> &entries = dict_->entries;
  if (const Value *found = findEntry(heap_, *dict_, key)) {
    const_cast<Value &>(*found) = value;
    return;
  }
  heap_.grow(*dict_, sizeof(DictObject::Entry));
  entries.emplace_back(key, value);
  if (entries.size() > fewEntries && entries.size() * 2 > dict_->table.size())
    rehash(heap_, *dict_);
  else if (!dict_->table.empty())
    dict_->table[probe(heap_, dict_->table, hashKey(heap_, key), [](size_t) {
      return false;
    })] = static_cast<uint32_t>(entries.size());
}

bool DictBuilder::add(const Value &key) {
  size_t before = dict_->entries.size();
  set(key, Value::none());
  return dict_->entries.size() > before;
}

Value DictBuilder::finish() {
  unsigned depth = 0;
  for (const auto &[key, value] : dict_->entries)
    depth = std::max({depth, depthOf(key), depthOf(value)});
  heap_.adopt(*dict_, 0, depth);
  return Value(Kind::Dict, std::move(dict_));
}

} // namespace llmc::jinja
