// SPDX-License-Identifier: Apache-2.0
#include "runtime/template/Iterate.h"
#include "runtime/template/Failure.h"
#include "runtime/template/Print.h"
#include "runtime/text/Utf8.h"

namespace llmc::jinja {

bool isIterable(const Value &value) {
  switch (value.kind()) {
  case Kind::Undefined:
  case Kind::Text:
  case Kind::List:
  case Kind::Tuple:
  case Kind::Dict:
  case Kind::Range:
  case Kind::View:
  case Kind::Iterator:
    return true;
  default:
    return false;
  }
}

std::optional<int64_t> lengthOf(const Value &value) {
  switch (value.kind()) {
  case Kind::Undefined:
    return 0;
  case Kind::Text:
    return static_cast<int64_t>(value.as<TextObject>().length);
  case Kind::List:
  case Kind::Tuple:
    return static_cast<int64_t>(value.as<SequenceObject>().items.size());
  case Kind::Dict:
    return static_cast<int64_t>(value.as<DictObject>().entries.size());
  case Kind::Range:
    return value.as<RangeObject>().size();
  case Kind::View:
    return lengthOf(value.as<ViewObject>().dict);
  default:
    return std::nullopt;
  }
}

/// The bytes of a text before that many code points.
static size_t byteOffset(const TextObject &text, size_t place) {
  if (text.isAscii())
    return place;
  size_t offset = 0;
  for (; place > 0; --place)
    offset +=
        text::sequenceLength(static_cast<unsigned char>(text.text[offset]));
  return offset;
}

Value itemAt(Heap &heap, const Value &value, int64_t place) {
  auto index = static_cast<size_t>(place);
  if (value.isSequence())
    return value.as<SequenceObject>().items[index];
  if (value.is(Kind::Range)) {
    const auto &range = value.as<RangeObject>();
    // The product alone may not fit, the sum does.
    return Value::integer(static_cast<int64_t>(
        static_cast<uint64_t>(range.start) +
        static_cast<uint64_t>(place) * static_cast<uint64_t>(range.step)));
  }
  const auto &text = value.as<TextObject>();
  if (!text.isAscii())
    heap.stepBytes(4 * index);
  size_t offset = byteOffset(text, index);
  size_t size =
      text::sequenceLength(static_cast<unsigned char>(text.text[offset]));
  return heap.text(text.text.substr(offset, size), text.isMarkup);
}

/// The entry of a dict as its view or the dict itself gives it.
static Value entryOf(Heap &heap, const DictObject::Entry &entry,
                     ViewObject::Part part) {
  if (part == ViewObject::Keys)
    return entry.first;
  if (part == ViewObject::Values)
    return entry.second;
  return heap.tuple({entry.first, entry.second});
}

/// What a Dict or a View goes over.
static std::pair<const DictObject *, ViewObject::Part>
entriesOf(const Value &value) {
  if (value.is(Kind::Dict))
    return {&value.as<DictObject>(), ViewObject::Keys};
  const auto &view = value.as<ViewObject>();
  return {&view.dict.as<DictObject>(), view.part};
}

static NextFunction iterateText(Heap &heap, const Value &value) {
  return [&heap, value, offset = size_t(0)](Value &out) mutable {
    heap.step();
    const auto &text = value.as<TextObject>();
    if (offset == text.text.size())
      return false;
    size_t size =
        text::sequenceLength(static_cast<unsigned char>(text.text[offset]));
    // Of a text that is marked as safe, too, these are plain.
    out = heap.text(text.text.substr(offset, size));
    offset += size;
    return true;
  };
}

NextFunction iterate(Heap &heap, const Value &value) {
  switch (value.kind()) {
  case Kind::Undefined:
    return [](Value &) { return false; };
  case Kind::Text:
    return iterateText(heap, value);
  case Kind::Iterator:
    return [value](Value &out) { return value.as<IteratorObject>().next(out); };
  case Kind::Dict:
  case Kind::View:
    return [&heap, value, place = size_t(0)](Value &out) mutable {
      heap.step();
      auto [dict, part] = entriesOf(value);
      if (place == dict->entries.size())
        return false;
      out = entryOf(heap, dict->entries[place++], part);
      return true;
    };
  case Kind::List:
  case Kind::Tuple:
  case Kind::Range:
    return [&heap, value, place = int64_t(0),
            size = *lengthOf(value)](Value &out) mutable {
      heap.step();
      if (place == size)
        return false;
      out = itemAt(heap, value, place++);
      return true;
    };
  default:
    fail("'{}' object is not iterable", typeName(value));
  }
}

std::optional<NextFunction> iterateBackwards(Heap &heap, const Value &value) {
  switch (value.kind()) {
  case Kind::Undefined:
    return iterate(heap, value);
  case Kind::Text: {
    std::vector<Value> characters = collect(heap, value);
    if (value.as<TextObject>().isMarkup)
      for (Value &character : characters)
        character = heap.text(std::string(character.text()), true);
    return iterateBackwards(heap, heap.list(std::move(characters)));
  }
  case Kind::Dict:
  case Kind::View:
    return [&heap, value, left = *lengthOf(value)](Value &out) mutable {
      heap.step();
      if (left == 0)
        return false;
      auto [dict, part] = entriesOf(value);
      out = entryOf(heap, dict->entries[static_cast<size_t>(--left)], part);
      return true;
    };
  case Kind::List:
  case Kind::Tuple:
  case Kind::Range:
    return [&heap, value, left = *lengthOf(value)](Value &out) mutable {
      heap.step();
      if (left == 0)
        return false;
      out = itemAt(heap, value, --left);
      return true;
    };
  default:
    return std::nullopt;
  }
}

Value lazily(Heap &heap, std::function<NextFunction()> start,
             const Value &refersTo) {
  NextFunction next;
  return heap.iterator(
      [start = std::move(start), next](Value &out) mutable {
        if (!next)
          next = start();
        return next(out);
      },
      refersTo);
}

std::vector<Value> collect(Heap &heap, const Value &value) {
  std::vector<Value> items;
  Cursor cursor(heap, value);
  for (Value item; cursor.next(item);) {
    // Items that are read faster than they are counted as a list's.
    if (items.size() == items.capacity())
      heap.checkItems(2 * items.size());
    items.push_back(item);
  }
  return items;
}

} // namespace llmc::jinja
