// SPDX-License-Identifier: Apache-2.0
// What a model says about a text: lists of findings, each a tuple of index,
// label, score, start, end and text.
#include "bindings/python/native/Bindings.h"
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

namespace llmc::python {

using Finding =
    std::tuple<int64_t, std::string, double, uint32_t, uint32_t, std::string>;
using Findings = std::vector<Finding>;

/// What `call` tells the function that it is given; the caller has released the
/// GIL.
template <typename F> static Findings collect(F call) {
  Findings found;
  call([&](const LlmcFinding &told) {
    found.emplace_back(told.index, std::string(told.label, told.label_length),
                       told.score, told.start, told.end,
                       std::string(told.text, told.length));
  });
  return found;
}

static Findings classify(Session &session, std::string_view text,
                         size_t count) {
  return collect(
      [&](auto take) { session.session.classify(text, count, take); });
}

static Findings fillMasks(Session &session, std::string_view text,
                          size_t count) {
  return collect(
      [&](auto take) { session.session.fillMasks(text, count, take); });
}

static Findings tag(Session &session, std::string_view text, int aggregation) {
  return collect([&](auto take) {
    session.session.tag(text, take, static_cast<LlmcAggregation>(aggregation));
  });
}

static Findings answer(Session &session, std::string_view question,
                       std::string_view context, size_t count, size_t longest,
                       size_t window, size_t stride) {
  return collect([&](auto take) {
    session.session.answer(question, context, take,
                           {count, longest, window, stride});
  });
}

void bindTasks(nb::class_<Session> &session) {
  using Released = nb::call_guard<nb::gil_scoped_release>;
  session
      .def("classify", &classify, nb::arg("text"), nb::arg("count"), Released())
      .def("fill_masks", &fillMasks, nb::arg("text"), nb::arg("count"),
           Released())
      .def("tag", &tag, nb::arg("text"), nb::arg("aggregation"), Released())
      .def("answer", &answer, nb::arg("question"), nb::arg("context"),
           nb::arg("count"), nb::arg("longest"), nb::arg("window"),
           nb::arg("stride"), Released());
}

} // namespace llmc::python
