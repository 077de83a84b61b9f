// SPDX-License-Identifier: Apache-2.0
#include "runtime/template/Failure.h"
#include "runtime/template/Json.h"
#include <nlohmann/json.hpp>

namespace llmc::jinja {

namespace {

using nlohmann::json;

/// Makes values as the parser reads; a tree of nlohmann's would lose the order
/// of keys.
class Builder : public nlohmann::json_sax<json> {
public:
  Builder(Heap &heap, BigIntegers big) : heap_(heap), big_(big) {}

  Value take() { return std::move(root_); }

  bool null() override { return put(Value::none()); }
  bool boolean(bool value) override { return put(Value::boolean(value)); }
  bool number_integer(number_integer_t value) override {
    return put(Value::integer(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > INT64_MAX)
      return putBig(static_cast<double>(value));
    return put(Value::integer(static_cast<int64_t>(value)));
  }
  bool number_float(number_float_t value, const string_t &digits) override {
    if (digits.find_first_of(".eE") == digits.npos)
      return putBig(value);
    return put(Value::real(value));
  }
  bool string(string_t &value) override {
    return put(heap_.text(std::move(value)));
  }
  bool binary(binary_t &) override { return false; }
  bool start_object(size_t) override {
    open();
    levels_.back().dict = std::make_unique<DictBuilder>(heap_);
    return true;
  }
  bool key(string_t &name) override {
    levels_.back().key = heap_.text(std::move(name));
    return true;
  }
  bool end_object() override {
    Value dict = levels_.back().dict->finish();
    levels_.pop_back();
    return put(std::move(dict));
  }
  bool start_array(size_t) override {
    open();
    return true;
  }
  bool end_array() override {
    Value list = heap_.list(std::move(levels_.back().items));
    levels_.pop_back();
    return put(std::move(list));
  }
  bool parse_error(size_t byte, const std::string &,
                   const nlohmann::detail::exception &error) override {
    bool isRange = dynamic_cast<const nlohmann::detail::out_of_range *>(&error);
    fail("not valid JSON{} at byte {}",
         isRange ? ": a number is out of range" : "", byte);
  }

private:
  struct Level {
    std::unique_ptr<DictBuilder> dict; // null: a list
    Value key;
    std::vector<Value> items;
  };

  void open() {
    if (levels_.size() >= limits::jsonDepth)
      exceeded("JSON nesting exceeds {}", limits::jsonDepth);
    levels_.emplace_back();
  }

  bool putBig(double value) {
    if (big_ == BigIntegers::Refused)
      unsupported("the JSON has an integer beyond 64 bits");
    return put(Value::real(value));
  }

  bool put(Value value) {
    if (levels_.empty())
      root_ = std::move(value);
    else if (levels_.back().dict)
      levels_.back().dict->set(levels_.back().key, value);
    else
      add(levels_.back().items, std::move(value));
    return true;
  }

  void add(std::vector<Value> &items, Value value) {
    heap_.step();
    if (items.size() == items.capacity())
      heap_.checkItems(2 * items.size());
    items.push_back(std::move(value));
  }

  Heap &heap_;
  BigIntegers big_;
  Value root_;
  std::vector<Level> levels_;
};

} // namespace

Value parseJson(Heap &heap, std::string_view text, BigIntegers big) {
  if (text.size() > limits::jsonBytes)
    exceeded("{} bytes of JSON, more than {}", text.size(), limits::jsonBytes);
  Builder builder(heap, big);
  json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

} // namespace llmc::jinja
