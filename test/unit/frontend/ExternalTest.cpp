// SPDX-License-Identifier: Apache-2.0
// External data: every way out of the model's folder is closed, on every path
// that leads to a tensor.
#include "test/unit/frontend/Harness.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace llmc;
using namespace llmc::test;
using Catch::Contains;

namespace {

using Entries =
    std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// An external f32[2,3].
Msg external(Entries entries) {
  Msg out = tensor("w", 1, {2, 3}, {}).number(14, 1);
  for (auto [key, text] : entries)
    out.message(13, Msg().text(1, key).text(2, text));
  return out;
}

/// A model folder m beside a file that nothing may reach.
struct Place : Folder {
  Place() {
    write("outside.bin", std::string(48, 'o'));
    write("m/data.bin", std::string(48, 'd'));
  }
  std::string error(const Msg &graph) {
    return errorOfFile(write("m/model.onnx", model(graph).bytes));
  }
  std::string error(Entries entries) {
    return error(chain({node("Add", {"x", "w"}, {"y"})}, {external(entries)}));
  }
  std::string errorAt(std::string_view location) {
    return error({{"location", location}});
  }
};

} // namespace

TEST_CASE("external data in its layouts") {
  Place place;
  CHECK(place.error(
            {{"location", "data.bin"}, {"offset", "24"}, {"length", "24"}}) ==
        "");
  CHECK(place.error({{"location", "data.bin"}, {"offset", "3"}}) == "");
  CHECK(place.error({{"location", "data.bin"}}) == "");
  CHECK(place.error({{"location", "./data.bin"}, {"checksum", "x"}}) == "");
  place.write("m/sub/data.bin", std::string(24, 'd'));
  CHECK(place.errorAt("sub/data.bin") == "");
  CHECK(place.errorAt("sub//./data.bin") == "");
}

TEST_CASE("paths that leave the folder or are none") {
  Place place;
  for (std::string_view path :
       {"../outside.bin", "./../outside.bin", "a/../../outside.bin",
        "a//../..//outside.bin", "/dev/zero", "\\\\host\\share",
        "..\\outside.bin", "C:/outside.bin"})
    CHECK_THAT(place.errorAt(path),
               Contains("tensor 'w': external data path") &&
                   Contains("leaves the model directory"));
  CHECK_THAT(place.errorAt(""), Contains("external data path '' is empty"));
  CHECK_THAT(place.errorAt("."),
             Contains("not a regular file inside the model directory"));
  CHECK_THAT(place.errorAt(std::string_view("data.bin\0x", 10)),
             Contains("holds a zero byte"));
  CHECK_THAT(place.errorAt(std::string(5000, 'p')), Contains("is too long"));
  CHECK_THAT(place.errorAt("file:///etc/hostname"), Contains("is a URL"));
}

TEST_CASE("files that are not simply files of the folder") {
  Place place;
  std::string folder = place.path + "/m/";
  REQUIRE(symlink("../outside.bin", (folder + "link").c_str()) == 0);
  REQUIRE(symlink("data.bin", (folder + "near").c_str()) == 0);
  REQUIRE(symlink("..", (folder + "up").c_str()) == 0);
  for (std::string_view path : {"link", "near", "up/outside.bin"})
    CHECK_THAT(
        place.errorAt(path),
        Contains(
            "symbolic link, not a regular file inside the model directory"));
  REQUIRE(link((place.path + "/outside.bin").c_str(),
               (folder + "hard").c_str()) == 0);
  CHECK_THAT(place.errorAt("hard"), Contains("has several hard links"));
  REQUIRE(mkfifo((folder + "fifo").c_str(), 0600) == 0);
  CHECK_THAT(place.errorAt("fifo"),
             Contains("not a regular file inside the model directory"));
  REQUIRE(mkdir((folder + "sub").c_str(), 0700) == 0);
  CHECK_THAT(place.errorAt("sub"),
             Contains("not a regular file inside the model directory"));
}

TEST_CASE("files that are missing, empty or pointers") {
  Place place;
  CHECK_THAT(place.errorAt("none.bin"),
             Contains("external data 'none.bin': cannot open (ENOENT"));
  place.write("m/empty.bin", "");
  CHECK_THAT(place.errorAt("empty.bin"), Contains("the file is empty"));
  place.write("m/lfs.bin", "version https://git-lfs.github.com/spec/v1\n");
  CHECK_THAT(place.errorAt("lfs.bin"), Contains("Git LFS pointer"));
}

