// SPDX-License-Identifier: Apache-2.0
#include "runtime/text/JsonEvents.h"
#include <simdjson.h>

namespace llmc::text {
namespace {

using simdjson::ondemand::json_type;
using Consumer = nlohmann::json_sax<nlohmann::json>;

// Consumers bound the depth themselves, and earlier.
constexpr size_t maxDepth = 1024;
constexpr size_t unknownSize = static_cast<size_t>(-1);

class Reader {
public:
  explicit Reader(Consumer &to) : to_(to) {}

  bool object(simdjson::ondemand::object fields) {
    if (!to_.start_object(unknownSize))
      return false;
    for (auto field : fields) {
      std::string_view key;
      simdjson::ondemand::value inner;
      if (field.unescaped_key().get(key) || field.value().get(inner))
        return false;
      std::string name(key);
      if (!to_.key(name) || !value(inner))
        return false;
    }
    return to_.end_object();
  }

private:
  bool array(simdjson::ondemand::array elements) {
    if (!to_.start_array(unknownSize))
      return false;
    for (auto element : elements) {
      simdjson::ondemand::value inner;
      if (element.get(inner) || !value(inner))
        return false;
    }
    return to_.end_array();
  }

  bool value(simdjson::ondemand::value v) {
    json_type type;
    if (v.type().get(type))
      return false;
    switch (type) {
    case json_type::object: {
      simdjson::ondemand::object fields;
      return !v.get_object().get(fields) && object(fields);
    }
    case json_type::array: {
      simdjson::ondemand::array elements;
      return !v.get_array().get(elements) && array(elements);
    }
    case json_type::string: {
      std::string_view text;
      if (v.get_string().get(text))
        return false;
      std::string copy(text);
      return to_.string(copy);
    }
    case json_type::number:
      return number(v);
    case json_type::boolean: {
      bool flag = false;
      return !v.get_bool().get(flag) && to_.boolean(flag);
    }
    case json_type::null: {
      bool isNull = false;
      return !v.is_null().get(isNull) && isNull && to_.null();
    }
    }
    return false;
  }

  bool number(simdjson::ondemand::value v) {
    std::string_view token = v.raw_json_token();
    token = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
    if (token.find_first_of(".eE") != token.npos) {
      double parsed = 0;
      return !v.get_double().get(parsed) &&
             to_.number_float(parsed, std::string(token));
    }
    if (token.starts_with('-')) {
      int64_t parsed = 0;
      return !v.get_int64().get(parsed) && to_.number_integer(parsed);
    }
    uint64_t parsed = 0;
    return !v.get_uint64().get(parsed) && to_.number_unsigned(parsed);
  }

  Consumer &to_;
};

} // namespace

bool quickJsonEvents(std::string_view text, Consumer &to) {
  simdjson::padded_string padded(text);
  simdjson::ondemand::parser parser(padded.size());
  simdjson::ondemand::document document;
  simdjson::ondemand::object root;
  return !parser.allocate(padded.size(), maxDepth) &&
         !parser.iterate(padded).get(document) &&
         !document.get_object().get(root) && Reader(to).object(root) &&
         document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

} // namespace llmc::text
