// SPDX-License-Identifier: Apache-2.0
#include "runtime/device/cpu/CodeObject.h"
#include "runtime/device/cpu/ElfCheck.h"
#include "runtime/device/cpu/Features.h"
#include <cerrno>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

namespace llmc {

static bool isHostArchitecture(const CodeInfo &code) {
  // "ref" is plain code for the machine that compiled it; its features and the
  // ELF header tell which.
  std::string_view target = code.target;
  return target.starts_with(hostArchitecture()) ||
         !(target.starts_with("x86-64") || target.starts_with("aarch64"));
}

std::string missingFeatures(const CodeInfo &code) {
  std::string missing;
  for (const std::string &feature : code.features)
    if (!hostFeatures().contains(feature))
      missing += (missing.empty() ? "" : ", ") + feature;
  return missing;
}

/// Why none fits: what each code object was made for.
static Status noneFits(const Manifest &manifest) {
  Error error{.code = Code::Integrity, .what = "has no code for this CPU"};
  for (const CodeInfo &code : manifest.code) {
    std::string missing = missingFeatures(code);
    error.nodes.push_back(
        isHostArchitecture(code)
            ? fmt::format("code for {} needs {}", code.target, missing)
            : fmt::format("code for {}, this is {}", code.target,
                          hostArchitecture()));
  }
  error.what +=
      error.nodes.empty() ? "" : fmt::format(" ({})", error.nodes.front());
  error.hint = "compile the model with --target host on this machine, or with "
               "a --target that it has";
  return error;
}

Result<const CodeInfo *> chooseCode(const Manifest &manifest,
                                    std::string_view isa) {
  const CodeInfo *best = nullptr;
  for (const CodeInfo &code : manifest.code) {
    if (!isa.empty() && code.target != isa)
      continue;
    std::string missing = isHostArchitecture(code) ? missingFeatures(code)
                                                   : "another architecture";
    if (!isa.empty() && !missing.empty())
      return Error{
          Code::Integrity,
          fmt::format("code for {} does not run on this CPU, which lacks {}",
                      isa, missing)};
    if (missing.empty() && (!best || code.rank > best->rank))
      best = &code;
  }
  if (best)
    return best;
  if (isa.empty())
    return noneFits(manifest);
  std::string targets;
  for (const CodeInfo &code : manifest.code)
    targets += (targets.empty() ? "" : ", ") + code.target;
  return Error{.code = Code::BadInput,
               .what = fmt::format("has no code for '{}'", isa),
               .hint = fmt::format("it has code for {}", targets)};
}

Result<std::shared_ptr<const CodeObject>>
CodeObject::load(const Artifact &artifact, const CodeInfo &code) {
  Artifact::Bytes object = artifact.section(code.section);
  std::shared_ptr<CodeObject> loaded(new CodeObject);
  loaded->target_ = code.target;
  if (Status status = checkCodeObject(object); !status)
    return std::move(status).inFile(artifact.path());
  if (Status status = loaded->open(object); !status)
    return std::move(status).inFile(artifact.path());
  if (Status status = loaded->check(artifact.manifest()); !status)
    return std::move(status).inFile(artifact.path());
  return std::shared_ptr<const CodeObject>(std::move(loaded));
}

Status CodeObject::open(Artifact::Bytes object) {
  fd_ = memfd_create("llmc-code", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd_ < 0)
    return Status(Code::Resource,
                  fmt::format("cannot load code: {}", std::strerror(errno)));
  while (!object.empty()) {
    ssize_t written = write(fd_, object.data(), object.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return Status(Code::Resource,
                    fmt::format("cannot load code: {}", std::strerror(errno)));
    object = object.subspan(static_cast<size_t>(written));
  }
  if (fcntl(fd_, F_ADD_SEALS,
            F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)
    return Status(Code::Resource,
                  fmt::format("cannot load code: {}", std::strerror(errno)));
  library_ = dlopen(fmt::format("/proc/self/fd/{}", fd_).c_str(),
                    RTLD_NOW | RTLD_LOCAL);
  if (!library_)
    return Status(Code::Integrity,
                  fmt::format("cannot load code: {}", dlerror()));
  return Status();
}

Status CodeObject::check(const Manifest &manifest) {
  module_ =
      static_cast<const LlmcModule *>(dlsym(library_, LLMC_MODULE_SYMBOL));
  if (!module_)
    return Status(Code::Integrity, "code object: has no " LLMC_MODULE_SYMBOL);
  if (module_->abi != LLMC_ABI_VERSION)
    return Status(Code::Integrity,
                  fmt::format("was compiled by llmc {} with interface {}, this "
                              "llmc has interface {}",
                              manifest.version, module_->abi,
                              LLMC_ABI_VERSION));
  if (std::memcmp(module_->digest, manifest.id.data(), manifest.id.size()) != 0)
    return Status(Code::Integrity, "code object: belongs to another artifact");
  size_t entries = 0;
  for (const ModelInfo &model : manifest.models)
    entries += model.entries.size();
  if (module_->entries != entries)
    return Status(Code::Integrity,
                  fmt::format("code object: has {} entries, the manifest {}",
                              module_->entries, entries));
  return Status();
}

CodeObject::~CodeObject() {
  if (library_)
    dlclose(library_);
  if (fd_ >= 0)
    close(fd_);
}

} // namespace llmc
