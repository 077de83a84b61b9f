// SPDX-License-Identifier: Apache-2.0
// The module `llmc._native`: llmc.hpp as Python sees it, in plain types that
// the package's Python files make friendly. Functions release the GIL while the
// runtime works; a failure is an `llmc.Error`. For the files beside this one.
#ifndef LLMC_BINDINGS_PYTHON_NATIVE_BINDINGS_H
#define LLMC_BINDINGS_PYTHON_NATIVE_BINDINGS_H

#include <llmc/llmc.hpp>
#include <memory>
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <optional>
#include <string>
#include <vector>

namespace llmc::python {

namespace nb = nanobind;

/// A session and the model that it belongs to. Python's objects share it.
struct Session {
  Session(std::shared_ptr<api::Model> model,
          const std::optional<std::string> &name, int64_t capacity)
      : model(std::move(model)),
        session(*this->model,
                LlmcSessionOptions{name ? name->c_str() : nullptr, capacity}) {}
  std::shared_ptr<api::Model> model;
  api::Session session;
};

/// The settings of a generation, with the lists that they point into.
struct GenerateSettings {
  LlmcGenerateOptions options;
  std::vector<LlmcLogitBias> logitBias;
  std::vector<uint32_t> stopTokens;
  std::vector<std::string> stopStrings;
  std::vector<const char *> stopPointers;
  std::string jsonSchema, grammar, constraint;
  std::shared_ptr<Session> draft;
};

/// Settings by their names in Python. An unknown one is a TypeError that names
/// the function.
std::unique_ptr<GenerateSettings> settingsFrom(const nb::dict &given,
                                               const char *function);

using Vector = nb::ndarray<nb::numpy, float, nb::ndim<1>>;

/// An array of its own memory: what the runtime gives lasts until the next
/// call.
Vector arrayOf(std::vector<float> values);

/// Adds a class or functions to the module.
void bindModel(nb::module_ &module);
void bindRun(nb::class_<Session> &session);
void bindTasks(nb::class_<Session> &session);
void bindGeneration(nb::module_ &module);
void bindBatch(nb::module_ &module);
void bindSpeech(nb::module_ &module);

} // namespace llmc::python

#endif
