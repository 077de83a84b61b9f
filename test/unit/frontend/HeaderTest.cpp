// SPDX-License-Identifier: Apache-2.0
// Versions, domains and operators' names.
#include "frontend/onnx/reader/Schema.h"
#include "test/unit/frontend/Harness.h"

using namespace llmc;
using namespace llmc::test;
using Catch::Contains;

namespace {
Msg relu() { return chain({node("Relu", {"x"}, {"y"})}); }
Msg op(std::string_view name) { return chain({node(name, {"x"}, {"y"})}); }
} // namespace

TEST_CASE("what a model must have") {
  CHECK(errorOf(Msg().number(1, 10).message(8, opset("", 21))) ==
        "the model has no graph");
  CHECK(errorOf(Msg().number(1, 10).message(7, relu())) ==
        "the model has no opset import");
  CHECK_THAT(errorOf(Msg().message(7, relu()).message(8, opset("", 21))),
             Contains("ir_version is missing"));
}

TEST_CASE("versions out of range") {
  CHECK(errorOf(model(relu(), 21, 99)) == "IR 99 is newer than supported 14");
  CHECK(errorOf(model(relu(), 21, 2)) == "IR 2 is older than supported 3");
  CHECK(errorOf(model(relu(), 99)) ==
        "opset 99 of domain 'ai.onnx' is unsupported (1-28)");
  CHECK_THAT(errorOf(model(relu(), 0)),
             Contains("opset 0 of domain 'ai.onnx' is unsupported"));
  CHECK_THAT(errorOf(model(relu(), -1)), Contains("opset -1 "));
  CHECK(errorOf(model(relu(), 28, 14)) == "");
  CHECK(errorOf(model(relu(), 6, 3)) == "");
}

TEST_CASE("a domain imported twice") {
  Msg twice = model(relu(), 17).message(8, opset("ai.onnx", 21));
  CHECK(errorOf(twice) ==
        "domain 'ai.onnx' is imported twice (opsets 17 and 21)");
  CHECK(errorOf(model(relu(), 21).message(8, opset("ai.onnx", 21))) == "");
}

TEST_CASE("a domain that isn't imported") {
  Msg foreign = chain({node("Frob", {"x"}, {"y"}, {}, "n", "acme")});
  CHECK(
      errorIn(foreign) ==
      "node 0 'n' (Frob): uses domain 'acme', which the model does not import");
  Msg vendorOnly = Msg().number(1, 10).message(7, relu()).message(
      8, opset("com.microsoft", 1));
  CHECK_THAT(
      errorOf(vendorOnly),
      Contains("uses domain 'ai.onnx', which the model does not import"));
}

TEST_CASE("ai.onnx and the empty domain are the same") {
  Msg named = chain({node("Relu", {"x"}, {"y"}, {}, "n", "ai.onnx")});
  CHECK(errorIn(named) == "");
}

TEST_CASE("custom operators of an imported domain are left to the conversion") {
  Msg foreign = chain({node("Frob", {"x"}, {"y"}, {}, "n", "acme")});
  CHECK(errorOf(model(foreign).message(8, opset("acme", 3))) == "");
}

TEST_CASE("operators that are unknown, too new or gone") {
  CHECK(errorIn(op("Reluu")) ==
        "node 0 'n' (Reluu): there is no operator 'Reluu' in ai.onnx");
  CHECK_THAT(
      errorOf(model(op("Gelu"), 17)),
      Contains("Gelu needs opset >= 20 of ai.onnx, the model imports 17"));
  CHECK_THAT(
      errorOf(model(op("Upsample"), 21)),
      Contains("Upsample was removed in opset 10, the model imports 21"));
  CHECK_THAT(errorIn(op("")), Contains("the node has no op_type"));
}

TEST_CASE("an operator in the wrong case earns a hint") {
  Folder folder;
  Remarks remarks;
  try {
    onnx::loadModel(folder.write("m.onnx", model(op("relu")).bytes), remarks);
    FAIL("accepted");
  } catch (const InputError &error) {
    CHECK(error.hint() == "did you mean Relu?");
  }
}

TEST_CASE("forms from before opset 6 are refused together") {
  Msg two = chain({node("Relu", {"x"}, {"m"}, {}, "a"),
                   node("Exp", {"m"}, {"y"}, {}, "b")});
  std::string error = errorOf(model(two, 1, 3));
  CHECK_THAT(error, Contains("2 nodes are not supported"));
  CHECK_THAT(error, Contains("node 0 'a' (Relu): Relu-1 is too old: opset 1") &&
                        Contains("node 1 'b' (Exp)"));
  CHECK(errorOf(model(graph({node("Not", {"x"}, {"y"})}, {value("x", 9)},
                            {value("y", 9)}),
                      1, 3)) == "");
}

TEST_CASE("types of a node's inputs") {
  constexpr int32_t f32 = 1, i32 = 6, i64 = 7, f16 = 10;
  auto fault = [](std::string_view op, int64_t version,
                  std::initializer_list<int32_t> types) {
    return onnx::resolve("", op, version)
        ->typeFault({types.begin(), types.end()});
  };
  CHECK(fault("Reshape", 21, {f32, i64}) == "");
  CHECK(fault("Reshape", 21, {f32, f32}) ==
        "input 1 is f32, Reshape takes i64");
  CHECK(fault("Gather", 13, {f16, i32}) == "");
  CHECK(fault("Gather", 13, {f16, f16}) ==
        "input 1 is f16, Gather takes i32 or i64");
  CHECK(fault("Add", 14, {f32, f16}) ==
        "inputs 0 and 1 are f32 and f16, Add takes one type");
  CHECK(fault("Add", 14, {f32, 0}) == "");
  CHECK(fault("Concat", 13, {i64, i64, i32}) ==
        "inputs 0 and 2 are i64 and i32, Concat takes one type");
  CHECK(fault("If", 21, {f32}) == "input 0 is f32, If takes bool");
  CHECK(fault("Loop", 21, {i64, 9, f32, i32}) == "");
  CHECK(fault("Relu", 6, {i32}).starts_with("input 0 is i32, Relu takes f32"));
  CHECK(fault("Relu", 14, {i32}) == "");
}

TEST_CASE("exporters' own forms are accepted") {
  Msg simplified = graph(
      {node("SimplifiedLayerNormalization", {"x", "w"}, {"y"})}, {value("x")},
      {value("y")}, {tensor("w", 1, {3}, std::string(12, '\0'))});
  CHECK(errorIn(simplified) == "");
  Msg layerNorm =
      graph({node("LayerNormalization", {"x", "w"}, {"y"})}, {value("x")},
            {value("y")}, {tensor("w", 1, {3}, std::string(12, '\0'))});
  CHECK(errorOf(model(layerNorm, 11)) == "");
}
