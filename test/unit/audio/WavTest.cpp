// SPDX-License-Identifier: Apache-2.0
// WAV files in every coding that is read, and those that are not what they say.
#include "runtime/audio/Wav.h"
#include <bit>
#include <catch2/catch.hpp>
#include <limits>
#include <string>

using namespace llmc;
using namespace std::string_literals;

namespace {

struct Header {
  int tag = 1, channels = 1, rate = 16000, bits = 16;
  bool extensible = false;
};

std::string little(uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i)
    out += static_cast<char>(value >> (8 * i));
  return out;
}

std::string part(const std::string &tag, const std::string &body) {
  return tag + little(body.size(), 4) + body +
         (body.size() % 2 ? std::string(1, '\0') : "");
}

std::string format(const Header &h) {
  int frame = h.channels * h.bits / 8;
  std::string body = little(h.extensible ? 0xFFFE : h.tag, 2) +
                     little(h.channels, 2) + little(h.rate, 4) +
                     little(static_cast<uint64_t>(h.rate) * frame, 4) +
                     little(frame, 2) + little(h.bits, 2);
  if (h.extensible)
    body += little(22, 2) + little(h.bits, 2) + little(0, 4) +
            little(h.tag, 2) +
            std::string("\x00\x00\x00\x00\x10\x00\x80\x00\x00\xAA\x00\x38\x9B"
                        "\x71",
                        14);
  return part("fmt ", body);
}

std::string file(const std::string &parts) {
  return "RIFF" + little(parts.size() + 4, 4) + "WAVE" + parts;
}

std::string file(const Header &h, const std::string &data) {
  return file(format(h) + part("data", data));
}

Result<Sound> read(const std::string &text) {
  return readWav(std::as_bytes(std::span(text)));
}

std::vector<float> samplesOf(const std::string &text) {
  auto sound = read(text);
  REQUIRE(sound);
  return sound->samples;
}

std::string failure(const std::string &text) {
  auto sound = read(text);
  REQUIRE_FALSE(sound);
  return sound.error().what;
}

using Samples = std::vector<float>;

} // namespace

TEST_CASE("each coding gives the same samples") {
  const Samples want = {0, 0.5, -1, -0.25};
  CHECK(samplesOf(file({.bits = 8}, "\x80\xC0\x00\x60"s)) == want);
  CHECK(samplesOf(file({}, little(0, 2) + little(0x4000, 2) +
                               little(0x8000, 2) + little(0xE000, 2))) == want);
  CHECK(samplesOf(file({.bits = 24}, little(0, 3) + little(0x400000, 3) +
                                         little(0x800000, 3) +
                                         little(0xE00000, 3))) == want);
  CHECK(samplesOf(file({.bits = 32}, little(0, 4) + little(0x40000000, 4) +
                                         little(0x80000000, 4) +
                                         little(0xE0000000, 4))) == want);
  std::string floats, doubles;
  for (float x : want) {
    floats += little(std::bit_cast<uint32_t>(x), 4);
    doubles += little(std::bit_cast<uint64_t>(double{x}), 8);
  }
  CHECK(samplesOf(file({.tag = 3, .bits = 32}, floats)) == want);
  CHECK(samplesOf(file({.tag = 3, .bits = 64}, doubles)) == want);
  CHECK(samplesOf(file({.tag = 3, .bits = 32, .extensible = true}, floats)) ==
        want);
}

TEST_CASE("several channels become their mean") {
  Header stereo{.channels = 2, .rate = 44100, .bits = 8};
  auto sound = read(file(stereo, "\xC0\x80\x00\x80"s));
  REQUIRE(sound);
  CHECK(sound->rate == 44100);
  CHECK(sound->samples == Samples{0.25, -0.5});
}

TEST_CASE("other parts are passed over, and a frame that is cut off") {
  std::string data = little(0x4000, 2) + little(0x2000, 2) + "\x01";
  CHECK(samplesOf(file(part("LIST", "odd") + format({}) + part("data", data) +
                       part("tail", "x"))) == Samples{0.5, 0.25});
  CHECK(samplesOf(file({}, "")).empty());
}

TEST_CASE("what is written to a pipe goes to the end") {
  std::string text = file(format({}) + "data" + little(0xFFFFFFFF, 4) +
                          little(0x4000, 2) + little(0xC000, 2));
  CHECK(samplesOf(text) == Samples{0.5, -0.5});
}

TEST_CASE("what is wrong is said") {
  CHECK(failure("") == "this is no WAV file");
  CHECK(failure("RIFF1234AVI ") == "this is no WAV file");
  CHECK(failure(file(format({}))) == "there are no samples");
  CHECK(failure(file(part("data", "ab"))) ==
        "samples come before their format");
  CHECK(failure(file(part("fmt ", "short"))) == "the format is cut off");
  CHECK(failure(file(format({}) + "data" + little(8, 4) + "abc")) ==
        "a part of 8 bytes is cut off: 3 are there");
  CHECK(failure(file({.tag = 2, .bits = 4}, "")) ==
        "sound of coding 0x2 is not read");
  CHECK(failure(file({.bits = 12}, "")) ==
        "PCM samples of 12 bits are not read");
  CHECK(failure(file({.tag = 3, .bits = 16}, "")) ==
        "float samples of 16 bits are not read");
  CHECK(failure(file({.channels = 0}, "")) ==
        "0 channels of 16000 samples a second: at least one, of 1000 to "
        "384000");
  CHECK(failure(file({.rate = 500}, "")) ==
        "1 channels of 500 samples a second: at least one, of 1000 to 384000");
  std::string lying = file({}, "");
  lying[12 + 8 + 12] = 3; // bytes of a frame
  CHECK(failure(lying) == "the format's sizes contradict each other");
  std::string unknown = file({.extensible = true}, "");
  unknown[12 + 8 + 30] = 1;
  CHECK(failure(unknown) == "the extensible format is not known");
  float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(failure(file({.tag = 3, .bits = 32},
                     little(0, 4) + little(std::bit_cast<uint32_t>(nan), 4))) ==
        "sample 1 is NaN or infinite");
}
