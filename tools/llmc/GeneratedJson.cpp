// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/GeneratedJson.h"

namespace llmc::cli {

using nlohmann::json;

static json logprobJson(uint32_t token, double logprob) {
  return {{"id", token}, {"logprob", logprob}};
}

void GeneratedJson::add(const Generated &made) {
  auto number = static_cast<size_t>(made.sequence);
  while (texts_.size() <= number) {
    texts_.push_back({{"text", ""}, {"ids", json::array()}});
    if (hasLogprobs_)
      texts_.back()["logprobs"] = json::array();
  }
  json &text = texts_[number];
  text["text"].get_ref<std::string &>() += made.text;
  if (made.token == noToken) {
    text["finish"] = finishName(made.finish);
    if (made.score)
      text["score"] = *made.score;
    return;
  }
  text["ids"].push_back(made.token);
  if (!hasLogprobs_)
    return;
  json token = logprobJson(made.token, made.logprob);
  token["likeliest"] = json::array();
  for (const TokenScore &likely : made.likeliest)
    token["likeliest"].push_back(logprobJson(likely.token, likely.score));
  text["logprobs"].push_back(std::move(token));
}

json GeneratedJson::take() {
  json document = texts_.front();
  if (texts_.size() > 1)
    document["texts"] = std::move(texts_);
  return document;
}

} // namespace llmc::cli
