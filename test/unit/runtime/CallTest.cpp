// SPDX-License-Identifier: Apache-2.0
// Loading code objects, running entries, generating.
#include "runtime/session/Call.h"
#include "runtime/session/Session.h"
#include "test/unit/runtime/Toy.h"
#include <catch2/catch.hpp>
#include <numeric>

using namespace llmc;
using namespace llmc::test;

static std::shared_ptr<const Model> openToy(const TemporaryFolder &folder,
                                            int threads = 2) {
  REQUIRE(writeToy(folder / "a.llmc", {.bigWeight = 1000}).ok());
  auto model = Model::open(folder / "a.llmc", {.threads = threads});
  if (!model)
    FAIL(model.error().what);
  return *model;
}

static LlmcTensor matrix(std::vector<float> &values) {
  return {
      values.data(), LLMC_F32, 2, {static_cast<int64_t>(values.size()) / 4, 4}};
}

TEST_CASE("a raw entry runs, with any number of threads and rows") {
  TemporaryFolder folder;
  for (int threads : {1, 2, 5}) {
    auto model = openToy(folder, threads);
    Call call(model, *model->entry("", "raw"));
    for (size_t rows : {1, 3, 1000, 0, 7}) {
      std::vector<float> x(rows * 4), y(rows * 4, 0.5f);
      std::iota(x.begin(), x.end(), 0.0f);
      LlmcTensor inputs[] = {matrix(x), matrix(y)};
      REQUIRE(call.run(inputs).ok());
      const LlmcTensor &z = call.outputs()[0];
      REQUIRE(z.dims[0] == static_cast<int64_t>(rows));
      bool equal = true;
      for (size_t i = 0; i < x.size(); ++i)
        equal &= static_cast<float *>(z.data)[i] ==
                 x[i] + 0.5f + 10 * static_cast<float>(i % 4 + 1);
      CHECK(equal);
    }
  }
}

TEST_CASE("inputs are checked before compiled code sees them") {
  TemporaryFolder folder;
  auto model = openToy(folder);
  Call call(model, *model->entry("toy", "raw"));
  std::vector<float> x(8), y(8);
  auto whatOf = [&](auto change) {
    LlmcTensor inputs[] = {matrix(x), matrix(y)};
    change(inputs[1]);
    Status status = call.run(inputs);
    CHECK(status.code() == Code::BadInput);
    return status.ok() ? std::string() : status.error().what;
  };
  CHECK(whatOf([](LlmcTensor &t) { t.dtype = LLMC_F16; }) ==
        "input 'y' has type f16, expected f32");
  CHECK(whatOf([](LlmcTensor &t) { t.rank = 1; }) ==
        "input 'y' has rank 1, expected 2");
  CHECK(whatOf([](LlmcTensor &t) { t.dims[1] = 5; }) ==
        "input 'y' dim 1 = 5, expected 4");
  CHECK(whatOf([](LlmcTensor &t) { t.dims[0] = -1; }) ==
        "input 'y' has impossible dims");
  CHECK(whatOf([](LlmcTensor &t) { t.dims[0] = INT64_MAX; }) ==
        "input 'y' has impossible dims");
  CHECK(whatOf([](LlmcTensor &t) { t.data = nullptr; }) ==
        "input 'y' has no data");
  // This one comes from the compiled code.
  CHECK(whatOf([](LlmcTensor &t) { t.dims[0] = 1; }) ==
        "input 'y' dim 0 = 1, expected 2");
  LlmcTensor one[] = {matrix(x)};
  CHECK(call.run(one).error().what ==
        "entry 'raw' takes 2 inputs, 1 are given");
}

TEST_CASE("a kernel's failure names its site; cancelling ends a run") {
  TemporaryFolder folder;
  auto model = openToy(folder);
  Call call(model, *model->entry("", "raw"));
  std::vector<float> x(4000, -1e7f), y(4000);
  LlmcTensor inputs[] = {matrix(x), matrix(y)};
  Status status = call.run(inputs);
  REQUIRE(!status.ok());
  CHECK(status.error().where == "node 7 'sum' (Add)");
  CHECK(status.error().what == "an index is out of range");
  x.assign(4000, 1);
  call.cancel();
  CHECK(call.run(inputs).error().what == "cancelled");
  CHECK(call.run(inputs).ok());
}

