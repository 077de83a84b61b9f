// SPDX-License-Identifier: Apache-2.0
// NumPy's .npz: a zip archive of .npy files, stored or deflated, with zip64's
// long sizes.
#include "frontend/InputError.h"
#include "frontend/tensorfile/Npy.h"

#include <cstring>
#include <fmt/format.h>
#include <zlib.h>

namespace llmc {

using onnx::asText;
using onnx::Bytes;

namespace {

constexpr size_t maxEntries = 65536;
/// Deflate can't do better than this; whoever claims more lies about the size.
constexpr uint64_t maxInflation = 1032;

struct Entry {
  std::string_view name;
  uint16_t method = 0;
  uint32_t checksum = 0;
  uint64_t packedSize = 0, size = 0, offset = 0;
};

class Archive {
public:
  explicit Archive(Bytes file) : file(file) {}
  std::vector<Entry> entries() const;
  /// Unpacks into buffer where the entry is deflated; else a view.
  Bytes contents(const Entry &entry, std::vector<std::byte> &buffer) const;

private:
  template <typename T> T at(uint64_t offset) const {
    T value = 0;
    std::memcpy(&value, part(offset, sizeof value).data(), sizeof value);
    return value;
  }
  Bytes part(uint64_t offset, uint64_t size) const {
    if (offset > file.size() || size > file.size() - offset)
      throw InputError("",
                       fmt::format("truncated zip archive at byte {}", offset));
    return file.subspan(offset, size);
  }
  uint64_t findEnd() const;
  void readLongSizes(Entry &entry, uint64_t extra, uint64_t length) const;

