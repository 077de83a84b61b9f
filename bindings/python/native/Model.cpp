// SPDX-License-Identifier: Apache-2.0
// Models: texts and tokens.
#include "bindings/python/native/Bindings.h"
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

namespace llmc::python {

using Released = nb::call_guard<nb::gil_scoped_release>;
using Name = std::optional<std::string>;

static const char *pointer(const Name &name) {
  return name ? name->c_str() : nullptr;
}

static std::shared_ptr<api::Model> open(const std::string &path, int threads,
                                        const Name &isa, bool checkWeights) {
  return std::make_shared<api::Model>(
      path, LlmcOpenOptions{threads, checkWeights, pointer(isa)});
}

/// As bytes: a text that ends within a character has no str.
static nb::bytes detokenize(const api::Model &model,
                            const std::vector<uint32_t> &ids) {
  std::string text;
  {
    nb::gil_scoped_release released;
    text = model.detokenize(ids);
  }
  return nb::bytes(text.data(), text.size());
}

static std::string applyChatTemplate(const api::Model &model,
                                     std::string_view conversation,
                                     const Name &name, const Name &tools,
                                     int generationPrompt, int64_t now) {
  return model.applyChatTemplate(
      conversation, {pointer(name), pointer(tools), generationPrompt, now});
}

Vector arrayOf(std::vector<float> values) {
  auto *kept = new std::vector<float>(std::move(values));
  nb::capsule owner(kept, [](void *vector) noexcept {
    delete static_cast<std::vector<float> *>(vector);
  });
  return Vector(kept->data(), {kept->size()}, owner);
}

static Vector append(Session &session, const std::vector<int64_t> &tokens) {
  std::vector<float> logits;
  {
    nb::gil_scoped_release released;
    auto [data, size] = session.session.append(tokens);
    logits.assign(data, data + size);
  }
  return arrayOf(std::move(logits));
}

static Vector embed(Session &session, std::string_view text, int pooling,
                    int normalize) {
  std::vector<float> vector;
  {
    nb::gil_scoped_release released;
    vector = session.session.embed(text, static_cast<LlmcPooling>(pooling),
                                   normalize);
  }
  return arrayOf(std::move(vector));
}

void bindModel(nb::module_ &module) {
  nb::class_<api::Model>(module, "Model")
      .def(nb::new_(&open), nb::arg("path"), nb::arg("threads"),
           nb::arg("isa").none(), nb::arg("check_weights"), Released())
      .def("manifest", &api::Model::manifest)
      .def("tokenize", &api::Model::tokenize, nb::arg("text"),
           nb::arg("add_special"), Released())
      .def("detokenize", &detokenize, nb::arg("ids"))
      .def("apply_chat_template", &applyChatTemplate, nb::arg("conversation"),
           nb::arg("name").none(), nb::arg("tools").none(),
           nb::arg("generation_prompt"), nb::arg("now"), Released());
  nb::class_<Session> session(module, "Session");
  session
      .def(nb::init<std::shared_ptr<api::Model>, Name, int64_t>(),
           nb::arg("model"), nb::arg("name").none(), nb::arg("capacity"))
      .def("append", &append, nb::arg("tokens"))
      .def("rewind", [](Session &s, int64_t to) { s.session.rewind(to); })
      .def("length", [](const Session &s) { return s.session.length(); })
      .def("cancel", [](Session &s) { s.session.cancel(); })
      .def("embed", &embed, nb::arg("text"), nb::arg("pooling"),
           nb::arg("normalize"));
  bindRun(session);
  bindTasks(session);
}

} // namespace llmc::python
