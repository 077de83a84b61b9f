// SPDX-License-Identifier: Apache-2.0
// Sequences and optional values as inputs and outputs of an entry.
#include "runtime/session/Call.h"
#include "test/unit/runtime/Toy.h"
#include <catch2/catch.hpp>

using namespace llmc;
using namespace llmc::test;

namespace {

TensorInfo info(std::string name, int32_t dtype, ValueKind kind,
                std::optional<std::vector<Dim>> dims) {
  TensorInfo out;
  out.name = std::move(name);
  out.dtype = dtype;
  out.kind = kind;
  out.hasRank = dims.has_value();
  out.dims = dims.value_or(std::vector<Dim>());
  return out;
}

Manifest sequenceManifest() {
  Manifest manifest;
  manifest.id = {1, 2, 3};
  manifest.version = "0.0";
  std::vector<TensorInfo> values = {
      info("s", LLMC_F32, ValueKind::Sequence, std::nullopt),
      info("o", LLMC_F32, ValueKind::Optional, {{Dim("?"), Dim(2)}}),
      info("q", LLMC_I64, ValueKind::OptionalSequence, {{Dim("?")}})};
  EntryInfo raw = {.name = "raw",
                   .inputs = values,
                   .outputs = values,
                   .states = {},
                   .scratch = "",
                   .sites = {{3, "all", "Identity", ""}}};
  EntryInfo huge = raw, many = raw;
  huge.name = "huge";
  many.name = "many";
  manifest.models = {{"model", "model", {raw, huge, many}, {}}};
  return manifest;
}

std::shared_ptr<const Model> openSequences(const TemporaryFolder &folder) {
  auto writer = ArtifactWriter::begin(folder / "a.llmc");
  REQUIRE(writer.ok());
  (*writer)->addCode(std::string(hostArchitecture()) + "-toy", {}, 1,
                     readBytes(OBJECTS_DIR "/Sequences.so"));
  REQUIRE((*writer)->finish(sequenceManifest()).ok());
  auto model = Model::open(folder / "a.llmc", {.threads = 1});
  if (!model)
    FAIL(model.error().what);
  return *model;
}

LlmcTensor sequence(std::vector<LlmcTensor> &tensors, int32_t dtype) {
  return {tensors.data(),
          dtype,
          LLMC_SEQUENCE,
          {static_cast<int64_t>(tensors.size())}};
}

const LlmcTensor &item(const LlmcTensor &sequence, size_t i) {
  return static_cast<const LlmcTensor *>(sequence.data)[i];
}

/// Inputs that are right.
struct Given {
  float x[6] = {1, 2, 3, 4, 5, 6};
  int64_t n[2] = {7, 8};
  std::vector<LlmcTensor> s = {{x, LLMC_F32, 1, {3}},
                               {x, LLMC_F32, 2, {2, 3}},
                               {x + 4, LLMC_F32, 0, {}},
                               {nullptr, LLMC_F32, 2, {0, 5}}};
  std::vector<LlmcTensor> o = {{x, LLMC_F32, 2, {3, 2}}};
  std::vector<LlmcTensor> q = {{n, LLMC_I64, 1, {2}}};
  std::array<LlmcTensor, 3> inputs() {
    return {sequence(s, LLMC_F32), sequence(o, LLMC_F32),
            sequence(q, LLMC_I64)};
  }
};

} // namespace

TEST_CASE("the manifest keeps what values are") {
  auto back = Manifest::fromJson(sequenceManifest().toJson());
  REQUIRE(back.ok());
  const std::vector<TensorInfo> &inputs = back->models[0].entries[0].inputs;
  CHECK(inputs[0].kind == ValueKind::Sequence);
  CHECK_FALSE(inputs[0].hasRank);
  CHECK(inputs[1].kind == ValueKind::Optional);
  CHECK(inputs[1].dims == std::vector<Dim>{Dim("?"), Dim(2)});
  CHECK(inputs[2].kind == ValueKind::OptionalSequence);
  std::string text = sequenceManifest().toJson();
  auto changed = [&](const std::string &from, const std::string &to) {
    std::string copy = text;
    copy.replace(copy.find(from), from.size(), to);
    return Manifest::fromJson(copy).error().what;
  };
  CHECK(changed("\"kind\":\"sequence\"", "\"kind\":\"bag\"") ==
        "manifest.models[0].entries[0].inputs[0].kind: unknown kind");
  CHECK(changed(",\"kind\":\"sequence\"", "") ==
        "manifest.models[0].entries[0].inputs[0].dims: expected an array");
  CHECK(changed("\"role\":\"\"", "\"role\":\"tokens\"") ==
        "manifest.models[0].entries[0].inputs[0]: only a tensor has a role");
}

