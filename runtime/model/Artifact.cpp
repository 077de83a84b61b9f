// SPDX-License-Identifier: Apache-2.0
#include "runtime/model/Artifact.h"
#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace llmc {

using format::Section;
using format::SectionKind;

static Status damaged(std::string what) {
  return Status(Code::Integrity, std::move(what));
}

static bool isKind(const Section &section, SectionKind kind) {
  return section.kind == static_cast<uint32_t>(kind);
}

static bool hasDigest(Artifact::Bytes bytes, const uint8_t *expected) {
  Digest digest = sha256(bytes);
  return std::memcmp(digest.data(), expected, digest.size()) == 0;
}

static bool isZero(Artifact::Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](std::byte b) { return b == std::byte(0); });
}

Result<std::shared_ptr<const Artifact>>
Artifact::open(const std::string &path) {
  auto file = MappedFile::open(path);
  if (!file)
    return file.takeStatus();
  std::shared_ptr<Artifact> artifact(new Artifact);
  artifact->path_ = path;
  artifact->file_ = std::move(*file);
  for (auto step : {&Artifact::readHeader, &Artifact::readSections})
    if (Status status = (artifact.get()->*step)(); !status)
      return std::move(status).inFile(path);
  if (Status status = artifact->checkSections(); !status)
    return std::move(status).inFile(path);
  if (Status status = artifact->readManifest(); !status)
    return std::move(status).inFile(path);
  if (Status status = artifact->checkManifest(); !status)
    return std::move(status).inFile(path);
  return std::shared_ptr<const Artifact>(std::move(artifact));
}

/// Fills header_ and digest_.
Status Artifact::readHeader() {
  Bytes bytes = file_->bytes();
  std::ranges::copy(bytes.first(std::min(bytes.size(), sizeof header_)),
                    std::as_writable_bytes(std::span(&header_, 1)).begin());
  if (std::memcmp(header_.magic, format::magic, sizeof header_.magic) != 0) {
    if (path_.ends_with(".onnx"))
      return Error{.code = Code::BadInput,
                   .what = "is a model, not an artifact",
                   .hint = "llmc compile it first"};
    return damaged("is not an llmc artifact");
  }
  if (bytes.size() < format::pageSize)
    return damaged(fmt::format("is truncated: {} bytes", bytes.size()));
  if (header_.version != format::version)
    return damaged(
        fmt::format("has artifact format {}, this llmc reads format {}",
                    header_.version, format::version));
  if (bytes.size() != header_.fileSize)
    return damaged(
        fmt::format("is {}: {} bytes, expected {}",
                    bytes.size() < header_.fileSize ? "truncated" : "too long",
                    bytes.size(), header_.fileSize));
  if (!isZero(at(sizeof header_, format::pageSize - sizeof header_)))
    return damaged("the header page is damaged");
  return Status();
}

/// Fills sections_: read and covered by the header's digest.
Status Artifact::readSections() {
  uint64_t size = uint64_t(header_.sections) * sizeof(Section);
  if (header_.sections > format::maxSections ||
      header_.tableOffset < format::pageSize ||
      header_.tableOffset > header_.fileSize ||
      header_.fileSize - header_.tableOffset != size)
    return damaged("the section table is out of bounds");
  Bytes table = at(header_.tableOffset, size);
  format::FileHeader plain = header_;
  std::memset(plain.digest, 0, sizeof plain.digest);
  Sha256 hash;
  hash.update(std::as_bytes(std::span(&plain, 1)));
  hash.update(table);
  digest_ = hash.finish();
  if (std::memcmp(digest_.data(), header_.digest, digest_.size()) != 0)
    return damaged("the header's checksum does not match");
  sections_.resize(header_.sections);
  std::ranges::copy(table,
                    std::as_writable_bytes(std::span(sections_)).begin());
  return Status();
}

