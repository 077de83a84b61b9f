// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/CompilerLibrary.h"
#include <dlfcn.h>
#include <filesystem>

namespace llmc::cli {

static const char *verbName(LlmcCompilerVerb verb) {
  switch (verb) {
  case LLMC_COMPILER_COMPILE:
    return "compile";
  case LLMC_COMPILER_CHECK:
    return "check";
  case LLMC_COMPILER_INSPECT:
    return "inspect";
  case LLMC_COMPILER_EXPORT:
    return "export";
  case LLMC_COMPILER_QUANTIZE:
    return "quantize";
  }
  return "";
}

/// The library stays loaded: LLVM's static state is not made to be unloaded.
static Result<LlmcCompilerMain> loadCompiler() {
  namespace fs = std::filesystem;
  std::error_code failed;
  fs::path folder = fs::read_symlink("/proc/self/exe", failed).parent_path();
  for (fs::path candidate :
       {folder / "libllmc-compiler.so",
        folder.parent_path() / "lib" / "libllmc-compiler.so"}) {
    if (!fs::exists(candidate, failed))
      continue;
    void *library = dlopen(candidate.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library)
      return Error{Code::Unsupported,
                   std::string("cannot load the compiler: ") + dlerror(),
                   candidate.string()};
    if (auto function = reinterpret_cast<LlmcCompilerMain>(
            dlsym(library, "llmc_compiler_main")))
      return function;
    return Error{Code::Unsupported, "this is not llmc's compiler library",
                 candidate.string()};
  }
  return Error{.code = Code::Unsupported,
               .what = "this installation has no compiler",
               .hint = "install libllmc-compiler.so beside llmc, or compile "
                       "elsewhere: artifacts run here"};
}

Result<int> runCompiler(LlmcCompilerVerb verb,
                        const std::vector<std::string> &arguments) {
  Result<LlmcCompilerMain> function = loadCompiler();
  if (!function)
    return function.takeStatus();
  std::vector<const char *> argv = {verbName(verb)};
  for (const std::string &argument : arguments)
    argv.push_back(argument.c_str());
  argv.push_back(nullptr);
  return (*function)(verb, static_cast<int>(argv.size()) - 1, argv.data());
}

void addCompilerVerb(CLI::App &app, Shell &shell, const std::string &name,
                     const std::string &description, LlmcCompilerVerb code) {
  CLI::App *verb = app.add_subcommand(name, description);
  verb->prefix_command();
  verb->set_help_flag();
  verb->callback([verb, code, &shell] {
    shell.action = [verb, code, &shell]() -> Status {
      Result<int> done = runCompiler(code, verb->remaining());
      for (const std::string &argument : verb->remaining())
        shell.json |= argument == "--json" && !done;
      if (!done)
        return done.takeStatus();
      shell.exitCode = *done;
      return Status();
    };
  });
}

} // namespace llmc::cli