TEST_CASE("sequences go through an entry, again and again") {
  TemporaryFolder folder;
  auto model = openSequences(folder);
  Call call(model, *model->entry("", "raw"));
  Given given;
  for (size_t keep : {4, 1, 0, 3}) {
    given.s.resize(std::min(keep, given.s.size()));
    auto inputs = given.inputs();
    REQUIRE(call.run(inputs).ok());
    const LlmcTensor &s = call.outputs()[0];
    CHECK(s.rank == LLMC_SEQUENCE);
    REQUIRE(s.dims[0] == static_cast<int64_t>(given.s.size()));
    for (size_t i = 0; i < given.s.size(); ++i) {
      const LlmcTensor &got = item(s, given.s.size() - 1 - i);
      CHECK(got.dtype == LLMC_F32);
      REQUIRE(got.rank == given.s[i].rank);
      CHECK(std::equal(got.dims, got.dims + got.rank, given.s[i].dims));
      if (given.s[i].data)
        CHECK(*static_cast<float *>(got.data) ==
              *static_cast<float *>(given.s[i].data));
    }
    CHECK(call.outputs()[1].dims[0] == 1);
    CHECK(static_cast<int64_t *>(item(call.outputs()[2], 0).data)[1] == 8);
    given.s = Given().s;
    for (LlmcTensor &tensor : given.s)
      tensor.data = tensor.data ? given.x : nullptr;
  }
  given.o.clear();
  auto inputs = given.inputs();
  inputs[2] = {nullptr, LLMC_I64, LLMC_SEQUENCE, {LLMC_ABSENT}};
  REQUIRE(call.run(inputs).ok());
  CHECK(call.outputs()[1].dims[0] == 0);
  CHECK(call.outputs()[2].dims[0] == LLMC_ABSENT);
}

TEST_CASE("sequences are checked before compiled code sees them") {
  TemporaryFolder folder;
  auto model = openSequences(folder);
  Call call(model, *model->entry("", "raw"));
  auto whatOf = [&](auto change) {
    Given given;
    auto inputs = given.inputs();
    change(inputs, given);
    Status status = call.run(inputs);
    CHECK_FALSE(status.ok());
    return status.ok() ? std::string() : status.error().what;
  };
  auto ofInputs = [&](auto change) {
    return whatOf([&](auto &inputs, Given &) { change(inputs); });
  };
  auto ofItems = [&](auto change) {
    return whatOf([&](auto &, Given &given) { change(given); });
  };
  CHECK(ofInputs([](auto &i) { i[0].rank = 1; }) ==
        "input 's' is a tensor, expected a sequence");
  CHECK(ofInputs([](auto &i) { i[1].rank = 0; }) ==
        "input 'o' is a tensor, expected an optional tensor");
  CHECK(ofInputs([](auto &i) { i[0].dtype = LLMC_F16; }) ==
        "input 's' has type f16, expected f32");
  CHECK(ofInputs([](auto &i) { i[0].dims[0] = -1; }) ==
        "input 's' has an impossible number of tensors, -1");
  CHECK(ofInputs([](auto &i) { i[0].dims[0] = INT64_MAX; }) ==
        "input 's' has an impossible number of tensors, "
        "9223372036854775807");
  CHECK(ofInputs([](auto &i) { i[1].dims[0] = 2; }) ==
        "input 'o' has 2 tensors, expected 0 or 1");
  CHECK(ofInputs([](auto &i) { i[1].dims[0] = LLMC_ABSENT; }) ==
        "input 'o' has -1 tensors, expected 0 or 1");
  CHECK(ofInputs([](auto &i) { i[2].dims[0] = -2; }) ==
        "input 'q' has an impossible number of tensors, -2");
  CHECK(ofInputs([](auto &i) { i[0].data = nullptr; }) ==
        "input 's' has no data");
  CHECK(ofItems([](Given &g) { g.s[1].dtype = LLMC_I32; }) ==
        "input 's[1]' has type i32, expected f32");
  CHECK(ofItems([](Given &g) { g.s[1].rank = LLMC_SEQUENCE; }) ==
        "input 's[1]' has rank -1, expected 0 to 16");
  CHECK(ofItems([](Given &g) { g.s[1].rank = 17; }) ==
        "input 's[1]' has rank 17, expected 0 to 16");
  CHECK(ofItems([](Given &g) { g.o[0].rank = 1; }) ==
        "input 'o[0]' has rank 1, expected 2");
  CHECK(ofItems([](Given &g) { g.o[0].dims[1] = 3; }) ==
        "input 'o[0]' dim 1 = 3, expected 2");
  CHECK(ofItems([](Given &g) { g.s[0].dims[0] = -4; }) ==
        "input 's[0]' has impossible dims");
  CHECK(ofItems([](Given &g) { g.s[3].dims[0] = 1; }) ==
        "input 's[3]' has no data");
  CHECK(ofItems([](Given &g) { g.s[0].dims[0] = int64_t(1) << 57; }) ==
        "input 's[0]' does not fit into memory");
}

TEST_CASE("outputs that no memory holds") {
  TemporaryFolder folder;
  auto model = openSequences(folder);
  Given given;
  auto inputs = given.inputs();
  Call huge(model, *model->entry("", "huge")),
      many(model, *model->entry("", "many"));
  Status status = huge.run(inputs);
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().what == "a tensor's size is too large");
  status = many.run(inputs);
  CHECK(status.code() == Code::Resource);
}
