// SPDX-License-Identifier: Apache-2.0
// What a program may do wrong with llmc.h: each is an error with a message, and
// nothing crashes or changes.
#include "runtime/include/llmc/llmc.h"
#include "test/unit/runtime/Toy.h"
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

using namespace llmc::test;

namespace {

/// A model and a session of the toy.
struct Toy {
  Toy() {
    REQUIRE(writeToy(folder / "a.llmc", {.bigWeight = 1000}).ok());
    LlmcOpenOptions options = {
        .threads = 1, .check_weights = 0, .isa = nullptr};
    REQUIRE(llmc_open((folder / "a.llmc").c_str(), &options, &model) ==
            LLMC_STATUS_OK);
    LlmcSessionOptions room = {nullptr, 64};
    REQUIRE(llmc_session_create(model, &room, &session) == LLMC_STATUS_OK);
  }
  ~Toy() {
    llmc_session_free(session);
    llmc_close(model);
  }
  Toy(const Toy &) = delete;

  LlmcNamedTensor x() { return {"x", {values, LLMC_F32, 2, {2, 4}}}; }
  LlmcNamedTensor y() { return {"y", {values, LLMC_F32, 2, {2, 4}}}; }

  TemporaryFolder folder;
  llmc_model *model = nullptr;
  llmc_session *session = nullptr;
  float values[8] = {1, 2, 3, 4, 5, 6, 7, 8};
};

/// The message of a call that has to be refused.
std::string refused(LlmcStatus status) {
  CHECK(status == LLMC_STATUS_BAD_INPUT);
  return llmc_last_error();
}

int32_t ignore(void *, const LlmcGenerated *) { return 0; }

} // namespace

TEST_CASE("handles that are null") {
  Toy toy;
  size_t size = 1;
  uint32_t id = 0;
  const float *logits = nullptr;
  const LlmcNamedTensor *outputs = nullptr;
  llmc_session *session = toy.session;
  CHECK(refused(llmc_tokenize(nullptr, "t1", 2, 1, &id, 1, &size)) ==
        "llmc_tokenize: the model is null");
  CHECK(refused(llmc_detokenize(nullptr, &id, 1, nullptr, 0, &size)) ==
        "llmc_detokenize: the model is null");
  CHECK(refused(llmc_apply_chat_template(nullptr, "[]", 2, nullptr, nullptr, 0,
                                         &size)) ==
        "llmc_apply_chat_template: the model is null");
  CHECK(refused(llmc_session_create(nullptr, nullptr, &session)) ==
        "llmc_session_create: the model is null");
  CHECK(llmc_manifest(nullptr, &size) == nullptr);
  CHECK(size == 0);
  CHECK(std::string(llmc_last_error()) == "llmc_manifest: the model is null");
  CHECK(refused(llmc_session_run(nullptr, nullptr, nullptr, 0)) ==
        "llmc_session_run: the session is null");
  CHECK(refused(llmc_session_outputs(nullptr, &outputs, &size)) ==
        "llmc_session_outputs: the session is null");
  int64_t token = 1;
  CHECK(refused(llmc_session_append(nullptr, &token, 1, &logits, &size)) ==
        "llmc_session_append: the session is null");
  CHECK(refused(llmc_session_rewind(nullptr, 0)) ==
        "llmc_session_rewind: the session is null");
  CHECK(llmc_session_length(nullptr) == -1);
  CHECK(refused(llmc_session_generate(nullptr, "t1", 2, nullptr, ignore,
                                      nullptr, nullptr)) ==
        "llmc_session_generate: the session is null");
  CHECK(refused(llmc_session_embed(nullptr, "t1", 2, LLMC_POOLING_MODEL, -1,
                                   nullptr, 0, &size)) ==
        "llmc_session_embed: the session is null");
  llmc_close(nullptr);
  llmc_session_free(nullptr);
  llmc_session_cancel(nullptr);
}

