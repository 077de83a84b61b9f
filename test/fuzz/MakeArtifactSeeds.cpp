// SPDX-License-Identifier: Apache-2.0
// Writes what the fuzzer of artifacts starts from: a manifest, a code object,
// the sections of a sound artifact.
#include "runtime/model/Artifact.h"
#include "test/unit/runtime/Toy.h"

using namespace llmc;
using namespace llmc::test;

namespace {

std::string text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

/// The artifact as FuzzArtifact.cpp's sealed() takes it.
std::string sections(const std::string &folder) {
  std::string path = folder + "/toy.llmc", head(1, '\0'), body;
  if (!writeToy(path, {.bigWeight = 100}).ok())
    return "";
  auto artifact = Artifact::open(path);
  std::filesystem::remove(path);
  if (!artifact)
    return "";
  for (const format::Section &section : (*artifact)->sections()) {
    std::string bytes =
        text((*artifact)->section(static_cast<uint32_t>(head[0]++)));
    head +=
        {static_cast<char>(section.kind), 0, static_cast<char>(bytes.size()),
         static_cast<char>(bytes.size() >> 8)};
    body += bytes;
  }
  return head + body;
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 2)
    return 2;
  std::string folder = argv[1];
  std::filesystem::create_directories(folder);
  auto write = [&](const std::string &name, std::string_view bytes) {
    writeBytes(folder + "/" + name, std::as_bytes(std::span(bytes)));
  };
  write("manifest", toyManifest().toJson());
  write("code", text(readBytes(OBJECTS_DIR "/Toy.so")));
  write("sections", sections(folder));
  return 0;
}
