// SPDX-License-Identifier: Apache-2.0
// Generation as an iterator.
#include "bindings/python/native/Generated.h"
#include "bindings/python/native/Stream.h"
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>

namespace llmc::python {

using Generation = Stream<Generated, LlmcGenerateResult>;

static void init(Generation *self, std::shared_ptr<Session> session,
                 std::string prompt, const nb::dict &given) {
  std::shared_ptr<GenerateSettings> settings =
      settingsFrom(given, "generate()");
  auto run = [prompt = std::move(prompt),
              settings](api::Session &own, const Generation::Put &put) {
    return own.generate(
        prompt, [&](const LlmcGenerated &made) { return put(Generated(made)); },
        settings->options);
  };
  new (self) Generation(std::move(session), std::move(run));
}

static nb::object next(Generation &generation) {
  auto made = generation.next();
  return made ? nb::object(made->tuple()) : nb::none();
}

static nb::object result(Generation &generation) {
  auto result = generation.result();
  return result ? nb::object(dictOf(*result)) : nb::none();
}

void bindGeneration(nb::module_ &module) {
  nb::class_<Generation>(module, "Generation")
      .def("__init__", &init, nb::arg("session"), nb::arg("prompt"),
           nb::arg("settings"))
      .def("next", &next,
           nb::sig("def next(self) -> tuple[int, int, str, float, "
                   "list[tuple[int, float]], int, float] | None"))
      .def("close", &Generation::close,
           nb::call_guard<nb::gil_scoped_release>())
      .def("result", &result,
           nb::sig("def result(self) -> dict[str, float] | None"));
}

} // namespace llmc::python
