// SPDX-License-Identifier: Apache-2.0
// Model-local functions and control flow.
#include "test/unit/frontend/Harness.h"

using namespace llmc;
using namespace llmc::test;
using Catch::Contains;

namespace {

Msg function(std::string_view name, std::initializer_list<Msg> nodes) {
  Msg out = Msg().text(1, name).text(4, "a").text(5, "b");
  for (const Msg &item : nodes)
    out.message(7, item);
  return out.message(9, opset("", 21))
      .message(9, opset("local", 1))
      .text(10, "local");
}

Msg call(std::string_view name, std::string_view input = "a",
         std::string_view output = "b") {
  return node(name, {input}, {output}, {}, "n", "local");
}

std::string errorOfFunctions(std::initializer_list<Msg> functions,
                             std::string_view called = "F") {
  Msg out =
      model(chain({call(called, "x", "y")})).message(8, opset("local", 1));
  for (const Msg &item : functions)
    out.message(25, item);
  return errorOf(out);
}

Msg condition() { return tensor("c", 9, {}, "\x01"); }
Msg branch(std::string_view input = "x") {
  return graph({node("Relu", {input}, {"b"})}, {}, {value("b")});
}
Msg ifNode(const Msg &thenBranch, const Msg &elseBranch) {
  return node("If", {"c"}, {"y"},
              {graphAttribute("then_branch", thenBranch),
               graphAttribute("else_branch", elseBranch)});
}
std::string errorOfIf(const Msg &thenBranch, const Msg &elseBranch) {
  return errorIn(chain({ifNode(thenBranch, elseBranch)}, {condition()}));
}

} // namespace

TEST_CASE("a sound function") {
  CHECK(errorOfFunctions({function("F", {node("Relu", {"a"}, {"b"})})}) == "");
}

TEST_CASE("functions defined twice, without names or imports, or not whole") {
  Msg relu = node("Relu", {"a"}, {"b"});
  CHECK(errorOfFunctions({function("F", {relu}), function("F", {relu})}) ==
        "function 'local.F': the function is defined twice");
  CHECK_THAT(errorOfFunctions({function("", {relu})}),
             Contains("the function has no name"));
  CHECK(errorOfFunctions({function("F", {node("Relu", {"a"}, {"other"})})}) ==
        "function 'local.F': output 'b' is not produced");
  CHECK(errorOfFunctions({Msg().text(1, "F").text(5, "b").message(7, relu).text(
            10, "local")}) ==
        "function 'local.F': the function has no opset import");
  CHECK_THAT(errorOfFunctions({function("F", {node("Relu", {"z"}, {"b"})})}),
             Contains("input 0 'z' is not defined"));
  CHECK_THAT(
      errorOfFunctions({function("F", {relu}).message(9, opset("", 99))}),
      Contains("imported twice"));
}

TEST_CASE("references to a function's attributes") {
  Msg reference = Msg().text(1, "axis").number(20, 2).text(21, "which");
  Msg body = node("Softmax", {"a"}, {"b"}, {reference});
  CHECK_THAT(errorOfFunctions({function("F", {body})}),
             Contains("attribute 'axis' refers to 'which', which the function "
                      "doesn't declare"));
  CHECK(errorOfFunctions({function("F", {body}).text(6, "which")}) == "");
  CHECK(errorOfFunctions(
            {function("F", {body}).message(11, intAttribute("which", 1))}) ==
        "");
}

TEST_CASE("calls that don't fit") {
  Msg identity = function("F", {node("Relu", {"a"}, {"b"})});
  auto error = [&](const Msg &caller) {
    return errorOf(model(chain({caller}))
                       .message(8, opset("local", 1))
                       .message(25, identity));
  };
  CHECK_THAT(error(node("F", {"x", "x"}, {"y"}, {}, "n", "local")),
             Contains("takes 0 to 1 inputs, got 2"));
  CHECK_THAT(
      error(node("F", {"x"}, {"y"}, {intAttribute("k", 1)}, "n", "local")),
      Contains("has no attribute 'k'"));
}

TEST_CASE("calls that come back") {
  CHECK(errorOfFunctions({function("F", {call("F")})}) ==
        "function call cycle: function 'local.F' -> function 'local.F'");
  CHECK_THAT(errorOfFunctions(
                 {function("F", {call("G")}), function("G", {call("F")})}),
             Contains("function call cycle: function 'local.F' -> function "
                      "'local.G' -> function 'local.F'"));
  Msg inner = graph({call("F", "a", "b")}, {}, {value("b")});
  Msg inBranch = node("If", {"a"}, {"b"},
                      {graphAttribute("then_branch", inner),
                       graphAttribute("else_branch", inner)});
  CHECK_THAT(errorOfFunctions({function("F", {inBranch})}),
             Contains("function call cycle"));
}

