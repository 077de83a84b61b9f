// SPDX-License-Identifier: Apache-2.0
// Requests of the toy decoder that run together: their texts are those that
// each gives alone; order, bounds, cancelling and failures.
#include "runtime/session/Scheduler.h"
#include "test/unit/runtime/Toy.h"
#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace llmc;
using namespace llmc::test;
using Tokens = std::vector<uint32_t>;

namespace {

struct Outcome {
  std::vector<Tokens> texts;
  std::optional<Code> failure = {};
  bool isOver = false;
  int64_t accepted = 0;
};

class Requests {
public:
  explicit Requests(const SchedulerOptions &options = {}) {
    REQUIRE(writeToy(folder_ / "a.llmc", {.bigWeight = 1000}).ok());
    model = *Model::open(folder_ / "a.llmc", {.threads = 1});
    tokenizer = *loadTokenizer(model->artifact());
    scheduler = std::move(*Scheduler::create(model, tokenizer, options));
  }

  Result<uint64_t> submit(const std::string &prompt,
                          const GenerateOptions &options) {
    Outcome &outcome = *outcomes.emplace_back(std::make_unique<Outcome>());
    return scheduler->submit(
        prompt, options,
        [&](const Generated &made) {
          auto number = static_cast<size_t>(made.sequence);
          outcome.texts.resize(std::max(outcome.texts.size(), number + 1));
          if (made.token != noToken)
            outcome.texts[number].push_back(made.token);
          return true;
        },
        [&](uint64_t number, const Result<GenerateResult> &result) {
          CHECK(!outcome.isOver);
          outcome.isOver = true;
          ended.push_back(number);
          if (!result)
            outcome.failure = result.error().code;
          else
            outcome.accepted = result->speculation.accepted;
        });
  }
  void run() {
    for (int steps = 0; *scheduler->step(); ++steps)
      REQUIRE(steps < 10000);
    CHECK(scheduler->counts().stateBytes == 0);
    CHECK(scheduler->counts().running == 0);
  }
  /// What a session alone gives.
  std::vector<Tokens> alone(const std::string &prompt,
                            const GenerateOptions &options) {
    auto session = std::move(*Session::create(model, {.capacity = 256}));
    std::vector<Tokens> texts;
    auto result = generate(
        *session, *tokenizer, prompt, options, [&](const Generated &made) {
          texts.resize(static_cast<size_t>(made.sequence) + 1);
          if (made.token != noToken)
            texts.back().push_back(made.token);
          return true;
        });
    REQUIRE(result);
    return texts;
  }

  std::shared_ptr<const Model> model;
  std::shared_ptr<const text::Tokenizer> tokenizer;
  std::vector<std::unique_ptr<Outcome>> outcomes;
  std::vector<uint64_t> ended;
  std::unique_ptr<Scheduler> scheduler; // tells the ones above of its end

private:
  TemporaryFolder folder_;
};

/// A prompt of `length` words, different for each number.
std::string promptOf(int number, int length) {
  std::string text;
  for (int i = 0; i < length; ++i)
    text += fmt::format("t{} ", (number * 7 + i * i) % 8);
  return text;
}

GenerateOptions optionsOf(int number) {
  GenerateOptions options = {.maxTokens = 3 + number * 5 % 20};
  options.temperature = number % 3 ? 1.5 : 0;
  options.repetitionPenalty = 1 + 0.1 * (number % 2);
  options.seed = static_cast<uint64_t>(number);
  options.ignoreEos = number % 4 == 0;
  if (number % 5 == 1 && number % 3)
    options.sequences = 3;
  return options;
}

} // namespace

TEST_CASE("texts that are made together are those that are made alone") {
  auto [sequences, stepTokens, lookup] =
      GENERATE(table<int64_t, int64_t, int64_t>(
          {{1, 2, 0}, {3, 8, 0}, {4, 64, 0}, {16, 256, 0}, {4, 64, 3}}));
  Requests requests(
      {.sequences = sequences, .stepTokens = stepTokens, .lookup = lookup});
  constexpr int count = 16;
  for (int i = 0; i < count; ++i) {
    REQUIRE(requests.submit(promptOf(i, 1 + i * i % 40), optionsOf(i)));
    if (i % 4 == 3) // some join while others run
      CHECK(*requests.scheduler->step());
  }
  requests.run();
  for (int i = 0; i < count; ++i) {
    const Outcome &outcome = *requests.outcomes[static_cast<size_t>(i)];
    CHECK(outcome.isOver);
    CHECK(!outcome.failure);
    CHECK(outcome.texts ==
          requests.alone(promptOf(i, 1 + i * i % 40), optionsOf(i)));
  }
}