/// Sections lie in order, page-aligned, without overlap, with zeros between
/// them, and have their digests.
Status Artifact::checkSections() const {
  uint64_t end = format::pageSize;
  for (size_t i = 0; i < sections_.size(); ++i) {
    const Section &section = sections_[i];
    if (section.offset % format::pageSize != 0 || section.offset < end ||
        section.offset > header_.tableOffset ||
        section.size > header_.tableOffset - section.offset)
      return damaged(fmt::format(
          "section {} is out of bounds, misaligned or overlaps another", i));
    if (section.offset - end >= format::pageSize ||
        !isZero(at(end, section.offset - end)))
      return damaged(
          fmt::format("the padding before section {} is damaged", i));
    if (!isKind(section, SectionKind::Weights) &&
        !hasDigest(at(section.offset, section.size), section.sha256))
      return damaged(fmt::format("section {} has a wrong checksum", i));
    end = section.offset + section.size;
  }
  if (header_.tableOffset - end >= format::pageSize ||
      !isZero(at(end, header_.tableOffset - end)))
    return damaged("the padding before the section table is damaged");
  return Status();
}

/// Fills manifest_, weights_ and chunks_.
Status Artifact::readManifest() {
  const Section *manifest = nullptr, *weights = nullptr, *chunks = nullptr;
  for (const Section &section : sections_) {
    const Section **slot = isKind(section, SectionKind::Manifest)  ? &manifest
                           : isKind(section, SectionKind::Weights) ? &weights
                           : isKind(section, SectionKind::Chunks)  ? &chunks
                                                                   : nullptr;
    if (slot && *slot)
      return damaged("a section is there twice");
    if (slot)
      *slot = &section;
  }
  if (!manifest || manifest->size > format::maxManifest)
    return damaged("has no manifest");
  if (bool(weights) != bool(chunks))
    return damaged("the weights' checksums are missing");
  if (weights) {
    weights_ = at(weights->offset, weights->size);
    chunks_ = at(chunks->offset, chunks->size);
    uint64_t count =
        format::alignUp(weights->size, format::chunkSize) / format::chunkSize;
    if (chunks->size != count * sizeof(Digest) ||
        std::memcmp(chunks->sha256, weights->sha256, sizeof(Digest)) != 0)
      return damaged("the weights' checksums do not fit the weights");
  }
  Bytes text = at(manifest->offset, manifest->size);
  auto parsed = Manifest::fromJson(
      {reinterpret_cast<const char *>(text.data()), text.size()});
  if (!parsed)
    return parsed.takeStatus();
  manifest_ = std::move(*parsed);
  return Status();
}

/// What the manifest says about the file must be true of it.
Status Artifact::checkManifest() const {
  auto points = [&](uint32_t index, SectionKind kind) {
    return index < sections_.size() && isKind(sections_[index], kind);
  };
  for (const CodeInfo &code : manifest_.code)
    if (!points(code.section, SectionKind::Code))
      return damaged("manifest: a code object names a section that is none");
  for (const auto &[name, section] : manifest_.files)
    if (!points(section, SectionKind::File))
      return damaged("manifest: a package file names a section that is none");
  for (size_t id = 0; id < manifest_.weights.size(); ++id) {
    const WeightInfo &weight = manifest_.weights[id];
    if (weight.offset % format::weightAlignment != 0 ||
        weight.offset > weights_.size() ||
        weight.size > weights_.size() - weight.offset)
      return damaged(fmt::format(
          "manifest: weight {} is out of bounds or misaligned", id));
  }
  return Status();
}

Status Artifact::checkWeights() const {
  uint64_t count = chunks_.size() / sizeof(Digest);
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t offset = i * format::chunkSize;
    Bytes chunk =
        weights_.subspan(offset, std::min<uint64_t>(format::chunkSize,
                                                    weights_.size() - offset));
    if (!hasDigest(chunk, reinterpret_cast<const uint8_t *>(chunks_.data()) +
                              i * sizeof(Digest)))
      return std::move(damaged(fmt::format(
                           "the weights are damaged in bytes [{}, {})", offset,
                           offset + chunk.size())))
          .inFile(path_);
  }
  return Status();
}

std::optional<Artifact::Bytes> Artifact::file(const std::string &name) const {
  auto it = manifest_.files.find(name);
  if (it == manifest_.files.end())
    return std::nullopt;
  return section(it->second);
}

} // namespace llmc
