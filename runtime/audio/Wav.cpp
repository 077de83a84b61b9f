// SPDX-License-Identifier: Apache-2.0
#include "runtime/audio/Wav.h"
#include <bit>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <optional>
#include <string_view>

namespace llmc {

namespace {

using Bytes = std::span<const std::byte>;

constexpr uint16_t tagPcm = 1, tagFloat = 3, tagExtensible = 0xFFFE;

struct Format {
  uint16_t tag = 0, channels = 0, bits = 0;
  uint32_t rate = 0;
  size_t frameBytes = 0;
};

uint64_t little(Bytes bytes, size_t at, size_t count) {
  uint64_t value = 0;
  for (size_t i = 0; i < count; ++i)
    value |= std::to_integer<uint64_t>(bytes[at + i]) << (8 * i);
  return value;
}

bool isTag(Bytes bytes, size_t at, std::string_view tag) {
  return bytes.size() - at >= tag.size() &&
         std::memcmp(bytes.data() + at, tag.data(), tag.size()) == 0;
}

Status bad(std::string what) {
  return Error{.code = Code::BadInput,
               .what = std::move(what),
               .hint = "a WAV file of PCM or floats is expected"};
}

/// The tag within an extensible format: the first bytes of a GUID whose others
/// are the same for all.
std::optional<uint16_t> extendedTag(Bytes body) {
  constexpr unsigned char rest[] = {0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80,
                                    0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71};
  if (body.size() < 40 || std::memcmp(body.data() + 26, rest, sizeof rest) != 0)
    return std::nullopt;
  return static_cast<uint16_t>(little(body, 24, 2));
}

Status checkFormat(const Format &format) {
  bool isPcm = format.tag == tagPcm, isFloat = format.tag == tagFloat;
  if (!isPcm && !isFloat)
    return Error{
        .code = Code::Unsupported,
        .what = fmt::format("sound of coding {:#x} is not read", format.tag),
        .hint = "convert it to PCM"};
  bool hasBits = isPcm ? format.bits == 8 || format.bits == 16 ||
                             format.bits == 24 || format.bits == 32
                       : format.bits == 32 || format.bits == 64;
  if (!hasBits)
    return Status(Code::Unsupported,
                  fmt::format("{} samples of {} bits are not read",
                              isPcm ? "PCM" : "float", format.bits));
  if (format.channels == 0 || format.rate < leastSampleRate ||
      format.rate > mostSampleRate)
    return bad(fmt::format("{} channels of {} samples a second: at least one, "
                           "of {} to {}",
                           format.channels, format.rate, leastSampleRate,
                           mostSampleRate));
  if (format.frameBytes != size_t{format.channels} * (format.bits / 8))
    return bad("the format's sizes contradict each other");
  return Status();
}

Result<Format> readFormat(Bytes body) {
  if (body.size() < 16)
    return bad("the format is cut off");
  Format format;
  format.tag = static_cast<uint16_t>(little(body, 0, 2));
  format.channels = static_cast<uint16_t>(little(body, 2, 2));
  format.rate = static_cast<uint32_t>(little(body, 4, 4));
  format.frameBytes = little(body, 12, 2);
  format.bits = static_cast<uint16_t>(little(body, 14, 2));
  if (format.tag == tagExtensible) {
    auto tag = extendedTag(body);
    if (!tag)
      return bad("the extensible format is not known");
    format.tag = *tag;
  }
  if (Status status = checkFormat(format); !status)
    return status;
  return format;
}

float sampleAt(Bytes data, size_t at, const Format &format) {
  uint64_t bits = little(data, at, format.bits / 8);
  if (format.tag == tagFloat)
    return format.bits == 32 ? std::bit_cast<float>(static_cast<uint32_t>(bits))
                             : static_cast<float>(std::bit_cast<double>(bits));
  if (format.bits == 8) // the only one without a sign
    return (static_cast<float>(bits) - 128.0f) / 128.0f;
  // The sign moves to the top of 32 bits.
  auto value =
      static_cast<int32_t>(static_cast<uint32_t>(bits) << (32 - format.bits));
  return static_cast<float>(value / 2147483648.0);
}

Result<Sound> readSamples(Bytes data, const Format &format) {
  Sound sound{format.rate, {}};
  sound.samples.resize(data.size() / format.frameBytes);
  size_t step = format.bits / 8;
  for (size_t i = 0; i < sound.samples.size(); ++i) {
    double sum = 0;
    for (size_t c = 0; c < format.channels; ++c)
      sum += sampleAt(data, i * format.frameBytes + c * step, format);
    if (!std::isfinite(sum))
      return Status(Code::BadInput,
                    fmt::format("sample {} is NaN or infinite", i));
    sound.samples[i] = static_cast<float>(sum / format.channels);
  }
  return sound;
}

} // namespace

Result<Sound> readWav(Bytes file) {
  if (file.size() < 12 || !isTag(file, 0, "RIFF") || !isTag(file, 8, "WAVE"))
    return bad("this is no WAV file");
  std::optional<Format> format;
  for (size_t at = 12; file.size() - at >= 8;) {
    size_t size = little(file, at + 4, 4), left = file.size() - at - 8;
    bool isData = isTag(file, at, "data");
    // What is written to a pipe does not know its size.
    if (isData && size == 0xFFFFFFFF)
      size = left;
    if (size > left)
      return bad(fmt::format("a part of {} bytes is cut off: {} are there",
                             size, left));
    Bytes body = file.subspan(at + 8, size);
    if (isTag(file, at, "fmt ")) {
      auto read = readFormat(body);
      if (!read)
        return read.takeStatus();
      format = *read;
    } else if (isData) {
      return format ? readSamples(body, *format)
                    : bad("samples come before their format");
    }
    at += 8 + std::min(left, size + size % 2);
  }
  return bad("there are no samples");
}

} // namespace llmc
