// SPDX-License-Identifier: Apache-2.0
// The tokens of one text on their way to the caller, with pieces of text that
// are whole characters and end before a stop string. Used by the generator; one
// thread at a time.
#ifndef LLMC_RUNTIME_SESSION_TEXTOUTPUT_H
#define LLMC_RUNTIME_SESSION_TEXTOUTPUT_H

#include "runtime/session/GenerateOptions.h"
#include "runtime/session/Scores.h"
#include "runtime/session/StopStrings.h"
#include "runtime/text/Tokenizer.h"
#include <functional>
#include <optional>
#include <span>
#include <string_view>

namespace llmc {

/// Why a text ends.
enum class Finish {
  None,       // it goes on
  EndToken,   // the model's or one of the stop tokens
  StopString, // the text ends before it
  Length,     // the maximum of tokens, or the context is full
  Time,       // the time limit
  Caller,     // whoever takes the tokens has enough
  Complete    // the constraint allows no more, and there is no end token
};

/// "end_token", "stop_string", ...
const char *finishName(Finish finish);

constexpr uint32_t noToken = UINT32_MAX;

/// A token, with the text that it makes certain (often empty), or, with noToken
/// and a reason, the end of a text with its last piece. An end token is no part
/// of a text. Valid during the call.
struct Generated {
  int64_t sequence = 0; // from 0 on
  uint32_t token = noToken;
  std::string_view text = {};
  double logprob = 0;                         // when asked for
  std::span<const TokenScore> likeliest = {}; // log probabilities, best first
  Finish finish = Finish::None;
  std::optional<double> score = {}; // of a beam search's text, at its end
};

/// false: stop; nothing is told any more.
using OnToken = std::function<bool(const Generated &)>;

class TextOutput {
public:
  /// All must outlive it.
  TextOutput(const text::Tokenizer &tokenizer, const GenerateOptions &options,
             const OnToken &onToken, int64_t sequence)
      : decoder_(tokenizer.stream()), stops_(options.stopStrings),
        onToken_(onToken), sequence_(sequence) {}

  /// Why the text ends with this token; None: it goes on.
  Result<Finish> push(uint32_t token, double logprob,
                      std::span<const TokenScore> likeliest);
  /// Tells the end. Returns the reason, which may change: the last piece may
  /// have a stop string, and the caller may have enough.
  Result<Finish> end(Finish finish, std::optional<double> score = {});

private:
  text::StreamDecoder decoder_;
  StopStrings stops_;
  const OnToken &onToken_;
  int64_t sequence_;
};

} // namespace llmc

#endif
