// SPDX-License-Identifier: Apache-2.0
// What a decoder looks at beside its own text: an encoder's states of a text or
// of sound, and the keys and values that cross attention makes of them,
// computed once. Used by sessions. One thread at a time.
#ifndef LLMC_RUNTIME_SESSION_SOURCE_H
#define LLMC_RUNTIME_SESSION_SOURCE_H

#include "runtime/core/Memory.h"
#include "runtime/session/Call.h"
#include "runtime/session/Feed.h"
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace llmc {

/// Whether an entry looks at an encoder.
bool looksAtSource(const EntryInfo &entry);

class Source {
public:
  /// For a decoder's entry that looks at one. Unsupported where the artifact
  /// lacks its encoder.
  static Result<std::unique_ptr<Source>> create(std::shared_ptr<const Model>,
                                                const EntryInfo &decoder);

  /// The encoder takes either tokens or features of sound.
  bool takesTokens() const { return !features_; }
  /// The features that it takes, [batch, bins, frames].
  const TensorInfo *features() const;

  Status readTokens(std::span<const int64_t> tokens);
  /// [1, bins, frames]; needed until the end of the call.
  Status readFeatures(const LlmcTensor &features);
  bool isRead() const { return isRead_; }
  /// Of the encoder's states.
  int64_t positions() const { return hiddenStates_.dims[1]; }

  /// What an input of a decoder's entry takes; valid until the next source is
  /// read. Null: it is none of the source's.
  const LlmcTensor *tensorFor(const TensorInfo &input) const;

  void shareCancelFlag(std::atomic<bool> *flag);
  void setProfile(Profile *profile);

private:
  Source() = default;
  Status findEncoder(const std::shared_ptr<const Model> &model);
  Status findCross(const std::shared_ptr<const Model> &model,
                   const EntryInfo &decoder);
  std::optional<size_t> crossOutput(const TensorInfo &input) const;
  Status run(std::span<const LlmcTensor> inputs);
  Status makeMask(int64_t positions);

  std::unique_ptr<Call> encoder_;
  std::optional<size_t> features_; // the input, where it takes features
  size_t hidden_ = 0;              // the output
  Feed feed_;                      // of an encoder that takes tokens
  std::unique_ptr<Call> cross_;    // null: the decoder takes the states alone
  LlmcTensor hiddenStates_ = {}, mask_ = {};
  Buffer ones_;
  bool isRead_ = false;
};

} // namespace llmc

#endif
