// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes are, opening an artifact ends in an artifact whose parts
// can all be read, or in a status. The input is opened as it is, as a manifest,
// as a code object, and as the sections of a file whose checksums are right, so
// that it gets past them.
#include "runtime/device/cpu/CodeObject.h"
#include "runtime/device/cpu/ElfCheck.h"
#include "runtime/model/Artifact.h"
#include "test/fuzz/MemoryFile.h"

#include <algorithm>
#include <cstring>
#include <vector>

using namespace llmc;
using namespace llmc::test;

namespace {

using Bytes = std::span<const std::byte>;

unsigned sum(Bytes bytes) {
  unsigned total = 0;
  for (std::byte b : bytes)
    total += static_cast<unsigned>(b);
  return total;
}

/// Opens, and touches every byte that an accepted artifact hands out.
void open(Bytes file) {
  auto opened = Artifact::open(MemoryFile(file).path());
  if (!opened)
    return;
  const Artifact &artifact = **opened;
  unsigned total = sum(artifact.weights());
  for (uint32_t i = 0; i < artifact.manifest().weights.size(); ++i)
    total += sum(artifact.weight(i));
  for (const auto &[name, section] : artifact.manifest().files)
    total += sum(*artifact.file(name));
  for (const CodeInfo &code : artifact.manifest().code) {
    (void)missingFeatures(code);
    (void)checkCodeObject(artifact.section(code.section)).ok();
  }
  (void)chooseCode(artifact.manifest(), "").ok();
  (void)artifact.checkWeights().ok();
  volatile unsigned sink = total;
  (void)sink;
}

/// [count] then per section [kind, shift of the offset, size low, size high],
/// then the sections' bytes.
std::vector<std::byte> sealed(Bytes input) {
  auto next = [&]() -> unsigned {
    if (input.empty())
      return 0;
    unsigned value = static_cast<unsigned>(input[0]);
    input = input.subspan(1);
    return value;
  };
  std::vector<format::Section> table(next() % 9);
  std::vector<unsigned> shifts, sizes;
  for (format::Section &section : table) {
    section = {};
    section.kind = next();
    shifts.push_back(next());
    unsigned low = next();
    sizes.push_back(low | next() << 8);
  }
  std::vector<std::byte> file(format::pageSize);
  for (size_t i = 0; i < table.size(); ++i) {
    Bytes bytes = input.subspan(0, std::min<size_t>(sizes[i], input.size()));
    input = input.subspan(bytes.size());
    file.resize(format::alignUp(file.size(), format::pageSize));
    // A shift makes the extent a lie.
    table[i].offset = file.size() + (shifts[i] & 0xF) * 1024;
    table[i].size = bytes.size() + (shifts[i] >> 4) * 1024;
    Digest digest = sha256(bytes);
    std::ranges::copy(digest, table[i].sha256);
    file.insert(file.end(), bytes.begin(), bytes.end());
  }
  // The weights' row has the digest of their chunks' section.
  for (format::Section &weights : table)
    for (const format::Section &chunks : table)
      if (weights.kind == uint32_t(format::SectionKind::Weights) &&
          chunks.kind == uint32_t(format::SectionKind::Chunks))
        std::ranges::copy(chunks.sha256, weights.sha256);
  file.resize(format::alignUp(file.size(), 64));
  format::FileHeader header = {};
  std::ranges::copy(format::magic, header.magic);
  header.version = format::version;
  header.sections = static_cast<uint32_t>(table.size());
  header.tableOffset = file.size();
  auto rows = std::as_bytes(std::span(table));
  header.fileSize = file.size() + rows.size();
  Sha256 hash;
  hash.update(std::as_bytes(std::span(&header, 1)));
  hash.update(rows);
  Digest digest = hash.finish();
  std::ranges::copy(digest, header.digest);
  file.insert(file.end(), rows.begin(), rows.end());
  std::memcpy(file.data(), &header, sizeof header);
  return file;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Bytes bytes(reinterpret_cast<const std::byte *>(data), size);
  open(bytes);
  open(sealed(bytes));
  (void)Manifest::fromJson({reinterpret_cast<const char *>(data), size}).ok();
  (void)checkCodeObject(bytes).ok();
  return 0;
}
