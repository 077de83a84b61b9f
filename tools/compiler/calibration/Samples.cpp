// SPDX-License-Identifier: Apache-2.0
#include "tools/compiler/calibration/Samples.h"

#include "frontend/package/Json.h"
#include "runtime/session/Feed.h"
#include "runtime/text/TextFile.h"
#include "tools/compiler/CompileError.h"
#include "tools/llmc/RawRun.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace llmc::compiler {

namespace fs = std::filesystem;

void Sample::check(Status status) const {
  compiler::check(std::move(status).inFile(file));
}

LlmcTensor Sample::view(size_t input) {
  HostTensor &tensor = inputs[input];
  auto view = cli::viewOf(tensor, tensor.name);
  if (!view)
    check(view.takeStatus());
  return *view;
}

std::vector<LlmcTensor> Sample::views() {
  std::vector<LlmcTensor> all;
  for (size_t i = 0; i < inputs.size(); ++i)
    all.push_back(view(i));
  return all;
}

size_t SampleSource::longest(size_t tokens) const {
  int64_t context = package.facts.contextLength.value_or(0);
  return context > 0 ? std::min(tokens, static_cast<size_t>(context)) : tokens;
}

static bool hasTensors(const std::string &path) {
  return fs::is_directory(path) || path.ends_with(".npz");
}

static std::vector<Sample> loadTensors(const SampleSource &source,
                                       const std::string &path) {
  std::vector<std::string> files;
  if (fs::is_directory(path))
    for (const fs::directory_entry &entry : fs::directory_iterator(path))
      if (entry.path().extension() == ".npz")
        files.push_back(entry.path());
  if (files.empty()) // a folder of arrays is one sample
    files.push_back(path);
  std::sort(files.begin(), files.end());
  std::vector<ValueSlot> slots = cli::slotsOf(source.raw.inputs);
  std::vector<Sample> samples;
  for (const std::string &file : files) {
    Sample &sample = samples.emplace_back();
    sample.file = file;
    for (HostValue &value : loadInputs(file, slots))
      sample.inputs.push_back(std::move(value.tensors.front()));
  }
  return samples;
}

/// `count` of `of`, spread evenly.
static std::vector<size_t> spread(size_t count, size_t of) {
  std::vector<size_t> chosen;
  count = std::min(count, of);
  for (size_t i = 0; i < count; ++i)
    chosen.push_back(i * of / count);
  return chosen;
}

namespace {
class TextCutter {
public:
  TextCutter(const SampleSource &source, const CalibrationOptions &options)
      : source(source), options(options) {
    if (source.package.tokenizer.empty())
      fail(Code::BadInput,
           "the model has no tokenizer.json to read a text with; give its "
           "inputs as an .npz file",
           "--calibrate");
    auto loaded = text::Tokenizer::load(loadText(source.package.tokenizer));
    if (!loaded)
      check(loaded.takeStatus().inFile(source.package.tokenizer));
    tokenizer = *loaded;
  }

  std::vector<Tokens> run() const {
    text::TextFile file = valueOf(text::TextFile::open(options.file));
    return source.isCausal ? pieces(file.text()) : lines(file.text());
  }

private:
  [[noreturn]] void refuse(std::string what) const {
    throw CompileError{Error{
        .code = Code::BadInput, .what = std::move(what), .file = options.file}};
  }

  std::vector<Tokens> pieces(std::string_view text) const {
    auto ids = valueOf(tokenizer->encodeWhole(text, /*addSpecial=*/true));
    // Every piece begins as the text does, where that is with a mark.
    Tokens mark;
    std::optional<int64_t> bos = source.package.generation.bosId;
    if (bos && !ids.empty() && ids.front() == *bos)
      mark = {*bos};
    size_t room = source.longest(options.tokens), size = ids.size();
    room = std::max<size_t>(room, mark.size() + 1) - mark.size();
    auto begin = ids.begin() + static_cast<ptrdiff_t>(mark.size());
    size -= mark.size();
    if (size < 2)
      refuse(fmt::format("the text is too short to calibrate with: {} token{}",
                         size, size == 1 ? "" : "s"));
    size_t count = std::max<size_t>(size / room, 1); // the rest is left out
    std::vector<Tokens> texts;
    for (size_t i : spread(options.samples, count)) {
      Tokens &piece = texts.emplace_back(mark);
      piece.insert(piece.end(), begin + static_cast<ptrdiff_t>(i * room),
                   begin +
                       static_cast<ptrdiff_t>(std::min((i + 1) * room, size)));
    }
    return texts;
  }

  std::vector<Tokens> lines(std::string_view text) const {
    std::vector<std::string_view> all;
    for (size_t at = 0; at < text.size();) {
      size_t end = std::min(text.find('\n', at), text.size());
      if (std::string_view line = text.substr(at, end - at);
          line.find_first_not_of(" \t\r") != line.npos)
        all.push_back(line);
      at = end + 1;
    }
    std::vector<Tokens> texts;
    if (all.empty())
      refuse("the text has no lines to calibrate with");
    for (size_t i : spread(options.samples, all.size())) {
      auto ids = valueOf(tokenizer->encodeIds(all[i], /*addSpecial=*/true));
      ids.resize(std::min(ids.size(), source.longest(options.tokens)));
      if (!ids.empty())
        texts.emplace_back(ids.begin(), ids.end());
    }
    return texts;
  }

  const SampleSource &source;
  const CalibrationOptions &options;
  std::shared_ptr<const text::Tokenizer> tokenizer;
};
} // namespace

SampleSet loadSamples(const SampleSource &source,
                      const CalibrationOptions &options) {
  if (hasTensors(options.file))
    return {loadTensors(source, options.file)};
  return samplesOf(source, TextCutter(source, options).run());
}

static Sample sampleOf(const SampleSource &source, const Tokens &tokens) {
  Feed feed;
  check(feed.prepare(source.raw, static_cast<int64_t>(tokens.size()),
                     source.caches));
  check(feed.fill(tokens, 0));
  Sample sample;
  for (const LlmcTensor &tensor : feed.tensors())
    sample.inputs.push_back(cli::copyOf(tensor));
  return sample;
}

SampleSet samplesOf(const SampleSource &source, std::vector<Tokens> texts) {
  SampleSet set;
  for (const Tokens &text : texts)
    set.samples.push_back(sampleOf(source, text));
  set.texts = std::move(texts);
  return set;
}

std::span<const int64_t> SampleSet::text(size_t sample) const {
  return texts.empty() ? std::span<const int64_t>() : texts[sample];
}

size_t SampleSet::tokens() const {
  size_t count = 0;
  for (const Tokens &text : texts)
    count += text.size();
  return count;
}

} // namespace llmc::compiler
