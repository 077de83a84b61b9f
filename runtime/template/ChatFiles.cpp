// SPDX-License-Identifier: Apache-2.0
// From the files of a tokenizer to its templates and special tokens.
#include "runtime/core/File.h"
#include "runtime/template/ChatTemplate.h"
#include "runtime/template/Failure.h"
#include "runtime/template/Json.h"
#include "runtime/template/Print.h"
#include <algorithm>
#include <filesystem>

namespace llmc {

namespace fs = std::filesystem;
using jinja::Kind;
using jinja::Value;

const std::vector<std::string> chatFileNames = {
    "chat_template.jinja", "chat_template.json", "tokenizer_config.json",
    "special_tokens_map.json"};

static Status readInto(ChatFiles &files, const std::string &folder,
                       const std::string &name) {
  Result<std::unique_ptr<MappedFile>> mapped =
      MappedFile::open(folder + "/" + name);
  if (!mapped)
    return mapped.takeStatus();
  auto bytes = (*mapped)->bytes();
  if (bytes.size() > jinja::limits::jsonBytes)
    return Error{.code = Code::BadInput,
                 .what = fmt::format("{} bytes, more than {}", bytes.size(),
                                     jinja::limits::jsonBytes),
                 .file = folder + "/" + name};
  files[name].assign(reinterpret_cast<const char *>(bytes.data()),
                     bytes.size());
  return Status();
}

Result<ChatFiles> readChatFiles(const std::string &folder) {
  constexpr size_t maxTemplates = 100;
  std::error_code code;
  if (!fs::is_directory(folder, code))
    return Error{
        .code = Code::BadInput, .what = "not a folder", .file = folder};
  std::vector<std::string> names;
  for (const std::string &name : chatFileNames)
    if (fs::exists(folder + "/" + name, code))
      names.push_back(name);
  std::string beside(additionalTemplates);
  for (fs::directory_iterator at(folder + "/" + beside, code), end;
       !code && at != end; at.increment(code)) {
    if (at->path().extension() == ".jinja")
      names.push_back(beside + at->path().filename().string());
    if (names.size() > maxTemplates)
      return Error{.code = Code::BadInput,
                   .what = fmt::format("more than {} templates", maxTemplates),
                   .file = folder + "/" + beside};
  }
  ChatFiles files;
  for (const std::string &name : names)
    if (Status status = readInto(files, folder, name); !status)
      return status;
  return files;
}

/// Reads the files; what is wrong with one leaves as a Failure, and file() and
/// where() say where it was.
class ChatLoader {
public:
  ChatLoader(const ChatFiles &files, ChatTemplates &out)
      : files_(files), out_(out) {}

  void run() {
    Value config = object("tokenizer_config.json");
    Value map = object("special_tokens_map.json");
    addTemplates(config);
    addTokens(map, config);
  }
  const std::string &file() const { return file_; }
  const std::string &where() const { return where_; }

private:
  /// The JSON object in a file; missing where there is no such file.
  Value object(const std::string &name) {
    file_ = name;
    auto found = files_.find(name);
    if (found == files_.end())
      return Value();
    // Of texts without a limit, files say that it is 10^30; templates don't see
    // such members.
    Value out =
        jinja::parseJson(heap_, found->second, jinja::BigIntegers::Rounded);
    if (!out.is(Kind::Dict))
      jinja::fail("not a JSON object");
    return out;
  }

  /// A member that is there and not null.
  const Value *member(const Value &object, std::string_view key) {
    if (!object.is(Kind::Dict))
      return nullptr;
    const Value *found =
        jinja::findEntry(heap_, object.as<jinja::DictObject>(), key);
    return found && !found->isNone() ? found : nullptr;
  }

