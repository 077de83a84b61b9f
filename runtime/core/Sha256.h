// SPDX-License-Identifier: Apache-2.0
// SHA-256, streaming and in one call. An object belongs to one thread.
#ifndef LLMC_RUNTIME_CORE_SHA256_H
#define LLMC_RUNTIME_CORE_SHA256_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace llmc {

using Digest = std::array<uint8_t, 32>;

class Sha256 {
public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256 &) = delete;
  Sha256 &operator=(const Sha256 &) = delete;

  void update(std::span<const std::byte> bytes);
  /// The digest of everything so far; starts anew.
  Digest finish();

private:
  void *context_;
};

Digest sha256(std::span<const std::byte> bytes);

/// 64 lower-case hexadecimal digits, and back (false: not such a text).
std::string toHex(const Digest &digest);
bool fromHex(const std::string &text, Digest &digest);

} // namespace llmc

#endif
