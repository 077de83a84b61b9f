// SPDX-License-Identifier: Apache-2.0
// The language of --quantize: what the weights of a model become. Used by the
// passes of this phase and by the tools that take it from a user. Pure
// functions.
//
//   SPEC    = RULE { ";" RULE }
//   RULE    = TYPE { "," SETTING } [ "@" PATTERN ]
//   TYPE    = "int2" | "int3" | "int4" | "int8" | "nf4" | "fp4" | "mxfp4"
//           | "fp8" (as "e4m3") | "e4m3" | "e5m2" | "f16" | "bf16" | "float"
//   SETTING = "group=" ("channel" | 16 | 32 | ... | 256) | "sym" | "asym"
//           | "scale=" ("f16" | "bf16" | "f32") | "method=" METHOD
//           | "act=" ("float" | "int8") | "act_group=" ("row" | 16 | ... | 256)
//           | "head=" TYPE | "embed=" TYPE
//   METHOD  = WORD { "+" WORD }
//   WORD    = "rtn" (each number by itself) | "gptq" | "order" (gptq's rows
//   with
//             the largest inputs first) | "refine" (gptq's integers and scales
//             again) | "qep" (gptq of weights that make up for the layers
//             before) | "clip" (scales of least error) | "hqq" (scales of least
//             norm) | "awq" | "smooth"
//
// A pattern (with * and ?) is matched with the names of a product's node and of
// its stored tensors; a later rule takes precedence. Rules with a pattern
// inherit the activations of the rule without.
#pragma once

#include "ir/llm/Quantized.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/GlobPattern.h"

namespace llmc::quantize {

/// What the weight of one product becomes.
struct WeightType {
  enum Kind { Float, F16, BF16, Integer } kind = Float;
  llm::QuantizeFormat format; ///< of integers, or of codes
  bool gptq = false;          ///< rounded with feedback (Gptq.h)
  bool actOrder = false, refine = false, propagate = false; ///< of gptq
  bool awq = false, smooth = false; ///< channels balanced (Balance.h)
  /// Elements of a row of activations that are rounded to int8 by one scale (0:
  /// all of the row); nothing: activations stay floats.
  std::optional<int64_t> activationGroup;
};

struct QuantizeRule {
  std::optional<llvm::GlobPattern> pattern; ///< none: all products
  WeightType type;
  WeightType head, embedding; ///< of the rule without a pattern
};

struct QuantizeSpec {
  std::vector<QuantizeRule> rules; ///< one without a pattern is the first

  /// What a product becomes; `names` are those that patterns are matched with.
  WeightType typeOf(llvm::ArrayRef<std::string> names, bool isHead) const;
  /// Whether a rule asks for gptq, and for balanced channels: statistics of
  /// activations are needed.
  bool feedsErrors() const;
  bool balances() const;
  /// What a table becomes that no product reads as well.
  WeightType embedding(llvm::ArrayRef<std::string> names) const;
};

/// An error says in one line what is wrong and what there is.
llvm::Expected<QuantizeSpec> parseQuantizeSpec(llvm::StringRef text);

} // namespace llmc::quantize
