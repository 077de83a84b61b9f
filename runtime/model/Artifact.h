// SPDX-License-Identifier: Apache-2.0
// An open artifact: mapped, validated, nothing of it executed. Immutable after
// open(), so any number of threads may read it; it is shared by the sessions
// that run it.
#ifndef LLMC_RUNTIME_MODEL_ARTIFACT_H
#define LLMC_RUNTIME_MODEL_ARTIFACT_H

#include "runtime/core/File.h"
#include "runtime/core/Status.h"
#include "runtime/model/Format.h"
#include "runtime/model/Manifest.h"
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace llmc {

class Artifact {
public:
  using Bytes = std::span<const std::byte>;

  /// Maps the file and checks everything but the weights' bytes: every offset,
  /// and the digests of header, manifest, code and package files. A damaged or
  /// foreign file is Code::Integrity.
  static Result<std::shared_ptr<const Artifact>> open(const std::string &path);

  /// Compares the weights with their chunks' digests; reads them all.
  Status checkWeights() const;

  const std::string &path() const { return path_; }
  const Manifest &manifest() const { return manifest_; }
  uint64_t fileSize() const { return file_->bytes().size(); }
  /// Native code that anyone may change deserves a warning.
  bool writableByAll() const { return file_->writableByAll(); }

  const std::vector<format::Section> &sections() const { return sections_; }
  Bytes section(uint32_t index) const {
    return at(sections_[index].offset, sections_[index].size);
  }
  Bytes weight(uint32_t id) const {
    return weights_.subspan(manifest_.weights[id].offset,
                            manifest_.weights[id].size);
  }
  Bytes weights() const { return weights_; }
  std::optional<Bytes> file(const std::string &name) const;
  /// SHA-256 of header and section table: what a signature signs.
  const Digest &digest() const { return digest_; }

private:
  Artifact() = default;
  Status readHeader();
  Status readSections();
  Status checkSections() const;
  Status readManifest();
  Status checkManifest() const;
  Bytes at(uint64_t offset, uint64_t size) const {
    return file_->bytes().subspan(offset, size);
  }

  std::string path_;
  std::unique_ptr<MappedFile> file_;
  format::FileHeader header_ = {};
  std::vector<format::Section> sections_;
  Manifest manifest_;
  Bytes weights_;
  Bytes chunks_;
  Digest digest_ = {};
};

} // namespace llmc

#endif
