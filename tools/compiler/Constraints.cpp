// SPDX-License-Identifier: Apache-2.0
#include "tools/compiler/Constraints.h"

#include "frontend/package/Json.h"
#include "runtime/grammar/StoredConstraint.h"
#include "tools/compiler/CompileError.h"

#include <algorithm>
#include <fmt/format.h>

namespace llmc::compiler {

using grammar::ConstraintKind;

/// NAME=FILE
static NamedText split(const std::string &given, const char *option) {
  size_t equals = given.find('=');
  NamedText named = {given.substr(0, equals), ""};
  if (equals != std::string::npos)
    named.second = given.substr(equals + 1);
  if (named.second.empty() || !grammar::isConstraintName(named.first))
    fail(Code::BadInput,
         fmt::format("'{}' is not NAME=FILE, with a name of letters, digits, "
                     "'.', '_' and '-'",
                     given),
         option);
  return named;
}

std::vector<NamedText> readConstraints(const Options &options,
                                       const std::string &tokenizer) {
  std::vector<NamedText> stored;
  if (options.jsonSchemas.empty() && options.grammars.empty())
    return stored;
  const char *schema = "--json-schema", *grammar = "--grammar";
  if (tokenizer.empty())
    fail(Code::BadInput, "the model has no tokenizer.json to spell texts with",
         options.grammars.empty() ? schema : grammar);
  auto loaded = text::Tokenizer::load(loadText(tokenizer));
  if (!loaded)
    check(loaded.takeStatus().inFile(tokenizer));
  auto tokens = grammar::tokenTexts(**loaded);
  if (!tokens)
    check(tokens.takeStatus().inFile(tokenizer));
  auto add = [&](const std::vector<std::string> &list, ConstraintKind kind,
                 const char *option) {
    for (const std::string &given : list) {
      auto [name, path] = split(given, option);
      std::string file = grammar::constraintFile(name);
      if (std::any_of(stored.begin(), stored.end(),
                      [&](const NamedText &s) { return s.first == file; }))
        fail(Code::BadInput, fmt::format("'{}' is given twice", name), option);
      auto made = grammar::storeConstraint({kind, loadText(path)}, *tokens);
      if (!made)
        check(made.takeStatus().inFile(path));
      stored.emplace_back(file, std::move(*made));
    }
  };
  add(options.jsonSchemas, ConstraintKind::JsonSchema, schema);
  add(options.grammars, ConstraintKind::Grammar, grammar);
  return stored;
}

} // namespace llmc::compiler
