// SPDX-License-Identifier: Apache-2.0
// `llmc bench`: load time, prefill and decode speed, latencies and memory of an
// artifact on this machine.
#include "runtime/session/Encoder.h"
#include "runtime/session/Roles.h"
#include "runtime/session/Session.h"
#include "tools/llmc/Format.h"
#include "tools/llmc/ModelOptions.h"
#include "tools/llmc/ProfileView.h"
#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <fstream>

namespace llmc::cli {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

namespace {
struct Options {
  std::string artifact;
  ModelFlags flags;
  std::vector<int64_t> prompts = {16, 128};
  int64_t tokens = 64;
  int repeat = 5;
  std::string compare;
  std::string profile;
};
/// One for each row, by its name; of a round that is not timed.
using Profiles = std::vector<std::pair<std::string, std::unique_ptr<Profile>>>;
} // namespace

static double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Nearest-rank percentile of sorted values.
static double percentile(const std::vector<double> &sorted, double p) {
  size_t rank =
      static_cast<size_t>(p / 100 * static_cast<double>(sorted.size()));
  return sorted[std::min(rank, sorted.size() - 1)];
}

static json latencies(std::vector<double> seconds) {
  std::sort(seconds.begin(), seconds.end());
  double sum = 0;
  for (double s : seconds)
    sum += s;
  return {{"mean_ms", 1e3 * sum / static_cast<double>(seconds.size())},
          {"min_ms", 1e3 * seconds.front()},
          {"p50_ms", 1e3 * percentile(seconds, 50)},
          {"p90_ms", 1e3 * percentile(seconds, 90)},
          {"p99_ms", 1e3 * percentile(seconds, 99)}};
}

/// A field of /proc/self/status, in bytes.
static uint64_t memoryField(const std::string &name) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(name + ":"))
      return std::stoull(line.substr(name.size() + 1)) * 1024;
  return 0;
}

/// The same pseudo-random tokens in every run.
static std::vector<int64_t> makeTokens(int64_t count, int64_t vocabulary) {
  std::vector<int64_t> tokens;
  uint64_t state = 1;
  for (int64_t i = 0; i < count; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    tokens.push_back(static_cast<int64_t>((state >> 33) %
                                          static_cast<uint64_t>(vocabulary)));
  }
  return tokens;
}

/// The profile of the row at hand, if there are any.
static Profile *startProfile(const Options &options, Profiles &profiles,
                             int64_t count) {
  if (options.profile.empty())
    return nullptr;
  profiles.emplace_back(fmt::format("{} tokens", count),
                        std::make_unique<Profile>());
  return profiles.back().second.get();
}

/// One row: prefill of `count` tokens, then decoding. A profile is of a round
/// of its own, the last one.
static Result<json> benchDecoder(Session &session, const Options &options,
                                 int64_t count, int64_t vocabulary,
                                 Profile *profile) {
  std::vector<int64_t> prompt = makeTokens(count, vocabulary),
                       next = makeTokens(options.tokens, vocabulary);
  std::vector<double> prefill, decode;
  int rounds = options.repeat + (profile ? 1 : 0);
  for (int round = -1; round < rounds; ++round) { // the first warms up
    bool timed = round >= 0 && round < options.repeat;
    session.setProfile(round == options.repeat ? profile : nullptr);
    if (Status status = session.rewind(0); !status)
      return status;
    auto start = Clock::now();
    if (auto logits = session.prefill(prompt); !logits)
      return logits.takeStatus();
    if (timed)
      prefill.push_back(secondsSince(start));
    for (int64_t token : next) {
      auto stepStart = Clock::now();
      if (auto logits = session.decode(token); !logits)
        return logits.takeStatus();
      if (timed)
        decode.push_back(secondsSince(stepStart));
    }
  }
  json row = {{"prompt", count},
              {"prefill", latencies(prefill)},
              {"anonymous", memoryField("RssAnon")}};
  row["prefill"]["tokens_per_second"] =
      1e3 * static_cast<double>(count) / row["prefill"]["p50_ms"].get<double>();
  if (!decode.empty()) {
    row["decode"] = latencies(decode);
    row["decode"]["tokens_per_second"] =
        1e3 / row["decode"]["mean_ms"].get<double>();
  }
  session.setProfile(nullptr);
  return row;
}

