// SPDX-License-Identifier: Apache-2.0
#include "runtime/device/cpu/ElfCheck.h"
#include <algorithm>
#include <cstring>
#include <elf.h>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

namespace llmc {

namespace {

#if defined(__x86_64__)
constexpr int hostMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr int hostMachine = EM_AARCH64;
#else
#error "unsupported architecture"
#endif

Status bad(std::string what) {
  return Status(Code::Integrity, "code object: " + what);
}

class Checker {
public:
  explicit Checker(std::span<const std::byte> object) : object_(object) {}

  Status run() {
    for (auto step :
         {&Checker::readHeader, &Checker::readSegments, &Checker::readDynamic,
          &Checker::checkTags, &Checker::checkSymbols})
      if (Status status = (this->*step)(); !status)
        return status;
    return Status();
  }

private:
  /// The T at a file offset, copied (alignment is not trusted).
  template <typename T> std::optional<T> at(uint64_t offset) const {
    if (offset > object_.size() || object_.size() - offset < sizeof(T))
      return std::nullopt;
    T value;
    std::memcpy(&value, object_.data() + offset, sizeof value);
    return value;
  }

  /// The file offset of a virtual address inside a loaded segment.
  std::optional<uint64_t> fileOffset(uint64_t address) const {
    for (const Elf64_Phdr &segment : loads_)
      if (address >= segment.p_vaddr &&
          address - segment.p_vaddr < segment.p_filesz)
        return segment.p_offset + (address - segment.p_vaddr);
    return std::nullopt;
  }

  template <typename T> std::optional<T> atAddress(uint64_t address) const {
    auto offset = fileOffset(address);
    return offset ? at<T>(*offset) : std::nullopt;
  }

  Status readHeader() {
    auto header = at<Elf64_Ehdr>(0);
    if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
        header->e_ident[EI_CLASS] != ELFCLASS64 ||
        header->e_ident[EI_DATA] != ELFDATA2LSB || header->e_type != ET_DYN)
      return bad("is not a 64-bit shared object");
    if (header->e_machine != hostMachine)
      return bad("is for another kind of machine");
    if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phnum == 0 ||
        header->e_phnum > 64)
      return bad("has malformed program headers");
    header_ = *header;
    return Status();
  }

  Status readSegments() {
    for (unsigned i = 0; i < header_.e_phnum; ++i) {
      auto segment = at<Elf64_Phdr>(header_.e_phoff + i * sizeof(Elf64_Phdr));
      if (!segment || segment->p_offset > object_.size() ||
          segment->p_filesz > object_.size() - segment->p_offset)
        return bad("a segment is out of bounds");
      if (segment->p_type == PT_INTERP || segment->p_type == PT_TLS)
        return bad("has a segment that code objects don't have");
      if (segment->p_type == PT_LOAD) {
        if (segment->p_filesz > segment->p_memsz ||
            segment->p_memsz > (uint64_t(1) << 40) ||
            segment->p_vaddr > (uint64_t(1) << 46))
          return bad("a segment has a bad size");
        if ((segment->p_flags & PF_W) && (segment->p_flags & PF_X))
          return bad("a segment is writable and executable");
        loads_.push_back(*segment);
      }
      if (segment->p_type == PT_DYNAMIC) {
        if (dynamic_)
          return bad("has two dynamic sections");
        dynamic_ = *segment;
      }
    }
    return dynamic_ ? Status() : bad("has no dynamic section");
  }

  Status readDynamic() {
    // The linker reads it through its address.
    auto offset = fileOffset(dynamic_->p_vaddr);
    if (!offset || *offset != dynamic_->p_offset)
      return bad("the dynamic section is not loaded");
    for (uint64_t i = 0; i < dynamic_->p_filesz / sizeof(Elf64_Dyn); ++i) {
      auto entry = at<Elf64_Dyn>(*offset + i * sizeof(Elf64_Dyn));
      if (!entry)
        return bad("the dynamic section is out of bounds");
      if (entry->d_tag == DT_NULL)
        return Status();
      if (!tags_.emplace(entry->d_tag, entry->d_un.d_val).second)
        return bad(entry->d_tag == DT_NEEDED ? "needs other libraries"
                                             : "a dynamic tag is there twice");
    }
    return bad("the dynamic section has no end");
  }

