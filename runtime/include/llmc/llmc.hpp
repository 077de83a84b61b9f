// SPDX-License-Identifier: Apache-2.0
// llmc for C++: owners over llmc.h. Header-only; throws llmc::Failure.
// Thread-safety is that of llmc.h.
#ifndef LLMC_LLMC_HPP
#define LLMC_LLMC_HPP

#include "llmc.h"
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace llmc::api {

/// What a call failed with; what() is one line.
class Failure : public std::runtime_error {
public:
  Failure(LlmcStatus status, const char *what)
      : std::runtime_error(what), status_(status) {}
  LlmcStatus status() const { return status_; }

private:
  LlmcStatus status_;
};

inline void check(LlmcStatus status) {
  if (status != LLMC_STATUS_OK)
    throw Failure(status, llmc_last_error());
}

/// A sequence of tensors of one type as an input. An optional tensor is a
/// sequence of at most one. The tensors must outlive the call.
inline LlmcTensor sequenceOf(const std::vector<LlmcTensor> &tensors,
                             LlmcDType dtype) {
  return {const_cast<LlmcTensor *>(tensors.data()),
          dtype,
          LLMC_SEQUENCE,
          {static_cast<int64_t>(tensors.size())}};
}
/// An optional sequence that is not there.
inline LlmcTensor absentSequence(LlmcDType dtype) {
  return {nullptr, dtype, LLMC_SEQUENCE, {LLMC_ABSENT}};
}
/// The tensors of an output that is a sequence or an optional value; null and 0
/// where there is none.
inline std::pair<const LlmcTensor *, size_t>
tensorsOf(const LlmcTensor &sequence) {
  return {static_cast<const LlmcTensor *>(sequence.data),
          sequence.dims[0] > 0 ? static_cast<size_t>(sequence.dims[0]) : 0};
}

/// An open artifact.
class Model {
public:
  explicit Model(const std::string &path, const LlmcOpenOptions &options = {}) {
    llmc_model *model = nullptr;
    check(llmc_open(path.c_str(), &options, &model));
    handle_.reset(model);
  }

  std::string_view manifest() const {
    size_t length = 0;
    const char *text = llmc_manifest(handle_.get(), &length);
    return {text, length};
  }

  std::vector<uint32_t> tokenize(std::string_view text,
                                 bool addSpecial = true) const {
    // A token has at least one byte of text, special ones aside.
    std::vector<uint32_t> ids(text.size() + 16);
    size_t count = 0;
    check(llmc_tokenize(handle_.get(), text.data(), text.size(), addSpecial,
                        ids.data(), ids.size(), &count));
    bool fits = count <= ids.size();
    ids.resize(count);
    if (!fits)
      check(llmc_tokenize(handle_.get(), text.data(), text.size(), addSpecial,
                          ids.data(), ids.size(), &count));
    return ids;
  }

  std::string detokenize(const std::vector<uint32_t> &ids) const {
    size_t length = 0;
    check(llmc_detokenize(handle_.get(), ids.data(), ids.size(), nullptr, 0,
                          &length));
    std::string text(length, '\0');
    check(llmc_detokenize(handle_.get(), ids.data(), ids.size(), text.data(),
                          text.size(), &length));
    return text;
  }

  /// The text of a conversation, which is JSON as llmc.h says.
  std::string applyChatTemplate(
      std::string_view conversation,
      const LlmcChatOptions &options = llmc_chat_defaults()) const {
    // Most texts are no longer than the JSON they come from.
    std::string text(conversation.size() + 4096, '\0');
    size_t size = 0;
    check(llmc_apply_chat_template(handle_.get(), conversation.data(),
                                   conversation.size(), &options, text.data(),
                                   text.size(), &size));
    bool fits = size <= text.size();
    text.resize(size);
    if (!fits)
      check(llmc_apply_chat_template(handle_.get(), conversation.data(),
                                     conversation.size(), &options, text.data(),
                                     text.size(), &size));
    return text;
  }

  llmc_model *get() const { return handle_.get(); }

private:
  struct Close {
    void operator()(llmc_model *model) const { llmc_close(model); }
  };
  std::unique_ptr<llmc_model, Close> handle_;
};

inline LlmcGenerateOptions generateDefaults() {
  LlmcGenerateOptions options;
  check(llmc_generate_defaults(&options, sizeof options));
  return options;
}

/// The samples of a WAV file in memory, and their rate.
inline std::pair<std::vector<float>, int64_t> readWav(std::string_view file) {
  std::pair<std::vector<float>, int64_t> sound;
  size_t count = 0;
  check(llmc_read_wav(file.data(), file.size(), nullptr, 0, &count,
                      &sound.second));
  sound.first.resize(count);
  check(llmc_read_wav(file.data(), file.size(), sound.first.data(), count,
                      &count, &sound.second));
  return sound;
}

/// One conversation, or one stream of runs.
class Session {
public:
  explicit Session(const Model &model, const LlmcSessionOptions &options = {}) {
    llmc_session *session = nullptr;
    check(llmc_session_create(model.get(), &options, &session));
    handle_.reset(session);
  }

  /// The outputs are valid until the next call.
  std::pair<const LlmcNamedTensor *, size_t>
  run(const std::vector<LlmcNamedTensor> &inputs, const char *entry = nullptr) {
    check(llmc_session_run(handle_.get(), entry, inputs.data(), inputs.size()));
    std::pair<const LlmcNamedTensor *, size_t> outputs = {nullptr, 0};
    check(llmc_session_outputs(handle_.get(), &outputs.first, &outputs.second));
    return outputs;
  }

  /// Logits of the last token, valid until the next call.
  std::pair<const float *, size_t> append(const std::vector<int64_t> &tokens) {
    std::pair<const float *, size_t> logits = {nullptr, 0};
    check(llmc_session_append(handle_.get(), tokens.data(), tokens.size(),
                              &logits.first, &logits.second));
    return logits;
  }
  void rewind(int64_t length) {
    check(llmc_session_rewind(handle_.get(), length));
  }
  int64_t length() const { return llmc_session_length(handle_.get()); }

  /// Calls f(const LlmcGenerated &) with every token and the end of every text,
  /// or f(std::string_view piece) with the text as it comes; f returns true to
  /// go on, and must not throw.
  template <typename F>
  LlmcGenerateResult
  generate(std::string_view prompt, F &&f,
           const LlmcGenerateOptions &options = generateDefaults()) {
    auto call = [](void *user,
                   const LlmcGenerated *generated) noexcept -> int32_t {
      auto &take = *static_cast<std::remove_reference_t<F> *>(user);
      if constexpr (std::is_invocable_v<F &, const LlmcGenerated &>)
        return take(*generated) ? 0 : 1;
      else
        return generated->length == 0 ||
                       take(
                           std::string_view(generated->text, generated->length))
                   ? 0
                   : 1;
    };
    LlmcGenerateResult result = {};
    check(llmc_session_generate(
        handle_.get(), prompt.data(), prompt.size(), &options, call,
        const_cast<void *>(static_cast<const void *>(&f)), &result));
    return result;
  }

  std::vector<float> embed(std::string_view text,
                           LlmcPooling pooling = LLMC_POOLING_MODEL,
                           int32_t normalize = -1) {
    std::vector<float> vector(8192);
    size_t size = 0;
    check(llmc_session_embed(handle_.get(), text.data(), text.size(), pooling,
                             normalize, vector.data(), vector.size(), &size));
    bool fits = size <= vector.size();
    vector.resize(size);
    if (!fits)
      check(llmc_session_embed(handle_.get(), text.data(), text.size(), pooling,
                               normalize, vector.data(), size, &size));
    return vector;
  }

  /// Calls f(const LlmcFinding &) with each of the best classes; f must not
  /// throw.
  template <typename F>
  void classify(std::string_view text, size_t count, F &&f) {
    check(llmc_session_classify(handle_.get(), text.data(), text.size(), count,
                                each<LlmcFinding, F>, address(f)));
  }
  /// With the best tokens for each mask.
  template <typename F>
  void fillMasks(std::string_view text, size_t count, F &&f) {
    check(llmc_session_fill_masks(handle_.get(), text.data(), text.size(),
                                  count, each<LlmcFinding, F>, address(f)));
  }
  /// With each entity.
  template <typename F>
  void tag(std::string_view text, F &&f,
           LlmcAggregation aggregation = LLMC_AGGREGATION_SIMPLE) {
    check(llmc_session_tag(handle_.get(), text.data(), text.size(), aggregation,
                           each<LlmcFinding, F>, address(f)));
  }
  /// With each answer.
  template <typename F>
  void answer(std::string_view question, std::string_view context, F &&f,
              const LlmcAnswerOptions &options = llmc_answer_defaults()) {
    check(llmc_session_answer(handle_.get(), question.data(), question.size(),
                              context.data(), context.size(), &options,
                              each<LlmcFinding, F>, address(f)));
  }
  /// Calls f(const LlmcSegment &) with what was said, as it is found.
  template <typename F>
  LlmcTranscribeResult transcribe(
      const std::vector<float> &samples, int64_t rate, F &&f,
      const LlmcTranscribeOptions &options = llmc_transcribe_defaults()) {
    LlmcTranscribeResult result = {};
    check(llmc_session_transcribe(handle_.get(), samples.data(), samples.size(),
                                  rate, &options, each<LlmcSegment, F>,
                                  address(f), &result));
    return result;
  }

  /// From any thread.
  void cancel() { llmc_session_cancel(handle_.get()); }
  llmc_session *get() const { return handle_.get(); }

private:
  /// A callback that goes on to the end.
  template <typename T, typename F>
  static int32_t each(void *user, const T *told) noexcept {
    (*static_cast<std::remove_reference_t<F> *>(user))(*told);
    return 0;
  }
  template <typename F> static void *address(F &f) {
    return const_cast<void *>(static_cast<const void *>(&f));
  }
  struct Free {
    void operator()(llmc_session *session) const { llmc_session_free(session); }
  };
  std::unique_ptr<llmc_session, Free> handle_;
};

/// Requests that run together. submit() keeps f and done until the request has
/// ended: f as for Session::generate, done(LlmcStatus, const char
/// *error, const LlmcGenerateResult &); neither throws.
class Batch {
public:
  explicit Batch(const Model &model, const LlmcBatchOptions &options = {}) {
    llmc_batch *batch = nullptr;
    check(llmc_batch_create(model.get(), &options, &batch));
    handle_.reset(batch);
  }

  template <typename F, typename Done>
  uint64_t submit(std::string_view prompt, F f, Done done,
                  const LlmcGenerateOptions &options = generateDefaults()) {
    struct Callbacks {
      F f;
      Done done;
    };
    auto callbacks =
        std::make_unique<Callbacks>(Callbacks{std::move(f), std::move(done)});
    auto onToken = [](void *user,
                      const LlmcGenerated *generated) noexcept -> int32_t {
      return static_cast<Callbacks *>(user)->f(*generated) ? 0 : 1;
    };
    auto onEnd = [](void *user, uint64_t, LlmcStatus status, const char *error,
                    const LlmcGenerateResult *result) noexcept {
      std::unique_ptr<Callbacks> kept(static_cast<Callbacks *>(user));
      kept->done(status, error, *result);
    };
    uint64_t request = 0;
    check(llmc_batch_submit(handle_.get(), prompt.data(), prompt.size(),
                            &options, onToken, onEnd, callbacks.get(),
                            &request));
    callbacks.release(); // its end's
    return request;
  }
  /// From any thread.
  void cancel(uint64_t request) { llmc_batch_cancel(handle_.get(), request); }
  /// False: there is nothing to do.
  bool step() {
    int32_t busy = 0;
    check(llmc_batch_step(handle_.get(), &busy));
    return busy != 0;
  }
  llmc_batch *get() const { return handle_.get(); }

private:
  struct Free {
    void operator()(llmc_batch *batch) const { llmc_batch_free(batch); }
  };
  std::unique_ptr<llmc_batch, Free> handle_;
};

} // namespace llmc::api

#endif
