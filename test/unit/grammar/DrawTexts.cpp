// SPDX-License-Identifier: Apache-2.0
// draw-texts: constrained texts without a model, for the tests against other
// programs. A request is a line of JSON on stdin, an answer a line on stdout.
//   {"schema"|"grammar": TEXT, "match": [TEXT, ...]}: which of them match.
//   {"schema"|"grammar": TEXT, "draw": N, "seed": S, "tokenizer": FILE}: N
//   texts of tokens drawn at random among those allowed, one in a few of them
//   the end where it may come; after a hundred the shortest way is taken. The
//   same with "time": true: microseconds of masks instead.
#include "runtime/core/File.h"
#include "runtime/grammar/ConstraintSource.h"
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fmt/format.h>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

using namespace llmc;
using namespace llmc::grammar;
using nlohmann::json;

template <typename T> static T need(Result<T> result) {
  if (result)
    return std::move(*result);
  fmt::print(stderr, "{}: {}: {}\n", result.error().file, result.error().where,
             result.error().what);
  std::exit(1);
}
static void need(const Status &status) {
  if (status.ok())
    return;
  fmt::print(stderr, "{}\n", status.error().what);
  std::exit(1);
}

static std::shared_ptr<const TokenTexts> textsOf(const std::string &path) {
  static std::map<std::string, std::shared_ptr<const TokenTexts>> known;
  if (auto it = known.find(path); it != known.end())
    return it->second;
  auto file = need(MappedFile::open(path));
  auto tokenizer = need(text::Tokenizer::load(
      {reinterpret_cast<const char *>(file->bytes().data()),
       file->bytes().size()}));
  return known[path] = need(tokenTexts(*tokenizer));
}

static json match(const ConstraintSource &source, const json &texts) {
  Automaton automaton = need(buildAutomaton(source));
  StateSets sets(automaton);
  json answers = json::array();
  for (const json &text : texts) {
    SetId set = sets.step(sets.start(), text.get_ref<const std::string &>());
    need(Status(sets.failure().ok() ? Status()
                                    : Status(sets.failure().error())));
    answers.push_back(set != StateSets::dead && sets.isEnd(set));
  }
  return answers;
}

namespace {

class Drawing {
public:
  Drawing(const json &request, const ConstraintSource &source)
      : tokens_(textsOf(request["tokenizer"].get<std::string>())),
        constraint_(need(makeConstraint(source, tokens_))),
        random_(request.value("seed", 0u)) {}

  std::string draw() {
    ConstrainedText text;
    std::string bytes;
    for (size_t step = 0;; ++step) {
      auto start = std::chrono::steady_clock::now();
      Allowed allowed = need(constraint_->allowed(text));
      times.push_back(std::chrono::duration<double, std::micro>(
                          std::chrono::steady_clock::now() - start)
                          .count());
      if (allowed.end &&
          (!allowed.any || random_() % 8 == 0 || step > mostFree))
        return bytes;
      uint32_t token = choose(allowed, step);
      bytes += trie(step).textOf(token);
      need(constraint_->add(text, token));
    }
  }

  std::vector<double> times; // of masks, in microseconds

private:
  static constexpr size_t mostFree = 100;

  const TokenTrie &trie(size_t step) const {
    return step == 0 && tokens_->firstDiffers ? tokens_->first : tokens_->later;
  }

  /// Any token, but one that closes something more often than by chance, or
  /// else texts would hardly end.
  uint32_t choose(const Allowed &allowed, size_t step) {
    std::vector<uint32_t> all, closing;
    for (uint32_t token = 0; token < trie(step).idLimit(); ++token)
      if (isAllowed(allowed.tokens, token)) {
        all.push_back(token);
        std::string_view text = trie(step).textOf(token);
        if (text == "\"" || text == "}" || text == "]")
          closing.push_back(token);
      }
    bool close = !closing.empty() && (step > mostFree || random_() % 4 == 0);
    const auto &from = close ? closing : all;
    return from[random_() % from.size()];
  }

  std::shared_ptr<const TokenTexts> tokens_;
  std::shared_ptr<Constraint> constraint_;
  std::mt19937 random_;
};

} // namespace

static json draw(const json &request, const ConstraintSource &source) {
  auto start = std::chrono::steady_clock::now();
  Drawing drawing(request, source);
  std::chrono::duration<double, std::milli> ready =
      std::chrono::steady_clock::now() - start;
  json texts = json::array();
  for (int i = 0; i < request["draw"].get<int>(); ++i)
    texts.push_back(drawing.draw());
  if (!request.value("time", false))
    return texts;
  std::vector<double> &times = drawing.times;
  double first = times.empty() ? 0 : times.front(), sum = 0;
  std::sort(times.begin(), times.end());
  for (double time : times)
    sum += time;
  auto at = [&](double share) {
    return times[static_cast<size_t>(share *
                                     static_cast<double>(times.size() - 1))];
  };
  return {{"masks", times.size()},
          {"ready_ms", ready.count()},
          {"first_us", first},
          {"mean_us", sum / static_cast<double>(times.size())},
          {"median_us", at(0.5)},
          {"p99_us", at(0.99)},
          {"largest_us", times.back()}};
}

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    json request = json::parse(line);
    bool isSchema = request.contains("schema");
    ConstraintSource source = {
        isSchema ? ConstraintKind::JsonSchema : ConstraintKind::Grammar,
        request[isSchema ? "schema" : "grammar"].get<std::string>()};
    json answer = request.contains("match") ? match(source, request["match"])
                                            : draw(request, source);
    std::cout << answer.dump() << std::endl;
  }
}
