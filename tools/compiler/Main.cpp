// SPDX-License-Identifier: Apache-2.0
// The compiler library's door: parses a verb's options, runs it, prints what
// went wrong. Nothing is thrown out of it.
#include "tools/compiler/Report.h"
#include "tools/llmc/CompilerLibrary.h"

#include <fmt/format.h>
#include <iostream>

using namespace llmc;
using namespace llmc::compiler;

/// The frontend's error as the tools print it.
static Error toError(const InputError &e, const std::string &model) {
  Error error{.code = static_cast<llmc::Code>(e.code()),
              .what = e.message(),
              .file = e.file().empty() ? model : e.file(),
              .where = e.where(),
              .hint = e.hint()};
  for (const NodeNote &n : e.nodes())
    error.nodes.push_back(InputError::line(n.where, n.what));
  return error;
}

static Status guarded(const std::string &model,
                      llvm::function_ref<void()> work) {
  try {
    work();
    return {};
  } catch (const InputError &e) {
    return toError(e, model);
  } catch (const RecipeError &e) {
    return Error{.code = llmc::Code::BadInput,
                 .what = e.what(),
                 .file = model,
                 .where = e.where};
  } catch (CompileError &e) {
    if (e.error.file.empty())
      e.error.file = model;
    return std::move(e.error);
  } catch (const std::bad_alloc &) {
    return Error{
        .code = llmc::Code::Resource, .what = "out of memory", .file = model};
  } catch (const std::exception &e) {
    return Error{.code = llmc::Code::Internal,
                 .what = fmt::format("internal error: {}", e.what()),
                 .file = model};
  }
}

static const char *describe(int verb) {
  return verb == LLMC_COMPILER_COMPILE ? "Compile an ONNX model to an artifact"
         : verb == LLMC_COMPILER_EXPORT
             ? "Write a model back as ONNX, as the passes left it: MODEL's "
               "weights go to OUT.onnx.data"
         : verb == LLMC_COMPILER_QUANTIZE
             ? "Write a model back as ONNX with quantized weights: MODEL's "
               "weights go to OUT.onnx.data"
         : verb == LLMC_COMPILER_CHECK
             ? "Report everything that keeps a model from compiling, what is "
               "recognised in it, and what has no kernel and is slow"
             : "Show what is inside a model";
}

static void work(int verb, const Options &options, bool ops,
                 cli::Shell &shell) {
  Compilation compilation(options, shell);
  if (verb == LLMC_COMPILER_COMPILE)
    return compilation.run();
  if (verb == LLMC_COMPILER_EXPORT || verb == LLMC_COMPILER_QUANTIZE)
    return compilation.exportTo(options.output);
  compilation.prepare();
  if (verb == LLMC_COMPILER_CHECK)
    return reportCheck(compilation);
  compilation.progress.finish();
  reportInspect(compilation, ops);
}

static int runVerb(int verb, int argc, const char *const *argv) {
  cli::Shell shell;
  Options options;
  bool ops = false, checksums = false;
  CLI::App app(describe(verb), std::string("llmc ") + argv[0]);
  app.add_flag("-q,--quiet", shell.quiet, "Print results only");
  app.add_flag("-v,--verbose", shell.verbose, "Say more (repeat for more)");
  app.add_flag("--json", shell.json, "Print one JSON document");
  if (verb == LLMC_COMPILER_COMPILE)
    addCompileOptions(app, options);
  else if (verb == LLMC_COMPILER_EXPORT)
    addExportOptions(app, options);
  else if (verb == LLMC_COMPILER_QUANTIZE)
    addQuantizeOptions(app, options);
  else
    addModelOptions(app, options);
  if (verb == LLMC_COMPILER_INSPECT) {
    app.add_flag("--ops", ops,
                 "List the operations of each layer after all passes");
    app.add_flag("--check", checksums,
                 "Of artifacts only: a model has no checksums");
  }
  Status status;
  try {
    app.parse(argc, argv);
    status = guarded(options.model, [&] { work(verb, options, ops, shell); });
  } catch (const CLI::Success &e) {
    return app.exit(e);
  } catch (const CLI::ParseError &e) {
    for (int i = 1; i < argc; ++i)
      shell.json |= std::string_view(argv[i]) == "--json";
    status =
        Error{.code = llmc::Code::BadInput,
              .what = e.what(),
              .hint = fmt::format("llmc {} --help lists the options", argv[0])};
  }
  if (!status)
    cli::printError(status.error(), shell);
  if (shell.json && !shell.document.is_null())
    std::cout << shell.document.dump(2, ' ', false,
                                     nlohmann::json::error_handler_t::replace)
              << "\n";
  std::cout.flush();
  return static_cast<int>(status.code());
}

extern "C" __attribute__((visibility("default"))) int
llmc_compiler_main(int verb, int argc, const char *const *argv) {
  try {
    return runVerb(verb, argc, argv);
  } catch (...) {
    return static_cast<int>(llmc::Code::Internal);
  }
}