  void addTemplates(const Value &config) {
    if (auto found = files_.find("chat_template.jinja"); found != files_.end())
      out_.add("default", found->first, "", found->second);
    for (const auto &[name, source] : files_)
      if (name.starts_with(additionalTemplates))
        out_.add(fs::path(name).stem().string(), name, "", source);
    for (const char *name : {"chat_template.json", "tokenizer_config.json"}) {
      if (!out_.templates_.empty())
        return;
      Value json = name == std::string_view("tokenizer_config.json")
                       ? config
                       : object(name);
      file_ = name;
      if (const Value *value = member(json, "chat_template"))
        addFrom(*value);
    }
  }

  void addFrom(const Value &value) {
    where_ = "chat_template";
    if (value.isText())
      return out_.add("default", file_, where_, value.text());
    if (!value.is(Kind::List))
      jinja::fail("a text or a list of named templates is expected, not {}",
                  jinja::typeName(value));
    for (const Value &item : value.as<jinja::SequenceObject>().items) {
      const Value *name = member(item, "name"),
                  *text = member(item, "template");
      if (!name || !name->isText() || !text || !text->isText())
        jinja::fail("a named template lacks its name or its text");
      out_.add(std::string(name->text()), file_,
               fmt::format("chat_template {}", jinja::quoted(name->text())),
               text->text());
    }
    if (out_.templates_.empty())
      jinja::fail("the list of templates is empty");
  }

  /// A token is a text, or an object that has it as its content.
  Value token(const Value &value) {
    const Value *text = value.isText() ? &value : member(value, "content");
    if (!text || !text->isText())
      jinja::fail("a token is expected, not {}", jinja::typeName(value));
    return *text;
  }

  Value tokens(const Value &value) {
    std::vector<Value> out;
    if (!value.is(Kind::List))
      jinja::fail("a list of tokens is expected, not {}",
                  jinja::typeName(value));
    for (const Value &item : value.as<jinja::SequenceObject>().items)
      out.push_back(token(item));
    return heap_.list(std::move(out));
  }

  void addTokens(const Value &map, const Value &config) {
    jinja::DictBuilder out(heap_);
    for (const char *name :
         {"bos_token", "eos_token", "unk_token", "sep_token", "pad_token",
          "cls_token", "mask_token", "additional_special_tokens"})
      addToken(out, map, config, name);
    // Names of a model's own, such as image_token.
    file_ = "tokenizer_config.json";
    where_ = "extra_special_tokens";
    const Value *extra = member(config, where_);
    if (extra && extra->is(Kind::Dict))
      for (const auto &[name, value] : extra->as<jinja::DictObject>().entries)
        if (!value.isNone())
          out.set(name, token(value));
    jinja::TextBuilder text(heap_);
    jinja::printJson(text, heap_, out.finish(), {});
    out_.specialTokens_ = text.take();
  }

  /// The configuration goes before the map, also where it says null.
  void addToken(jinja::DictBuilder &out, const Value &map, const Value &config,
                const char *name) {
    where_ = name;
    bool isConfigured =
        config.is(Kind::Dict) &&
        jinja::findEntry(heap_, config.as<jinja::DictObject>(), where_);
    file_ = isConfigured ? "tokenizer_config.json" : "special_tokens_map.json";
    if (const Value *value = member(isConfigured ? config : map, where_))
      out.set(heap_.text(where_), where_ == "additional_special_tokens"
                                      ? tokens(*value)
                                      : token(*value));
  }

  const ChatFiles &files_;
  ChatTemplates &out_;
  jinja::Heap heap_;
  std::string file_, where_;
};

Result<std::shared_ptr<const ChatTemplates>>
ChatTemplates::load(const ChatFiles &files, const std::string &folder) {
  std::shared_ptr<ChatTemplates> out(new ChatTemplates);
  out->folder_ = folder;
  ChatLoader loader(files, *out);
  try {
    loader.run();
  } catch (const jinja::Failure &failure) {
    return Error{.code = failure.code,
                 .what = failure.what,
                 .file = folder + "/" + loader.file(),
                 .where = loader.where()};
  }
  return std::shared_ptr<const ChatTemplates>(std::move(out));
}

} // namespace llmc
