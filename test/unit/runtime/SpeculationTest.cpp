// SPDX-License-Identifier: Apache-2.0
// Speculative decoding with the toy decoder: texts are the same with and
// without, whatever is proposed; what is right is accepted.
#include "runtime/session/Generator.h"
#include "test/unit/runtime/Toy.h"
#include <catch2/catch.hpp>

using namespace llmc;
using namespace llmc::test;
using Tokens = std::vector<uint32_t>;

namespace {

/// Proposes by a rule, which may be wrong.
class RuleDrafter : public Drafter {
public:
  explicit RuleDrafter(std::function<int64_t(size_t)> rule)
      : rule_(std::move(rule)) {}
  Result<std::span<const int64_t>> propose(const TextMaker &text,
                                           size_t most) override {
    tokens_.clear();
    for (size_t i = 0; i < most; ++i)
      tokens_.push_back(rule_(text.tokens().size() + i));
    return std::span<const int64_t>(tokens_);
  }

private:
  std::function<int64_t(size_t)> rule_;
  std::vector<int64_t> tokens_;
};

class Toy {
public:
  explicit Toy(int64_t capacity = 64) {
    REQUIRE(writeToy(folder_ / "a.llmc", {.bigWeight = 1000}).ok());
    model = *Model::open(folder_ / "a.llmc", {.threads = 1});
    session = std::move(*Session::create(model, {.capacity = capacity}));
    tokenizer = *loadTokenizer(model->artifact());
  }

  std::vector<Tokens> make(const GenerateOptions &options,
                           const Speculation &speculation = {}) {
    std::vector<Tokens> texts;
    auto made = generate(
        *session, *tokenizer, "t1 t3 t2", options,
        [&](const Generated &piece) {
          texts.resize(static_cast<size_t>(piece.sequence) + 1);
          if (piece.token != noToken)
            texts.back().push_back(piece.token);
          return true;
        },
        speculation);
    REQUIRE(made);
    result = *made;
    return texts;
  }

  std::shared_ptr<const Model> model;
  std::unique_ptr<Session> session;
  std::shared_ptr<const text::Tokenizer> tokenizer;
  GenerateResult result;

private:
  TemporaryFolder folder_;
};

GenerateOptions optionsOf(double temperature) {
  GenerateOptions options = {.maxTokens = 40, .temperature = temperature};
  options.repetitionPenalty = 1.1;
  options.noRepeatNgram = 6;
  options.ignoreEos = true;
  if (temperature > 0)
    options.sequences = 2;
  return options;
}

} // namespace

TEST_CASE("speculation changes nothing of a text") {
  double temperature = GENERATE(0.0, 0.7, 3.0);
  int64_t most = GENERATE(1, 3, 8);
  Toy toy;
  auto want = toy.make(optionsOf(temperature));
  int64_t length = toy.session->length(), tokens = toy.result.tokens;
  auto check = [&](Drafter &drafter) {
    CHECK(toy.make(optionsOf(temperature), {&drafter, most}) == want);
    CHECK(toy.session->length() == length);
    CHECK(toy.result.tokens == tokens);
    CHECK(toy.result.steps + toy.result.speculation.accepted ==
          tokens - static_cast<int64_t>(want.size()));
  };
  NgramDrafter lookup;
  check(lookup);
  RuleDrafter wrong([](size_t) { return 7; });
  check(wrong);
  auto oracle = [&](size_t place) {
    return int64_t{want[0][std::min(place - 3, want[0].size() - 1)]};
  };
  RuleDrafter right(oracle);
  check(right);
  if (temperature == 0)
    CHECK(toy.result.speculation.accepted == toy.result.speculation.proposed);
}

TEST_CASE("a draft that is the model itself is always right") {
  Toy toy;
  auto draftSession = std::move(*Session::create(toy.model, {.capacity = 64}));
  for (double temperature : {0.0, 2.0}) {
    ModelDrafter draft(*draftSession);
    auto want = toy.make(optionsOf(temperature));
    CHECK(toy.make(optionsOf(temperature), {&draft, 4}) == want);
    CHECK(toy.result.speculation.proposed > 20);
    CHECK(toy.result.speculation.accepted == toy.result.speculation.proposed);
  }
  CHECK(checkDraft(*toy.model, *toy.model));
}

TEST_CASE("what followed before is looked up") {
  Toy toy;
  GenerateOptions options = {.maxTokens = 40, .temperature = 0};
  options.ignoreEos = true;
  TimeLimit limit(0);
  options = *complete(options, {}, 0);
  OnToken ignore = [](const Generated &) { return true; };
  NgramDrafter lookup;
  auto propose = [&](std::vector<int64_t> tokens, size_t most) {
    TextMaker text(*toy.tokenizer, options, ignore, tokens, 0, 100, limit);
    auto proposed = *lookup.propose(text, most);
    return std::vector<int64_t>(proposed.begin(), proposed.end());
  };
  using Ids = std::vector<int64_t>;
  CHECK(propose({1, 2, 3, 4, 5, 1, 2}, 2) == Ids{3, 4});
  CHECK(propose({1, 2, 3, 1, 2, 4, 1, 2}, 1) == Ids{4});          // the latest
  CHECK(propose({9, 1, 2, 3, 8, 1, 2, 4, 9, 1, 2}, 1) == Ids{3}); // the longest
  CHECK(propose({7, 7, 7}, 4) == Ids{7, 7, 7, 7});
  CHECK(propose({1, 2, 1, 2}, 5) == Ids{1, 2, 1, 2, 1}); // and so on
  CHECK(propose({1, 2, 3, 4}, 4) == Ids{});
  CHECK(propose({1}, 4) == Ids{});
}

TEST_CASE("what is proposed stays in the context and in the text's length") {
  Toy toy(/*capacity=*/10);
  GenerateOptions options = optionsOf(0);
  auto want = toy.make(options);
  CHECK(want[0].size() == 8); // the last one is not read
  RuleDrafter wrong([](size_t) { return 7; });
  CHECK(toy.make(options, {&wrong, 64}) == want);
  options.maxTokens = 1;
  CHECK(toy.make(options, {&wrong, 64})[0].size() == 1);
  CHECK(toy.result.speculation.proposed == 0);
}

TEST_CASE("a text's end is found among proposed tokens") {
  Toy toy;
  GenerateOptions options = {.maxTokens = 40, .temperature = 2};
  for (uint64_t seed = 0; seed < 20; ++seed) {
    options.seed = seed;
    auto want = toy.make(options);
    auto draft = std::move(*Session::create(toy.model, {.capacity = 64}));
    ModelDrafter drafter(*draft);
    CHECK(toy.make(options, {&drafter, 5}) == want);
  }
}

TEST_CASE("speculation is bounded") {
  CHECK(checkSpeculation(1));
  CHECK(checkSpeculation(64));
  CHECK(!checkSpeculation(0));
  CHECK(!checkSpeculation(65));
}
