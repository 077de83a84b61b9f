// SPDX-License-Identifier: Apache-2.0
#include "tools/compiler/Options.h"

#include "passes/Pipelines.h"
#include "passes/quantize/Spec.h"
#include "tools/compiler/Quantization.h"
#include "tools/llmc/Budget.h"

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

static const char kSpec[] =
    "Store weights as numbers of few bits with scales, or as halves: "
    "TYPE[,SETTING...][@PATTERN], where TYPE is int2, int3, int4, int8, nf4, "
    "fp4, mxfp4, fp8 (e4m3), e5m2, f16, bf16 or float (as they are). Settings: "
    "group=32 (numbers that share a scale: 16 to 256, "
    "or channel), sym or asym, scale=f16|bf16|f32, method=rtn+clip (words "
    "joined by +: rtn, clip, hqq, gptq, order, refine, qep, awq, smooth, "
    "bias, rotate), "
    "act=int8 (round activations too, by token, or by act_group=32) or "
    "act=static (by one scale, from --calibrate), head=TYPE "
    "and embed=TYPE (int8 beside int4). int4 alone is "
    "int4,group=32,sym,scale=f16,method=rtn+clip; int8 has one scale for a "
    "channel. Repeat with @PATTERN for layers by name: int8@*down_proj*. "
    "mixed,bits=4.5 (or size=80M, kl=0.01; types=int3/int4/int8) chooses a "
    "type for each product by what it costs the model's predictions";

/// Repeated, or in one argument behind semicolons.
static void addQuantizeOption(CLI::App &app, Options &o) {
  app.add_option("--quantize", o.quantize, kSpec)
      ->type_name("SPEC")
      ->allow_extra_args(false);
  CalibrationOptions &c = o.calibration;
  app.add_option(
         "--calibrate", c.file,
         "What mixed types, act=static and methods that look at activations "
         "(gptq, awq, smooth, bias) run the model on: a text like those it is "
         "for (for encoders "
         "a sentence a line), an "
         ".npz file of its inputs, or a folder of some [text that the model "
         "writes]")
      ->type_name("FILE")
      ->check(CLI::ExistingPath);
  app.add_option("--calibrate-samples", c.samples,
                 "Pieces of the text, spread over all of it [128; a quarter "
                 "where the model writes them]")
      ->check(CLI::Range(1, 1 << 20));
  app.add_option("--calibrate-tokens", c.tokens,
                 "Tokens of a piece [512, or the model's context; half where "
                 "the model writes them]")
      ->check(CLI::Range(2, 1 << 20));
  app.add_option("--budget", o.budget,
                 "Measure what quantization does to the model's outputs. " +
                     cli::describeBudgets());
  app.add_option("--budget-text", o.budgetText,
                 "What --budget is measured on, as --calibrate takes it "
                 "[what is calibrated with]")
      ->type_name("FILE")
      ->check(CLI::ExistingPath);
  app.parse_complete_callback([&o, &app] {
    if (!o.budget.empty() && !o.passes.empty())
      throw CLI::ExcludesError("--budget", "--passes");
    if (!o.budgetText.empty() && o.budget.empty())
      throw CLI::RequiresError("--budget-text", "--budget");
    if (o.quantize.empty()) {
      for (const char *needs : {"--calibrate", "--calibrate-samples",
                                "--calibrate-tokens", "--budget"})
        if (app.count(needs))
          throw CLI::RequiresError(needs, "--quantize");
      return;
    }
    auto spec = quantize::parseQuantizeSpec(joinedRules(o));
    if (!spec)
      throw CLI::ValidationError("--quantize",
                                 llvm::toString(spec.takeError()));
    // What layers leave to each other is rotated.
    if (spec->rotates() && o.layers)
      throw CLI::ExcludesError("--layers", "--quantize with method=rotate");
  });
}

static void addConstraintOptions(CLI::App &app, Options &o) {
  app.add_option("--json-schema", o.jsonSchemas,
                 "Keep the JSON schema in FILE under NAME, ready for llmc run "
                 "--constraint NAME (repeat for more)")
      ->type_name("NAME=FILE")
      ->allow_extra_args(false);
  app.add_option("--grammar", o.grammars,
                 "Keep the GBNF grammar in FILE under NAME (repeat for more)")
      ->type_name("NAME=FILE")
      ->allow_extra_args(false);
}

void addCompileOptions(CLI::App &app, Options &o) {
  addModelOptions(app, o);
  app.add_option("-o,--output", o.output,
                 "The artifact to write [MODEL's name].llmc");
  app.add_option("--target", o.targets,
                 "CPU to make code for; repeat for several in one artifact: "
                 "host, x86-64-v3, x86-64-v4, aarch64 (with +feature), ref")
      ->allow_extra_args(false);
  app.add_option(
         "--kv", o.caches,
         "Keep keys and values in this type, integers with scales: less "
         "memory and less reading at long contexts [the model's]")
      ->check(CLI::IsMember({"f32", "f16", "bf16", "int8", "int4"}));
  app.add_option("--math", o.math,
                 "Round what products of f32 weights multiply to this type: "
                 "half the memory, and twice the speed where the CPU has "
                 "instructions for bf16; sums stay f32 [f32]")
      ->check(CLI::IsMember({"f32", "bf16"}));
  addQuantizeOption(app, o);
  addConstraintOptions(app, o);
  app.add_flag("--layers", o.layers,
               "Add an entry that gives what each layer leaves to the next "
               "one, for llmc eval --layers");
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

void addQuantizeOptions(CLI::App &app, Options &o) {
  addModelOptions(app, o);
  app.add_option("-o,--output", o.output, "The .onnx file to write")
      ->required();
  addQuantizeOption(app, o);
  app.add_option("--jobs", o.jobs, "Threads to work with [number of cores]")
      ->check(CLI::Range(1, 1024));
  o.emit = "quantize";
  app.footer("Example: llmc quantize models/smollm/model.onnx --quantize "
             "int4,asym -o small.onnx");
}

} // namespace llmc::compiler
