// SPDX-License-Identifier: Apache-2.0
// Writing and opening artifacts; every damaged byte is found.
#include "runtime/model/Artifact.h"
#include "test/unit/runtime/Toy.h"
#include <catch2/catch.hpp>

using namespace llmc;
using namespace llmc::test;

static Status openStatus(const std::string &path) {
  auto artifact = Artifact::open(path);
  return artifact ? Status() : artifact.takeStatus();
}

TEST_CASE("an artifact comes back as it was written") {
  TemporaryFolder folder;
  REQUIRE(writeToy(folder / "a.llmc").ok());
  auto artifact = Artifact::open(folder / "a.llmc");
  REQUIRE(artifact.ok());
  const Manifest &manifest = (*artifact)->manifest();
  CHECK(manifest.id == toyManifest().id);
  REQUIRE(manifest.models.size() == 1);
  REQUIRE(manifest.models[0].entries.size() == 4);
  const EntryInfo &prefill = manifest.models[0].entries[1];
  CHECK(prefill.inputs[1].dims[1].symbol == "past + n");
  CHECK(prefill.inputs[0].role == "tokens");
  CHECK(prefill.states[0].dims[3] == Dim(2));
  CHECK(prefill.sites[0].op == "Gather");
  CHECK(manifest.generation.eos == std::vector<int64_t>{5, 6});
  REQUIRE(manifest.weights.size() == 2);
  CHECK(reinterpret_cast<const float *>((*artifact)->weight(0).data())[3] ==
        40);
  CHECK((*artifact)->weight(1).size() == size_t(9) << 20);
  CHECK((*artifact)->weight(1)[12345] == std::byte(0x5A));
  CHECK(reinterpret_cast<uintptr_t>((*artifact)->weight(1).data()) % 4096 == 0);
  CHECK((*artifact)->file("tokenizer.json")->size() == toyTokenizer().size());
  CHECK(!(*artifact)->file("other"));
  CHECK((*artifact)->checkWeights().ok());
}

TEST_CASE("the same content gives the same bytes") {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder / "sub");
  REQUIRE(writeToy(folder / "a.llmc").ok());
  REQUIRE(writeToy(folder / "sub/b.llmc").ok());
  CHECK(readBytes(folder / "a.llmc") == readBytes(folder / "sub/b.llmc"));
}

TEST_CASE("a changed byte outside the weights is refused at open, inside them "
          "by the full check") {
  TemporaryFolder folder;
  REQUIRE(writeToy(folder / "a.llmc", {.bigWeight = 40000}).ok());
  std::vector<std::byte> good = readBytes(folder / "a.llmc");
  auto artifact = Artifact::open(folder / "a.llmc");
  REQUIRE(artifact.ok());
  uint64_t begin = 4096, end = begin + (*artifact)->weights().size();
  size_t step = 0;
  for (size_t i = 0; i < good.size(); i += 1 + step++ % 61) {
    std::vector<std::byte> bad = good;
    bad[i] ^= std::byte(1 << i % 8);
    writeBytes(folder / "b.llmc", bad);
    auto opened = Artifact::open(folder / "b.llmc");
    INFO("byte " << i);
    if (i >= begin && i < end) {
      REQUIRE(opened.ok());
      CHECK((*opened)->checkWeights().code() == Code::Integrity);
    } else {
      REQUIRE(!opened.ok());
      CHECK(opened.error().code == Code::Integrity);
    }
  }
}

TEST_CASE("a truncated or extended artifact is refused") {
  TemporaryFolder folder;
  REQUIRE(writeToy(folder / "a.llmc", {.bigWeight = 4000}).ok());
  std::vector<std::byte> good = readBytes(folder / "a.llmc");
  for (size_t size :
       {size_t(0), size_t(1), size_t(8), size_t(63), size_t(64), size_t(4095),
        size_t(4096), size_t(5000), good.size() - 1}) {
    writeBytes(folder / "b.llmc", std::span(good).first(size));
    CHECK(openStatus(folder / "b.llmc").code() == Code::Integrity);
  }
  good.push_back(std::byte(0));
  writeBytes(folder / "b.llmc", good);
  CHECK(openStatus(folder / "b.llmc").code() == Code::Integrity);
}