TEST_CASE("a long prompt does not hold up what decodes") {
  Requests requests({.sequences = 2, .stepTokens = 8});
  GenerateOptions options = {.maxTokens = 20, .temperature = 0};
  options.ignoreEos = true;
  REQUIRE(requests.submit("t1", options));
  CHECK(*requests.scheduler->step());
  REQUIRE(requests.submit(promptOf(1, 60), options));
  for (int i = 0; i < 5; ++i)
    CHECK(*requests.scheduler->step());
  CHECK(requests.outcomes[0]->texts[0].size() == 6);
  CHECK(requests.outcomes[1]->texts.empty()); // 35 of 60 tokens are read
  CHECK(requests.scheduler->counts().stepTokens == 1 + 5 * 8);
  requests.run();
}

TEST_CASE("requests wait for room, and none overtakes another") {
  // A position takes 8 bytes; three requests fit at a time, the large one
  // alone.
  Requests requests({.sequences = 4, .stepTokens = 64, .stateBytes = 8 * 30});
  GenerateOptions small = {.maxTokens = 9, .temperature = 0},
                  large = {.maxTokens = 29, .temperature = 0};
  small.ignoreEos = large.ignoreEos = true;
  for (int i = 0; i < 4; ++i)
    REQUIRE(requests.submit("t1", small));
  REQUIRE(requests.submit("t1", large));
  REQUIRE(requests.submit("t1", small));
  CHECK(*requests.scheduler->step());
  CHECK(requests.scheduler->counts().running == 3);
  CHECK(requests.scheduler->counts().waiting == 3);
  CHECK(requests.scheduler->counts().stateBytes == 8 * 30);
  requests.run();
  CHECK(requests.ended == std::vector<uint64_t>{1, 2, 3, 4, 5, 6});
  auto refused = requests.submit("t1", {.maxTokens = 30});
  REQUIRE(!refused);
  CHECK(refused.error().code == Code::Resource);
}

TEST_CASE("requests are cancelled one by one") {
  Requests requests({.sequences = 2, .stepTokens = 64});
  GenerateOptions options = {.maxTokens = 50, .temperature = 0};
  options.ignoreEos = true;
  std::vector<uint64_t> numbers;
  for (int i = 0; i < 3; ++i)
    numbers.push_back(*requests.submit("t1", options));
  CHECK(*requests.scheduler->step());
  requests.scheduler->cancel(numbers[2]); // waits
  requests.scheduler->cancel(numbers[0]); // runs
  requests.scheduler->cancel(77);         // is none
  CHECK(*requests.scheduler->step());
  CHECK(requests.outcomes[0]->failure == Code::Resource);
  CHECK(requests.outcomes[2]->failure == Code::Resource);
  requests.run();
  CHECK(!requests.outcomes[1]->failure);
  CHECK(requests.outcomes[1]->texts[0].size() == 50);
}

TEST_CASE("one request's fault is its own") {
  Requests requests;
  GenerateOptions options = {.maxTokens = 5, .temperature = 0};
  REQUIRE(requests.submit("t1", options));
  REQUIRE(requests.submit("t7 t0", options));
  CHECK(requests.submit("t99", options).error().code == Code::BadInput);
  CHECK(requests.submit("t1", {.beams = 2}).error().code == Code::Unsupported);
  CHECK(requests.submit("t1", {.maxTokens = 0}).error().code == Code::BadInput);
  CHECK(requests.submit("t1", {.stopTokens = {8}}).error().code ==
        Code::BadInput);
  GenerateOptions none = options; // rules everything out
  for (uint32_t token = 0; token < 8; ++token)
    none.logitBias.push_back({token, -INFINITY});
  REQUIRE(requests.submit("t1", none));
  requests.run();
  CHECK(!requests.outcomes[0]->failure);
  CHECK(!requests.outcomes[1]->failure);
  CHECK(requests.outcomes.back()->failure == Code::BadInput);
}

TEST_CASE("a step is large enough for what runs") {
  Requests requests;
  auto refused = Scheduler::create(requests.model, requests.tokenizer,
                                   {.sequences = 16, .stepTokens = 31});
  REQUIRE(!refused);
  CHECK(refused.error().code == Code::BadInput);
  refused = Scheduler::create(requests.model, requests.tokenizer,
                              {.sequences = 4, .stepTokens = 31, .lookup = 3});
  CHECK(!refused);
}