  Bytes file;
};

/// The end record is last, before a comment of at most 64 KiB.
uint64_t Archive::findEnd() const {
  constexpr uint64_t recordSize = 22, maxComment = 65535;
  for (uint64_t back = recordSize;
       back <= file.size() && back <= recordSize + maxComment; ++back)
    if (at<uint32_t>(file.size() - back) == 0x06054b50)
      return file.size() - back;
  throw InputError("", "not an .npz file: no zip directory");
}

void Archive::readLongSizes(Entry &entry, uint64_t extra,
                            uint64_t length) const {
  uint64_t end = extra + length;
  while (extra + 4 <= end) {
    uint64_t size = at<uint16_t>(extra + 2);
    if (at<uint16_t>(extra) == 1) {
      uint64_t place = extra + 4;
      for (uint64_t *field : {&entry.size, &entry.packedSize, &entry.offset}) {
        if (*field != UINT32_MAX)
          continue;
        if (place + 8 > extra + 4 + size)
          throw InputError("", "bad zip64 sizes");
        *field = at<uint64_t>(place);
        place += 8;
      }
    }
    extra += 4 + size;
  }
}

std::vector<Entry> Archive::entries() const {
  uint64_t end = findEnd();
  uint64_t count = at<uint16_t>(end + 10), offset = at<uint32_t>(end + 16);
  constexpr uint64_t locatorSize = 20;
  if (end >= locatorSize && at<uint32_t>(end - locatorSize) == 0x07064b50) {
    auto record = at<uint64_t>(end - locatorSize + 8);
    if (at<uint32_t>(record) != 0x06064b50)
      throw InputError("", "bad zip64 directory");
    count = at<uint64_t>(record + 32);
    offset = at<uint64_t>(record + 48);
  }
  if (count > maxEntries)
    throw InputError("", fmt::format("more than {} entries", maxEntries));
  std::vector<Entry> out;
  for (uint64_t i = 0; i < count; ++i) {
    if (at<uint32_t>(offset) != 0x02014b50)
      throw InputError(
          "", fmt::format("bad zip directory entry at byte {}", offset));
    if (at<uint16_t>(offset + 8) & 1)
      throw InputError("", "the zip archive is encrypted");
    Entry entry;
    entry.method = at<uint16_t>(offset + 10);
    entry.checksum = at<uint32_t>(offset + 16);
    entry.packedSize = at<uint32_t>(offset + 20);
    entry.size = at<uint32_t>(offset + 24);
    entry.offset = at<uint32_t>(offset + 42);
    uint64_t nameLength = at<uint16_t>(offset + 28),
             extraLength = at<uint16_t>(offset + 30);
    entry.name = asText(part(offset + 46, nameLength));
    readLongSizes(entry, offset + 46 + nameLength, extraLength);
    out.push_back(entry);
    offset += 46 + nameLength + extraLength + at<uint16_t>(offset + 32);
  }
  return out;
}

void inflateAll(Bytes packed, std::vector<std::byte> &out,
                const std::string &where) {
  z_stream stream = {};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
    throw InputError(where, "out of memory", "", ExitCode::OutOfResource);
  auto *next = reinterpret_cast<Bytef *>(out.data());
  uint64_t spaceLeft = out.size(), inputLeft = packed.size();
  stream.next_in =
      reinterpret_cast<Bytef *>(const_cast<std::byte *>(packed.data()));
  stream.next_out = next;
  int result = Z_OK;
  // zlib counts in 32 bits, so large arrays go in pieces.
  constexpr uint64_t piece = uint64_t{1} << 30;
  while (result == Z_OK) {
    if (stream.avail_in == 0) {
      stream.avail_in = static_cast<uInt>(std::min(inputLeft, piece));
      inputLeft -= stream.avail_in;
    }
    if (stream.avail_out == 0) {
      stream.avail_out = static_cast<uInt>(std::min(spaceLeft, piece));
      spaceLeft -= stream.avail_out;
    }
    result = inflate(&stream, Z_NO_FLUSH);
  }
  bool isWhole =
      result == Z_STREAM_END && stream.avail_out == 0 && spaceLeft == 0;
  inflateEnd(&stream);
  if (!isWhole)
    throw InputError(
        where, "the deflated data is damaged or of another size than declared");
}

Bytes Archive::contents(const Entry &entry,
                        std::vector<std::byte> &buffer) const {
  std::string where = inQuotes(entry.name);
  if (at<uint32_t>(entry.offset) != 0x04034b50)
    throw InputError(where,
                     fmt::format("bad zip entry at byte {}", entry.offset));
  uint64_t start = entry.offset + 30 + at<uint16_t>(entry.offset + 26) +
                   at<uint16_t>(entry.offset + 28);
  Bytes packed = part(start, entry.packedSize);
  Bytes out = packed;
  if (entry.method == 8) {
    if (entry.size / maxInflation > packed.size() + 1)
      throw InputError(where, fmt::format("{} bytes can't unpack to {}",
                                          packed.size(), entry.size));
    buffer.assign(entry.size, std::byte{0});
    inflateAll(packed, buffer, where);
    out = buffer;
  } else if (entry.method != 0) {
    throw InputError(
        where, fmt::format("zip method {} is not supported", entry.method));
  } else if (entry.size != entry.packedSize) {
    throw InputError(where, "a stored zip entry has two sizes");
  }
  uLong checksum =
      crc32_z(0, reinterpret_cast<const Bytef *>(out.data()), out.size());
  if (checksum != entry.checksum)
    throw InputError(where, "the zip checksum doesn't match");
  return out;
}

} // namespace

std::vector<HostTensor> loadNpz(const std::string &path) {
  auto mapping = onnx::Mapping::open(path);
  try {
    Archive archive(mapping->bytes());
    std::vector<HostTensor> out;
    for (const Entry &entry : archive.entries()) {
      std::vector<std::byte> buffer;
      HostTensor tensor =
          parseNpy(archive.contents(entry, buffer), inQuotes(entry.name));
      std::string_view name = entry.name;
      if (name.ends_with(".npy"))
        name.remove_suffix(4);
      tensor.name = name;
      for (const HostTensor &other : out)
        if (other.name == tensor.name)
          throw InputError(inQuotes(name), "two arrays have this name");
      out.push_back(std::move(tensor));
    }
    return out;
  } catch (InputError &error) {
    throw error.inFile(path);
  }
}

} // namespace llmc
