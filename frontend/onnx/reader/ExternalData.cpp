// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/reader/ExternalData.h"

#include "frontend/InputError.h"

#include <cerrno>
#include <charconv>
#include <climits>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace llmc::onnx {

namespace {

constexpr size_t maxLocationBytes = 4096;
constexpr size_t maxFiles = 16384;
/// Older exporters write a file per tensor, more than a process may hold open.
constexpr size_t maxDescriptors = 128;

/// Splits at slashes; empty components and `.` are dropped.
std::vector<std::string_view> components(std::string_view path) {
  std::vector<std::string_view> out;
  while (!path.empty()) {
    size_t end = std::min(path.find('/'), path.size());
    std::string_view part = path.substr(0, end);
    if (!part.empty() && part != ".")
      out.push_back(part);
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return out;
}

/// Refuses what no exporter writes, by the text alone; returns the path without
/// empty components and `.`.
std::string checkedPath(std::string_view location, const std::string &where) {
  auto refuse = [&](std::string_view what) {
    throw InputError(where, fmt::format("external data path {} {}",
                                        inQuotes(location), what));
  };
  if (location.empty())
    refuse("is empty");
  if (location.size() > maxLocationBytes)
    refuse("is too long");
  if (location.find('\0') != std::string_view::npos)
    refuse("holds a zero byte");
  if (location.find("://") != std::string_view::npos)
    refuse("is a URL, not a file in the model directory");
  bool isDrive = location.size() > 1 && location[1] == ':' &&
                 isalpha(static_cast<unsigned char>(location[0]));
  if (location[0] == '/' || location.find('\\') != std::string_view::npos ||
      isDrive)
    refuse(
        "leaves the model directory (absolute, or in another system's form)");
  std::string path;
  for (std::string_view part : components(location)) {
    if (part == "..")
      refuse("leaves the model directory ('..' is not allowed)");
    path += path.empty() ? "" : "/";
    path += part;
  }
  if (path.empty())
    refuse("is a folder, not a regular file inside the model directory");
  return path;
}

/// Only digits: no sign, space, prefix or rest.
uint64_t parseDecimal(const StringEntry &entry, const std::string &where) {
  uint64_t value = 0;
  const char *end = entry.value.data() + entry.value.size();
  auto [rest, error] = std::from_chars(entry.value.data(), end, value);
  if (error == std::errc::result_out_of_range ||
      (error == std::errc() && value > INT64_MAX))
    throw InputError(where, fmt::format("external data {} {} is too large",
                                        entry.key, inQuotes(entry.value)));
  if (error != std::errc() || rest != end ||
      !isdigit(static_cast<unsigned char>(entry.value[0])))
    throw InputError(
        where,
        fmt::format("external data {} {} is not a non-negative decimal number",
                    entry.key, inQuotes(entry.value)));
  return value;
}

} // namespace

ExternalFiles::ExternalFiles(std::string folder, Remarks *remarks)
    : folder(std::move(folder)), remarks(remarks) {}

ExternalFiles::~ExternalFiles() {
  if (folderDescriptor >= 0)
    close(folderDescriptor);
}

ExternalFiles::Reference ExternalFiles::parse(const TensorProto &tensor,
                                              const std::string &where) {
  Reference out;
  bool hasLocation = false, hasOffset = false, hasChecksum = false;
  auto once = [&](bool seen, std::string_view key) {
    if (seen)
      throw InputError(where, fmt::format("external data has two entries {}",
                                          inQuotes(key)));
    return true;
  };
  for (const StringEntry &entry : tensor.external) {
    if (entry.key == "location") {
      hasLocation = once(hasLocation, entry.key);
      out.location = entry.value;
    } else if (entry.key == "offset") {
      hasOffset = once(hasOffset, entry.key);
      out.offset = parseDecimal(entry, where);
    } else if (entry.key == "length") {
      once(out.length.has_value(), entry.key);
      out.length = parseDecimal(entry, where);
    } else if (entry.key == "checksum") {
      hasChecksum = once(hasChecksum, entry.key);
    } else if (remarks && warnedKeys.size() < 16 &&
               warnedKeys.emplace(entry.key, true).second) {
      remarks->warning(
          where, fmt::format("external data key {} is unknown and ignored",
                             inQuotes(entry.key)));
    }
  }
  if (!hasLocation)
    throw InputError(where, "external data has no location");
  return out;
}

/// Opens folder/path so that neither a link nor a mount trick leads elsewhere;
/// -1 and errno if that fails.
int ExternalFiles::openBeneath(const std::string &path) {
  if (folderDescriptor < 0)
    folderDescriptor = ::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folderDescriptor < 0)
    return -1;
  constexpr int flags =
      O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW;
  open_how how = {};
  how.flags = flags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  long fd =
      syscall(SYS_openat2, folderDescriptor, path.c_str(), &how, sizeof how);
  if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
    return static_cast<int>(fd);
  // Kernels and sandboxes without openat2: one component at a time, none of
  // them a link.
  int parent = folderDescriptor;
  std::vector<std::string_view> parts = components(path);
  for (size_t i = 0; i < parts.size(); ++i) {
    bool isLast = i + 1 == parts.size();
    std::string part(parts[i]);
    int next =
        openat(parent, part.c_str(),
               isLast ? flags : O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int code = errno;
    // A link to a folder is no folder either: say that it is a link.
    struct stat info = {};
    if (next < 0 && code == ENOTDIR &&
        fstatat(parent, part.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISLNK(info.st_mode))
      code = ELOOP;
    if (parent != folderDescriptor)
      close(parent);
    errno = code;
    if (next < 0)
      return -1;
    parent = next;
  }
  return parent;
}

const std::shared_ptr<Mapping> &ExternalFiles::open(std::string_view location,
                                                    const std::string &where) {
  std::string path = checkedPath(location, where);
  auto found = mappings.find(path);
  if (found != mappings.end())
    return found->second;
  auto refuse = [&](const std::string &what, std::string hint = "") {
    throw InputError(
        where, fmt::format("external data {}: {}", inQuotes(location), what),
        std::move(hint));
  };
  if (mappings.size() == maxFiles)
    refuse(fmt::format("more than {} files", maxFiles));
  int fd = openBeneath(path);
  if (fd < 0 && (errno == ELOOP || errno == EXDEV))
    refuse("reached through a symbolic link, not a regular file inside the "
           "model directory",
           "copy the model's folder with its links resolved (cp -rL)");
  if (fd < 0)
    refuse(fmt::format("cannot open ({})", errnoText(errno)));
  struct stat info = {};
  bool isRegular = fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
  if (!isRegular || info.st_nlink > 1) {
    close(fd);
    refuse(isRegular ? "has several hard links, so it may be a file from "
                       "outside the model directory"
                     : "not a regular file inside the model directory",
           isRegular ? "copy the file" : "");
  }
  auto mapping = Mapping::adopt(fd, folder + "/" + path);
  if (asText(mapping->bytes()).starts_with("version https://git-lfs"))
    refuse("this is a Git LFS pointer, fetch the real file", "git lfs pull");
  if (mappings.size() >= maxDescriptors)
    mapping->releaseDescriptor();
  return mappings.emplace(std::move(path), std::move(mapping)).first->second;
}

Bytes ExternalFiles::locate(const TensorProto &tensor, uint64_t size,
                            const std::string &where) {
  Reference reference = parse(tensor, where);
  if (reference.length && *reference.length != size)
    throw InputError(
        where,
        fmt::format("external data has length {}, the shape needs {} bytes",
                    *reference.length, size));
  Bytes bytes = open(reference.location, where)->bytes();
  if (bytes.empty() && size > 0)
    throw InputError(where, fmt::format("external data {}: the file is empty",
                                        inQuotes(reference.location)));
  if (reference.offset > bytes.size() || size > bytes.size() - reference.offset)
    throw InputError(
        where,
        fmt::format(
            "external data {} has {} bytes, the tensor needs {} at offset {}",
            inQuotes(reference.location), bytes.size(), size,
            reference.offset));
  return bytes.subspan(reference.offset, size);
}

std::vector<std::shared_ptr<Mapping>> ExternalFiles::files() const {
  std::vector<std::shared_ptr<Mapping>> out;
  for (const auto &[path, mapping] : mappings)
    out.push_back(mapping);
  return out;
}

void ExternalFiles::requireUnchanged() {
  for (const auto &[path, mapping] : mappings) {
    if (mapping->hasDescriptor())
      mapping->requireUnchanged();
    else
      mapping->requireUnchanged(openBeneath(path));
  }
}

} // namespace llmc::onnx
