// SPDX-License-Identifier: Apache-2.0
// Writes small sound models of all kinds into a folder, for the fuzzer to start
// from.
#include "test/unit/frontend/Wire.h"

#include <filesystem>
#include <fstream>

using namespace llmc::test;

namespace {

Msg sparseModel() {
  std::string places(16, '\0');
  places[8] = 4;
  Msg sparse = Msg()
                   .message(1, tensor("s", 1, {2}, std::string(8, 'v')))
                   .message(2, tensor("", 7, {2}, places));
  return model(chain({node("Add", {"x", "s"}, {"y"})})
                   .message(15, sparse.number(3, 2).number(3, 3)));
}

Msg controlModel() {
  Msg branch = graph({node("Relu", {"x"}, {"b"})}, {}, {value("b")});
  Msg body =
      graph({node("Identity", {"go"}, {"on"}), node("Relu", {"s"}, {"t"})},
            {value("i", 7, {}), value("go", 9, {}), value("s")},
            {value("on", 9, {}), value("t")});
  return model(chain(
      {node("If", {"c"}, {"m"},
            {graphAttribute("then_branch", branch),
             graphAttribute("else_branch", branch)}),
       node("Loop", {"", "c", "m"}, {"y"}, {graphAttribute("body", body)})},
      {tensor("c", 9, {}, "\x01")}));
}

Msg functionModel() {
  Msg reference = Msg().text(1, "axis").number(20, 2).text(21, "which");
  Msg function = Msg().text(1, "F").text(4, "a").text(5, "b").message(
      11, intAttribute("which", 1));
  function.message(7, node("Softmax", {"a"}, {"b"}, {reference}))
      .message(9, opset("", 21))
      .text(10, "local");
  return model(chain({node("F", {"x"}, {"y"}, {}, "n", "local")}))
      .message(8, opset("local", 1))
      .message(25, function);
}

Msg typedModel() {
  Msg numbers =
      Msg().number(1, 3).number(2, 22).text(8, "q").text(5, "\x21\x03");
  Msg external = tensor("w", 1, {2, 3}, {}).number(14, 1);
  external.message(13, Msg().text(1, "location").text(2, "w.bin"))
      .message(13, Msg().text(1, "offset").text(2, "24"));
  return model(chain({node("MatMul", {"x", "w"}, {"y"})}, {numbers, external}));
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 2)
    return 2;
  std::filesystem::create_directories(argv[1]);
  Msg plain =
      model(chain({node("Softmax", {"x"}, {"y"}, {intAttribute("axis", -1)})}));
  int count = 0;
  for (const Msg &seed :
       {plain, sparseModel(), controlModel(), functionModel(), typedModel()})
    std::ofstream(std::filesystem::path(argv[1]) /
                      ("seed-" + std::to_string(count++)),
                  std::ios::binary)
        << seed.bytes;
  return 0;
}