static Result<json> benchEncoder(Encoder &encoder, const Options &options,
                                 int64_t count, int64_t vocabulary,
                                 Profile *profile) {
  std::vector<int64_t> tokens = makeTokens(count, vocabulary);
  std::vector<double> seconds;
  int rounds = options.repeat + (profile ? 1 : 0);
  for (int round = -1; round < rounds; ++round) {
    encoder.call().setProfile(round == options.repeat ? profile : nullptr);
    auto start = Clock::now();
    if (auto outputs = encoder.run(tokens); !outputs)
      return outputs.takeStatus();
    if (round >= 0 && round < options.repeat)
      seconds.push_back(secondsSince(start));
  }
  encoder.call().setProfile(nullptr);
  json row = {{"prompt", count},
              {"prefill", latencies(seconds)},
              {"anonymous", memoryField("RssAnon")}};
  row["prefill"]["tokens_per_second"] =
      1e3 * static_cast<double>(count) / row["prefill"]["p50_ms"].get<double>();
  return row;
}

/// Rows for every prompt length.
static Result<json> benchAll(std::shared_ptr<const Model> model,
                             const Options &options, Profiles &profiles) {
  json rows = json::array();
  if (!model->hasEntry(options.flags.model, "prefill")) {
    auto encoder = Encoder::create(model, options.flags.model);
    if (!encoder)
      return encoder.takeStatus();
    for (int64_t count : options.prompts) {
      // Without logits the vocabulary is not known; its first ids are tokens in
      // every tokenizer.
      auto row = benchEncoder(**encoder, options, count,
                              vocabularySize((*encoder)->info()).value_or(256),
                              startProfile(options, profiles, count));
      if (!row)
        return row.takeStatus();
      rows.push_back(*row);
    }
    return rows;
  }
  int64_t longest =
      *std::max_element(options.prompts.begin(), options.prompts.end());
  auto session = Session::create(model, {.model = options.flags.model,
                                         .capacity = longest + options.tokens});
  if (!session)
    return session.takeStatus();
  int64_t vocabulary =
      vocabularySize(*model->entry(options.flags.model, "prefill")->info)
          .value_or(256);
  for (int64_t count : options.prompts) {
    auto row = benchDecoder(**session, options, count, vocabulary,
                            startProfile(options, profiles, count));
    if (!row)
      return row.takeStatus();
    rows.push_back(*row);
  }
  return rows;
}

/// "  (1.23x)" against the same row of an old run.
static std::string ratioText(const json &old, int64_t prompt, const char *phase,
                             double now) {
  if (!old.contains("rows"))
    return {};
  for (const json &row : old["rows"])
    if (row.value("prompt", int64_t(0)) == prompt && row.contains(phase))
      return fmt::format("  ({:.2f}x)",
                         now / row[phase].value("tokens_per_second", now));
  return {};
}

static void print(const json &document, const json &old) {
  fmt::print("{}  {} threads, {}\n", document["target"].get<std::string>(),
             document["threads"].get<int>(),
             document["artifact"].get<std::string>());
  fmt::print("open     {:.1f} ms\n", document["open_ms"].get<double>());
  for (const json &row : document["rows"])
    for (const char *phase : {"prefill", "decode"})
      if (row.contains(phase)) {
        const json &times = row[phase];
        double speed = times["tokens_per_second"];
        fmt::print("{:<8} {:>5} tokens  {:>9.1f} tokens/s  p50 {:.3f} ms  p90 "
                   "{:.3f} ms  p99 {:.3f} ms{}\n",
                   phase, row["prompt"].get<int64_t>(), speed,
                   times["p50_ms"].get<double>(), times["p90_ms"].get<double>(),
                   times["p99_ms"].get<double>(),
                   ratioText(old, row["prompt"], phase, speed));
      }
  fmt::print("memory   {} peak, {} anonymous\n",
             formatBytes(document["memory"]["peak"]),
             formatBytes(document["memory"]["anonymous"]));
}

