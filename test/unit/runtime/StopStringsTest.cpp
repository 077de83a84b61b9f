// SPDX-License-Identifier: Apache-2.0
// Where a text ends, whatever its pieces are.
#include "runtime/session/StopStrings.h"
#include "runtime/text/Utf8.h"
#include <catch2/catch.hpp>
#include <random>

using namespace llmc;

using Strings = std::vector<std::string>;

static std::string whole(const std::string &text, const Strings &strings) {
  StopStrings stops(strings);
  std::string out = stops.push(text);
  return stops.found() ? out : out + stops.finish();
}

TEST_CASE("a text ends before the first string that is complete") {
  CHECK(whole("one two three", {}) == "one two three");
  CHECK(whole("one two three", {"two"}) == "one ");
  CHECK(whole("one two three", {"four"}) == "one two three");
  CHECK(whole("one two three", {"three", "wo"}) == "one t");
  // "bc" is complete before "abcd", and "abc" is longer.
  CHECK(whole("xabcd", {"abcd", "bc"}) == "xa");
  CHECK(whole("xabcd", {"bc", "abc"}) == "x");
  CHECK(whole("stop", {"stop"}).empty());
  CHECK(whole("aab", {"ab"}) == "a");
}

TEST_CASE("what may be the beginning of a string is held back") {
  Strings strings = {"END", "\n\n"};
  StopStrings stops(strings);
  CHECK(stops.push("a E") == "a ");
  CHECK(stops.push("N").empty());
  CHECK(stops.push("E") == "EN"); // another beginning
  CHECK(stops.push("\n") == "E");
  CHECK(stops.push("E\n") == "\nE");
  CHECK_FALSE(stops.found());
  CHECK(stops.finish() == "\n");
  CHECK(stops.push("bEN") == "b");
  CHECK(stops.push("D and more").empty());
  CHECK(stops.found());
  CHECK(stops.finish().empty());
}

TEST_CASE("pieces make no difference and stay whole characters") {
  std::mt19937 random(3);
  const std::string letters[] = {"a", "b", "é", "ê", "漢", "😀", "😁"};
  auto draw = [&](size_t most) {
    std::string text;
    for (size_t i = 1 + random() % most; i-- > 0;)
      text += letters[random() % std::size(letters)];
    return text;
  };
  int ended = 0;
  for (int round = 0; round < 3000; ++round) {
    Strings strings;
    for (size_t i = 1 + random() % 3; i-- > 0;)
      strings.push_back(draw(4));
    StopStrings stops(strings);
    std::string text, out;
    while (!stops.found() && text.size() < 60) {
      std::string piece = draw(5);
      text += piece;
      std::string certain = stops.push(piece);
      REQUIRE(text::isValidUtf8(certain));
      out += certain;
    }
    ended += stops.found();
    if (!stops.found())
      out += stops.finish();
    REQUIRE(out == whole(text, strings));
  }
  CHECK(ended > 300);
  CHECK(ended < 3000);
}
