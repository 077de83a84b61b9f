// SPDX-License-Identifier: Apache-2.0
// Whole texts of the toy decoder: the best next token is the sum of all before
// it, modulo 8, with a logit of 1 where others have 0; 5 and 6 end a text.
#include "runtime/session/Generator.h"
#include "test/unit/runtime/Toy.h"
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <numeric>
#include <thread>

using namespace llmc;
using namespace llmc::test;
using Tokens = std::vector<uint32_t>;

namespace {

struct Text {
  Tokens tokens;
  std::string text;
  std::vector<double> logprobs;
  std::vector<size_t> likeliest; // how many
  Finish finish = Finish::None;
  double score = 0;
};

/// A session of the toy.
class Toy {
public:
  Toy() {
    REQUIRE(writeToy(folder_ / "a.llmc", {.bigWeight = 1000}).ok());
    model = *Model::open(folder_ / "a.llmc", {.threads = 1});
    session = std::move(*Session::create(model, {.capacity = 64}));
    tokenizer = *loadTokenizer(model->artifact());
  }

  Result<GenerateResult> tryGenerate(const std::string &prompt,
                                     const GenerateOptions &options,
                                     const OnToken &also = {}) {
    texts.clear();
    return generate(*session, *tokenizer, prompt, options,
                    [&](const Generated &made) {
                      add(made);
                      return !also || also(made);
                    });
  }
  const std::vector<Text> &make(const std::string &prompt,
                                const GenerateOptions &options) {
    auto result = tryGenerate(prompt, options);
    REQUIRE(result);
    int64_t tokens = 0;
    for (const Text &text : texts) {
      tokens += static_cast<int64_t>(text.tokens.size());
      CHECK(text.finish != Finish::None);
      if (text.finish != Finish::StopString)
        CHECK(text.text == *tokenizer->decode(text.tokens));
    }
    CHECK(result->tokens == tokens);
    return texts;
  }

  std::shared_ptr<const Model> model;
  std::unique_ptr<Session> session;
  std::shared_ptr<const text::Tokenizer> tokenizer;
  std::vector<Text> texts;

private:
  void add(const Generated &made) {
    texts.resize(
        std::max(texts.size(), static_cast<size_t>(made.sequence) + 1));
    Text &text = texts.back();
    text.text += made.text;
    if (made.token == noToken) {
      text.finish = made.finish;
      text.score = made.score.value_or(0);
      return;
    }
    text.tokens.push_back(made.token);
    text.logprobs.push_back(made.logprob);
    text.likeliest.push_back(made.likeliest.size());
  }
  TemporaryFolder folder_;
};

// The logits' log softmax.
const double normal = std::log(std::exp(1.0) + 7);
double logprobOf(int sum, uint32_t token) {
  return (static_cast<uint32_t>(sum) % 8 == token ? 1 : 0) - normal;
}

} // namespace

TEST_CASE("a text ends with any of the end tokens") {
  Toy toy;
  CHECK(toy.make("t4 t1", {})[0].tokens == Tokens{});
  CHECK(toy.texts[0].finish == Finish::EndToken);
  CHECK(toy.make("t3", {})[0].tokens == Tokens{3}); // then 6
  CHECK(toy.texts[0].finish == Finish::EndToken);
  CHECK(toy.make("t3", {.maxTokens = 4, .ignoreEos = true})[0].tokens ==
        Tokens{3, 6, 4, 0});
  CHECK(toy.texts[0].finish == Finish::Length);
  CHECK(
      toy.make("t3", {.maxTokens = 9, .stopTokens = {4}, .ignoreEos = true})[0]
          .tokens == Tokens{3, 6});
  CHECK(toy.texts[0].finish == Finish::EndToken);
  // 6 may not come, so the first of the others does.
  CHECK(toy.make("t3", {.maxTokens = 3, .minTokens = 2})[0].tokens ==
        Tokens{3, 0}); // and then 6
}

TEST_CASE("the caller stops when it has enough") {
  Toy toy;
  int told = 0;
  auto result = toy.tryGenerate("t8", {.maxTokens = 20}, // 0 forever
                                [&](const Generated &) { return ++told < 7; });
  REQUIRE(result);
  CHECK(told == 7);
  CHECK(result->tokens == 7);
}

TEST_CASE("the context and the time end a text") {
  Toy toy;
  CHECK(toy.make("t8", {.maxTokens = 1000})[0].tokens.size() == 64);
  CHECK(toy.texts[0].finish == Finish::Length);
  CHECK(toy.make("t8", {.maxTokens = 30, .timeLimit = 1e-9})[0].tokens ==
        Tokens{0});
  CHECK(toy.texts[0].finish == Finish::Time);
  CHECK(toy.make("t8", {.maxTokens = 30, .timeLimit = 1e-9, .beams = 3})[0]
            .tokens == Tokens{0});
  CHECK(toy.texts[0].finish == Finish::Time);
}

TEST_CASE("a stop string ends the text before it, across tokens") {
  Toy toy;
  // t3 t6 t4 t0 t0
  GenerateOptions options = {
      .maxTokens = 9, .stopStrings = {"6 t"}, .ignoreEos = true};
  CHECK(toy.make("t3", options)[0].text == "t3 t");
  CHECK(toy.texts[0].tokens == Tokens{3, 6, 4});
  CHECK(toy.texts[0].finish == Finish::StopString);
  options.stopStrings = {"t0 t1", "nothing"};
  CHECK(toy.make("t3", options)[0].finish == Finish::Length);
  CHECK(toy.texts[0].tokens.size() == 9);
  options.beams = 2;
  options.stopStrings = {"t3 t6"};
  toy.make("t3", options);
  CHECK((toy.texts[0].finish == Finish::StopString ||
         toy.texts[0].text.find("t3 t6") == std::string::npos));
}