static Result<json> readOld(const std::string &path) {
  std::ifstream file(path);
  if (!file)
    return Error{Code::BadInput, "cannot open", path};
  json old = json::parse(file, nullptr, false);
  if (!old.is_object() || !old.contains("rows") || !old["rows"].is_array())
    return Error{Code::BadInput, "is not the output of llmc bench --json",
                 path};
  return old;
}

static Status finishProfiles(const Options &options, const Profiles &profiles,
                             const Shell &shell) {
  std::vector<std::pair<std::string, Profile *>> named;
  for (const auto &[name, profile] : profiles) {
    named.emplace_back(name, profile.get());
    if (profile->isCut())
      printWarning("the trace holds only the first million steps of a row");
    if (shell.json)
      continue;
    fmt::print("\nprofile of a round more, {}\n", name);
    for (const std::string &line : profileTable(*profile))
      fmt::print("{}\n", line);
  }
  return writeTrace(options.profile, named);
}

static Status bench(const Options &options, Shell &shell) {
  json old = json::object();
  if (!options.compare.empty()) {
    auto read = readOld(options.compare);
    if (!read)
      return read.takeStatus();
    old = std::move(*read);
  }
  auto start = Clock::now();
  auto model = openModel(options.artifact, options.flags);
  double openSeconds = secondsSince(start);
  if (!model)
    return model.takeStatus();
  Profiles profiles;
  auto rows = benchAll(*model, options, profiles);
  if (!rows)
    return rows.takeStatus().inFile(options.artifact);
  uint64_t anonymous = 0; // while sessions hold their memory
  for (const json &row : *rows)
    anonymous = std::max(anonymous, row["anonymous"].get<uint64_t>());
  for (size_t i = 0; i < profiles.size(); ++i)
    (*rows)[i]["profile"] = profileToJson(*profiles[i].second);
  json document = {
      {"artifact", options.artifact},
      {"id", toHex((*model)->manifest().id)},
      {"target", (*model)->target()},
      {"threads", (*model)->pool().threads()},
      {"open_ms", 1e3 * openSeconds},
      {"rows", *rows},
      {"memory", {{"peak", memoryField("VmHWM")}, {"anonymous", anonymous}}}};
  if (shell.json)
    shell.document = std::move(document);
  else
    print(document, old);
  return profiles.empty() ? Status() : finishProfiles(options, profiles, shell);
}

void addBench(CLI::App &app, Shell &shell) {
  CLI::App *verb =
      addVerb(app, shell, "bench", "Measure speed, latency and memory");
  auto options = std::make_shared<Options>();
  verb->add_option("ARTIFACT", options->artifact, "The artifact")->required();
  verb->add_option("--prompt-tokens", options->prompts,
                   "Lengths of the prompts (default 16,128)")
      ->delimiter(',')
      ->check(CLI::Range(int64_t(1), int64_t(1) << 24));
  verb->add_option("--tokens", options->tokens,
                   "Tokens to decode after each (default 64)")
      ->check(CLI::Range(int64_t(0), int64_t(1) << 24));
  verb->add_option("--repeat", options->repeat, "Rounds (default 5)")
      ->check(CLI::Range(1, 100000));
  verb->add_option("--compare", options->compare,
                   "An earlier --json output to compare with");
  verb->add_option("--profile", options->profile,
                   "Say where the time of a round more went, step by step, and "
                   "write it to this file as a Chrome trace");
  addModelFlags(verb, options->flags);
  verb->callback([options, &shell] {
    shell.action = [options, &shell] { return bench(*options, shell); };
  });
}

} // namespace llmc::cli
