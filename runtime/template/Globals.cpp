// SPDX-License-Identifier: Apache-2.0
// Functions that every template has: Jinja2's and those of `transformers`.
#include "runtime/template/Failure.h"
#include "runtime/template/Functions.h"
#include "runtime/template/Interpreter.h"
#include "runtime/template/Print.h"
#include <clocale>
#include <locale.h>

namespace llmc::jinja {

namespace {

Value range(Interpreter &in, const Value &, Bound &args) {
  int64_t start = args.has(1) ? args.integer(0, 0) : 0;
  int64_t stop = args.has(1) ? args.integer(1, 0) : args.integer(0, 0);
  int64_t step = args.integer(2, 1);
  if (step == 0)
    fail("range() arg 3 must not be zero");
  RangeObject probe;
  probe.start = start;
  probe.stop = stop;
  probe.step = step;
  if (probe.size() > limits::rangeItems)
    fail("Range too big. The sandbox blocks ranges larger than {}.",
         limits::rangeItems);
  return in.heap().range(start, stop, step);
}

/// The pairs that dict() and namespace() are given: a mapping or pairs, then
/// names.
Value pairsOf(Heap &heap, CallArguments &arguments, std::string_view function) {
  DictBuilder out(heap);
  if (arguments.positional.size() > 1)
    fail("{} expected at most 1 argument, got {}", function,
         arguments.positional.size());
  if (!arguments.positional.empty()) {
    const Value &source = arguments.positional[0];
    Value pairs =
        source.is(Kind::Dict) ? heap.view(source, ViewObject::Items) : source;
    Cursor cursor(heap, pairs);
    for (Value pair; cursor.next(pair);) {
      std::vector<Value> parts = collect(heap, pair);
      if (parts.size() != 2)
        fail("{}: an item is no pair", function);
      out.set(parts[0], parts[1]);
    }
  }
  for (const auto &[name, value] : arguments.named)
    out.set(heap.text(name), value);
  return out.finish();
}

Value dict(Interpreter &in, const Value &, Bound &args) {
  return pairsOf(in.heap(), args.all(), "dict");
}

Value makeNamespace(Interpreter &in, const Value &, Bound &args) {
  Heap &heap = in.heap();
  Value pairs = pairsOf(heap, args.all(), "namespace");
  Value out;
  NamespaceObject &made = heap.newNamespace(out);
  for (const auto &[key, value] : pairs.as<DictObject>().entries) {
    if (!key.isText())
      unsupported("an attribute of a namespace that is no text");
    heap.grow(made, sizeof(Value) + key.text().size());
    made.attributes.emplace_back(key.text(), value);
  }
  return out;
}

Value cycler(Interpreter &in, const Value &, Bound &args) {
  if (args.all().positional.empty() || !args.all().named.empty())
    fail("at least one item has to be provided");
  return in.heap().cycler(args.all().positional);
}

Value joiner(Interpreter &in, const Value &, Bound &args) {
  return in.heap().joiner(args.has(0) ? args[0] : in.heap().text(", "));
}

/// The template refuses the conversation, in its own words.
Value raiseException(Interpreter &in, const Value &, Bound &args) {
  fail("{}", printed(in.heap(), args[0]));
}

/// strftime() with the names of the C locale, whatever the program has set.
/// What a time without a time zone lacks is empty, and so are microseconds
/// zero, as Python's datetime has them.
std::string formatTime(const std::string &format, const std::tm &time) {
  static const locale_t names = newlocale(LC_ALL_MASK, "C", nullptr);
  std::string prepared;
  for (size_t i = 0; i < format.size(); ++i) {
    char next = format[i] == '%' && i + 1 < format.size() ? format[i + 1] : 0;
    if (next == 'z' || next == 'Z')
      ++i;
    else if (next == 'f')
      prepared += "000000", ++i;
    else if (next)
      prepared += {'%', next}, ++i;
    else
      prepared += format[i];
  }
  // A result may be empty, so one character more tells it from a failure.
  prepared += ' ';
  std::string out(prepared.size() * 16 + 256, '\0');
  size_t size =
      strftime_l(out.data(), out.size(), prepared.c_str(), &time, names);
  if (size == 0)
    exceeded("strftime_now: the text gets too long");
  out.resize(size - 1);
  return out;
}

Value strftimeNow(Interpreter &in, const Value &, Bound &args) {
  std::string_view format = args.text(0, {});
  constexpr size_t longest = 4096;
  if (format.size() > longest)
    exceeded("strftime_now: a format of more than {} bytes", longest);
  if (format.find('\0') != format.npos)
    fail("strftime_now: embedded null character");
  return in.heap().text(formatTime(std::string(format), in.now()));
}

constexpr Native table[] = {
    {"cycler", "*", cycler},
    {"dict", "*", dict},
    {"joiner", "sep?", joiner},
    {"lipsum", "*", nullptr},
    {"namespace", "*", makeNamespace},
    {"raise_exception", "message", raiseException},
    {"range", "start/ stop?/ step?/", range},
    {"strftime_now", "format", strftimeNow},
};

} // namespace

const Native *findGlobal(std::string_view name) {
  return findNative(table, name);
}

} // namespace llmc::jinja
