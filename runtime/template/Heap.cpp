// SPDX-License-Identifier: Apache-2.0
#include "runtime/template/Heap.h"
#include "runtime/template/Failure.h"
#include "runtime/text/Utf8.h"
#include <algorithm>

namespace llmc::jinja {

std::string_view Value::text() const { return as<TextObject>().text; }

int64_t RangeObject::size() const {
  if (step > 0 ? start >= stop : start <= stop)
    return 0;
  // In unsigned arithmetic, which holds the distance of any two numbers.
  auto distance = step > 0 ? static_cast<uint64_t>(stop) - start
                           : static_cast<uint64_t>(start) - stop;
  uint64_t stride = step > 0 ? static_cast<uint64_t>(step)
                             : uint64_t(0) - static_cast<uint64_t>(step);
  uint64_t count = (distance - 1) / stride + 1;
  return static_cast<int64_t>(std::min<uint64_t>(count, INT64_MAX));
}

const Value *NamespaceObject::find(std::string_view name) const {
  for (const auto &[key, value] : attributes)
    if (key == name)
      return &value;
  return nullptr;
}

unsigned depthOf(const Value &value) {
  return value.object() ? value.object()->depth : 0;
}

unsigned depthOf(const std::vector<Value> &values) {
  unsigned depth = 0;
  for (const Value &value : values)
    depth = std::max(depth, depthOf(value));
  return depth;
}

Heap::~Heap() {
  // What namespaces and macros refer to goes before any of them does.
  for (const std::unique_ptr<Object> &object : kept_)
    if (auto *space = dynamic_cast<NamespaceObject *>(object.get()))
      space->attributes.clear();
}

void Heap::tooDeep() {
  exceeded("calls, expressions or values nest deeper than {}", limits::depth);
}

void Heap::tooManySteps() {
  exceeded("takes more than {} steps", limits::steps);
}

void Heap::checkText(uint64_t bytes) {
  if (bytes > limits::textBytes)
    exceeded("a text gets longer than {} bytes", limits::textBytes);
}

void Heap::checkItems(uint64_t count) const {
  if (count > (limits::liveBytes - memory_.live) / sizeof(Value))
    exceeded("a list of {} items does not fit", count);
}

void Heap::hold(size_t bytes) {
  if (bytes > limits::liveBytes - memory_.live)
    exceeded("the values take more than {} bytes", limits::liveBytes);
  memory_.live += bytes;
}

void Heap::adopt(Object &object, size_t bytes, unsigned innerDepth) {
  if (innerDepth >= limits::valueDepth)
    exceeded("values nest deeper than {}", limits::valueDepth);
  object.depth = innerDepth + 1;
  grow(object, bytes);
}

void Heap::grow(Object &object, size_t bytes) {
  hold(bytes);
  object.memory = &memory_;
  object.bytes += bytes;
}

Value Heap::text(std::string text, bool isMarkup) {
  checkText(text.size());
  stepBytes(text.size());
  auto object = std::make_shared<TextObject>();
  adopt(*object, sizeof(TextObject) + text.size(), 0);
  object->length = text::countCodePoints(text);
  object->text = std::move(text);
  object->isMarkup = isMarkup;
  return Value(Kind::Text, std::move(object));
}

Value Heap::list(std::vector<Value> items) {
  step(1 + items.size() / 16);
  auto object = std::make_shared<SequenceObject>();
  adopt(*object, sizeof(SequenceObject) + items.size() * sizeof(Value),
        depthOf(items));
  object->items = std::move(items);
  return Value(Kind::List, std::move(object));
}

Value Heap::tuple(std::vector<Value> items, bool isGroup) {
  Value list = this->list(std::move(items));
  auto object = std::const_pointer_cast<Object>(list.object());
  static_cast<SequenceObject &>(*object).isGroup = isGroup;
  return Value(Kind::Tuple, std::move(object));
}

Value Heap::range(int64_t start, int64_t stop, int64_t step) {
  auto object = std::make_shared<RangeObject>();
  adopt(*object, sizeof(RangeObject), 0);
  object->start = start;
  object->stop = stop;
  object->step = step;
  return Value(Kind::Range, std::move(object));
}

Value Heap::view(const Value &dict, ViewObject::Part part) {
  auto object = std::make_shared<ViewObject>();
  adopt(*object, sizeof(ViewObject), depthOf(dict));
  object->dict = dict;
  object->part = part;
  return Value(Kind::View, std::move(object));
}

Value Heap::iterator(std::function<bool(Value &)> next, const Value &source) {
  auto object = std::make_shared<IteratorObject>();
  adopt(*object, sizeof(IteratorObject) + 64, depthOf(source));
  object->next = std::move(next);
  return Value(Kind::Iterator, std::move(object));
}

Value Heap::undefined(std::string message) {
  auto object = std::make_shared<UndefinedObject>();
  adopt(*object, sizeof(UndefinedObject) + message.size(), 0);
  object->message = std::move(message);
  return Value(Kind::Undefined, std::move(object));
}

Value Heap::method(const Value &self, const Native *native) {
  auto object = std::make_shared<MethodObject>();
  adopt(*object, sizeof(MethodObject), depthOf(self));
  object->self = self;
  object->native = native;
  return Value(Kind::Method, std::move(object));
}

Value Heap::cycler(std::vector<Value> items) {
  auto object = std::make_shared<CyclerObject>();
  adopt(*object, sizeof(CyclerObject) + items.size() * sizeof(Value),
        depthOf(items));
  object->items = std::move(items);
  return Value(Kind::Cycler, std::move(object));
}

Value Heap::joiner(const Value &separator) {
  auto object = std::make_shared<JoinerObject>();
  adopt(*object, sizeof(JoinerObject), depthOf(separator));
  object->separator = separator;
  return Value(Kind::Joiner, std::move(object));
}

/// A pointer that does not own: the heap does.
static std::shared_ptr<const Object> borrowed(const Object *object) {
  return {std::shared_ptr<void>(), object};
}

NamespaceObject &Heap::newNamespace(Value &out) {
  auto object = std::make_unique<NamespaceObject>();
  adopt(*object, sizeof(NamespaceObject), 0);
  NamespaceObject &made = *object;
  kept_.push_back(std::move(object));
  out = Value(Kind::Namespace, borrowed(&made));
  return made;
}

Value Heap::macro(const Statement *statement, Activation *outer) {
  auto object = std::make_unique<MacroObject>();
  adopt(*object, sizeof(MacroObject), 0);
  object->statement = statement;
  object->outer = outer;
  Value out(Kind::Macro, borrowed(object.get()));
  kept_.push_back(std::move(object));
  return out;
}

std::shared_ptr<LoopObject> Heap::loop(const Value &iterable) {
  auto object = std::make_shared<LoopObject>();
  adopt(*object, sizeof(LoopObject), depthOf(iterable));
  object->iterable = iterable;
  return object;
}

TextBuilder &TextBuilder::append(char32_t codePoint) {
  std::string piece;
  text::appendUtf8(piece, codePoint);
  return append(piece);
}

TextBuilder &TextBuilder::repeat(std::string_view piece, uint64_t count) {
  if (!piece.empty())
    Heap::checkText(std::min<uint64_t>(count, limits::textBytes + 1) *
                    piece.size());
  // Many at a time, so that it counts as copying.
  std::string many;
  while (!piece.empty() && many.size() < 4096 &&
         many.size() / piece.size() < count)
    many += piece;
  size_t each = piece.empty() ? 1 : many.size() / piece.size();
  for (; !piece.empty() && count >= each && each > 0; count -= each)
    append(many);
  return piece.empty()
             ? *this
             : append(std::string_view(many).substr(0, count * piece.size()));
}

std::string TextBuilder::take() {
  heap_.release(text_.size());
  return std::exchange(text_, {});
}

} // namespace llmc::jinja
