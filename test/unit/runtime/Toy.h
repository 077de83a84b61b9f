// SPDX-License-Identifier: Apache-2.0
// The toy artifact of objects/Toy.c, for all tests of the room.
#ifndef LLMC_TEST_UNIT_RUNTIME_TOY_H
#define LLMC_TEST_UNIT_RUNTIME_TOY_H

#include "codegen/artifact/Writer.h"
#include "runtime/device/cpu/Features.h"
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace llmc::test {

/// A folder that is removed with the object.
struct TemporaryFolder {
  TemporaryFolder() {
    char name[] = "/tmp/llmc-unit-XXXXXX";
    path = mkdtemp(name);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
  std::string operator/(const std::string &name) const {
    return path + "/" + name;
  }
  std::string path;
};

inline std::vector<std::byte> readBytes(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> bytes((std::istreambuf_iterator<char>(file)), {});
  auto *data = reinterpret_cast<const std::byte *>(bytes.data());
  return {data, data + bytes.size()};
}

inline void writeBytes(const std::string &path,
                       std::span<const std::byte> bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char *>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

inline Manifest toyManifest() {
  Manifest manifest;
  manifest.id = {1, 2, 3};
  manifest.version = "0.0";
  manifest.provenance = {{"source", "Toy.c"}};
  manifest.passes = {"none"};
  EntryInfo raw = {.name = "raw",
                   .inputs = {{"x", LLMC_F32, {Dim("rows"), Dim(4)}, ""},
                              {"y", LLMC_F32, {Dim("?y"), Dim(4)}, ""}},
                   .outputs = {{"z", LLMC_F32, {Dim("rows"), Dim(4)}, ""}},
                   .states = {},
                   .scratch = "rows * 16",
                   .sites = {{7, "sum", "Add", "add_0"}}};
  EntryInfo prefill = {
      .name = "prefill",
      .inputs = {{"input_ids", LLMC_I64, {Dim("batch"), Dim("n")}, "tokens"},
                 {"attention_mask",
                  LLMC_I64,
                  {Dim("batch"), Dim("past + n")},
                  "attention_mask"},
                 {"position_ids",
                  LLMC_I64,
                  {Dim("batch"), Dim("n")},
                  "position_ids"}},
      .outputs =
          {{"logits", LLMC_F32, {Dim("batch"), Dim("n"), Dim(8)}, "logits"}},
      .states = {{"past.0.key",
                  "present.0.key",
                  LLMC_F32,
                  {Dim("batch"), Dim(1), Dim("past"), Dim(2)},
                  2}},
      .scratch = "n * 64",
      .sites = {{3, "embed", "Gather", "gather_1"}}};
  EntryInfo decode = prefill;
  decode.name = "decode";
  EntryInfo step = prefill;
  step.name = "step";
  step.inputs = {{"input_ids", LLMC_I64, {Dim(1), Dim("n")}, "tokens"},
                 {"position_ids", LLMC_I64, {Dim(1), Dim("n")}, "position_ids"},
                 {"segments", LLMC_I64, {Dim("segments")}, "segments"},
                 {"rows", LLMC_I64, {Dim("rows")}, "rows"}};
  step.outputs[0].dims = {Dim(1), Dim("rows"), Dim(8)};
  manifest.models = {
      {"toy", "decoder", {raw, prefill, decode, step}, {{"layer 0", {"add"}}}}};
  manifest.generation.eos = {5, 6};
  manifest.generation.contextLength = 4096;
  return manifest;
}

/// Words t0 ... t99 are the tokens 0 ... 99.
inline std::string toyTokenizer() {
  std::string text =
      R"({"version": "1.0", "pre_tokenizer": {"type": "WhitespaceSplit"},
    "model": {"type": "WordLevel", "unk_token": "t0", "vocab": {)";
  for (int i = 0; i < 100; ++i)
    text +=
        (i ? ", \"t" : "\"t") + std::to_string(i) + "\": " + std::to_string(i);
  return text + "}}}";
}

struct ToyOptions {
  std::string object = "Toy";
  std::string target = std::string(hostArchitecture()) + "-toy";
  std::vector<std::string> features = {};
  size_t bigWeight = 9 << 20;
};

/// Writes the toy artifact: weight 0 is {10, 20, 30, 40}, weight 1 fills more
/// than two chunks.
inline Status writeToy(const std::string &path,
                       const ToyOptions &options = {}) {
  auto writer = ArtifactWriter::begin(path);
  if (!writer)
    return writer.takeStatus();
  const float w[] = {10, 20, 30, 40};
  std::vector<std::byte> big(options.bigWeight, std::byte(0x5A));
  if (auto id = (*writer)->addWeight("w", std::as_bytes(std::span(w))); !id)
    return id.takeStatus();
  if (auto id = (*writer)->addWeight("big", big); !id)
    return id.takeStatus();
  (*writer)->addCode(options.target, options.features, 1,
                     readBytes(OBJECTS_DIR "/" + options.object + ".so"));
  std::string text = toyTokenizer();
  auto bytes = std::as_bytes(std::span(text));
  (*writer)->addFile("tokenizer.json", {bytes.begin(), bytes.end()});
  return (*writer)->finish(toyManifest());
}

} // namespace llmc::test

#endif
