// SPDX-License-Identifier: Apache-2.0
#include "frontend/package/Embedding.h"

#include "frontend/InputError.h"
#include "frontend/package/Json.h"

#include <filesystem>
#include <fmt/format.h>

namespace llmc {

namespace {

struct Mode {
  const char *key;  // a flag of older files
  const char *name; // of newer ones
  const char *pooling;
};

constexpr Mode modes[] = {
    {"pooling_mode_mean_tokens", "mean", "mean"},
    {"pooling_mode_cls_token", "cls", "first"},
    {"pooling_mode_lasttoken", "lasttoken", "last"},
    {"pooling_mode_max_tokens", "max", "max"},
    {"pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens", nullptr},
    {"pooling_mode_weightedmean_tokens", "weightedmean", nullptr},
};

/// The one pooling that the file asks for; empty, with a warning, where it asks
/// for one that llmc lacks or for several side by side.
std::string poolingOf(const std::string &path, Remarks &remarks) {
  nlohmann::json json = loadJson(path);
  JsonObject root(json, path);
  std::vector<const Mode *> wanted;
  const nlohmann::json *named = root.find("pooling_mode");
  for (const Mode &mode : modes)
    if (named ? *named == mode.name : root.boolean(mode.key).value_or(false))
      wanted.push_back(&mode);
  if (wanted.size() == 1 && wanted[0]->pooling)
    return wanted[0]->pooling;
  remarks.warning(path, "asks for a pooling that is not supported; embeddings "
                        "are the mean unless --pooling says otherwise");
  return "";
}

} // namespace

void loadEmbedding(const std::string &folder, EmbeddingSettings &embedding,
                   Remarks &remarks) {
  std::string path = folder + "/modules.json";
  std::error_code code;
  if (!std::filesystem::exists(path, code))
    return;
  nlohmann::json json = loadJson(path);
  if (!json.is_array())
    throw InputError("", "a list of modules is expected").inFile(path);
  for (size_t i = 0; i < json.size(); ++i) {
    if (!json[i].is_object())
      throw InputError("", "a module is not an object").inFile(path);
    JsonObject module(json[i], path, fmt::format("[{}].", i));
    std::string type = module.string("type").value_or("");
    type.erase(0, type.find_last_of('.') + 1);
    std::string where = module.string("path").value_or("");
    // The name is the file's and must not lead out of the folder.
    if (where.find('/') != where.npos || where == ".." ||
        where.find('\0') != where.npos)
      module.fail("path", "the name of a folder is expected");
    if (type == "Pooling")
      embedding.pooling =
          poolingOf(folder + "/" + where + "/config.json", remarks);
    else if (type == "Normalize")
      embedding.normalize = true;
    else if (type != "Transformer")
      remarks.warning(path, fmt::format("the step '{}' is not supported and "
                                        "left out of embeddings",
                                        type));
  }
}

} // namespace llmc
