// SPDX-License-Identifier: Apache-2.0
// Batches. Callbacks note what they are told; Python takes it after each step.
// Nobody waits for another call, or for the GIL, while holding the other one.
#include "bindings/python/native/Generated.h"
#include <atomic>
#include <mutex>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <shared_mutex>

namespace llmc::python {

namespace {

/// A token or the end of a text, or else the end of a request.
struct Told {
  uint64_t key; // the request's, as Python chose it
  std::optional<Generated> made;
  LlmcStatus status = LLMC_STATUS_OK;
  std::string error;
  LlmcGenerateResult result = {};
};

/// All of it may be called from any thread; step() refuses a second one.
class Batch {
public:
  Batch(std::shared_ptr<api::Model> model,
        const std::optional<std::string> &name, int64_t sequences,
        int64_t stepTokens, uint64_t stateBytes, int64_t lookup)
      : model_(std::move(model)) {
    LlmcBatchOptions options = {.model = name ? name->c_str() : nullptr,
                                .sequences = sequences,
                                .step_tokens = stepTokens,
                                .state_bytes = stateBytes,
                                .lookup = lookup};
    batch_ = std::make_unique<api::Batch>(*model_, options);
  }
  ~Batch() { close(); }

  uint64_t submit(uint64_t key, const std::string &prompt,
                  const nb::dict &given) {
    std::unique_ptr<GenerateSettings> settings =
        settingsFrom(given, "submit()");
    nb::gil_scoped_release released;
    Use use(*this);
    auto onToken = [this, key](const LlmcGenerated &made) {
      add({.key = key, .made = Generated(made), .error = {}});
      return true;
    };
    auto onEnd = [this, key](LlmcStatus status, const char *error,
                             const LlmcGenerateResult &result) {
      add({.key = key,
           .made = std::nullopt,
           .status = status,
           .error = error,
           .result = result});
    };
    return batch_->submit(prompt, onToken, onEnd, settings->options);
  }

  void cancel(uint64_t request) {
    Use use(*this);
    batch_->cancel(request);
  }

  bool step() {
    Use use(*this);
    return batch_->step();
  }

  /// Ends what has not ended, once the calls that run have returned.
  void close() {
    isClosing_ = true;
    std::unique_lock<std::shared_mutex> lock(use_);
    batch_.reset();
  }

  /// What was told since the last time, in its order: key and event, or key,
  /// None, status, error and stats where a request ended.
  nb::list take() {
    std::vector<Told> told;
    {
      std::lock_guard<std::mutex> lock(lock_);
      told.swap(told_);
    }
    nb::list list;
    for (const Told &one : told)
      if (one.made)
        list.append(nb::make_tuple(one.key, one.made->tuple()));
      else
        list.append(nb::make_tuple(one.key, nb::none(),
                                   static_cast<int>(one.status), one.error,
                                   dictOf(one.result)));
    return list;
  }

private:
  /// The batch, open during a call. The GIL must not be held.
  class Use {
  public:
    explicit Use(Batch &batch) : lock_(batch.use_) {
      if (batch.isClosing_ || !batch.batch_)
        throw api::Failure(LLMC_STATUS_BAD_INPUT, "the batch is closed");
    }

  private:
    std::shared_lock<std::shared_mutex> lock_;
  };

  void add(Told told) {
    std::lock_guard<std::mutex> lock(lock_);
    told_.push_back(std::move(told));
  }

  std::shared_ptr<api::Model> model_;
  std::mutex lock_; // of what was told
  std::vector<Told> told_;
  std::atomic<bool> isClosing_ = false;
  std::shared_mutex use_; // held alone: nothing uses the batch
  std::unique_ptr<api::Batch> batch_;
};

} // namespace

void bindBatch(nb::module_ &module) {
  using Released = nb::call_guard<nb::gil_scoped_release>;
  nb::class_<Batch>(module, "Batch")
      .def(nb::init<std::shared_ptr<api::Model>, std::optional<std::string>,
                    int64_t, int64_t, uint64_t, int64_t>(),
           nb::arg("model"), nb::arg("name").none(), nb::arg("sequences"),
           nb::arg("step_tokens"), nb::arg("state_bytes"), nb::arg("lookup"))
      .def("submit", &Batch::submit, nb::arg("key"), nb::arg("prompt"),
           nb::arg("settings"))
      .def("cancel", &Batch::cancel, nb::arg("request"), Released())
      .def("step", &Batch::step, Released())
      .def("close", &Batch::close, Released())
      .def("take", &Batch::take,
           nb::sig("def take(self) -> list[tuple[typing.Any, ...]]"));
}

} // namespace llmc::python
