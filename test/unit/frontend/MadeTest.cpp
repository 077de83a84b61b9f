// SPDX-License-Identifier: Apache-2.0
// Files made by the onnx and numpy packages (make_tensors.py), and real models.
// Hidden tests: they need LLMC_MADE, the folder of those files, or
// LLMC_TEST_MODELS, a folder with models anywhere below it.
#include "frontend/onnx/reader/Tensor.h"
#include "frontend/package/Package.h"
#include "frontend/tensorfile/Value.h"
#include "test/unit/frontend/Harness.h"

#include <cstdlib>

using namespace llmc;
using namespace llmc::test;
namespace fs = std::filesystem;

TEST_CASE(
    "every element type decodes alike from typed fields and from raw data",
    "[.made]") {
  const char *made = std::getenv("LLMC_MADE");
  REQUIRE(made);
  int pairs = 0;
  for (const fs::directory_entry &entry : fs::directory_iterator(made)) {
    std::string path = entry.path().string();
    if (!path.ends_with(".typed.pb"))
      continue;
    INFO(path);
    HostTensor typed = loadTensorPb(path);
    HostTensor raw = loadTensorPb(path.substr(0, path.size() - 9) + ".raw.pb");
    CHECK(typed.dtype == raw.dtype);
    CHECK(typed.dims == raw.dims);
    CHECK(typed.data == raw.data);
    ++pairs;
  }
  CHECK(pairs >= 20);
}

TEST_CASE("NumPy's files", "[.made]") {
  const char *made = std::getenv("LLMC_MADE");
  REQUIRE(made);
  std::string folder = made;
  HostTensor plain = loadNpy(folder + "/c.npy");
  CHECK(plain.dims == std::vector<int64_t>{2, 3, 4});
  CHECK(loadNpy(folder + "/fortran.npy").data == plain.data);
  CHECK(loadNpy(folder + "/big.npy").data == plain.data);
  std::vector<HostTensor> stored = loadNpz(folder + "/stored.npz"),
                          packed = loadNpz(folder + "/packed.npz");
  REQUIRE(stored.size() == 1);
  REQUIRE(packed.size() == 1);
  CHECK(stored[0].name == "x");
  CHECK(stored[0].data == packed[0].data);
  Folder out;
  std::vector<HostValue> values = {HostValue(stored[0])};
  saveOutputs(out.path, values);
  std::ifstream saved(out.path + "/x.npy", std::ios::binary);
  CHECK(loadNpy(out.path + "/x.npy").data == stored[0].data);
}

namespace {

/// Decodes every tensor of a graph, in subgraphs too.
size_t decodeAll(const onnx::GraphProto &graph, onnx::ExternalFiles &external) {
  size_t bytes = 0;
  for (const onnx::TensorProto &tensor : graph.initializers)
    bytes += onnx::decodeTensor(tensor, &external).bytes().size();
  for (const onnx::NodeProto &node : graph.nodes)
    for (const onnx::AttributeProto &attribute : node.attributes) {
      if (const onnx::TensorProto *tensor = attribute.tensor())
        bytes += onnx::decodeTensor(*tensor, &external).bytes().size();
      for (const onnx::GraphProto &inner : attribute.graphs())
        bytes += decodeAll(inner, external);
    }
  return bytes;
}

void checkModels(const std::string &folder) {
  for (const fs::directory_entry &entry :
       fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".onnx")
      continue;
    INFO(entry.path());
    Remarks remarks;
    onnx::ValidModel model = onnx::loadModel(entry.path().string(), remarks);
    CHECK(decodeAll(model.graph(), *model.external) > 0);
    Package package = openPackage(entry.path().string(), remarks);
    CHECK(package.models.size() == 1);
  }
}

} // namespace

TEST_CASE("the bundled models are sound") {
  if (fs::exists(MODELS_DIR))
    checkModels(MODELS_DIR);
}

TEST_CASE("a folder of models is sound", "[.models]") {
  const char *models = std::getenv("LLMC_TEST_MODELS");
  REQUIRE(models);
  checkModels(models);
}
