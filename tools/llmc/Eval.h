// SPDX-License-Identifier: Apache-2.0
// The three forms of `llmc eval`: a decoder on a text (EvalText.cpp),
// embeddings of pairs of texts (EvalPairs.cpp), classes of texts
// (EvalLabels.cpp). What they share: options, the two artifacts, and how
// results are shown (Eval.cpp).
#ifndef LLMC_TOOLS_LLMC_EVAL_H
#define LLMC_TOOLS_LLMC_EVAL_H

#include "runtime/eval/TextEvaluation.h"
#include "tools/llmc/Budget.h"
#include "tools/llmc/LayerErrors.h"
#include "tools/llmc/ModelOptions.h"
#include "tools/llmc/TextEncoder.h"
#include <optional>
#include <string>

namespace llmc::cli {

struct EvalOptions {
  std::string artifact;
  std::string baseline; // empty: none
  ModelFlags flags;

  std::string text, pairs, labels; // one of them
  bool special = true;          // tokens around --text, as the tokenizer says
  std::optional<size_t> window; // tokens; else the default, or the context
  size_t stride = 0;            // tokens; 0: the window
  size_t windows = 0;           // at most; 0: all
  size_t worst = 10;
  bool layers = false;
  std::string budget;
};

/// The artifacts of an evaluation, and its budgets.
struct Evaluated {
  std::shared_ptr<const Model> model;
  std::shared_ptr<const Model> baseline; // may be null
  std::optional<LayerErrors> layers;     // where they are asked for
  std::vector<Budget> budgets;
  std::vector<Measured> measured; // what they are checked with
};

Status evalText(const EvalOptions &options, Evaluated &evaluated, Shell &shell);
Status evalPairs(const EvalOptions &options, Evaluated &evaluated,
                 Shell &shell);
Status evalLabels(const EvalOptions &options, Evaluated &evaluated,
                  Shell &shell);

/// Adds a text to the layers' errors, where they are asked for.
Status addToLayers(Evaluated &evaluated, std::span<const int64_t> tokens);
Status addToLayers(Evaluated &evaluated, const TextEncoder &encoder,
                   std::string_view text);

/// A number of the artifact and, where there is one, of the baseline.
struct Side {
  enum Kind { Number, Share, Bytes, Speed };
  std::string name; // in words; the document's key has _ for blanks
  Kind kind;
  double ours, baseline;
  const char *unit = "";         // of a speed: what is done in a second
  const char *measure = nullptr; // what --budget calls it
};

/// Prints the table of the artifact and the baseline with these rows and their
/// sizes, or adds it to the document; budgets know them.
void reportSides(const EvalOptions &options, Evaluated &evaluated,
                 std::vector<Side> sides, Shell &shell);

/// How far predictions are from the baseline's, below the table or in the
/// document; `unit` is what is predicted. Budgets know it.
void reportDivergence(Evaluated &evaluated, const eval::ScoreSums &sums,
                      const char *unit, Shell &shell);

/// A line below the table.
void printLine(const Shell &shell, const std::string &name,
               const std::string &text);

/// Text for a column: one line, at most `most` characters, the end of longer
/// ones.
std::string tailOf(const std::string &text, size_t most);

} // namespace llmc::cli

#endif
