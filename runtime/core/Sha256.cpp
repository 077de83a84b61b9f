// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/Sha256.h"
#include <new>
#include <openssl/evp.h>

namespace llmc {

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  if (!context_ || !EVP_DigestInit_ex(static_cast<EVP_MD_CTX *>(context_),
                                      EVP_sha256(), nullptr))
    throw std::bad_alloc();
}

Sha256::~Sha256() { EVP_MD_CTX_free(static_cast<EVP_MD_CTX *>(context_)); }

void Sha256::update(std::span<const std::byte> bytes) {
  EVP_DigestUpdate(static_cast<EVP_MD_CTX *>(context_), bytes.data(),
                   bytes.size());
}

Digest Sha256::finish() {
  auto *context = static_cast<EVP_MD_CTX *>(context_);
  Digest digest;
  EVP_DigestFinal_ex(context, digest.data(), nullptr);
  EVP_DigestInit_ex(context, nullptr, nullptr);
  return digest;
}

Digest sha256(std::span<const std::byte> bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

std::string toHex(const Digest &digest) {
  static const char digits[] = "0123456789abcdef";
  std::string text;
  for (uint8_t byte : digest) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

static int hexValue(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool fromHex(const std::string &text, Digest &digest) {
  if (text.size() != 2 * digest.size())
    return false;
  for (size_t i = 0; i < digest.size(); ++i) {
    int high = hexValue(text[2 * i]), low = hexValue(text[2 * i + 1]);
    if (high < 0 || low < 0)
      return false;
    digest[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return true;
}

} // namespace llmc