TEST_CASE("another format version is named") {
  TemporaryFolder folder;
  REQUIRE(writeToy(folder / "a.llmc", {.bigWeight = 100}).ok());
  std::vector<std::byte> bytes = readBytes(folder / "a.llmc");
  bytes[8] = std::byte(9);
  writeBytes(folder / "a.llmc", bytes);
  Status status = openStatus(folder / "a.llmc");
  REQUIRE(status.code() == Code::Integrity);
  CHECK(status.error().what ==
        "has artifact format 9, this llmc reads format 1");
}

TEST_CASE("what is no file is bad input") {
  TemporaryFolder folder;
  CHECK(openStatus(folder.path).code() == Code::BadInput);
  CHECK(openStatus(folder / "missing").code() == Code::BadInput);
  writeBytes(folder / "m.onnx", std::as_bytes(std::span("abcdefgh")));
  CHECK(openStatus(folder / "m.onnx").code() == Code::BadInput);
}

/// Rewrites a well-formed file with a changed header or table, with matching
/// digests: only the checks can refuse it.
template <typename F>
static Status openForged(const TemporaryFolder &folder, F change) {
  std::vector<std::byte> bytes = readBytes(folder / "a.llmc");
  format::FileHeader header;
  std::memcpy(&header, bytes.data(), sizeof header);
  std::vector<format::Section> table(header.sections);
  std::memcpy(table.data(), bytes.data() + header.tableOffset,
              table.size() * sizeof(format::Section));
  change(header, table);
  std::memset(header.digest, 0, sizeof header.digest);
  Sha256 hash;
  hash.update(std::as_bytes(std::span(&header, 1)));
  hash.update(std::as_bytes(std::span(table)));
  Digest digest = hash.finish();
  std::copy(digest.begin(), digest.end(), header.digest);
  std::memcpy(bytes.data(), &header, sizeof header);
  std::memcpy(bytes.data() + bytes.size() -
                  table.size() * sizeof(format::Section),
              table.data(), table.size() * sizeof(format::Section));
  writeBytes(folder / "b.llmc", bytes);
  return openStatus(folder / "b.llmc");
}

TEST_CASE("forged offsets are refused") {
  TemporaryFolder folder;
  REQUIRE(writeToy(folder / "a.llmc", {.bigWeight = 100000}).ok());
  using Header = format::FileHeader;
  using Table = std::vector<format::Section>;
  CHECK(openForged(folder, [](Header &, Table &) {}).ok());
  for (size_t i = 0; i < 5; ++i) {
    CHECK(openForged(folder, [&](Header &, Table &t) {
            t[i].offset = ~uint64_t(4095);
          }).code() == Code::Integrity);
    CHECK(openForged(folder, [&](Header &, Table &t) {
            t[i].size = ~uint64_t(0);
          }).code() == Code::Integrity);
    CHECK(openForged(folder, [&](Header &, Table &t) {
            t[i].offset += 64;
          }).code() == Code::Integrity);
    CHECK(openForged(folder, [&](Header &, Table &t) {
            t[i].offset = 0;
          }).code() == Code::Integrity);
    CHECK(openForged(folder, [&](Header &, Table &t) {
            t[i].kind ^= 7;
          }).code() == Code::Integrity);
  }
  CHECK(openForged(folder, [](Header &h, Table &) {
          h.tableOffset = ~uint64_t(0) - 10;
        }).code() == Code::Integrity);
  CHECK(openForged(folder, [](Header &h, Table &) {
          h.sections = 1u << 31;
        }).code() == Code::Integrity);
}

