// SPDX-License-Identifier: Apache-2.0
// The decoders whose tokens are bytes: characters come out when they are
// complete, what never becomes one as U+FFFD. Stages belong to one stream.
#ifndef LLMC_RUNTIME_TEXT_BYTE_DECODERS_H
#define LLMC_RUNTIME_TEXT_BYTE_DECODERS_H

#include "runtime/text/Decoders.h"

namespace llmc::text {

/// Tokens of characters that stand for bytes.
class ByteLevelStage : public TokenStage {
public:
  void finish() override;
  /// A token that is not in the alphabet stands for itself.
  static std::optional<std::string> bytesOf(std::string_view token);

protected:
  void whole(std::string &token) override;

private:
  /// All but a sequence that later bytes may complete.
  void sendComplete();
  std::string bytes_, repaired_;
};

/// Tokens "<0xNN>" among others.
class ByteFallbackStage : public TokenStage {
public:
  void finish() override;
  static std::optional<std::string> bytesOf(std::string_view token);

protected:
  void whole(std::string &token) override;

private:
  void flush();
  std::string bytes_;
};

} // namespace llmc::text

#endif