TEST_CASE("entries out of range or form") {
  Place place;
  auto offset = [&](std::string_view text) {
    return place.error({{"location", "data.bin"}, {"offset", text}});
  };
  for (std::string_view text :
       {"-1", "+1", " 1", "1 ", "0x10", "1e3", "12abc", ""})
    CHECK_THAT(offset(text),
               Contains("external data offset") &&
                   Contains("is not a non-negative decimal number"));
  CHECK_THAT(offset("18446744073709551624"), Contains("is too large"));
  CHECK_THAT(offset("9223372036854775808"), Contains("is too large"));
  CHECK(offset("25") == "tensor 'w': external data 'data.bin' has 48 bytes, "
                        "the tensor needs 24 at offset 25");
  CHECK_THAT(offset("9223372036854775800"),
             Contains("the tensor needs 24 at offset 9223372036854775800"));
  CHECK(place.error({{"location", "data.bin"}, {"length", "20"}}) ==
        "tensor 'w': external data has length 20, the shape needs 24 bytes");
  CHECK_THAT(place.error({{"location", "data.bin"}, {"length", "-24"}}),
             Contains("external data length '-24'"));
  CHECK(place.error({}) == "tensor 'w': external data has no location");
  CHECK(place.error({{"location", "data.bin"}, {"location", "data.bin"}}) ==
        "tensor 'w': external data has two entries 'location'");
}

TEST_CASE("unknown keys are ignored with a warning") {
  Place place;
  Msg graph = chain({node("Add", {"x", "w"}, {"y"})},
                    {external({{"location", "data.bin"}, {"exec", "rm"}})});
  Remarks remarks;
  onnx::loadModel(place.write("m/model.onnx", model(graph).bytes), remarks);
  REQUIRE(remarks.all().size() == 1);
  CHECK(remarks.all()[0].isWarning);
  CHECK_THAT(remarks.all()[0].text,
             Contains("external data key 'exec' is unknown and ignored"));
}

TEST_CASE("external data beside raw data") {
  Place place;
  Msg both =
      external({{"location", "data.bin"}}).text(9, std::string(24, '\0'));
  CHECK(place.error(chain({node("Add", {"x", "w"}, {"y"})}, {both})) ==
        "tensor 'w': has data in two fields, external data and raw_data");
}

TEST_CASE("the same checks wherever a tensor is") {
  Place place;
  Msg bad = external({{"location", "../outside.bin"}});
  Msg relu = node("Relu", {"x"}, {"y"});
  Msg constant = Msg().text(1, "value").message(5, bad).number(20, 4);
  CHECK_THAT(
      place.error(chain({relu, node("Constant", {}, {"c"}, {constant})})),
      Contains("node 1 'n' (Constant): attribute 'value'") &&
          Contains("leaves the model directory"));
  Msg branch = graph({node("Identity", {"w"}, {"b"})}, {}, {value("b")}, {bad});
  Msg condition = tensor("c", 9, {}, "\x01");
  CHECK_THAT(place.error(chain({node("If", {"c"}, {"y"},
                                     {graphAttribute("then_branch", branch),
                                      graphAttribute("else_branch", branch)})},
                               {condition})),
             Contains("then_branch: tensor 'w'") &&
                 Contains("leaves the model directory"));
  Msg sparse =
      Msg().message(1, external({{"location", "../outside.bin"}})).number(3, 6);
  CHECK_THAT(place.error(chain({relu}).message(15, sparse)),
             Contains("leaves the model directory"));
}

TEST_CASE("a file that changes is noticed") {
  Place place;
  Msg graph = chain({node("Add", {"x", "w"}, {"y"})},
                    {external({{"location", "data.bin"}})});
  Remarks remarks;
  onnx::ValidModel loaded =
      onnx::loadModel(place.write("m/model.onnx", model(graph).bytes), remarks);
  CHECK_NOTHROW(loaded.external->requireUnchanged());
  place.write("m/data.bin", "short");
  CHECK_THROWS_WITH(loaded.external->requireUnchanged(),
                    Contains("the file was changed while it was read"));
}

TEST_CASE("more external files than a process may open") {
  Place place;
  Msg graph = chain({node("Relu", {"x"}, {"y"})});
  constexpr int count = 300;
  for (int i = 0; i < count; ++i) {
    std::string name = "w" + std::to_string(i);
    place.write("m/" + name, "1234");
    Msg tensor = llmc::test::tensor(name, 1, {1}, {}).number(14, 1);
    graph.message(5,
                  tensor.message(13, Msg().text(1, "location").text(2, name)));
  }
  std::string path = place.write("m/model.onnx", model(graph).bytes);
  rlimit before = {};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit few = {200, before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_NOFILE, &few) == 0);
  Remarks remarks;
  CHECK_NOTHROW([&] {
    onnx::ValidModel loaded = onnx::loadModel(path, remarks);
    CHECK(loaded.external->files().size() == count);
    loaded.requireUnchanged();
    std::filesystem::remove(place.path + "/m/w299");
    CHECK_THROWS_WITH(loaded.requireUnchanged(),
                      Contains("the file was changed"));
  }());
  setrlimit(RLIMIT_NOFILE, &before);
}
