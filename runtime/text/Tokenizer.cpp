// SPDX-License-Identifier: Apache-2.0
#include "runtime/text/Tokenizer.h"
#include "runtime/text/TokenizerImpl.h"

namespace llmc::text {

using nlohmann::json;

/// Calls `load` on a component that is there and not null.
template <typename List>
static Status loadComponent(const json &root, const char *name, List &out,
                            Status (*load)(const json &, const std::string &,
                                           List &)) {
  auto it = root.find(name);
  if (it == root.end() || it->is_null())
    return Status();
  return load(*it, name, out);
}

Status Tokenizer::Impl::load(std::string_view bytes) {
  Result<TokenizerFile> file = readTokenizerFile(bytes);
  if (!file)
    return file.takeStatus();
  const json &root = file->root;
  if (root.contains("version") && root["version"] != "1.0")
    return badTokenizer("version", "unknown version " + root["version"].dump());
  if (Status s = loadComponent(root, "normalizer", normalizers, loadNormalizer);
      !s)
    return s;
  if (Status s =
          loadComponent(root, "pre_tokenizer", preTokenizers, loadPreTokenizer);
      !s)
    return s;
  if (Status s = loadComponent(root, "post_processor", postProcessors,
                               loadPostProcessor);
      !s)
    return s;
  if (Status s = loadComponent(root, "decoder", decoders, loadDecoder); !s)
    return s;
  if (!root.contains("model"))
    return badTokenizer("model", "missing");
  ModelResult loaded = loadModel(root["model"], std::move(file->vocabulary));
  if (!loaded)
    return loaded.takeStatus();
  model = std::move(*loaded);
  if (Status s = added.load(root, *model, normalizers); !s)
    return s;
  if (!preTokenizers.empty() && preTokenizers.back()->isByteAlphabet() &&
      model->readBytes())
    preTokenizers.pop_back();
  Result<Truncation> cut = loadTruncation(root);
  if (!cut)
    return cut.takeStatus();
  truncation = *cut;
  Result<Padding> fill = loadPadding(root);
  if (!fill)
    return fill.takeStatus();
  padding = *fill;
  for (const auto &step : postProcessors)
    needsBlanks |= step->needsBlanks();
  return Status();
}

Result<std::shared_ptr<const Tokenizer>>
Tokenizer::load(std::string_view bytes) {
  auto impl = std::make_unique<Impl>();
  if (Status s = impl->load(bytes); !s)
    return s;
  return std::shared_ptr<const Tokenizer>(new Tokenizer(std::move(impl)));
}

Tokenizer::Tokenizer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Tokenizer::~Tokenizer() = default;

Result<Encoding> Tokenizer::encode(std::string_view text,
                                   bool addSpecial) const {
  return impl_->encode({&text, 1}, addSpecial, Impl::Output::Encoding);
}

Result<Encoding> Tokenizer::encodePair(std::string_view first,
                                       std::string_view second,
                                       bool addSpecial) const {
  std::string_view texts[] = {first, second};
  return impl_->encode(texts, addSpecial, Impl::Output::Encoding);
}

Result<Encoding> Tokenizer::encodeWholePair(std::string_view first,
                                            std::string_view second) const {
  std::string_view texts[] = {first, second};
  return impl_->encode(texts, true, Impl::Output::Whole);
}

Result<Encoding> Tokenizer::encodeWholeText(std::string_view text) const {
  return impl_->encode({&text, 1}, true, Impl::Output::Whole);
}

Result<std::vector<uint32_t>> Tokenizer::encodeIds(std::string_view text,
                                                   bool addSpecial) const {
  auto e = impl_->encode({&text, 1}, addSpecial, Impl::Output::Ids);
  if (!e)
    return e.takeStatus();
  return std::move(e->ids);
}

Result<std::vector<uint32_t>> Tokenizer::encodeWhole(std::string_view text,
                                                     bool addSpecial) const {
  auto e = impl_->encode({&text, 1}, addSpecial, Impl::Output::WholeIds);
  if (!e)
    return e.takeStatus();
  return std::move(e->ids);
}

std::optional<uint32_t> Tokenizer::idOf(std::string_view token) const {
  if (const AddedToken *added = impl_->added.byContent(token))
    return added->id;
  uint32_t id = impl_->model->vocabulary().id(token);
  return id == noId ? std::nullopt : std::optional<uint32_t>(id);
}

std::optional<std::string_view> Tokenizer::Impl::tokenOf(uint32_t id) const {
  if (const AddedToken *token = added.byId(id))
    return token->shown;
  bool known = false;
  std::string_view piece = model->vocabulary().piece(id, known);
  return known ? std::optional<std::string_view>(piece) : std::nullopt;
}

std::optional<std::string_view> Tokenizer::tokenOf(uint32_t id) const {
  return impl_->tokenOf(id);
}

bool Tokenizer::isSpecial(uint32_t id) const {
  std::optional<std::string_view> token = impl_->tokenOf(id);
  return token && impl_->added.isSpecial(*token);
}

bool Tokenizer::marksContinuations() const {
  return impl_->model->marksContinuations();
}

uint32_t Tokenizer::idLimit() const {
  const Vocabulary &v = impl_->model->vocabulary();
  uint32_t limit = v.size() ? v.largestId() + 1 : 0;
  for (const AddedToken &token : impl_->added.all())
    limit = std::max(limit, token.id + 1);
  return limit;
}

size_t Tokenizer::size() const {
  size_t count = impl_->model->vocabulary().size();
  for (const AddedToken &token : impl_->added.all())
    count += impl_->model->vocabulary().id(token.content) == noId;
  return count;
}

struct StreamDecoder::State {
  const Tokenizer::Impl &tokenizer;
  bool skipSpecial;
  DecodeChain chain;

  State(const Tokenizer::Impl &tokenizer, bool skipSpecial)
      : tokenizer(tokenizer), skipSpecial(skipSpecial),
        chain(tokenizer.decoders, tokenizer.decoders.empty()) {}

  void push(uint32_t id) {
    std::optional<std::string_view> token = tokenizer.tokenOf(id);
    if (token && !(skipSpecial && tokenizer.added.isSpecial(*token)))
      chain.token(*token);
  }
  Result<std::string> take() {
    if (Status s = chain.takeFailure(); !s)
      return s;
    std::string text;
    text.swap(chain.output());
    return text;
  }
};

Result<std::string> Tokenizer::decode(std::span<const uint32_t> ids,
                                      bool skipSpecial) const {
  StreamDecoder::State state(*impl_, skipSpecial);
  for (uint32_t id : ids)
    state.push(id);
  state.chain.finish();
  return state.take();
}

StreamDecoder Tokenizer::stream(bool skipSpecial) const {
  return StreamDecoder(
      std::make_unique<StreamDecoder::State>(*impl_, skipSpecial));
}

StreamDecoder::StreamDecoder(std::unique_ptr<State> state)
    : state_(std::move(state)) {}
StreamDecoder::StreamDecoder(StreamDecoder &&) noexcept = default;
StreamDecoder &StreamDecoder::operator=(StreamDecoder &&) noexcept = default;
StreamDecoder::~StreamDecoder() = default;

Result<std::string> StreamDecoder::push(uint32_t id) {
  state_->push(id);
  return state_->take();
}

Result<std::string> StreamDecoder::finish() {
  state_->chain.finish();
  return state_->take();
}

} // namespace llmc::text
