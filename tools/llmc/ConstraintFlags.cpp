// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/ConstraintFlags.h"
#include "runtime/core/File.h"
#include "runtime/grammar/ConstraintSource.h"
#include "runtime/session/ArtifactConstraint.h"

namespace llmc::cli {

using grammar::ConstraintKind;

void addConstraintFlags(CLI::App *verb, ConstraintFlags &flags) {
  const std::string group = "The form of the text";
  CLI::Option *schema =
      verb->add_option("--json-schema", flags.jsonSchema,
                       "The text is JSON that this schema accepts: a file, or "
                       "the schema itself; '{}' is any JSON")
          ->type_name("FILE|TEXT")
          ->group(group);
  CLI::Option *grammar =
      verb->add_option(
              "--grammar", flags.grammar,
              "The text matches the rule root of this grammar in GBNF: a "
              "file, or the grammar itself, such as 'root ::= \"yes\" | "
              "\"no\"'")
          ->type_name("FILE|TEXT")
          ->excludes(schema)
          ->group(group);
  verb->add_option("--constraint", flags.stored,
                   "The text is of the form that the artifact holds under this "
                   "name: llmc compile --json-schema NAME=FILE")
      ->type_name("NAME")
      ->excludes(schema)
      ->excludes(grammar)
      ->group(group);
}

/// A schema begins with a brace, a grammar has a rule; no file is named so.
static bool isText(ConstraintKind kind, const std::string &given) {
  if (kind == ConstraintKind::Grammar)
    return given.find("::=") != std::string::npos;
  size_t first = given.find_first_not_of(" \t\r\n");
  return first != std::string::npos && given[first] == '{';
}

static Result<std::shared_ptr<grammar::Constraint>>
makeConstraint(const ConstraintFlags &flags,
               std::shared_ptr<const grammar::TokenTexts> tokens) {
  bool isSchema = flags.jsonSchema.has_value();
  grammar::ConstraintSource source = {
      isSchema ? ConstraintKind::JsonSchema : ConstraintKind::Grammar,
      isSchema ? *flags.jsonSchema : *flags.grammar};
  std::string name = isSchema ? "--json-schema" : "--grammar";
  if (!isText(source.kind, source.text)) {
    name = source.text;
    auto file = MappedFile::open(name);
    if (!file)
      return file.takeStatus();
    auto bytes = (*file)->bytes();
    source.text.assign(reinterpret_cast<const char *>(bytes.data()),
                       bytes.size());
  }
  auto constraint = grammar::makeConstraint(source, std::move(tokens));
  if (!constraint)
    return constraint.takeStatus().inFile(name);
  return constraint;
}

Result<GenerateOptions> constrained(GenerateOptions settings,
                                    const ConstraintFlags &flags,
                                    const Artifact &artifact,
                                    const text::Tokenizer &tokenizer) {
  if (!flags.jsonSchema && !flags.grammar && !flags.stored)
    return settings;
  auto tokens = grammar::tokenTexts(tokenizer);
  if (!tokens)
    return tokens.takeStatus();
  auto constraint =
      flags.stored
          ? loadArtifactConstraint(artifact, *flags.stored, std::move(*tokens))
          : makeConstraint(flags, std::move(*tokens));
  if (!constraint)
    return constraint.takeStatus();
  settings.constraint = std::move(*constraint);
  return settings;
}

} // namespace llmc::cli
