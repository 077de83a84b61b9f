// SPDX-License-Identifier: Apache-2.0
// Makes values and counts what a rendering costs: steps, depth, bytes. Every
// loop over untrusted sizes goes through step(), every recursion through
// nest(), every allocation through the functions that make values; each throws
// a Failure at its limit (Limits.h). Belongs to one rendering and outlives its
// values.
#ifndef LLMC_RUNTIME_TEMPLATE_HEAP_H
#define LLMC_RUNTIME_TEMPLATE_HEAP_H

#include "runtime/template/Limits.h"
#include "runtime/template/Objects.h"
#include <memory>
#include <string>
#include <vector>

namespace llmc::jinja {

class Heap {
public:
  Heap() = default;
  Heap(const Heap &) = delete;
  Heap &operator=(const Heap &) = delete;
  ~Heap();

  void step(uint64_t count = 1) {
    steps_ += count;
    if (steps_ > limits::steps)
      tooManySteps();
  }
  /// The steps of reading or copying that many bytes.
  void stepBytes(size_t bytes) { step(1 + bytes / 256); }
  /// Fails if a text would have more bytes than a text may have.
  static void checkText(uint64_t bytes);
  /// Fails unless a list of that many items may be made now.
  void checkItems(uint64_t count) const;

  /// One level of recursion, while it lives.
  class Level {
  public:
    explicit Level(Heap &heap) : heap_(heap) {
      if (heap_.depth_ >= limits::depth)
        tooDeep();
      ++heap_.depth_;
    }
    ~Level() { --heap_.depth_; }
    Level(const Level &) = delete;
    Level &operator=(const Level &) = delete;

  private:
    Heap &heap_;
  };
  Level nest() { return Level(*this); }

  Value text(std::string text, bool isMarkup = false);
  Value list(std::vector<Value> items);
  Value tuple(std::vector<Value> items, bool isGroup = false);
  Value range(int64_t start, int64_t stop, int64_t step);
  Value view(const Value &dict, ViewObject::Part part);
  /// `source` is what the iterator goes over.
  Value iterator(std::function<bool(Value &)> next, const Value &source);
  Value undefined(std::string message);
  Value method(const Value &self, const Native *native);
  Value cycler(std::vector<Value> items);
  Value joiner(const Value &separator);
  /// These live as long as the heap, since they may refer to each other.
  NamespaceObject &newNamespace(Value &out);
  Value macro(const Statement *statement, Activation *outer);
  std::shared_ptr<LoopObject> loop(const Value &iterable);

  /// Counts an object's bytes and depth; for objects that the functions above
  /// don't make.
  void adopt(Object &object, size_t bytes, unsigned innerDepth);
  /// Counts bytes that are not an object's yet, until they are released.
  void hold(size_t bytes);
  void release(size_t bytes) { memory_.live -= bytes; }
  /// Counts bytes that an object grew by.
  void grow(Object &object, size_t bytes);

private:
  friend class Level;
  [[noreturn]] static void tooDeep();
  [[noreturn]] static void tooManySteps();

  uint64_t steps_ = 0;
  unsigned depth_ = 0;
  Memory memory_;
  std::vector<std::unique_ptr<Object>> kept_;
};

/// The deepest of some values.
unsigned depthOf(const Value &value);
unsigned depthOf(const std::vector<Value> &values);

/// Collects a dict's entries; a key that comes again keeps its place and gets
/// the new value.
class DictBuilder {
public:
  explicit DictBuilder(Heap &heap);
  /// Fails where the key is not hashable.
  void set(const Value &key, const Value &value);
  /// Adds a key alone; false where it is there already.
  bool add(const Value &key);
  Value finish();

private:
  Heap &heap_;
  std::shared_ptr<DictObject> dict_;
};

/// The entry of a key, or null. Fails where the key is not hashable.
const Value *findEntry(Heap &heap, const DictObject &dict, const Value &key);
/// The same of a text.
const Value *findEntry(Heap &heap, const DictObject &dict,
                       std::string_view key);

/// A text that grows; fails where it gets too long.
class TextBuilder {
public:
  explicit TextBuilder(Heap &heap) : heap_(heap) {}
  ~TextBuilder() { heap_.release(text_.size()); }
  TextBuilder(const TextBuilder &) = delete;
  TextBuilder &operator=(const TextBuilder &) = delete;

  TextBuilder &append(std::string_view piece) {
    heap_.stepBytes(piece.size());
    Heap::checkText(text_.size() + piece.size());
    heap_.hold(piece.size());
    text_ += piece;
    return *this;
  }
  TextBuilder &append(char32_t codePoint);
  TextBuilder &repeat(std::string_view piece, uint64_t count);
  std::string_view view() const { return text_; }
  /// The text, as a string or as a value; the builder is empty then.
  std::string take();
  Value finish(bool isMarkup = false) { return heap_.text(take(), isMarkup); }

private:
  Heap &heap_;
  std::string text_;
};

} // namespace llmc::jinja

#endif