TEST_CASE("arguments that are null") {
  Toy toy;
  size_t size = 0;
  const float *logits = nullptr;
  const LlmcNamedTensor *outputs = nullptr;
  llmc_model *model = nullptr;
  CHECK(refused(llmc_open(nullptr, nullptr, &model)) ==
        "llmc_open: 'path' is null");
  CHECK(refused(llmc_open("a", nullptr, nullptr)) ==
        "llmc_open: 'model' is null");
  CHECK(refused(llmc_tokenize(toy.model, nullptr, 1, 1, nullptr, 0, &size)) ==
        "llmc_tokenize: 'text' is null");
  CHECK(refused(llmc_tokenize(toy.model, "t1", 2, 1, nullptr, 1, &size)) ==
        "llmc_tokenize: 'ids' is null");
  CHECK(refused(llmc_tokenize(toy.model, "t1", 2, 1, nullptr, 0, nullptr)) ==
        "llmc_tokenize: 'count' is null");
  CHECK(refused(llmc_detokenize(toy.model, nullptr, 1, nullptr, 0, &size)) ==
        "llmc_detokenize: 'ids' is null");
  CHECK(refused(llmc_detokenize(toy.model, nullptr, 0, nullptr, 0, nullptr)) ==
        "llmc_detokenize: 'length' is null");
  CHECK(refused(llmc_apply_chat_template(toy.model, nullptr, 2, nullptr,
                                         nullptr, 0, &size)) ==
        "llmc_apply_chat_template: 'conversation' is null");
  CHECK(refused(llmc_session_create(toy.model, nullptr, nullptr)) ==
        "llmc_session_create: 'session' is null");
  CHECK(refused(llmc_session_run(toy.session, nullptr, nullptr, 2)) ==
        "llmc_session_run: 'inputs' is null");
  CHECK(refused(llmc_session_outputs(toy.session, nullptr, &size)) ==
        "llmc_session_outputs: 'outputs' is null");
  CHECK(refused(llmc_session_outputs(toy.session, &outputs, nullptr)) ==
        "llmc_session_outputs: 'count' is null");
  CHECK(refused(llmc_session_append(toy.session, nullptr, 1, &logits, &size)) ==
        "llmc_session_append: 'tokens' is null");
  int64_t token = 1;
  CHECK(refused(llmc_session_append(toy.session, &token, 1, nullptr, &size)) ==
        "llmc_session_append: 'logits' is null");
  CHECK(refused(llmc_generate_defaults(nullptr, 8)) ==
        "llmc_generate_defaults: 'options' is null");
  CHECK(refused(llmc_session_generate(toy.session, nullptr, 2, nullptr, ignore,
                                      nullptr, nullptr)) ==
        "llmc_session_generate: 'prompt' is null");
  CHECK(refused(llmc_session_generate(toy.session, "t1", 2, nullptr, nullptr,
                                      nullptr, nullptr)) ==
        "llmc_session_generate: 'callback' is null");
  CHECK(refused(llmc_session_embed(toy.session, "t1", 2, LLMC_POOLING_MODEL, -1,
                                   nullptr, 1, &size)) ==
        "llmc_session_embed: 'vector' is null");
}

TEST_CASE("handles that are closed, or were never made") {
  Toy toy;
  size_t size = 0;
  llmc_session *session = toy.session;
  llmc_model *model = toy.model;
  llmc_close(model);
  toy.model = nullptr;
  CHECK(refused(llmc_tokenize(model, "t1", 2, 1, nullptr, 0, &size)) ==
        "llmc_tokenize: the model is not open: it was freed, or never made");
  CHECK(llmc_manifest(model, &size) == nullptr);
  llmc_session *other = session;
  CHECK(refused(llmc_session_create(model, nullptr, &other)) ==
        "llmc_session_create: the model is not open: it was freed, or never "
        "made");
  llmc_close(model); // is left alone

  // A session keeps what it needs of a closed model.
  LlmcNamedTensor inputs[] = {toy.x(), toy.y()};
  CHECK(llmc_session_run(session, nullptr, inputs, 2) == LLMC_STATUS_OK);

  llmc_session_free(session);
  toy.session = nullptr;
  CHECK(refused(llmc_session_run(session, nullptr, inputs, 2)) ==
        "llmc_session_run: the session is not open: it was freed, or never "
        "made");
  CHECK(llmc_session_length(session) == -1);
  llmc_session_free(session);
  CHECK(refused(llmc_session_rewind(
            reinterpret_cast<llmc_session *>(toy.values), 0)) ==
        "llmc_session_rewind: the session is not open: it was freed, or never "
        "made");
}

