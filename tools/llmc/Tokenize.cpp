// SPDX-License-Identifier: Apache-2.0
// `llmc tokenize`: ids, offsets and the decoded text of a text or of each line
// of a file, one JSON object per line.
#include "runtime/core/File.h"
#include "runtime/model/Artifact.h"
#include "runtime/text/Tokenizer.h"
#include "tools/llmc/Verbs.h"
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>

namespace llmc::cli {

namespace {

struct TokenizeOptions {
  std::string path;
  std::string text;
  std::string file;
  bool hasText = false;
  bool noSpecial = false;
};

std::string_view asText(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

using TokenizerResult = Result<std::shared_ptr<const text::Tokenizer>>;

TokenizerResult loadBytes(std::span<const std::byte> bytes,
                          const std::string &file) {
  TokenizerResult loaded = text::Tokenizer::load(asText(bytes));
  if (!loaded)
    return std::move(loaded.takeStatus()).inFile(file);
  return loaded;
}

/// From a folder with a tokenizer.json, or out of an artifact.
TokenizerResult openTokenizer(const std::string &path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    std::string file = path + "/tokenizer.json";
    if (!std::filesystem::exists(file, ignored))
      return Error{.code = Code::BadInput,
                   .what = "tokenizer.json not found in this folder",
                   .file = path};
    Result<std::unique_ptr<MappedFile>> mapped = MappedFile::open(file);
    if (!mapped)
      return mapped.takeStatus();
    return loadBytes((*mapped)->bytes(), file);
  }
  Result<std::shared_ptr<const Artifact>> artifact = Artifact::open(path);
  if (!artifact)
    return artifact.takeStatus();
  std::optional<Artifact::Bytes> bytes = (*artifact)->file("tokenizer.json");
  if (!bytes)
    return Error{.code = Code::BadInput,
                 .what = "no tokenizer.json in this artifact",
                 .file = path};
  return loadBytes(*bytes, path);
}

/// Appends one line of output.
Status tokenizeLine(const text::Tokenizer &tokenizer, std::string_view line,
                    bool addSpecial, fmt::memory_buffer &out) {
  Result<text::Encoding> encoding = tokenizer.encode(line, addSpecial);
  if (!encoding)
    return encoding.takeStatus();
  Result<std::string> decoded = tokenizer.decode(encoding->ids);
  if (!decoded)
    return decoded.takeStatus();
  auto to = fmt::appender(out);
  fmt::format_to(to, "{{\"ids\": [{}], \"offsets\": [",
                 fmt::join(encoding->ids, ", "));
  for (size_t i = 0; i < encoding->size(); ++i)
    fmt::format_to(to, "{}[{}, {}]", i ? ", " : "", encoding->offsets[i].begin,
                   encoding->offsets[i].end);
  fmt::format_to(to, "], \"decoded\": {}}}\n", nlohmann::json(*decoded).dump());
  return Status();
}

Status tokenizeFile(const text::Tokenizer &tokenizer,
                    const TokenizeOptions &options) {
  Result<std::unique_ptr<MappedFile>> mapped = MappedFile::open(options.file);
  if (!mapped)
    return mapped.takeStatus();
  std::string_view rest = asText((*mapped)->bytes());
  fmt::memory_buffer out;
  // A file with N line ends has N + 1 lines.
  for (bool last = false; !last;) {
    size_t end = rest.find('\n');
    last = end == rest.npos;
    if (Status s = tokenizeLine(tokenizer, rest.substr(0, end),
                                !options.noSpecial, out);
        !s)
      return std::move(s).inFile(options.file);
    rest.remove_prefix(last ? rest.size() : end + 1);
    constexpr size_t chunk = 1 << 20;
    if (out.size() < chunk && !last)
      continue;
    if (std::fwrite(out.data(), 1, out.size(), stdout) != out.size())
      return Status(Code::Resource, "cannot write the output");
    out.clear();
  }
  return Status();
}

Status tokenize(const TokenizeOptions &options) {
  TokenizerResult tokenizer = openTokenizer(options.path);
  if (!tokenizer)
    return tokenizer.takeStatus();
  if (!options.hasText)
    return tokenizeFile(**tokenizer, options);
  fmt::memory_buffer out;
  if (Status s =
          tokenizeLine(**tokenizer, options.text, !options.noSpecial, out);
      !s)
    return std::move(s).inFile(options.path);
  std::fwrite(out.data(), 1, out.size(), stdout);
  return Status();
}

} // namespace

void addTokenize(CLI::App &app, Shell &shell) {
  CLI::App *verb =
      addVerb(app, shell, "tokenize",
              "Show the tokens of a text, one JSON object per line");
  auto options = std::make_shared<TokenizeOptions>();
  verb->add_option("path", options->path,
                   "A folder with a tokenizer.json, or an artifact")
      ->required();
  auto *source = verb->add_option_group("text")->require_option(1);
  CLI::Option *text =
      source->add_option("--text", options->text, "The text itself");
  source->add_option("--file", options->file,
                     "A file, each line a text of its own");
  verb->add_flag("--no-special", options->noSpecial,
                 "Leave out the special tokens that surround a text");
  verb->callback([options, text, &shell] {
    options->hasText = text->count() > 0;
    shell.action = [options] { return tokenize(*options); };
  });
}

} // namespace llmc::cli
