// SPDX-License-Identifier: Apache-2.0
// What settings mean beside the artifact's defaults, and which are refused.
#include "runtime/session/GenerateOptions.h"
#include <catch2/catch.hpp>
#include <cmath>

using namespace llmc;

static GenerateOptions completed(const GenerateOptions &options,
                                 const GenerationDefaults &defaults = {},
                                 int64_t promptTokens = 3) {
  auto all = complete(options, defaults, promptTokens);
  REQUIRE(all);
  return *all;
}

static GenerationDefaults samplingModel() {
  GenerationDefaults defaults;
  defaults.eos = {7, 2};
  defaults.doSample = true;
  defaults.temperature = 0.6;
  defaults.topK = 20;
  defaults.topP = 0.95;
  defaults.minP = 0.1;
  defaults.repetitionPenalty = 1.1;
  defaults.noRepeatNgram = 4;
  defaults.minNewTokens = 2;
  defaults.maxNewTokens = 100;
  return defaults;
}

TEST_CASE("without defaults the best token is taken") {
  GenerateOptions o = completed({});
  CHECK(*o.temperature == 0);
  CHECK(*o.maxTokens == 256);
  CHECK(*o.minTokens == 0);
  CHECK(*o.topK == 0);
  CHECK(*o.topP == 1);
  CHECK(*o.minP == 0);
  CHECK(*o.repetitionPenalty == 1);
  CHECK(*o.noRepeatNgram == 0);
  CHECK(*o.sequences == 1);
  CHECK(*o.beams == 1);
  CHECK(*o.earlyStopping == EarlyStopping::No);
  CHECK(o.stopTokens.empty());
  CHECK_FALSE(o.logprobs);
}

TEST_CASE("the model's defaults hold where nothing is said") {
  GenerateOptions o = completed({}, samplingModel());
  CHECK(*o.temperature == 0.6);
  CHECK(*o.topK == 20);
  CHECK(*o.topP == 0.95);
  CHECK(*o.minP == 0.1);
  CHECK(*o.repetitionPenalty == 1.1);
  CHECK(*o.noRepeatNgram == 4);
  CHECK(*o.minTokens == 2);
  CHECK(*o.maxTokens == 100);
  CHECK(o.stopTokens == std::vector<uint32_t>{2, 7});
  o = completed({.maxTokens = 5,
                 .repetitionPenalty = 1,
                 .temperature = 0,
                 .topK = 3,
                 .stopTokens = {4, 7}},
                samplingModel());
  CHECK(*o.maxTokens == 5);
  CHECK(*o.repetitionPenalty == 1);
  CHECK(*o.temperature == 0);
  CHECK(*o.topK == 3);
  CHECK(*o.topP == 0.95);
  CHECK(o.stopTokens == std::vector<uint32_t>{2, 4, 7});
  o = completed({.stopTokens = {4}, .ignoreEos = true}, samplingModel());
  CHECK(o.stopTokens == std::vector<uint32_t>{4});
}

TEST_CASE("a setting of the sampling asks to sample") {
  CHECK(*completed({.topK = 5}).temperature == 1);
  CHECK(*completed({.topP = 0.5}).temperature == 1);
  CHECK(*completed({.minP = 0.5}).temperature == 1);
  GenerationDefaults quiet = samplingModel();
  quiet.doSample = false;
  CHECK(*completed({}, quiet).temperature == 0);
  CHECK(*completed({.topK = 5}, quiet).temperature == 0.6);
}

TEST_CASE("beams do not sample") {
  GenerateOptions o = completed(
      {.sequences = 2, .beams = 3, .lengthPenalty = -1}, samplingModel());
  CHECK(*o.temperature == 0);
  CHECK(*o.beams == 3);
  CHECK(*o.lengthPenalty == -1);
  GenerationDefaults model;
  model.beams = 4;
  model.sequences = 2;
  model.lengthPenalty = 0.5;
  model.earlyStopping = "never";
  o = completed({}, model);
  CHECK(*o.beams == 4);
  CHECK(*o.sequences == 2);
  CHECK(*o.lengthPenalty == 0.5);
  CHECK(*o.earlyStopping == EarlyStopping::Never);
  CHECK(*completed({.temperature = 1}, model).beams == 1); // asked otherwise
  o = completed({.beams = 1}, model);
  CHECK(*o.sequences == 1); // both would be the same
}

