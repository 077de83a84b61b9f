// SPDX-License-Identifier: Apache-2.0
// Names, order, signatures and attributes.
#include "test/unit/frontend/Harness.h"

using namespace llmc;
using namespace llmc::test;
using Catch::Contains;

namespace {
std::string sixFloats(24, '\0');
Msg weight(std::string_view name = "w") {
  return tensor(name, 1, {2, 3}, sixFloats);
}
} // namespace

TEST_CASE("an input that nothing defines") {
  CHECK(errorIn(chain({node("Add", {"x", "w"}, {"y"})})) ==
        "node 0 'n' (Add): input 1 'w' is not defined");
}

TEST_CASE("cycles name their path") {
  CHECK_THAT(errorIn(chain({node("Add", {"x", "y"}, {"y"})})),
             Contains("the graph is cyclic: 'y' (node 0 'n' (Add)) -> 'y' "
                      "(node 0 'n' (Add))"));
  Msg two = chain({node("Add", {"x", "b"}, {"a"}, {}, "p"),
                   node("Relu", {"a"}, {"b"}, {}, "q"),
                   node("Relu", {"x"}, {"y"}, {}, "r")});
  CHECK_THAT(errorIn(two), Contains("cyclic") &&
                               Contains("'a' (node 0 'p' (Add))") &&
                               Contains("'b' (node 1"));
}

TEST_CASE("nodes out of order are sorted with a note, or refused") {
  Msg swapped = chain({node("Relu", {"m"}, {"y"}, {}, "late"),
                       node("Relu", {"x"}, {"m"}, {}, "early")});
  Folder folder;
  std::string path = folder.write("m.onnx", model(swapped).bytes);
  Remarks remarks;
  onnx::ValidModel loaded = onnx::loadModel(path, remarks);
  REQUIRE(loaded.graph().nodes.size() == 2);
  CHECK(loaded.graph().nodes[0].name == "early");
  CHECK(loaded.graph().nodes[0].index == 1);
  REQUIRE(remarks.all().size() == 1);
  CHECK_THAT(remarks.all()[0].text,
             Contains("not in topological order; they were sorted"));
  onnx::ValidateOptions strict;
  strict.isStrict = true;
  CHECK(errorOfFile(path, strict) == "the nodes are not in topological order");
}

TEST_CASE("one name, two makers") {
  CHECK_THAT(errorIn(chain({node("Relu", {"x"}, {"y"}, {}, "a"),
                            node("Abs", {"x"}, {"y"}, {}, "b")})),
             Contains("value 'y' is produced by nodes 0 and 1"));
  CHECK_THAT(
      errorIn(chain({node("Relu", {"x"}, {"w"}), node("Relu", {"w"}, {"y"})},
                    {weight()})),
      Contains("output 'w' has the name of an initializer"));
  CHECK_THAT(
      errorIn(chain({node("Relu", {"x"}, {"x"}), node("Relu", {"x"}, {"y"})})),
      Contains("output 'x' has the name of an input"));
  CHECK_THAT(errorIn(chain({node("Split", {"x"}, {"y", "y"})})),
             Contains("output 'y' is listed twice"));
}

TEST_CASE("initializers and interfaces are unique and named") {
  Msg add = node("Add", {"x", "w"}, {"y"});
  CHECK(errorIn(chain({add}, {weight(), weight()})) ==
        "initializer 'w' is defined twice");
  CHECK(errorIn(chain({add}, {weight(), weight("")})) ==
        "initializer 1 has no name");
  Msg relu = node("Relu", {"x"}, {"y"});
  CHECK(errorIn(graph({relu}, {value("x"), value("x")}, {value("y")})) ==
        "input 'x' is listed twice");
  CHECK(errorIn(graph({relu}, {value("x")}, {value("y"), value("y")})) ==
        "output 'y' is listed twice");
  CHECK(errorIn(graph({relu}, {value("x"), value("")}, {value("y")})) ==
        "input 1 has no name");
}

TEST_CASE("an initializer may give an input its default, if it fits") {
  Msg add = node("Add", {"x", "w"}, {"y"});
  CHECK(errorIn(graph({add}, {value("x"), value("w")}, {value("y")},
                      {weight()})) == "");
  CHECK(
      errorIn(graph({add}, {value("x"), value("w")}, {value("y")},
                    {tensor("w", 1, {3}, sixFloats.substr(12))})) ==
      "tensor 'w': the initializer is f32[3], the input of this name f32[2,3]");
}

TEST_CASE("outputs are there and are made") {
  CHECK(errorIn(graph({node("Relu", {"x"}, {"y"})}, {value("x")}, {})) ==
        "the graph has no outputs");
  CHECK(errorIn(graph({node("Relu", {"x"}, {"m"})}, {value("x")},
                      {value("y")})) == "output 'y' is not produced");
}

TEST_CASE("a node without outputs is dropped with a warning") {
  Folder folder;
  Remarks remarks;
  Msg two = chain({node("Relu", {"x"}, {"y"}), node("Relu", {"x"}, {})});
  onnx::ValidModel loaded =
      onnx::loadModel(folder.write("m.onnx", model(two).bytes), remarks);
  CHECK(loaded.graph().nodes.size() == 1);
  REQUIRE(remarks.all().size() == 1);
  CHECK(remarks.all()[0].isWarning);
}

