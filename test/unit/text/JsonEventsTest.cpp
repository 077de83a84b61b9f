// SPDX-License-Identifier: Apache-2.0
// The quick reader of JSON gives the events that nlohmann's gives, or nothing.
#include "runtime/text/JsonEvents.h"
#include <catch2/catch.hpp>
#include <optional>

using llmc::text::quickJsonEvents;
using nlohmann::json;

namespace {

/// Writes every event down.
struct Log : nlohmann::json_sax<json> {
  std::string events;
  int left = 1000; ///< events until it stops

  bool note(const std::string &event) {
    events += event + "\n";
    return --left > 0;
  }
  bool null() override { return note("null"); }
  bool boolean(bool v) override { return note(v ? "true" : "false"); }
  bool number_integer(number_integer_t v) override {
    return note("integer " + std::to_string(v));
  }
  bool number_unsigned(number_unsigned_t v) override {
    return note("unsigned " + std::to_string(v));
  }
  bool number_float(number_float_t, const string_t &digits) override {
    return note("float " + digits);
  }
  bool string(string_t &v) override { return note("string " + v); }
  bool binary(binary_t &) override { return false; }
  bool start_object(std::size_t) override { return note("{"); }
  bool end_object() override { return note("}"); }
  bool key(string_t &v) override { return note("key " + v); }
  bool start_array(std::size_t) override { return note("["); }
  bool end_array() override { return note("]"); }
  bool parse_error(std::size_t, const std::string &,
                   const nlohmann::detail::exception &) override {
    return false;
  }
};

std::optional<std::string> quick(const std::string &text, int most = 1000) {
  Log log;
  log.left = most;
  return quickJsonEvents(text, log) ? std::optional(log.events) : std::nullopt;
}

std::optional<std::string> slow(const std::string &text, int most = 1000) {
  Log log;
  log.left = most;
  return json::sax_parse(text, &log) ? std::optional(log.events) : std::nullopt;
}

const char *const objects[] = {
    "{}",
    " {\"a\" : [ ] ,\n\t\"b\":{\"c\":null}} \r\n",
    R"({"n": [0, -0, 1, -1, 9223372036854775807, -9223372036854775808,
        18446744073709551615, 0.0, -0.5, 1e5, 1E-7 , 12345678901234567890.5]})",
    R"({"s": ["", "a\"\\\/\b\f\n\r\tz", "\u00e9\u0000\ud83d\ude00", "é😀"]})",
    R"({"same": 1, "same": 2, "": true, "\u0061": false})",
};

} // namespace

TEST_CASE("JSON events of simdjson are nlohmann's") {
  for (const char *text : objects) {
    INFO(text);
    REQUIRE(quick(text));
    CHECK(quick(text) == slow(text));
  }
}

TEST_CASE("what the quick JSON reader does not take") {
  for (const char *text : {"",
                           "1",
                           "[]",
                           "{",
                           "{\"a\":}",
                           "{\"a\":1}}",
                           "{\"a\":1} x",
                           "{\"a\":nul}",
                           "{\"a\":nullx}",
                           "{\"a\":01}",
                           "{\"a\":1.}",
                           "{\"a\":1e}",
                           "{\"a\":+1}",
                           "{\"a\":.5}",
                           "{\"a\":1x}",
                           "{\"a\":tru}",
                           "{\"a\" 1}",
                           "{\"a\":1,}",
                           "{\"a\":[1 2]}",
                           "{\"a\":\"\n\"}",
                           "{\"a\":\"\\x\"}",
                           "{\"a\":\"\\ud800\"}",
                           "{\"a\":\"\xff\"}",
                           "{\"a\":\"\xc0\x80\"}",
                           "{\"a\":18446744073709551616}",
                           "\xef\xbb\xbf{}"}) {
    INFO(text);
    CHECK(!quick(text));
  }
  // The consumer stops it.
  CHECK(!quick(objects[1], 3));
}

TEST_CASE("no prefix or flipped byte of a JSON text is read differently") {
  for (const std::string text : objects)
    for (size_t i = 0; i < text.size(); ++i) {
      std::string cut = text.substr(0, i);
      CHECK((!quick(cut) || quick(cut) == slow(cut)));
      for (int bit = 0; bit < 8; ++bit) {
        std::string flipped = text;
        flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
        INFO(flipped);
        CHECK((!quick(flipped) || quick(flipped) == slow(flipped)));
      }
    }
}
