// SPDX-License-Identifier: Apache-2.0
// The objects behind values, one struct per kind. A Heap makes them; what
// changes after that is a namespace, and the position of an iterator, a loop, a
// cycler and a joiner, each of one rendering and thus of one thread.
#ifndef LLMC_RUNTIME_TEMPLATE_OBJECTS_H
#define LLMC_RUNTIME_TEMPLATE_OBJECTS_H

#include "runtime/template/Value.h"
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace llmc::jinja {

class Heap;
struct Activation;
struct Statement;
struct Native;

/// Counts the bytes of living objects.
struct Memory {
  size_t live = 0;
};

struct Object {
  Object() = default;
  virtual ~Object() {
    if (memory)
      memory->live -= bytes;
  }
  Object(const Object &) = delete;
  Object &operator=(const Object &) = delete;

  Memory *memory = nullptr; // null: not counted
  size_t bytes = 0;         // that `memory` counts
  unsigned depth = 1;       // of values inside each other
};

struct TextObject : Object {
  std::string text;      // UTF-8
  size_t length = 0;     // in code points
  bool isMarkup = false; // the `safe` filter's result
  bool isAscii() const { return length == text.size(); }
};

struct SequenceObject : Object {
  std::vector<Value> items;
  bool isGroup = false; // of `groupby`: the tuple has .grouper and .list
};

/// In order of insertion, as Python's. Keys are hashable values.
struct DictObject : Object {
  using Entry = std::pair<Value, Value>;
  std::vector<Entry> entries;
  std::vector<uint32_t> table; // entry + 1 by hash, 0: free; empty: few entries
};

struct RangeObject : Object {
  int64_t start = 0, stop = 0, step = 1;
  int64_t size() const;
};

struct ViewObject : Object {
  enum Part { Keys, Values, Items } part = Keys;
  Value dict;
};

/// Gives one value at a time, once.
struct IteratorObject : Object {
  /// False: there are no more. `heap` is that of the rendering.
  mutable std::function<bool(Value &)> next;
};

struct UndefinedObject : Object {
  std::string message;
};

struct NamespaceObject : Object {
  mutable std::vector<std::pair<std::string, Value>> attributes;
  const Value *find(std::string_view name) const;
};

struct FunctionObject : Object {
  const Native *native = nullptr;
};

struct MethodObject : Object {
  Value self;
  const Native *native = nullptr;
};

struct MacroObject : Object {
  const Statement *statement = nullptr; // the macro or the call block
  Activation *outer = nullptr;          // where it was defined
};

struct LoopObject : Object {
  Value iterable;
  mutable std::function<bool(Value &)> next;
  mutable int64_t index0 = -1;
  mutable int64_t length = -1; // -1: not known yet
  mutable Value after, current, before, lastChanged;
  mutable bool isOver = false;
  int64_t depth0 = 0;
  const Statement *recursive = nullptr; // the `for`, if it is recursive
  Activation *outer = nullptr;          // where that stands
};

struct CyclerObject : Object {
  std::vector<Value> items;
  mutable size_t position = 0;
};

struct JoinerObject : Object {
  Value separator;
  mutable bool isUsed = false;
};

} // namespace llmc::jinja

#endif