TEST_CASE("types of inputs") {
  Msg relu = node("Relu", {"x"}, {"y"});
  CHECK(errorIn(graph({relu}, {value("x", 99)}, {value("y")})) ==
        "input 'x': element type 99 unknown");
  CHECK(errorIn(graph({relu}, {Msg().text(1, "x")}, {value("y")})) ==
        "input 'x': has no type");
  int64_t large = int64_t{1} << 40;
  CHECK_THAT(
      errorIn(graph({relu}, {value("x", 1, {large, large})}, {value("y")})),
      Contains("shape overflows"));
}

TEST_CASE("numbers of inputs and outputs") {
  CHECK_THAT(errorIn(chain({node("Relu", {"x", "x"}, {"y"})})),
             Contains("Relu takes 1 input, got 2"));
  CHECK_THAT(errorIn(chain({node("Relu", {}, {"y"})})),
             Contains("Relu takes 1 input, got 0"));
  CHECK_THAT(errorIn(chain({node("Clip", {"x", "", "", "x"}, {"y"})})),
             Contains("Clip takes 1 to 3 inputs, got 4"));
  CHECK_THAT(
      errorIn(chain({node("Concat", {}, {"y"}, {intAttribute("axis", 0)})})),
      Contains("Concat takes at least 1 input, got 0"));
  CHECK_THAT(errorIn(chain({node("Relu", {"x"}, {"y", "z"})})),
             Contains("Relu takes 1 output, got 2"));
  CHECK_THAT(errorIn(chain({node("Add", {"", "x"}, {"y"})})),
             Contains("Add needs input 0, which is ''"));
  CHECK(errorIn(chain({node("Clip", {"x", "", "", ""}, {"y"})})) == "");
}

TEST_CASE("attributes") {
  auto softmax = [](const Msg &attribute) {
    return errorIn(chain({node("Softmax", {"x"}, {"y"}, {attribute})}));
  };
  CHECK_THAT(softmax(intAttribute("axes", 1)),
             Contains("Softmax-13 has no attribute 'axes'"));
  CHECK_THAT(softmax(Msg().text(1, "axis").number(8, 1).number(20, 7)),
             Contains("attribute 'axis' of Softmax-13 is INTS, expected INT"));
  CHECK_THAT(softmax(Msg().text(1, "axis").number(3, 1)),
             Contains("attribute 'axis' has no kind"));
  CHECK_THAT(softmax(Msg().text(1, "axis").number(3, 1).number(20, 77)),
             Contains("unknown kind 77"));
  CHECK_THAT(softmax(Msg().text(1, "axis").text(4, "1").number(20, 2)),
             Contains("is of kind INT, its value is STRING"));
  CHECK_THAT(
      softmax(Msg().text(1, "axis").text(4, "1").number(3, 1).number(20, 2)),
      Contains("values of two kinds"));
  CHECK_THAT(softmax(Msg().number(3, 1).number(20, 2)),
             Contains("an attribute has no name"));
  CHECK_THAT(softmax(Msg().text(1, "axis").text(21, "outer").number(20, 2)),
             Contains("but this is no function"));
  CHECK_THAT(errorIn(chain(
                 {node("Softmax", {"x"}, {"y"},
                       {intAttribute("axis", 1), intAttribute("axis", 1)})})),
             Contains("attribute 'axis' is given twice"));
  CHECK_THAT(errorIn(chain({node("Cast", {"x"}, {"y"})})),
             Contains("Cast-21 needs attribute 'to'"));
  for (int64_t type : {0, 29, -1})
    CHECK(errorIn(chain(
              {node("Cast", {"x"}, {"y"}, {intAttribute("to", type)})})) ==
          "node 0 'n' (Cast): attribute 'to' of Cast-21 is " +
              std::to_string(type) + ", which is no element type");
  CHECK_THAT(errorIn(chain({node("Constant", {}, {"y"})})),
             Contains("Constant needs exactly one value, has 0"));
  CHECK_THAT(errorOf(model(chain({node("Reshape", {"x", "s"}, {"y"},
                                       {intAttribute("allowzero", 1)})},
                                 {tensor("s", 7, {1}, std::string(8, '\xff'))}),
                           13)),
             Contains("Reshape-13 has no attribute 'allowzero'"));
}

TEST_CASE("hostile names are escaped and cut") {
  std::string evil = "a\nerror: fake\r\x1b[31m\xff\xc2\x9b\xe2\x80\xae";
  CHECK(errorIn(chain({node("Add", {"x", evil}, {"y"})})) ==
        "node 0 'n' (Add): input 1 'a\\nerror: "
        "fake\\r\\x1b[31m\\xff\\u{9b}\\u{202e}' is not defined");
  CHECK_THAT(
      errorIn(chain({node("Add", {"x", std::string(5000, 'z')}, {"y"})})),
      Contains("...(5000 bytes)..."));
  CHECK_THAT(errorIn(chain({node("Relu", {"x"}, {std::string(70000, 'z')}),
                            node("Relu", {std::string(70000, 'z')}, {"y"})})),
             Contains("a name has 70000 bytes, more than 65536"));
  CHECK(escaped("gr\xc3\xbc\xc3\x9f'\\") == "gr\xc3\xbc\xc3\x9f\\'\\\\");
  CHECK(escaped("\xed\xa0\x80") == "\\xed\\xa0\\x80");
  CHECK(escaped("\xc0\xaf") == "\\xc0\\xaf");
}