static size_t argmax(Session::Logits logits) {
  return static_cast<size_t>(std::max_element(logits.begin(), logits.end()) -
                             logits.begin());
}

TEST_CASE("a session prefills, decodes, rewinds and stops when it is full") {
  TemporaryFolder folder;
  auto model = openToy(folder);
  auto session = Session::create(model, {.capacity = 8});
  REQUIRE(session.ok());
  const int64_t prompt[] = {1, 2, 4};
  auto logits = (*session)->prefill(prompt);
  REQUIRE(logits.ok());
  CHECK(argmax(*logits) == 7);
  CHECK(argmax(*(*session)->decode(3)) == 2);
  CHECK((*session)->length() == 4);
  REQUIRE((*session)->rewind(2).ok());
  CHECK(argmax(*(*session)->decode(2)) == 5);
  CHECK((*session)->decode(100).error().where == "node 3 'embed' (Gather)");
  CHECK((*session)->decode(-1).error().code == Code::BadInput);
  CHECK((*session)->length() == 3);
  const int64_t many[] = {1, 1, 1, 1, 1, 1};
  CHECK((*session)->prefill(many).error().code == Code::Resource);
  CHECK((*session)->length() == 3);
  CHECK((*session)->prefill(std::span(many).first(5)).ok());
  CHECK(!(*session)->decode(1).ok());
  CHECK(!(*session)->rewind(9).ok());
  (*session)->cancel();
}

TEST_CASE("a long prompt goes through in pieces") {
  TemporaryFolder folder;
  auto model = openToy(folder);
  auto session = Session::create(model, {});
  REQUIRE((*session)->capacity() == 4096);
  std::vector<int64_t> prompt(4096, 1);
  prompt[0] = 4;
  auto logits = (*session)->prefill(prompt);
  REQUIRE(logits.ok());
  CHECK(argmax(*logits) == 3);
}

static Status loadStatus(const TemporaryFolder &folder,
                         const ToyOptions &options,
                         const std::string &isa = "") {
  REQUIRE(writeToy(folder / "b.llmc", options).ok());
  auto model = Model::open(folder / "b.llmc", {.threads = 1, .isa = isa});
  return model ? Status() : model.takeStatus();
}

TEST_CASE("code objects that are not self-contained are refused before they "
          "are loaded") {
  TemporaryFolder folder;
  Status status =
      loadStatus(folder, {.object = "NeedsLibrary", .bigWeight = 1});
  REQUIRE(status.code() == Code::Integrity);
  CHECK(status.error().what == "code object: needs other libraries");
  status = loadStatus(folder, {.object = "NeedsSymbol", .bigWeight = 1});
  REQUIRE(status.code() == Code::Integrity);
  CHECK(status.error().what == "code object: needs the symbol 'puts'");
  status = loadStatus(folder, {.object = "HasConstructor", .bigWeight = 1});
  REQUIRE(status.code() == Code::Integrity);
  CHECK(status.error().what == "code object: runs code on loading");
}

TEST_CASE("code for another CPU is refused, --isa is obeyed") {
  TemporaryFolder folder;
  Status status =
      loadStatus(folder, {.target = std::string(hostArchitecture()) + "-future",
                          .features = {"warp9"},
                          .bigWeight = 1});
  REQUIRE(status.code() == Code::Integrity);
  CHECK(status.error().what.find("needs warp9") != std::string::npos);
  bool x86 = hostArchitecture() == "x86-64";
  status = loadStatus(
      folder, {.target = x86 ? "aarch64" : "x86-64-v3", .bigWeight = 1});
  CHECK(status.code() == Code::Integrity);
  status = loadStatus(folder, {.bigWeight = 1}, "x86-64-v9");
  CHECK(status.code() == Code::BadInput);
  CHECK(loadStatus(folder, {.bigWeight = 1},
                   std::string(hostArchitecture()) + "-toy")
            .ok());
}

TEST_CASE("artifacts can be loaded at the same time and again") {
  TemporaryFolder folder;
  for (int round = 0; round < 3; ++round) {
    auto first = openToy(folder, 1);
    REQUIRE(writeToy(folder / "b.llmc", {.bigWeight = 77}).ok());
    auto second = Model::open(folder / "b.llmc", {.threads = 1});
    REQUIRE(second.ok());
    CHECK(first->entry("", "raw")->function !=
          (*second)->entry("", "raw")->function);
  }
}
