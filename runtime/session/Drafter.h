// SPDX-License-Identifier: Apache-2.0
// Proposes the tokens that a text may go on with, for speculative decoding
// (Leviathan et al.: Fast Inference from Transformers via Speculative Decoding,
// 2023): one step of the model gives the logits behind each of them, and a
// proposed token stands where it is the one that these logits give. Tokens draw
// numbers by their place alone, so a text is the same with and without. One
// thread at a time.
#ifndef LLMC_RUNTIME_SESSION_DRAFTER_H
#define LLMC_RUNTIME_SESSION_DRAFTER_H

#include "runtime/session/Session.h"
#include "runtime/session/TextMaker.h"

namespace llmc {

class Drafter {
public:
  virtual ~Drafter() = default;
  /// At most `most` tokens behind those of the text, often none; valid until
  /// the next call.
  virtual Result<std::span<const int64_t>> propose(const TextMaker &text,
                                                   size_t most) = 0;
};

/// What followed the last few tokens where they came before (Saxena: Prompt
/// Lookup Decoding, 2023); what repeats does so again.
class NgramDrafter : public Drafter {
public:
  Result<std::span<const int64_t>> propose(const TextMaker &text,
                                           size_t most) override;

private:
  std::span<const int64_t> follow(std::span<const int64_t> all, size_t from,
                                  size_t most);

  std::vector<int64_t> tokens_;
};

/// What a smaller model with the same tokens would say, by the same settings
/// and the same random numbers.
class ModelDrafter : public Drafter {
public:
  /// Not owned; its context is used.
  explicit ModelDrafter(Session &session) : session_(session) {}
  Result<std::span<const int64_t>> propose(const TextMaker &text,
                                           size_t most) override;

private:
  Result<Session::Logits> readBehind(std::span<const int64_t> tokens);

  Session &session_;
  std::vector<int64_t> held_; // what the session has read
  std::vector<int64_t> tokens_;
};

/// Refuses a draft whose tokens are not those of the model.
Status checkDraft(const Model &model, const Model &draft);

/// How a model is helped to decode.
struct Speculation {
  Drafter *drafter = nullptr; // null: not at all. Not owned
  int64_t tokens = 4;         // proposed at once, at most
};
/// BadInput outside of what makes sense.
Status checkSpeculation(int64_t tokens);

struct SpeculationCounts {
  int64_t proposed = 0;
  int64_t accepted = 0;
};

/// Takes tokens as long as they are the proposed ones, and the one behind.
/// `logits(i)` are those behind i of the proposed tokens. Returns how the text
/// goes on; `accepted` becomes the number of proposed tokens in it.
template <typename Logits>
Result<Finish> takeProposed(TextMaker &text, std::span<const int64_t> proposed,
                            Logits logits, size_t &accepted) {
  for (accepted = 0;; ++accepted) {
    auto row = logits(accepted);
    if (!row)
      return row.takeStatus();
    auto finish = text.take(*row);
    if (!finish || *finish != Finish::None || accepted == proposed.size() ||
        text.tokens().back() != proposed[accepted])
      return finish;
  }
}

} // namespace llmc

#endif