  Status checkTags() {
    struct Forbidden {
      int64_t tag;
      const char *what;
    };
    constexpr Forbidden forbidden[] = {
        {DT_NEEDED, "needs other libraries"},
        {DT_RPATH, "has a library path"},
        {DT_RUNPATH, "has a library path"},
        {DT_INIT, "runs code on loading"},
        {DT_INIT_ARRAY, "runs code on loading"},
        {DT_PREINIT_ARRAY, "runs code on loading"},
        {DT_FINI, "runs code on unloading"},
        {DT_FINI_ARRAY, "runs code on unloading"},
        {DT_TEXTREL, "changes its code on loading"},
        {DT_AUXILIARY, "needs other libraries"},
        {DT_FILTER, "needs other libraries"},
        {DT_AUDIT, "needs other libraries"},
        {DT_DEPAUDIT, "needs other libraries"},
        {DT_CONFIG, "has a configuration file"},
    };
    for (const Forbidden &row : forbidden)
      if (auto it = tags_.find(row.tag);
          it != tags_.end() && !isEmptyArray(it->first))
        return bad(row.what);
    return Status();
  }

  /// An array of constructors without elements is harmless; linkers write it at
  /// times.
  bool isEmptyArray(int64_t tag) const {
    int64_t size = tag == DT_INIT_ARRAY   ? DT_INIT_ARRAYSZ
                   : tag == DT_FINI_ARRAY ? DT_FINI_ARRAYSZ
                                          : 0;
    auto it = tags_.find(size);
    return size && it != tags_.end() && it->second == 0;
  }

  /// How many symbols could be undefined: all of a DT_HASH table, else those
  /// before the first that DT_GNU_HASH hashes (defined ones).
  std::optional<uint64_t> symbolsToCheck() const {
    if (auto it = tags_.find(DT_HASH); it != tags_.end()) {
      auto chains = atAddress<uint32_t>(it->second + 4);
      return chains ? std::optional<uint64_t>(*chains) : std::nullopt;
    }
    if (auto it = tags_.find(DT_GNU_HASH); it != tags_.end()) {
      auto first = atAddress<uint32_t>(it->second + 4);
      return first ? std::optional<uint64_t>(*first) : std::nullopt;
    }
    return std::nullopt;
  }

  Status checkSymbols() {
    auto count = symbolsToCheck();
    auto symbols = tags_.find(DT_SYMTAB), strings = tags_.find(DT_STRTAB);
    if (!count || *count > 65536 || symbols == tags_.end() ||
        strings == tags_.end())
      return bad("has no readable symbol table");
    for (uint64_t i = 1; i < *count; ++i) {
      auto symbol =
          atAddress<Elf64_Sym>(symbols->second + i * sizeof(Elf64_Sym));
      if (!symbol)
        return bad("the symbol table is out of bounds");
      if (symbol->st_shndx == SHN_UNDEF)
        if (Status status = checkUndefined(strings->second + symbol->st_name);
            !status)
          return status;
    }
    return Status();
  }

  Status checkUndefined(uint64_t address) const {
    auto offset = fileOffset(address);
    if (!offset)
      return bad("a symbol's name is out of bounds");
    std::string_view rest(reinterpret_cast<const char *>(object_.data()) +
                              *offset,
                          object_.size() - *offset);
    std::string_view name = rest.substr(0, rest.find('\0'));
    for (std::string_view allowed : {"memcpy", "memmove", "memset"})
      if (name == allowed)
        return Status();
    return bad(fmt::format("needs the symbol '{}'", name.substr(0, 128)));
  }

  std::span<const std::byte> object_;
  Elf64_Ehdr header_ = {};
  std::vector<Elf64_Phdr> loads_;
  std::optional<Elf64_Phdr> dynamic_;
  std::map<int64_t, uint64_t> tags_;
};

} // namespace

Status checkCodeObject(std::span<const std::byte> object) {
  return Checker(object).run();
}

} // namespace llmc
