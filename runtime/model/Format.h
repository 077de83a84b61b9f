// SPDX-License-Identifier: Apache-2.0
// The bytes of an artifact (`.llmc`): used by the writer (codegen/artifact) and
// the reader (Artifact.h). Little-endian.
//
//   page 0          FileHeader, signature slot (zero: not signed), zeros
//   page-aligned    weights, in 64-byte aligned pieces
//   page-aligned    chunk digests, manifest, code objects, package files; zeros
//   between them 64-byte aligned section table, to the end of the file
//
// FileHeader.digest covers the header and the section table, the table covers
// every section; the weights are covered through the digests of their chunks,
// so that opening need not read them.
#ifndef LLMC_RUNTIME_MODEL_FORMAT_H
#define LLMC_RUNTIME_MODEL_FORMAT_H

#include <cstdint>

namespace llmc::format {

// The high bit and the line ends show damage by a text-mode transfer.
inline constexpr uint8_t magic[8] = {0x89, 'L',  'L',  'M',
                                     'C',  '\r', '\n', 0x1A};
inline constexpr uint32_t version = 1;
inline constexpr uint64_t pageSize = 4096;
inline constexpr uint64_t weightAlignment = 64;
inline constexpr uint64_t chunkSize = uint64_t(4) << 20;
inline constexpr uint32_t maxSections = 65536;
inline constexpr uint64_t maxManifest = uint64_t(256) << 20;

struct FileHeader {
  uint8_t magic[8];
  uint32_t version;
  uint32_t sections;    // rows of the section table
  uint64_t fileSize;    // of the whole file
  uint64_t tableOffset; // the table ends the file
  uint8_t digest[32];   // SHA-256 of this header with zeros here, then the
                        // section table
};
static_assert(sizeof(FileHeader) == 64);

// Reserved for a signature of FileHeader.digest, after the header; not covered
// by it.
struct SignatureSlot {
  uint32_t algorithm; // 0: not signed
  uint32_t reserved;
  uint8_t key[32];
  uint8_t signature[64];
};

enum class SectionKind : uint32_t {
  Manifest = 1, // JSON, one
  Code = 2,     // an ELF shared object
  File = 3,     // of the package: tokenizer.json, ...
  Weights = 4,  // one at most; sha256 is that of the Chunks section
  Chunks = 5    // SHA-256 of each chunk of the weights, one at most
};

struct Section {
  uint32_t kind;
  uint32_t reserved;
  uint64_t offset;
  uint64_t size;
  uint8_t sha256[32];
};
static_assert(sizeof(Section) == 56);

inline constexpr uint64_t alignUp(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

} // namespace llmc::format

#endif
