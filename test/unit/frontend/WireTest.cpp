// SPDX-License-Identifier: Apache-2.0
// Files that are no models, or not whole ones.
#include "test/unit/frontend/Harness.h"

using namespace llmc;
using namespace llmc::test;
using Catch::Contains;

namespace {
Msg sound() { return model(chain({node("Relu", {"x"}, {"y"})})); }
} // namespace

TEST_CASE("a sound model has no error") { CHECK(errorOf(sound()) == ""); }

TEST_CASE("an empty file") {
  CHECK(errorOfBytes("") == "not an ONNX model: file is empty");
}

TEST_CASE("a missing file and a folder") {
  Folder folder;
  CHECK(errorOfFile(folder.path + "/none.onnx") ==
        "cannot open (ENOENT, No such file or directory)");
  CHECK(errorOfFile(folder.path) == "not a regular file but a folder");
}

TEST_CASE("truncated varints and messages") {
  CHECK(errorOfBytes("\x08") == "truncated protobuf at byte 1");
  CHECK(errorOfBytes("\x08\x8a") == "truncated protobuf at byte 2");
  std::string whole = sound().bytes;
  CHECK_THAT(errorOfBytes(whole.substr(0, 20)),
             Contains("byte 2: field 7 (graph) claims") && Contains("remain"));
}

TEST_CASE("every cut of a sound model ends in an error, not in a crash") {
  std::string whole = sound().bytes;
  for (size_t length = 1; length < whole.size(); ++length)
    CHECK(errorOfBytes(whole.substr(0, length)) != "");
}

TEST_CASE("a length beyond the end") {
  CHECK(errorOfBytes("\x08\x0a\x3a\x64zz") ==
        "byte 2: field 7 (graph) claims 100 bytes, 2 remain");
  std::string huge = "\x08\x0a\x3a";
  huge += Msg().varint(UINT64_MAX).bytes;
  CHECK_THAT(errorOfBytes(huge),
             Contains("claims 18446744073709551615 bytes, 0 remain"));
}

TEST_CASE("invalid tags") {
  CHECK_THAT(errorOfBytes(std::string(8, '\0')),
             Contains("invalid protobuf tag at byte 0 (field 0"));
  for (int type : {3, 4, 6, 7})
    CHECK_THAT(
        errorOf(Msg(sound()).varint(static_cast<uint64_t>(50 << 3 | type))),
        Contains("invalid protobuf tag at byte"));
}

TEST_CASE("a varint that is too long") {
  CHECK_THAT(errorOfBytes("\x08" + std::string(10, '\x80') + "\x01"),
             Contains("varint too long at byte 1"));
}

TEST_CASE("a known field of another wire type") {
  CHECK(errorOf(Msg().number(1, 10).number(7, 1)) ==
        "byte 2: field 7 (graph) has wire type 0, expected 2");
}

TEST_CASE("a graph given twice") {
  CHECK_THAT(errorOf(Msg(sound()).message(7, Msg())),
             Contains("field 7 (graph) is given twice"));
}

TEST_CASE("unknown fields are passed over") {
  CHECK(errorOf(Msg(sound()).number(900, 1).text(901, "later")) == "");
}

TEST_CASE("files of other formats are named") {
  CHECK_THAT(errorOfBytes(
                 "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
             Contains("Git LFS pointer"));
  CHECK_THAT(errorOfBytes("<!DOCTYPE html><html></html>"), Contains("HTML"));
  CHECK_THAT(errorOfBytes(std::string("PK\3\4", 4) + "archive"),
             Contains("zip archive"));
  CHECK_THAT(errorOfBytes("GGUF\3"), Contains("GGUF"));
  CHECK_THAT(errorOfBytes(std::string("\x10\0\0\0\0\0\0\0", 8) + "{\"a\":{}}"),
             Contains("safetensors"));
}

TEST_CASE("subgraphs and types nested too deep") {
  Msg inner = graph({}, {}, {});
  for (int level = 0; level < 70; ++level)
    inner = graph(
        {node("If", {"c"}, {"y"}, {graphAttribute("then_branch", inner)})}, {},
        {});
  CHECK_THAT(errorIn(inner), Contains("subgraph nesting exceeds 64"));
  Msg type = Msg().message(1, Msg().number(1, 1));
  for (int level = 0; level < 70; ++level)
    type = Msg().message(4, Msg().message(1, type));
  CHECK_THAT(errorIn(graph({}, {Msg().text(1, "x").message(2, type)}, {})),
             Contains("type nesting exceeds 64"));
}