TEST_CASE("logits that are no numbers fail and leave the session usable") {
  Toy toy;
  for (const char *prompt : {"t1 t99", "t1 t98"}) {
    auto result = toy.tryGenerate(prompt, {});
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Code::BadInput);
    CHECK(result.error().what ==
          "the model produced NaN or infinite logits at position 0");
    CHECK(toy.make("t3", {})[0].tokens == Tokens{3});
  }
  auto none = toy.tryGenerate("t1 t97", {});
  REQUIRE_FALSE(none);
  CHECK(none.error().what == "no token is left to choose from: the model and "
                             "the settings rule out all");
  CHECK(toy.tryGenerate("t1 t97", {.beams = 2}).error().code == Code::BadInput);
  CHECK(toy.make("t3", {})[0].tokens == Tokens{3});
  // All eight tokens came, and none may come again.
  CHECK(toy.tryGenerate("t0 t1 t2 t3 t4 t5 t6 t7", {.noRepeatNgram = 1})
            .error()
            .what == none.error().what);
}

TEST_CASE("another thread cancels, and the session goes on") {
  Toy toy;
  for (const GenerateOptions &options :
       {GenerateOptions{.maxTokens = 60},
        GenerateOptions{.maxTokens = 60, .temperature = 1, .sequences = 2}}) {
    int told = 0;
    auto result = toy.tryGenerate("t8", options, [&](const Generated &) {
      if (++told == 3)
        std::thread([&] { toy.session->cancel(); }).join();
      return true;
    });
    REQUIRE_FALSE(result);
    CHECK(told == 3);
    CHECK(result.error().code == Code::Resource);
    CHECK(result.error().what == "cancelled");
    CHECK(toy.make("t3", {})[0].tokens == Tokens{3});
  }
}

TEST_CASE("several texts are drawn, each its own and the same again") {
  Toy toy;
  GenerateOptions options = {.maxTokens = 12,
                             .temperature = 1,
                             .seed = 5,
                             .sequences = 4,
                             .ignoreEos = true};
  auto four = toy.make("t3 t1", options);
  REQUIRE(four.size() == 4);
  for (size_t i = 0; i < 4; ++i)
    for (size_t j = 0; j < i; ++j)
      CHECK(four[i].tokens != four[j].tokens);
  // The same number of others changes nothing.
  options.sequences = 2;
  auto two = toy.make("t3 t1", options);
  CHECK(two[0].tokens == four[0].tokens);
  CHECK(two[1].tokens == four[1].tokens);
  options.seed = 6;
  CHECK(toy.make("t3 t1", options)[0].tokens != four[0].tokens);
}

TEST_CASE("log probabilities are the model's, whatever the settings") {
  Toy toy;
  auto text = toy.make("t3", {.maxTokens = 5,
                              .presencePenalty = 3,
                              .temperature = 2,
                              .ignoreEos = true,
                              .logprobs = 3})[0];
  int sum = 3;
  for (size_t i = 0; i < text.tokens.size(); ++i) {
    CHECK(text.logprobs[i] == Approx(logprobOf(sum, text.tokens[i])));
    CHECK(text.likeliest[i] == 3);
    sum += static_cast<int>(text.tokens[i]);
  }
  CHECK(toy.make("t3", {.maxTokens = 1, .logprobs = 0})[0].likeliest[0] == 0);
}

TEST_CASE("as many beams as there are texts find the best of all") {
  Toy toy;
  constexpr size_t length = 3;
  for (double penalty : {0.0, 1.0, 2.0, -1.0}) {
    // All texts of up to three tokens that end with 5 or 6 or are full.
    std::vector<std::pair<double, Tokens>> all;
    auto extend = [&](auto &self, const Tokens &text, int sum,
                      double score) -> void {
      bool ends = !text.empty() && (text.back() == 5 || text.back() == 6);
      if (ends || text.size() == length) {
        Tokens told = text;
        if (ends)
          told.pop_back();
        all.push_back(
            {score / std::pow(static_cast<double>(text.size()), penalty),
             told});
        return;
      }
      for (uint32_t token = 0; token < 8; ++token) {
        Tokens next = text;
        next.push_back(token);
        self(self, next, sum + static_cast<int>(token),
             score + logprobOf(sum, token));
      }
    };
    extend(extend, {}, 3, 0);
    std::sort(all.begin(), all.end(), std::greater<>());
    // Never: the search goes on while any text might be better.
    auto beams = toy.make("t3", {.maxTokens = length,
                                 .sequences = 256,
                                 .beams = 256,
                                 .lengthPenalty = penalty,
                                 .earlyStopping = EarlyStopping::Never});
    REQUIRE(beams.size() == 256);
    for (size_t i = 0; i < 256; ++i) {
      CAPTURE(penalty, i);
      CHECK(beams[i].score == Approx(all[i].first));
    }
    if (penalty == 0 || penalty == 1) // others have several best ones
      CHECK(beams[0].tokens == all[0].second);
  }
}