TEST_CASE("lengths that count the prompt") {
  GenerationDefaults model;
  model.minLength = 10;
  model.maxLength = 50;
  CHECK(*completed({}, model).maxTokens == 47);
  CHECK(*completed({}, model).minTokens == 7);
  CHECK(*completed({}, model, 20).minTokens == 0);
  model.contextLength = 50; // no choice of the model's, but all there is
  CHECK(*completed({}, model).maxTokens == 256);
  model.contextLength = 60;
  auto full = complete({}, model, 50);
  REQUIRE_FALSE(full);
  CHECK(full.error().what == "the prompt's 50 tokens leave no room in the 50 "
                             "that the model is set to: say how many may come");
  CHECK(*completed({.maxTokens = 2}, model, 50).maxTokens == 2);
}

TEST_CASE("impossible settings are named") {
  auto what = [](const GenerateOptions &options) {
    auto all = complete(options, {}, 1);
    if (all)
      return std::string("accepted");
    CHECK(all.error().code == Code::BadInput);
    return all.error().what;
  };
  double nan = std::nan(""), inf = INFINITY;
  CHECK(what({.temperature = -1}) ==
        "temperature -1 is not a number from 0 on");
  CHECK(what({.temperature = nan}) ==
        "temperature nan is not a number from 0 on");
  CHECK(what({.temperature = inf}) ==
        "temperature inf is not a number from 0 on");
  CHECK(what({.topK = -3}) == "top-k -3 is outside [0, 2147483647]");
  CHECK(what({.topP = 0}) == "top-p 0 is outside (0, 1]");
  CHECK(what({.topP = 1.5}) == "top-p 1.5 is outside (0, 1]");
  CHECK(what({.topP = nan}) == "top-p nan is outside (0, 1]");
  CHECK(what({.minP = -0.1}) == "min-p -0.1 is outside [0, 1]");
  CHECK(what({.repetitionPenalty = 0}) ==
        "repetition penalty 0 is not a number above 0");
  CHECK(what({.repetitionPenalty = nan}) ==
        "repetition penalty nan is not a number above 0");
  CHECK(what({.presencePenalty = inf}) ==
        "presence penalty inf is not a number");
  CHECK(what({.frequencyPenalty = nan}) ==
        "frequency penalty nan is not a number");
  CHECK(what({.logitBias = {{3, nan}}}) ==
        "logit bias nan of token 3 is not a number");
  CHECK(what({.logitBias = {{3, inf}}}) ==
        "logit bias inf of token 3 is not a number");
  CHECK(what({.logitBias = {{3, -inf}}}) == "accepted");
  CHECK(what({.noRepeatNgram = -1}) ==
        "no-repeat n-gram size -1 is outside [0, 1099511627776]");
  CHECK(what({.maxTokens = 0}) ==
        "maximum of tokens 0 is outside [1, 1099511627776]");
  CHECK(what({.minTokens = -1}) ==
        "minimum of tokens -1 is outside [0, 1099511627776]");
  CHECK(what({.maxTokens = 3, .minTokens = 4}) ==
        "at least 4 tokens and at most 3 do not go together");
  CHECK(what({.timeLimit = -1}) ==
        "time limit -1 is not a number of seconds from 0 on");
  CHECK(what({.temperature = 1, .sequences = 0}) ==
        "number of sequences 0 is outside [1, 1024]");
  CHECK(what({.beams = 257}) == "number of beams 257 is outside [1, 256]");
  CHECK(what({.beams = 2, .lengthPenalty = nan}) ==
        "length penalty nan is not a number");
  CHECK(what({.logprobs = 1025}) ==
        "number of log probabilities 1025 is outside [0, 1024]");
  CHECK(what({.sequences = 3}) ==
        "3 sequences without sampling would all be the same: give a "
        "temperature above 0, or beams");
  CHECK(what({.sequences = 3, .beams = 2}) ==
        "3 sequences of 2 beams: at most as many as beams");
  CHECK(what({.topK = 4, .beams = 2}) ==
        "a beam search does not sample: leave out temperature, top-k, top-p "
        "and min-p, or the beams");
  CHECK(what({.stopStrings = {"a", ""}}) == "stop string 2 is empty");
  CHECK(what({.stopStrings = {"\xff"}}) == "stop string 1 is not UTF-8");
  CHECK(what({.stopStrings = {std::string(4097, 'a')}}) ==
        "stop string 1 has 4097 bytes, at most 4096 are taken");
  CHECK(what({.stopStrings = std::vector<std::string>(1025, "a")}) ==
        "1025 stop strings, at most 1024 are taken");
}

TEST_CASE("tokens beyond the vocabulary are named") {
  CHECK(checkTokens({.logitBias = {{7, 1}}, .stopTokens = {7}}, 8));
  CHECK(checkTokens({.logitBias = {{8, 1}}}, 8).error().what ==
        "logit bias of token 8: the vocabulary has 8");
  CHECK(checkTokens({.stopTokens = {9}}, 8).error().what ==
        "stop token 9: the vocabulary has 8");
}
