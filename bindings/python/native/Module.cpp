// SPDX-License-Identifier: Apache-2.0
#include "bindings/python/native/Bindings.h"

namespace llmc::python {

/// An llmc.Error, which is a class of Python's.
static void translate(const std::exception_ptr &thrown, void *) {
  try {
    std::rethrow_exception(thrown);
  } catch (const api::Failure &failure) {
    nb::object type = nb::module_::import_("llmc._error").attr("Error");
    nb::object error = type(static_cast<int>(failure.status()), failure.what());
    PyErr_SetObject(type.ptr(), error.ptr());
  }
}

NB_MODULE(_native, module) {
  // Objects that live until the interpreter ends are nobody's fault.
  nb::set_leak_warnings(false);
  module.doc() = "llmc's C interface; programs use the package llmc.";
  nb::register_exception_translator(translate);
  module.def("version", llmc_version);
  bindModel(module);
  bindGeneration(module);
  bindBatch(module);
  bindSpeech(module);
}

} // namespace llmc::python
