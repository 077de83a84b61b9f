// SPDX-License-Identifier: Apache-2.0
#include "tools/compiler/Options.h"

#include "passes/Pipelines.h"

namespace llmc::compiler {

std::vector<std::string> emitStages() {
  std::vector<std::string> all = {"onnx", "import"};
  for (llvm::StringRef s : passes::stages())
    all.push_back(s.str());
  for (const char *s : {"rt", "llvm", "asm", "passes"})
    all.push_back(s);
  return all;
}

void addModelOptions(CLI::App &app, Options &o) {
  app.add_option("MODEL", o.model,
                 "An .onnx file, or a folder as exporters write it")
      ->required();
  app.add_option("--variant", o.variant,
                 "Of files that differ by a suffix take this one: fp16 for "
                 "model_fp16.onnx");
  app.add_option("--package", o.package,
                 "Folder with tokenizer and configurations instead of the "
                 "model's own; none: leave them out");
  app.add_flag("--strict", o.strict,
               "Make an error of what is only warned about");
}

void addCompileOptions(CLI::App &app, Options &o) {
  addModelOptions(app, o);
  app.add_option("-o,--output", o.output,
                 "The artifact to write [MODEL's name].llmc");
  app.add_option("--target", o.targets,
                 "CPU to make code for; repeat for several in one artifact: "
                 "host, x86-64-v3, x86-64-v4, aarch64 (with +feature), ref")
      ->allow_extra_args(false);
  app.add_option("--kv", o.caches,
                 "Keep keys and values in this type: half the memory and half "
                 "the reading at long contexts [the model's]")
      ->check(CLI::IsMember({"f32", "f16", "bf16"}));
  app.add_option("--math", o.math,
                 "Round what products of f32 weights multiply to this type: "
                 "half the memory, and twice the speed where the CPU has "
                 "instructions for bf16; sums stay f32 [f32]")
      ->check(CLI::IsMember({"f32", "bf16"}));
  app.add_option("--emit", o.emit,
                 "Print the program as it is after a stage, or the passes that "
                 "would run, one a line, and stop")
      ->check(CLI::IsMember(emitStages()));
  app.add_option("--passes", o.passes,
                 "Run these passes in place of the built-in ones, which --emit "
                 "passes prints: names with their {options}, by commas");
  app.add_option("--jobs", o.jobs, "Threads to compile with [number of cores]")
      ->check(CLI::Range(1, 1024));
  app.add_flag("--verify-each", o.verifyEach,
               "Check the program after every pass");
  app.footer("Example: llmc compile models/smollm -o smollm.llmc --target "
             "x86-64-v3 --target x86-64-v4");
}

void addExportOptions(CLI::App &app, Options &o) {
  addModelOptions(app, o);
  app.add_option("-o,--output", o.output, "The .onnx file to write")
      ->required();
  o.emit = "recognise";
  app.add_option("--stage", o.emit,
                 "Write the program as it is after this stage [recognise]")
      ->check(CLI::IsMember({"simplify", "recognise"}));
  app.footer("Example: llmc export models/smollm/model.onnx -o plain.onnx");
}

} // namespace llmc::compiler