namespace {
/// F0 calls F1 twice, F1 calls F2 twice, and so on.
std::string errorOfLevels(int levels, int calls) {
  Msg out = model(chain({call("F0", "x", "y")})).message(8, opset("local", 1));
  for (int level = 0; level < levels; ++level) {
    bool isLast = level + 1 == levels;
    std::string next = "F" + std::to_string(level + 1);
    Msg body =
        Msg().text(1, "F" + std::to_string(level)).text(4, "a").text(5, "b");
    for (int i = 0; i + 1 < calls; ++i)
      body.message(7, isLast ? node("Relu", {"a"}, {"m" + std::to_string(i)})
                             : call(next, "a", "m" + std::to_string(i)));
    body.message(7, isLast ? node("Relu", {"a"}, {"b"}) : call(next));
    out.message(25, body.message(9, opset("", 21))
                        .message(9, opset("local", 1))
                        .text(10, "local"));
  }
  return errorOf(out);
}
} // namespace

TEST_CASE("functions that grow beyond all bounds when inlined") {
  CHECK(errorOfLevels(50, 1) == "");
  CHECK_THAT(errorOfLevels(150, 1),
             Contains("function calls are nested 101 deep, more than 100"));
  CHECK_THAT(errorOfLevels(12, 10),
             Contains("function expansion exceeds 4000000 nodes when inlined"));
  CHECK_THAT(errorOfLevels(90, 2),
             Contains("function expansion exceeds 4000000 nodes when inlined"));
}

TEST_CASE("If") {
  CHECK(errorOfIf(branch(), branch()) == "");
  CHECK_THAT(errorOfIf(branch("v"), branch()),
             Contains("node 0 'n' (If) then_branch: node 0 'n' (Relu): input 0 "
                      "'v' is not defined"));
  Msg two = graph({node("Relu", {"x"}, {"b"})}, {}, {value("b"), value("x")});
  CHECK_THAT(errorOfIf(branch(), two),
             Contains("else_branch has 2 outputs, expected 1"));
  Msg takes = graph({node("Relu", {"i"}, {"b"})}, {value("i")}, {value("b")});
  CHECK_THAT(errorOfIf(takes, branch()),
             Contains("then_branch has 1 inputs, expected 0"));
  Msg hollow = graph({node("Relu", {"x"}, {"m"})}, {}, {value("b")});
  CHECK_THAT(errorOfIf(hollow, branch()),
             Contains("then_branch: output 'b' is not produced"));
  Msg other = graph({node("Relu", {"x"}, {"b"})}, {}, {value("b", 7)});
  CHECK_THAT(errorOfIf(branch(), other),
             Contains("has two types, f32 and i64"));
  CHECK_THAT(errorIn(chain({node("If", {"c"}, {"y"},
                                 {graphAttribute("then_branch", branch())})},
                           {condition()})),
             Contains("needs attribute 'else_branch'"));
}

TEST_CASE(
    "a value that is made after the branch that uses it moves before it") {
  Msg late = chain(
      {ifNode(branch("later"), branch("x")), node("Relu", {"x"}, {"later"})},
      {condition()});
  Folder folder;
  Remarks remarks;
  onnx::ValidModel loaded =
      onnx::loadModel(folder.write("m.onnx", model(late).bytes), remarks);
  CHECK(loaded.graph().nodes[0].opType == "Relu");
  CHECK_THAT(errorIn(chain({ifNode(branch("y"), branch("x"))}, {condition()})),
             Contains("the graph is cyclic"));
}

TEST_CASE("Loop and Scan") {
  auto loop = [](const Msg &body) {
    return errorIn(chain(
        {node("Loop", {"m", "c", "x"}, {"y"}, {graphAttribute("body", body)})},
        {condition(), tensor("m", 7, {}, std::string(8, '\1'))}));
  };
  Msg iteration = value("i", 7, {}), go = value("go", 9, {}),
      state = value("s");
  Msg keep = node("Identity", {"go"}, {"on"}),
      step = node("Relu", {"s"}, {"t"});
  CHECK(loop(graph({keep, step}, {iteration, go, state},
                   {value("on", 9, {}), value("t")})) == "");
  CHECK_THAT(loop(graph({keep, step}, {iteration, go}, {value("on", 9, {})})),
             Contains("input 0 's' is not defined"));
  CHECK_THAT(loop(graph({keep}, {iteration, go}, {value("on", 9, {})})),
             Contains("body has 2 inputs, expected 3"));
  CHECK_THAT(loop(graph({keep}, {iteration, go, state}, {value("on", 9, {})})),
             Contains("body has 1 outputs, expected 2"));
  CHECK_THAT(loop(graph({keep, step}, {iteration, value("go", 1), state},
                        {value("on", 9, {}), value("t")})),
             Contains("the body's condition 'go' is f32, expected bool"));
  CHECK_THAT(
      loop(graph({keep, step}, {iteration, go, state},
                 {value("on", 9, {}), value("t", 7)})),
      Contains(
          "state 0 at the body's begin and end has two types, f32 and i64"));

  auto scan = [](int64_t count, const Msg &body) {
    return errorIn(chain({node("Scan", {"x"}, {"y"},
                               {graphAttribute("body", body),
                                intAttribute("num_scan_inputs", count)})}));
  };
  Msg row = graph({node("Relu", {"r"}, {"q"})}, {value("r", 1, {3})},
                  {value("q", 1, {3})});
  CHECK(scan(1, row) == "");
  CHECK_THAT(scan(0, row),
             Contains("num_scan_inputs 0 is out of the range [1, 1]"));
  CHECK_THAT(
      scan(INT64_MAX, row),
      Contains("num_scan_inputs 9223372036854775807 is out of the range"));
}
