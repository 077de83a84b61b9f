// SPDX-License-Identifier: Apache-2.0
// The language of --quantize: what the weights of a model become. Used by the
// passes of this phase and by the tools that take it from a user. Pure
// functions.
//
//   SPEC    = RULE { ";" RULE }
//   RULE    = TYPE { "," SETTING } [ "@" PATTERN ] | "mixed" { "," SETTING }
//   TYPE    = "int2" | "int3" | "int4" | "int8" | "nf4" | "fp4" | "mxfp4"
//           | "fp8" (as "e4m3") | "e4m3" | "e5m2" | "f16" | "bf16" | "float"
//   SETTING = "group=" ("channel" | 16 | 32 | ... | 256) | "sym" | "asym"
//           | "scale=" ("f16" | "bf16" | "f32") | "method=" METHOD
//           | "act=" ("float" | "int8" | "static") | "act_group=" ("row" | 16 |
//           ... | 256) | "head=" TYPE | "embed=" TYPE | of mixed: "types=" TYPE
//           { "/" TYPE } | "bits=" NUMBER | "size=" BYTES | "kl=" NUMBER
//   METHOD  = WORD { "+" WORD }
//   WORD    = "rtn" | "clip" | "hqq" | "gptq" | "order" | "refine" | "qep"
//           | "awq" | "smooth" | "bias" | "rotate" (docs/quantization.md)
//
// A pattern (with * and ?) is matched with the names of a product's node and of
// its stored tensors; a later rule takes precedence. Rules with a pattern
// inherit the activations of the rule without. Mixed products share out the
// types of a list (Mix.h), each with the settings of the rule.
#pragma once

#include "ir/llm/Quantized.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/GlobPattern.h"

namespace llmc::quantize {

/// What the weights of mixed products keep together; one of them is not 0.
struct MixTarget {
  double bits = 0; ///< of a number on average, with its part of scales
  double bytes = 0;
  double loss = 0; ///< expected: what it is of, Evaluator::costs() says
};

/// How activations are rounded to int8.
struct ActivationType {
  int64_t group = 0;  ///< elements of a row that share a scale; 0: all of it
  bool fixed = false; ///< all rows have one scale, that of the samples' largest
};

/// What the weight of one product becomes.
struct WeightType {
  /// Of Mixed products the format is that of the middle one of `options`.
  enum Kind { Float, F16, BF16, Integer, Mixed } kind = Float;
  llm::QuantizeFormat format; ///< of integers, or of codes
  bool gptq = false;          ///< rounded with feedback (Gptq.h)
  bool actOrder = false, refine = false, propagate = false; ///< of gptq
  bool awq = false, smooth = false; ///< channels balanced (Balance.h)
  bool rotate = false;              ///< inputs rotated (RotateInputs.cpp)
  bool correctBias = false;         ///< CorrectBiases.h
  std::optional<ActivationType> activations; ///< nothing: they stay floats
  std::vector<WeightType> options; ///< of Mixed, from few bits to many

  /// Whether something is computed with statistics of its input.
  bool observes() const {
    return gptq || correctBias || (activations && activations->fixed);
  }
  /// Bits of a number without its scale.
  unsigned width() const {
    return kind == Float                 ? 32
           : kind == F16 || kind == BF16 ? 16
                                         : format.grid.bits;
  }
};

struct QuantizeRule {
  std::optional<llvm::GlobPattern> pattern; ///< none: all products
  WeightType type;
  WeightType head, embedding; ///< of the rule without a pattern
};

struct QuantizeSpec {
  std::vector<QuantizeRule> rules; ///< one without a pattern is the first
  MixTarget target;                ///< of mixed products

  /// What a product becomes; `names` are those that patterns are matched with.
  WeightType typeOf(llvm::ArrayRef<std::string> names, bool isHead) const;
  /// Whether a rule asks for what needs statistics of activations: weights
  /// computed with them, and balanced channels.
  bool observes() const;
  bool balances() const;
  bool rotates() const;
  /// Whether products share out types: the model is run for it.
  bool mixes() const;
  /// What a table becomes that no product reads as well.
  WeightType embedding(llvm::ArrayRef<std::string> names) const;
};

/// An error says in one line what is wrong and what there is.
llvm::Expected<QuantizeSpec> parseQuantizeSpec(llvm::StringRef text);

} // namespace llmc::quantize
