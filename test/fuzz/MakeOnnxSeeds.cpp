// SPDX-License-Identifier: Apache-2.0
// Writes small sound models and tensor files of all kinds into a folder, for
// the fuzzers to start from.
#include "frontend/tensorfile/Value.h"
#include "test/unit/frontend/Wire.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <zlib.h>

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

/// A zip archive of one stored file.
std::string archive(const std::string &name, const std::string &data) {
  auto number = [](uint64_t value, int bytes) {
    std::string out;
    for (; bytes-- > 0; value >>= 8)
      out += static_cast<char>(value);
    return out;
  };
  auto sum = crc32(0, reinterpret_cast<const Bytef *>(data.data()),
                   static_cast<uInt>(data.size()));
  // Version, flags, method, time, date, sum, both sizes, lengths of name and
  // extra.
  std::string common = number(20, 2) + number(0, 8) + number(sum, 4) +
                       number(data.size(), 4) + number(data.size(), 4) +
                       number(name.size(), 2) + number(0, 2);
  std::string local = "PK\3\4" + common + name + data;
  std::string directory =
      "PK\1\2" + number(20, 2) + common + number(0, 14) + name;
  return local + directory + "PK\5\6" + number(0, 4) + number(1, 2) +
         number(1, 2) + number(directory.size(), 4) + number(local.size(), 4) +
         number(0, 2);
}

void writeTensors(const std::string &folder) {
  llmc::HostTensor tensor;
  tensor.name = "t";
  tensor.dtype = 1;
  tensor.dims = {2, 3};
  tensor.data.resize(24);
  llmc::saveNpy(folder + "/seed.npy", tensor);
  llmc::saveTensorPb(folder + "/seed.pb", tensor);
  llmc::HostValue value(tensor);
  value.kind = llmc::ValueKind::Sequence;
  llmc::saveValuePb(folder + "/sequence.pb", value);
  value.kind = llmc::ValueKind::OptionalSequence;
  llmc::saveValuePb(folder + "/optional.pb", value);
  std::ostringstream npy;
  npy << std::ifstream(folder + "/seed.npy", std::ios::binary).rdbuf();
  std::ofstream(folder + "/seed.npz", std::ios::binary)
      << archive("t.npy", npy.str());
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 2)
    return 2;
  std::string models = std::string(argv[1]) + "/onnx",
              tensors = std::string(argv[1]) + "/tensor";
  std::filesystem::create_directories(models);
  std::filesystem::create_directories(tensors);
  writeTensors(tensors);
  Msg plain =
      model(chain({node("Softmax", {"x"}, {"y"}, {intAttribute("axis", -1)})}));
  int count = 0;
  for (const Msg &seed :
       {plain, sparseModel(), controlModel(), functionModel(), typedModel()})
    std::ofstream(models + "/seed-" + std::to_string(count++), std::ios::binary)
        << seed.bytes;
  return 0;
}