TEST_CASE("a dropped writer leaves nothing, a second write replaces the file") {
  TemporaryFolder folder;
  {
    auto writer = ArtifactWriter::begin(folder / "a.llmc");
    REQUIRE(writer.ok());
    const char bytes[100] = {};
    REQUIRE((*writer)->addWeight("w", std::as_bytes(std::span(bytes))).ok());
  }
  CHECK(std::filesystem::is_empty(folder.path));
  REQUIRE(writeToy(folder / "a.llmc", {.bigWeight = 10}).ok());
  REQUIRE(writeToy(folder / "a.llmc", {.bigWeight = 100000}).ok());
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) ==
        1);
  CHECK(ArtifactWriter::begin(folder / "no/such/folder.llmc").error().code ==
        Code::BadInput);
  CHECK(ArtifactWriter::begin(folder.path).error().code == Code::BadInput);
}

TEST_CASE("a weight must yield exactly its bytes") {
  TemporaryFolder folder;
  const char bytes[100] = {};
  auto few = [&](const ArtifactWriter::Sink &sink) {
    return sink(std::as_bytes(std::span(bytes)));
  };
  auto writer = ArtifactWriter::begin(folder / "a.llmc");
  REQUIRE(writer.ok());
  CHECK((*writer)->addWeight("w", 101, few).error().code == Code::Internal);
  auto other = ArtifactWriter::begin(folder / "a.llmc");
  CHECK((*other)->addWeight("w", 99, few).error().code == Code::Internal);
}

TEST_CASE("generation defaults come back") {
  Manifest manifest = toyManifest();
  GenerationDefaults &g = manifest.generation;
  g.minNewTokens = 1, g.maxNewTokens = 2, g.minLength = 3, g.maxLength = 4;
  g.doSample = true, g.temperature = 0.5, g.topK = 5, g.topP = 0.25;
  g.minP = 0.125, g.repetitionPenalty = 1.5, g.noRepeatNgram = 6;
  g.sequences = 7, g.beams = 8, g.lengthPenalty = -2;
  g.earlyStopping = "never";
  auto back = Manifest::fromJson(manifest.toJson());
  REQUIRE(back);
  CHECK(back->toJson() == manifest.toJson());
  CHECK(back->generation.minLength == 3);
  CHECK(back->generation.lengthPenalty == -2);
  CHECK(back->generation.earlyStopping == "never");
  g.earlyStopping = "often";
  CHECK_THAT(Manifest::fromJson(manifest.toJson()).error().what,
             Catch::Contains("'early_stopping' is unknown"));
}

TEST_CASE("a hostile manifest is refused with a reason") {
  auto fails = [](const std::string &text) {
    return Manifest::fromJson(text).error().what;
  };
  CHECK(fails("{") == "the manifest is not valid JSON");
  CHECK(fails(std::string(100000, '[')).find("nested") != std::string::npos);
  CHECK(fails("[]") == "manifest: expected an object");
  auto with = [&](const std::string &from, const std::string &to) {
    std::string text = toyManifest().toJson();
    REQUIRE(text.find(from) != std::string::npos);
    return fails(text.replace(text.find(from), from.size(), to));
  };
  CHECK(with("\"f32\"", "\"f31\"") ==
        "manifest.models[0].entries[0].inputs[0].dtype: unknown element type");
  CHECK(with("\"tokens\"", "\"tokenz\"") ==
        "manifest.models[0].entries[1].inputs[0].role: unknown role");
  CHECK(with("\"axis\":2", "\"axis\":4").find("outside [0, 3]") !=
        std::string::npos);
  CHECK(with("[\"rows\",4]", "[\"rows\",-4]").find("outside") !=
        std::string::npos);
  CHECK(
      with("\"eos\":[5,6]", "\"eos\":[18446744073709551615]").find("outside") !=
      std::string::npos);
  CHECK(with("\"passes\":[\"none\"]", "\"passes\":7") ==
        "manifest.passes: expected an array");
}
