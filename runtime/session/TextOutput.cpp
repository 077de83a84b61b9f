// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/TextOutput.h"

namespace llmc {

const char *finishName(Finish finish) {
  constexpr const char *names[] = {"none", "end_token", "stop_string", "length",
                                   "time", "caller",    "complete"};
  return names[static_cast<size_t>(finish)];
}

Result<Finish> TextOutput::push(uint32_t token, double logprob,
                                std::span<const TokenScore> likeliest) {
  auto piece = decoder_.push(token);
  if (!piece)
    return piece.takeStatus();
  std::string text = stops_.push(*piece);
  Generated generated = {.sequence = sequence_,
                         .token = token,
                         .text = text,
                         .logprob = logprob,
                         .likeliest = likeliest};
  if (!onToken_(generated))
    return Finish::Caller;
  return stops_.found() ? Finish::StopString : Finish::None;
}

Result<Finish> TextOutput::end(Finish finish, std::optional<double> score) {
  if (finish == Finish::Caller)
    return finish;
  std::string text;
  if (finish != Finish::StopString) {
    auto rest = decoder_.finish();
    if (!rest)
      return rest.takeStatus();
    text = stops_.push(*rest);
    if (stops_.found())
      finish = Finish::StopString;
    text += stops_.finish();
  }
  Generated generated = {
      .sequence = sequence_, .text = text, .finish = finish, .score = score};
  return onToken_(generated) ? finish : Finish::Caller;
}

} // namespace llmc
