// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/Escape.h"
#include "tools/llmc/Subprocess.h"
#include "tools/llmc/Verify.h"
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <mutex>
#include <thread>

namespace llmc::cli {

namespace fs = std::filesystem;
using nlohmann::json;

/// ONNX's generator writes a case's own tolerance into data.json.
static Tolerance toleranceOf(const std::string &folder,
                             const VerifyOptions &options) {
  Tolerance tolerance = options.tolerance;
  if (options.toleranceGiven)
    return tolerance;
  std::ifstream file(fs::path(folder) / "data.json");
  json data = json::parse(file, nullptr, false);
  if (data.is_object()) {
    auto number = [&](const char *key, double &value) {
      if (data.contains(key) && data[key].is_number())
        value = data[key].get<double>();
    };
    number("rtol", tolerance.rtol);
    number("atol", tolerance.atol);
  }
  return tolerance;
}

static std::vector<std::string> commandFor(const std::string &folder,
                                           const VerifyOptions &options) {
  Tolerance tolerance = toleranceOf(folder, options);
  std::vector<std::string> command = {ownPath(),
                                      "verify",
                                      folder + "/model.onnx",
                                      "--data",
                                      folder,
                                      "-q",
                                      "--rtol",
                                      fmt::format("{}", tolerance.rtol),
                                      "--atol",
                                      fmt::format("{}", tolerance.atol),
                                      "--entry",
                                      options.entry};
  auto add = [&](const char *name, const std::string &value) {
    if (!value.empty())
      command.insert(command.end(), {name, value});
  };
  add("--isa", options.flags.isa);
  add("--model", options.flags.model);
  add("--threads",
      options.flags.threads ? std::to_string(options.flags.threads) : "");
  for (const std::string &target : options.compileTargets)
    add("--target", target);
  return command;
}

static std::string errorLine(const std::string &output) {
  for (size_t begin = 0; begin < output.size();) {
    size_t end = std::min(output.find('\n', begin), output.size());
    if (output.compare(begin, 7, "error: ") == 0)
      return output.substr(begin + 7, end - begin - 7);
    begin = end + 1;
  }
  return {};
}

static CaseResult runCase(const std::string &folder,
                          const VerifyOptions &options) {
  auto start = std::chrono::steady_clock::now();
  ProcessResult process =
      runProcess(commandFor(folder, options), options.timeout);
  double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  std::string name =
      fs::path(folder).lexically_relative(options.target).string();
  CaseResult result = {name == "." || name.empty() ? folder : name,
                       process.code, errorLine(process.output), seconds};
  if (process.timedOut)
    result = {result.name, static_cast<int>(Code::Resource),
              fmt::format("took more than {} s", options.timeout), seconds};
  else if (process.code >= 128)
    result.message = fmt::format("ended by signal {}", process.code - 128);
  return result;
}

/// The worst exit code, bugs first, then what makes a build fail.
static Code worst(const std::vector<CaseResult> &results) {
  auto any = [&](auto test) {
    return std::any_of(results.begin(), results.end(), test);
  };
  if (any([](const CaseResult &r) { return r.code == 1 || r.code >= 7; }))
    return Code::Internal;
  for (Code code : {Code::Mismatch, Code::Integrity, Code::Resource,
                    Code::BadInput, Code::Unsupported})
    if (any([&](const CaseResult &r) {
          return r.code == static_cast<int>(code);
        }))
      return code;
  return Code::Ok;
}

static json toJson(const CaseResult &result) {
  return {{"name", result.name},
          {"code", result.code},
          {"message", result.message},
          {"seconds", result.seconds}};
}

static Status summarize(const std::vector<CaseResult> &results,
                        const VerifyOptions &options, Shell &shell) {
  size_t passed = 0, unsupported = 0;
  for (const CaseResult &result : results) {
    passed += result.code == 0;
    unsupported += result.code == 3;
  }
  size_t failed = results.size() - passed - unsupported;
  if (shell.json) {
    shell.document = {{"passed", passed},
                      {"failed", failed},
                      {"unsupported", unsupported},
                      {"cases", json::array()}};
    for (const CaseResult &result : results)
      shell.document["cases"].push_back(toJson(result));
  } else {
    fmt::print("{} passed, {} failed, {} not supported\n", passed, failed,
               unsupported);
  }
  if (!options.junit.empty())
    if (Status status = writeJunit(options.junit, results); !status)
      return status;
  Code code = worst(results);
  if (code == Code::Ok)
    return Status();
  return Error{code,
               fmt::format("{} of {} cases did not pass",
                           results.size() - passed, results.size()),
               options.target};
}

Status verifyCases(const VerifyOptions &options,
                   const std::vector<std::string> &cases, Shell &shell) {
  std::vector<CaseResult> results(cases.size());
  std::atomic<size_t> next = 0;
  std::mutex printing;
  auto work = [&] {
    for (size_t i; (i = next.fetch_add(1)) < cases.size();) {
      results[i] = runCase(cases[i], options);
      const CaseResult &result = results[i];
      if (shell.json || shell.quiet || (result.code == 0 && shell.verbose == 0))
        continue;
      std::lock_guard<std::mutex> lock(printing);
      fmt::print("{} {}{}{}\n",
                 result.code == 0   ? "ok  "
                 : result.code == 3 ? "SKIP"
                                    : "FAIL",
                 escapeText(result.name), result.message.empty() ? "" : ": ",
                 escapeText(result.message, 1024));
      std::fflush(stdout);
    }
  };
  std::vector<std::thread> workers;
  for (int i = 1; i < options.jobs; ++i)
    workers.emplace_back(work);
  work();
  for (std::thread &worker : workers)
    worker.join();
  return summarize(results, options, shell);
}

} // namespace llmc::cli
