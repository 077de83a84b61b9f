// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/Subprocess.h"
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace llmc::cli {

static constexpr size_t maxOutput = size_t(1) << 20;

std::string ownPath() {
  std::error_code failed;
  return std::filesystem::read_symlink("/proc/self/exe", failed).string();
}

static pid_t spawn(const std::vector<std::string> &arguments, int output) {
  std::vector<char *> argv;
  for (const std::string &argument : arguments)
    argv.push_back(const_cast<char *>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, 1);
  posix_spawn_file_actions_adddup2(&actions, output, 2);
  pid_t pid = -1;
  if (posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ) != 0)
    pid = -1;
  posix_spawn_file_actions_destroy(&actions);
  return pid;
}

/// Reads until the end or the deadline; true: the deadline came first.
static bool readAll(int input, std::chrono::steady_clock::time_point deadline,
                    std::string &text) {
  char buffer[4096];
  for (;;) {
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                    deadline - std::chrono::steady_clock::now())
                    .count();
    if (left <= 0)
      return true;
    pollfd wait = {input, POLLIN, 0};
    int ready =
        poll(&wait, 1, static_cast<int>(std::min<long long>(left, 1000)));
    if (ready <= 0)
      continue;
    ssize_t count = read(input, buffer, sizeof buffer);
    if (count == 0 || (count < 0 && errno != EINTR))
      return false;
    if (count > 0 && text.size() < maxOutput)
      text.append(buffer, static_cast<size_t>(count));
  }
}

ProcessResult runProcess(const std::vector<std::string> &arguments,
                         int seconds) {
  ProcessResult result;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return result;
  pid_t pid = spawn(arguments, ends[1]);
  close(ends[1]);
  if (pid > 0) {
    result.timedOut = readAll(ends[0],
                              std::chrono::steady_clock::now() +
                                  std::chrono::seconds(seconds),
                              result.output);
    if (result.timedOut)
      kill(pid, SIGKILL);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    result.code =
        WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  close(ends[0]);
  return result;
}

} // namespace llmc::cli
