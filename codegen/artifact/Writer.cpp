// SPDX-License-Identifier: Apache-2.0
#include "codegen/artifact/Writer.h"
#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace llmc {

using format::SectionKind;

template <typename T> static ArtifactWriter::Bytes bytesOf(const T &value) {
  return std::as_bytes(std::span(&value, 1));
}

// Large weights start on a page, so that a part of them can be fetched or
// dropped alone.
static constexpr uint64_t pageAlignedFrom = 64 << 10;

Result<std::unique_ptr<ArtifactWriter>>
ArtifactWriter::begin(const std::string &path) {
  auto file = OutputFile::create(path);
  if (!file)
    return file.takeStatus();
  std::unique_ptr<ArtifactWriter> writer(new ArtifactWriter);
  writer->file_ = std::move(*file);
  return writer;
}

Status ArtifactWriter::flushChunk() {
  if (chunk_.empty())
    return Status();
  chunkDigests_.push_back(sha256(chunk_));
  Status status = file_->write(chunk_, end_);
  end_ += chunk_.size();
  chunk_.clear();
  return status;
}

Status ArtifactWriter::appendWeightBytes(Bytes bytes) {
  if (chunk_.capacity() < format::chunkSize)
    chunk_.reserve(format::chunkSize);
  while (!bytes.empty()) {
    size_t taken =
        std::min<size_t>(bytes.size(), format::chunkSize - chunk_.size());
    chunk_.insert(chunk_.end(), bytes.begin(),
                  bytes.begin() + static_cast<ptrdiff_t>(taken));
    bytes = bytes.subspan(taken);
    weightEnd_ += taken;
    if (chunk_.size() == format::chunkSize)
      if (Status status = flushChunk(); !status)
        return status;
  }
  return Status();
}

Status ArtifactWriter::padWeights(uint64_t alignment) {
  static const std::byte zeros[format::pageSize] = {};
  return appendWeightBytes(
      {zeros, format::alignUp(weightEnd_, alignment) - weightEnd_});
}

Result<uint32_t> ArtifactWriter::addWeight(std::string name, uint64_t size,
                                           const Producer &produce) {
  if (Status status = padWeights(
          size >= pageAlignedFrom ? format::pageSize : format::weightAlignment);
      !status)
    return status;
  uint64_t start = weightEnd_;
  Status status = produce([&](Bytes bytes) -> Status {
    if (bytes.size() > size - (weightEnd_ - start))
      return Status(
          Code::Internal,
          fmt::format("weight '{}' yields more than its {} bytes", name, size));
    return appendWeightBytes(bytes);
  });
  if (!status)
    return status;
  if (weightEnd_ - start != size)
    return Status(Code::Internal,
                  fmt::format("weight '{}' yields {} of its {} bytes", name,
                              weightEnd_ - start, size));
  weights_.push_back({std::move(name), start, size});
  return static_cast<uint32_t>(weights_.size() - 1);
}

Result<uint32_t> ArtifactWriter::addWeight(std::string name, Bytes bytes) {
  return addWeight(std::move(name), bytes.size(),
                   [&](const Sink &sink) { return sink(bytes); });
}

void ArtifactWriter::addCode(std::string target,
                             std::vector<std::string> features, int64_t rank,
                             std::vector<std::byte> object) {
  code_.push_back({std::move(target), std::move(features), rank, 0});
  objects_.push_back(std::move(object));
}

void ArtifactWriter::addFile(std::string name, std::vector<std::byte> bytes) {
  files_[std::move(name)] = std::move(bytes);
}

Status ArtifactWriter::writeSection(SectionKind kind, Bytes bytes) {
  end_ = format::alignUp(end_, format::pageSize);
  format::Section section = {
      static_cast<uint32_t>(kind), 0, end_, bytes.size(), {}};
  Digest digest = sha256(bytes);
  std::copy(digest.begin(), digest.end(), section.sha256);
  sections_.push_back(section);
  Status status = file_->write(bytes, end_);
  end_ += bytes.size();
  return status;
}

Status ArtifactWriter::finish(Manifest manifest) {
  if (Status status = flushChunk(); !status)
    return status;
  if (weightEnd_ > 0) {
    Bytes digests = std::as_bytes(std::span(chunkDigests_));
    sections_.push_back({static_cast<uint32_t>(SectionKind::Weights),
                         0,
                         format::pageSize,
                         weightEnd_,
                         {}});
    Digest digest = sha256(digests);
    std::copy(digest.begin(), digest.end(), sections_.back().sha256);
    if (Status status = writeSection(SectionKind::Chunks, digests); !status)
      return status;
  }
  for (size_t i = 0; i < objects_.size(); ++i) {
    code_[i].section = static_cast<uint32_t>(sections_.size());
    if (Status status = writeSection(SectionKind::Code, objects_[i]); !status)
      return status;
  }
  manifest.files.clear();
  for (const auto &[name, bytes] : files_) {
    manifest.files[name] = static_cast<uint32_t>(sections_.size());
    if (Status status = writeSection(SectionKind::File, bytes); !status)
      return status;
  }
  manifest.code = code_;
  manifest.weights = weights_;
  std::string json = manifest.toJson();
  if (json.size() > format::maxManifest)
    return Status(Code::Unsupported, "the manifest is too large");
  if (Status status =
          writeSection(SectionKind::Manifest, std::as_bytes(std::span(json)));
      !status)
    return status;
  return writeTable();
}

Status ArtifactWriter::writeTable() {
  Bytes table = std::as_bytes(std::span(sections_));
  format::FileHeader header = {};
  std::memcpy(header.magic, format::magic, sizeof header.magic);
  header.version = format::version;
  header.sections = static_cast<uint32_t>(sections_.size());
  header.tableOffset = format::alignUp(end_, format::weightAlignment);
  header.fileSize = header.tableOffset + table.size();
  Sha256 hash;
  hash.update(bytesOf(header));
  hash.update(table);
  Digest digest = hash.finish();
  std::copy(digest.begin(), digest.end(), header.digest);
  if (Status status = file_->write(table, header.tableOffset); !status)
    return status;
  if (Status status = file_->write(bytesOf(header), 0); !status)
    return status;
  return file_->commit();
}

} // namespace llmc
