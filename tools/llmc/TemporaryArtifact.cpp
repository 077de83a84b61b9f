// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/TemporaryArtifact.h"
#include "tools/llmc/CompilerLibrary.h"
#include <iostream>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace llmc::cli {

/// Keeps what is written to stdout while it lives.
class StdoutCapture {
public:
  StdoutCapture()
      : file_(memfd_create("llmc-stdout", MFD_CLOEXEC)), stdout_(dup(1)) {
    std::fflush(stdout);
    if (file_ >= 0 && stdout_ >= 0)
      dup2(file_, 1);
  }
  ~StdoutCapture() {
    restore();
    close(file_);
  }
  std::string text() {
    restore();
    std::string bytes(
        static_cast<size_t>(std::max<off_t>(lseek(file_, 0, SEEK_END), 0)), 0);
    ssize_t count = pread(file_, bytes.data(), bytes.size(), 0);
    bytes.resize(static_cast<size_t>(std::max<ssize_t>(count, 0)));
    return bytes;
  }

private:
  void restore() {
    if (stdout_ < 0)
      return;
    std::fflush(stdout);
    std::cout.flush();
    dup2(stdout_, 1);
    close(std::exchange(stdout_, -1));
  }
  int file_, stdout_;
};

static Result<int> compileCapturing(std::vector<std::string> arguments,
                                    Shell &shell) {
  if (!shell.json)
    return runCompiler(LLMC_COMPILER_COMPILE, arguments);
  arguments.push_back("--json");
  StdoutCapture capture;
  Result<int> code = runCompiler(LLMC_COMPILER_COMPILE, arguments);
  nlohmann::json document =
      nlohmann::json::parse(capture.text(), nullptr, false);
  if (code && *code != 0)
    shell.document = document.is_object() ? document : nlohmann::json::object();
  return code;
}

Result<std::unique_ptr<TemporaryArtifact>>
TemporaryArtifact::compile(const std::string &model,
                           const std::vector<std::string> &options,
                           Shell &shell) {
  auto folder = TemporaryFolder::create();
  if (!folder)
    return folder.takeStatus();
  std::unique_ptr<TemporaryArtifact> artifact(
      new TemporaryArtifact(std::move(*folder)));
  std::vector<std::string> arguments = {model, "-o", artifact->path(), "-q"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  Result<int> code = compileCapturing(std::move(arguments), shell);
  if (!code)
    return code.takeStatus();
  shell.exitCode = *code;
  if (shell.exitCode != 0)
    artifact.reset();
  return artifact;
}

} // namespace llmc::cli
