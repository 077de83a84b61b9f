// SPDX-License-Identifier: Apache-2.0
// Writes an artifact (runtime/model/Format.h). Used by the compiler, free of
// LLVM. Weights go through one buffer of a chunk's size to the file, so that
// they never have to be in memory. One thread at a time; the same calls with
// the same content give the same bytes.
#ifndef LLMC_CODEGEN_ARTIFACT_WRITER_H
#define LLMC_CODEGEN_ARTIFACT_WRITER_H

#include "runtime/core/File.h"
#include "runtime/core/Status.h"
#include "runtime/model/Format.h"
#include "runtime/model/Manifest.h"
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace llmc {

class ArtifactWriter {
public:
  using Bytes = std::span<const std::byte>;
  /// Takes the next piece of a weight.
  using Sink = std::function<Status(Bytes)>;
  /// Yields all bytes of a weight, in order, in pieces of any size.
  using Producer = std::function<Status(const Sink &)>;

  /// Nothing is at `path` before finish() succeeds; a writer that is dropped
  /// leaves nothing.
  static Result<std::unique_ptr<ArtifactWriter>> begin(const std::string &path);

  /// Writes the next weight (`size` bytes, which the producer must yield
  /// exactly) and returns its id: 0, 1, 2, ...
  Result<uint32_t> addWeight(std::string name, uint64_t size,
                             const Producer &produce);
  Result<uint32_t> addWeight(std::string name, Bytes bytes);
  /// A code object (an ELF shared object that exports LLMC_MODULE_SYMBOL).
  void addCode(std::string target, std::vector<std::string> features,
               int64_t rank, std::vector<std::byte> object);
  /// A file of the package, by its plain name ("tokenizer.json").
  void addFile(std::string name, std::vector<std::byte> bytes);

  /// Completes `manifest` (weights, code, files), writes the rest and gives the
  /// file its name. The last call.
  Status finish(Manifest manifest);

  /// Bytes of weights so far, with the gaps between them.
  uint64_t weightBytes() const { return weightEnd_; }

private:
  ArtifactWriter() = default;
  Status appendWeightBytes(Bytes bytes);
  Status padWeights(uint64_t alignment);
  Status flushChunk();
  Status writeSection(format::SectionKind kind, Bytes bytes);
  Status writeTable();

  std::unique_ptr<OutputFile> file_;
  uint64_t end_ = format::pageSize; // of what is written
  std::vector<std::byte> chunk_;    // the weights' tail, not written yet
  uint64_t weightEnd_ = 0;
  std::vector<Digest> chunkDigests_;
  std::vector<WeightInfo> weights_;
  std::vector<CodeInfo> code_;
  std::vector<std::vector<std::byte>> objects_;
  std::map<std::string, std::vector<std::byte>> files_;
  std::vector<format::Section> sections_;
};

} // namespace llmc

#endif
