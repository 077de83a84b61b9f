// SPDX-License-Identifier: Apache-2.0
// Tensors in files and folders.
#include "test/unit/frontend/Harness.h"

using namespace llmc;
using namespace llmc::test;
using Catch::Contains;

namespace {

/// A .npy file of version 1.0 around a header and data.
std::string npy(std::string header, const std::string &data) {
  header += "\n";
  std::string out("\x93NUMPY\1\0", 8);
  out += static_cast<char>(header.size());
  out += static_cast<char>(header.size() >> 8);
  return out + header + data;
}

std::string errorOfNpy(const std::string &bytes) {
  return errorOfLoading("x.npy", bytes,
                        [](const std::string &path) { loadNpy(path); });
}

} // namespace

TEST_CASE("tensors come back from files") {
  Folder folder;
  HostTensor tensor = floats({2, 2}, {1, -2, 0.5, 3}, "a/b");
  saveTensorPb(folder.path + "/t.pb", tensor);
  saveNpy(folder.path + "/t.npy", tensor);
  for (const char *name : {"/t.pb", "/t.npy"}) {
    HostTensor back = loadTensorFile(folder.path + name);
    CHECK(back.dtype == 1);
    CHECK(back.dims == tensor.dims);
    CHECK(back.data == tensor.data);
  }
  CHECK(loadTensorPb(folder.path + "/t.pb").name == "a/b");
  HostTensor scalar = floats({}, {7}, "s");
  saveNpy(folder.path + "/s.npy", scalar);
  CHECK(loadNpy(folder.path + "/s.npy").dims.empty());
  HostTensor empty = floats({0, 3}, {}, "e");
  saveNpy(folder.path + "/e.npy", empty);
  CHECK(loadNpy(folder.path + "/e.npy").dims == std::vector<int64_t>{0, 3});
}

TEST_CASE("strings and packed types only fit a .pb") {
  Folder folder;
  HostTensor text;
  text.dtype = 8;
  text.dims = {2};
  text.strings = {"one", ""};
  saveTensorPb(folder.path + "/t.pb", text);
  CHECK(loadTensorPb(folder.path + "/t.pb").strings == text.strings);
  CHECK_THROWS_WITH(saveNpy(folder.path + "/t.npy", text),
                    Contains("string doesn't fit a .npy file"));
  CHECK_FALSE(fitsNpy(22));
  CHECK(fitsNpy(16));
}

TEST_CASE("bad .npy files") {
  CHECK(errorOfNpy("hello world") == "not a .npy file");
  CHECK_THAT(
      errorOfNpy(npy(
          "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "1234")),
      Contains("f32[2] needs 8 bytes, has 4"));
  CHECK_THAT(
      errorOfNpy(
          npy("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", "")),
      Contains("element type '|O' is not supported"));
  CHECK_THAT(
      errorOfNpy(npy(
          "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }",
          "")),
      Contains("bad .npy header"));
  CHECK_THAT(errorOfNpy(npy(
                 "{'descr': '<f4', 'shape': (4294967296, 4294967296), }", "")),
             Contains("shape overflows"));
  CHECK_THAT(errorOfNpy(npy("{'descr': '<f4', 'shape': (-1,), }", "")),
             Contains("not a non-negative number"));
  CHECK_THAT(errorOfNpy(npy("{'descr': '<f4', }", "")),
             Contains("descr or shape is missing"));
  CHECK_THAT(errorOfNpy(std::string("\x93NUMPY\1\0\xff\xff{", 11)),
             Contains("claims 65535 bytes"));
}

TEST_CASE("file names of tensors") {
  CHECK(tensorFileStem("a.b-c_D9", "output", 0) == "a.b-c_D9");
  CHECK(tensorFileStem("a/b %", "output", 0) == "a%2Fb%20%25");
  CHECK(tensorFileStem("", "output", 4) == "output_4");
  CHECK(tensorFileStem(std::string(500, 'x'), "output", 4) == "output_4");
}

TEST_CASE("outputs are written and read back as inputs") {
  Folder folder;
  HostTensor half = floats({1, 2}, {1}, "h");
  half.dtype = 16; // bf16: two of two bytes
  std::vector<HostValue> values = {HostValue(floats({2}, {1, 2}, "x/y")),
                                   HostValue(half)};
  saveOutputs(folder.path + "/out", values);
  CHECK(std::filesystem::exists(folder.path + "/out/x%2Fy.npy"));
  CHECK(std::filesystem::exists(folder.path + "/out/signature.json"));
  std::vector<ValueSlot> slots = {{.name = "h"}, {.name = "x/y"}};
  std::vector<HostValue> back = loadInputs(folder.path + "/out", slots);
  REQUIRE(back.size() == 2);
  CHECK(back[0].dtype == 16);
  CHECK(back[1].tensors[0].data == values[0].tensors[0].data);
  slots.push_back({.name = "z"});
  CHECK_THROWS_WITH(loadInputs(folder.path + "/out", slots),
                    Contains("'z': this input is missing"));
}

TEST_CASE("a signature that leads out of its folder") {
  Folder folder;
  folder.write(
      "signature.json",
      R"({"tensors": [{"name": "x", "file": "../x.npy", "dtype": "f32"}]})");
  std::vector<ValueSlot> slots = {{.name = "x"}};
  CHECK_THROWS_WITH(loadInputs(folder.path, slots),
                    Contains("a file lies outside the folder"));
}

TEST_CASE("test vectors match by name where all are known, else by position") {
  Folder folder;
  std::vector<ValueSlot> slots = {{.name = "a"}, {.name = "b"}};
  saveTensorPb(folder.path + "/input_0.pb", floats({1}, {2}, "b"));
  saveTensorPb(folder.path + "/input_1.pb", floats({1}, {1}, "a"));
  std::vector<MatchedValue> matched =
      loadTestVectors(folder.path, "input", slots);
  REQUIRE(matched.size() == 2);
  CHECK(matched[0].index == 1);
  CHECK(matched[1].index == 0);
  saveTensorPb(folder.path + "/input_1.pb", floats({1}, {1}, "other"));
  matched = loadTestVectors(folder.path, "input", slots);
  CHECK(matched[0].index == 0);
  CHECK(matched[1].index == 1);
  saveTensorPb(folder.path + "/input_2.pb", floats({1}, {1}, "more"));
  CHECK_THROWS_WITH(loadTestVectors(folder.path, "input", slots),
                    Contains("the model has 2 inputs"));
}

TEST_CASE("bad archives") {
  Folder folder;
  CHECK_THROWS_WITH(loadNpz(folder.write(
                        "a.npz", "not a zip archive at all, but long enough")),
                    Contains("no zip directory"));
  std::string end("PK\5\6\0\0\0\0\1\0\1\0\xff\xff\xff\x7f\xff\xff\xff\x7f\0\0",
                  22);
  CHECK_THROWS_WITH(loadNpz(folder.write("b.npz", end)),
                    Contains("truncated zip archive at byte"));
}
