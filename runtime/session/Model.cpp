// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/Model.h"
#include <fmt/format.h>

namespace llmc {

Result<std::shared_ptr<const Model>> Model::open(const std::string &path,
                                                 const ModelOptions &options) {
  if (options.threads < 0 || options.threads > 1024)
    return Status(
        Code::BadInput,
        fmt::format("{} threads: must be between 1 and 1024", options.threads));
  auto artifact = Artifact::open(path);
  if (!artifact)
    return artifact.takeStatus();
  if (options.checkWeights)
    if (Status status = (*artifact)->checkWeights(); !status)
      return status;
  auto chosen = chooseCode((*artifact)->manifest(), options.isa);
  if (!chosen)
    return chosen.takeStatus().inFile(path);
  auto code = CodeObject::load(**artifact, **chosen);
  if (!code)
    return code.takeStatus();
  std::shared_ptr<Model> model(new Model);
  model->artifact_ = std::move(*artifact);
  model->code_ = std::move(*code);
  model->pool_ = std::make_unique<ThreadPool>(
      options.threads ? options.threads : defaultThreads());
  return std::shared_ptr<const Model>(std::move(model));
}

EntryRef Model::find(std::string_view modelName,
                     std::string_view entryName) const {
  size_t index = 0;
  for (const ModelInfo &model : manifest().models)
    for (const EntryInfo &entry : model.entries) {
      if (entry.name == entryName &&
          (modelName.empty() || model.name == modelName))
        return {&model, &entry, code_->entry(index)};
      ++index;
    }
  return {};
}

bool Model::hasEntry(std::string_view model, std::string_view entry) const {
  return find(model, entry).info;
}

Result<EntryRef> Model::entry(std::string_view model,
                              std::string_view entry) const {
  if (EntryRef found = find(model, entry); found.info)
    return found;
  std::string names;
  for (const ModelInfo &info : manifest().models)
    for (const EntryInfo &candidate : info.entries)
      names += fmt::format("{}{}/{}", names.empty() ? "" : ", ", info.name,
                           candidate.name);
  return Error{.code = Code::BadInput,
               .what = model.empty()
                           ? fmt::format("has no entry '{}'", entry)
                           : fmt::format("has no entry '{}' of a model '{}'",
                                         entry, model),
               .file = artifact_->path(),
               .hint = fmt::format("it has {}", names)};
}

} // namespace llmc