TEST_CASE("a failed call gives no handle") {
  Toy toy;
  llmc_model *model = toy.model;
  CHECK(llmc_open((toy.folder / "none.llmc").c_str(), nullptr, &model) ==
        LLMC_STATUS_BAD_INPUT);
  CHECK(model == nullptr);
  llmc_session *session = toy.session;
  LlmcSessionOptions negative = {nullptr, -1};
  CHECK(refused(llmc_session_create(toy.model, &negative, &session)) ==
        "llmc_session_create: the capacity is negative");
  LlmcSessionOptions unknown = {"other", 0};
  std::string message =
      refused(llmc_session_create(toy.model, &unknown, &session));
  CHECK(message.find("has no model 'other'; it has toy") != std::string::npos);
  CHECK(session == nullptr);
}

TEST_CASE("inputs that an entry does not have") {
  Toy toy;
  auto what = [&](std::vector<LlmcNamedTensor> inputs,
                  const char *entry = nullptr) {
    std::string message = refused(
        llmc_session_run(toy.session, entry, inputs.data(), inputs.size()));
    const LlmcNamedTensor *outputs = nullptr;
    size_t count = 1;
    CHECK(llmc_session_outputs(toy.session, &outputs, &count) ==
          LLMC_STATUS_OK);
    CHECK(count == 0);
    return message;
  };
  LlmcNamedTensor x = toy.x(), y = toy.y();
  auto changed = [&](auto change) {
    LlmcNamedTensor copy = y;
    change(copy);
    return what({x, copy});
  };
  CHECK(changed([](auto &t) { t.name = "w"; }) ==
        "entry 'raw' has no input 'w'; it has x, y");
  CHECK(changed([](auto &t) { t.name = nullptr; }) ==
        "llmc_session_run: an input's name is null");
  CHECK(changed([](auto &t) { t.name = "x"; }) == "input 'x' is given twice");
  CHECK(what({x}) == "input 'y' is missing");
  CHECK(what({}) == "input 'x' is missing");
  CHECK(changed([](auto &t) { t.tensor.dtype = LLMC_I64; }) ==
        "input 'y' has type i64, expected f32");
  CHECK(changed([](auto &t) { t.tensor.rank = 1; }) ==
        "input 'y' has rank 1, expected 2");
  CHECK(changed([](auto &t) { t.tensor.rank = 1000; }) ==
        "input 'y' has rank 1000, expected 2");
  CHECK(changed([](auto &t) { t.tensor.dims[1] = 3; }) ==
        "input 'y' dim 1 = 3, expected 4");
  CHECK(changed([](auto &t) { t.tensor.data = nullptr; }) ==
        "input 'y' has no data");
  CHECK(what({x, y}, "other").find("has no entry 'other'") !=
        std::string::npos);
  CHECK(what({x, y}, "decode") ==
        "entry 'decode' has states: append tokens instead");
  LlmcNamedTensor right[] = {y, x};
  CHECK(llmc_session_run(toy.session, nullptr, right, 2) == LLMC_STATUS_OK);
}

