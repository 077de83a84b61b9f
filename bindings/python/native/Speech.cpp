// SPDX-License-Identifier: Apache-2.0
// Text out of sound, segment by segment, and the samples of WAV files.
#include "bindings/python/native/Stream.h"
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

namespace llmc::python {

namespace {

/// An LlmcSegment with the memory that it points into.
struct Segment {
  double start = 0, end = 0;
  std::string text;
  std::vector<uint32_t> tokens;
};

using Transcription = Stream<Segment, LlmcTranscribeResult>;
using Samples =
    nb::ndarray<const float, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Name = std::optional<std::string>;

/// All that a call reads, kept as long as it runs.
struct Asked {
  std::vector<float> samples;
  int64_t rate;
  Name language, task;
  bool timestamps;
  std::unique_ptr<GenerateSettings> settings;

  LlmcTranscribeOptions options() const {
    return {.language = language ? language->c_str() : nullptr,
            .task = task ? task->c_str() : nullptr,
            .timestamps = timestamps,
            .generate = &settings->options};
  }
};

} // namespace

static void init(Transcription *self, std::shared_ptr<Session> session,
                 const Samples &samples, int64_t rate, Name language, Name task,
                 bool timestamps, const nb::dict &given) {
  auto asked = std::make_shared<Asked>(
      Asked{{samples.data(), samples.data() + samples.size()},
            rate,
            std::move(language),
            std::move(task),
            timestamps,
            settingsFrom(given, "transcribe()")});
  auto run = [asked](api::Session &own, const Transcription::Put &put) {
    auto take = [&](const LlmcSegment &told) {
      put({told.start,
           told.end,
           {told.text, told.length},
           {told.tokens, told.tokens + told.token_count}});
    };
    return own.transcribe(asked->samples, asked->rate, take, asked->options());
  };
  new (self) Transcription(std::move(session), std::move(run));
}

/// start, end, text, tokens
static nb::object next(Transcription &transcription) {
  auto segment = transcription.next();
  if (!segment)
    return nb::none();
  return nb::make_tuple(segment->start, segment->end, segment->text,
                        segment->tokens);
}

static nb::object result(Transcription &transcription) {
  auto result = transcription.result();
  if (!result)
    return nb::none();
  nb::dict dict;
  dict["tokens"] = result->tokens;
  dict["audio_seconds"] = result->audio_seconds;
  dict["feature_seconds"] = result->feature_seconds;
  dict["encoder_seconds"] = result->encoder_seconds;
  dict["decoder_seconds"] = result->decoder_seconds;
  return dict;
}

static std::optional<std::string> language(Transcription &transcription) {
  auto result = transcription.result();
  if (!result || result->language[0] == '\0')
    return std::nullopt;
  return result->language;
}

/// samples, rate
static std::pair<Vector, int64_t> readWav(const nb::bytes &file) {
  std::pair<std::vector<float>, int64_t> sound;
  {
    nb::gil_scoped_release released;
    sound = api::readWav({file.c_str(), file.size()});
  }
  return {arrayOf(std::move(sound.first)), sound.second};
}

void bindSpeech(nb::module_ &module) {
  module.def("read_wav", &readWav, nb::arg("file"));
  nb::class_<Transcription>(module, "Transcription")
      .def("__init__", &init, nb::arg("session"), nb::arg("samples"),
           nb::arg("rate"), nb::arg("language").none(), nb::arg("task").none(),
           nb::arg("timestamps"), nb::arg("settings"))
      .def("next", &next,
           nb::sig("def next(self) -> "
                   "tuple[float, float, str, list[int]] | None"))
      .def("close", &Transcription::close,
           nb::call_guard<nb::gil_scoped_release>())
      .def("result", &result,
           nb::sig("def result(self) -> dict[str, float] | None"))
      .def("language", &language);
}

} // namespace llmc::python
