// SPDX-License-Identifier: Apache-2.0
// `for`: plain, filtered and recursive, and the `loop` variable.
#include "runtime/template/Access.h"
#include "runtime/template/Compare.h"
#include "runtime/template/Failure.h"
#include "runtime/template/Interpreter.h"
#include "runtime/template/Print.h"

namespace llmc::jinja {

Interpreter::Flow Interpreter::executeFor(const Statement &s) {
  if (s.isRecursive) {
    current_->isKept = true;
    Activation *outer = current_;
    Value iterable = evaluate(*s.expressions[0]);
    print(*out_, heap_, renderRecursive(s, outer, iterable, 0));
    return Flow::Next;
  }
  Value iterable = evaluate(*s.expressions[0]);
  std::shared_ptr<LoopObject> loop =
      s.usesLoop ? heap_.loop(iterable) : nullptr;
  return runLoop(s, iterable, loop);
}

Interpreter::Flow
Interpreter::runLoop(const Statement &s, const Value &iterable,
                     const std::shared_ptr<LoopObject> &loop) {
  NextFunction next = s.test ? filtered(s, iterable) : iterate(heap_, iterable);
  if (loop)
    loop->next = next;
  if (loop && s.test)
    loop->iterable = Value(); // whose length is not the loop's
  bool isEmpty = true;
  Flow flow = runTurns(s, next, loop, isEmpty);
  leave(s.frame);
  if (flow != Flow::Next)
    return flow;
  if (!isEmpty || s.bodies[1].empty())
    return Flow::Next;
  enter(s.elseFrame);
  flow = execute(s.bodies[1]);
  leave(s.elseFrame);
  return flow;
}

/// The next item of a loop that has a `loop` variable.
static bool advance(const LoopObject &loop, Value &item) {
  if (!loop.after.isMissing())
    item = std::exchange(loop.after, Value());
  else if (!loop.next(item))
    return false;
  ++loop.index0;
  loop.before = std::exchange(loop.current, item);
  return true;
}

namespace {
/// Marks the end of a loop, however it comes.
struct LoopEnd {
  const std::shared_ptr<LoopObject> &loop;
  ~LoopEnd() {
    if (!loop)
      return;
    loop->isOver = true;
    loop->lastChanged = Value(); // which may refer to the loop
  }
};
} // namespace

/// `isEmpty` stays true unless a turn ends by itself: after a `break` or a
/// `continue` in every one, Jinja2 runs the `else` too.
Interpreter::Flow Interpreter::runTurns(const Statement &s,
                                        const NextFunction &next,
                                        const std::shared_ptr<LoopObject> &loop,
                                        bool &isEmpty) {
  LoopEnd end = {loop};
  Value item;
  Value loopValue = loop ? Value(Kind::Loop, loop) : Value();
  for (;;) {
    heap_.step();
    if (!(loop ? advance(*loop, item) : next(item)))
      return Flow::Next;
    assign(*s.target, item);
    if (loop)
      current_->slots[s.loopSlot] = loopValue;
    enter(s.frame);
    Flow flow = execute(s.bodies[0]);
    if (flow == Flow::Break)
      return Flow::Next;
    if (flow == Flow::Next)
      isEmpty = false;
  }
}

/// The items that pass the loop's `if`. It is a function of its own around each
/// item, so that its variables are not the body's.
NextFunction Interpreter::filtered(const Statement &s, const Value &iterable) {
  // A recursive loop's own activation is inside the one that its `if` is in.
  Activation *outer = s.isRecursive ? current_->outer : current_;
  outer->isKept = true;
  auto slots = std::make_shared<std::vector<Value>>(s.testSlots);
  bool isEntered = false;
  return [this, &s, outer, slots, isEntered,
          next = iterate(heap_, iterable)](Value &out) mutable {
    Running running(*this, outer, 0);
    running.activation()->slots.swap(*slots);
    if (!isEntered)
      enter(s.testFrame);
    isEntered = true;
    bool isFound = false;
    for (Value item; !isFound && next(item);) {
      heap_.step();
      assign(*s.testTarget, item);
      isFound = isTrue(evaluate(*s.test));
      if (isFound)
        out = targetValue(*s.testTarget);
    }
    running.activation()->slots.swap(*slots);
    return isFound;
  };
}

/// What was just assigned to a target: of several names a tuple.
Value Interpreter::targetValue(const Expression &target) {
  if (target.kind == Expression::Kind::Name)
    return variable(target.reference);
  std::vector<Value> items;
  for (const ExpressionPtr &child : target.children)
    items.push_back(targetValue(*child));
  return heap_.tuple(std::move(items));
}

Value Interpreter::renderRecursive(const Statement &s, Activation *outer,
                                   const Value &iterable, int64_t depth0) {
  Heap::Level level = heap_.nest();
  Running running(*this, outer, s.slots);
  std::shared_ptr<LoopObject> loop = heap_.loop(iterable);
  loop->depth0 = depth0;
  loop->recursive = &s;
  loop->outer = outer;
  TextBuilder inner(heap_);
  TextBuilder *before = std::exchange(out_, &inner);
  runLoop(s, iterable, loop);
  out_ = before;
  return inner.finish();
}

Value Interpreter::callLoop(const LoopObject &loop, CallArguments arguments) {
  if (arguments.positional.size() != 1 || !arguments.named.empty())
    fail("loop() takes one argument");
  if (!loop.recursive)
    fail("The loop must have the 'recursive' marker to be called recursively.");
  return renderRecursive(*loop.recursive, loop.outer, arguments.positional[0],
                         loop.depth0 + 1);
}

// The attributes of `loop`.

static const Value &peek(const LoopObject &loop) {
  if (loop.after.isMissing() && !loop.next(loop.after))
    loop.after = Value();
  return loop.after;
}

static int64_t lengthOfLoop(Heap &heap, const LoopObject &loop) {
  if (loop.length >= 0)
    return loop.length;
  std::optional<int64_t> known =
      loop.iterable.isMissing() ? std::nullopt : lengthOf(loop.iterable);
  if (known) {
    loop.length = *known;
    return loop.length;
  }
  // The items that are left are read ahead.
  auto items = std::make_shared<std::vector<Value>>();
  for (Value item; loop.next(item);)
    items->push_back(item);
  loop.length = static_cast<int64_t>(items->size()) + loop.index0 + 1 +
                !loop.after.isMissing();
  loop.next = [&heap, items, place = size_t(0)](Value &out) mutable {
    heap.step();
    if (place == items->size())
      return false;
    out = (*items)[place++];
    return true;
  };
  return loop.length;
}

static Value loopNeighbour(Heap &heap, const LoopObject &loop, bool isNext) {
  if (isNext)
    return peek(loop).isMissing() ? heap.undefined("there is no next item")
                                  : loop.after;
  return loop.index0 == 0 ? heap.undefined("there is no previous item")
                          : loop.before;
}

std::optional<Value> loopAttribute(Heap &heap, const Value &value,
                                   std::string_view name) {
  const auto &loop = value.as<LoopObject>();
  auto number = [](int64_t n) { return Value::integer(n); };
  if (name == "index")
    return number(loop.index0 + 1);
  if (name == "index0")
    return number(loop.index0);
  if (name == "first")
    return Value::boolean(loop.index0 == 0);
  if (name == "last")
    return Value::boolean(peek(loop).isMissing());
  if (name == "length")
    return number(lengthOfLoop(heap, loop));
  if (name == "revindex")
    return number(lengthOfLoop(heap, loop) - loop.index0);
  if (name == "revindex0")
    return number(lengthOfLoop(heap, loop) - loop.index0 - 1);
  if (name == "depth")
    return number(loop.depth0 + 1);
  if (name == "depth0")
    return number(loop.depth0);
  if (name == "previtem" || name == "nextitem")
    return loopNeighbour(heap, loop, name == "nextitem");
  return std::nullopt;
}

std::string describeLoop(Heap &heap, const Value &value) {
  const auto &loop = value.as<LoopObject>();
  return fmt::format("<LoopContext {}/{}>", loop.index0 + 1,
                     lengthOfLoop(heap, loop));
}

} // namespace llmc::jinja