TEST_CASE("options and positions that are impossible") {
  Toy toy;
  size_t size = 0;
  const float *logits = nullptr;
  CHECK(refused(llmc_session_append(toy.session, nullptr, 0, &logits, &size)) ==
        "there is no token to start from");
  int64_t token = 1;
  REQUIRE(llmc_session_append(toy.session, &token, 1, &logits, &size) ==
          LLMC_STATUS_OK);
  CHECK(refused(llmc_session_rewind(toy.session, 2)) ==
        "cannot go back to 2 positions, 1 are there");
  CHECK(refused(llmc_session_rewind(toy.session, -1)) ==
        "cannot go back to -1 positions, 1 are there");
  CHECK(llmc_session_length(toy.session) == 1);
  CHECK(refused(llmc_session_embed(
            toy.session, "t1", 2, static_cast<LlmcPooling>(-2), -1, nullptr, 0,
            &size)) == "llmc_session_embed: unknown pooling");
  LlmcGenerateOptions options = {};
  CHECK(refused(llmc_session_generate(toy.session, "t1", 2, &options, ignore,
                                      nullptr, nullptr))
            .find("generation options of 0 bytes") == 0);
  CHECK(llmc_session_length(toy.session) == 1);
}

namespace {

/// Calls everything on a session from within its callback, or lets another
/// thread do so.
struct Intruder {
  Toy toy;
  bool isOtherThread = false;
  int calls = 0;

  void intrude() {
    size_t size = 0;
    const float *logits = nullptr;
    const LlmcNamedTensor *outputs = nullptr;
    int64_t token = 1;
    std::string tail =
        isOtherThread ? "another thread" : "the call whose callback this is";
    for (const std::string &message :
         {refused(llmc_session_run(toy.session, nullptr, nullptr, 0)),
          refused(llmc_session_outputs(toy.session, &outputs, &size)),
          refused(llmc_session_append(toy.session, &token, 1, &logits, &size)),
          refused(llmc_session_rewind(toy.session, 0)),
          refused(llmc_session_generate(toy.session, "t1", 2, nullptr, ignore,
                                        nullptr, nullptr)),
          refused(llmc_session_embed(toy.session, "t1", 2, LLMC_POOLING_MODEL,
                                     -1, nullptr, 0, &size))}) {
      std::string end = ": the session is in use by " + tail;
      CHECK(message.size() > end.size());
      CHECK(message.substr(message.size() - end.size()) == end);
    }
    CHECK(llmc_session_length(toy.session) == -1);
    ++calls;
  }

  static int32_t onToken(void *user, const LlmcGenerated *) {
    auto *self = static_cast<Intruder *>(user);
    if (self->isOtherThread)
      std::thread([self] { self->intrude(); }).join();
    else
      self->intrude();
    return 1;
  }
};

} // namespace

TEST_CASE("a session that is in use") {
  Intruder intruder;
  for (bool isOtherThread : {false, true}) {
    intruder.isOtherThread = isOtherThread;
    LlmcStatus status =
        llmc_session_generate(intruder.toy.session, "t1 t2", 5, nullptr,
                              Intruder::onToken, &intruder, nullptr);
    CHECK(status == LLMC_STATUS_OK);
  }
  CHECK(intruder.calls == 2);
  CHECK(llmc_session_length(intruder.toy.session) > 0); // usable again
}

TEST_CASE("a session that its own callback frees ends its call") {
  Toy toy;
  auto freeIt = [](void *user, const LlmcGenerated *) -> int32_t {
    llmc_session_free(static_cast<llmc_session *>(user));
    return 0;
  };
  CHECK(llmc_session_generate(toy.session, "t1 t2", 5, nullptr, freeIt,
                              toy.session, nullptr) == LLMC_STATUS_OK);
  CHECK(llmc_session_length(toy.session) == -1);
}

TEST_CASE("threads that share a session are refused or served, never mixed") {
  Toy toy;
  std::atomic<int> served = 0, denied = 0;
  auto work = [&] {
    for (int i = 0; i < 2000; ++i) {
      LlmcNamedTensor inputs[] = {toy.x(), toy.y()};
      LlmcStatus status = llmc_session_run(toy.session, nullptr, inputs, 2);
      ++(status == LLMC_STATUS_OK ? served : denied);
      if (status != LLMC_STATUS_OK &&
          std::string(llmc_last_error()) !=
              "llmc_session_run: the session is in use by another thread")
        served = -10000;
    }
  };
  std::thread other(work);
  work();
  other.join();
  CHECK(served > 0);
  CHECK(served + denied == 4000);
}
