// SPDX-License-Identifier: Apache-2.0
#include "runtime/text/Models.h"

namespace llmc::text {

/// Old files have no type; which fields there are tells it.
static std::string inferType(const nlohmann::json &model,
                             const VocabularyData &data) {
  if (data.hasVocabulary && data.hasMerges)
    return "BPE";
  if (data.isList)
    return "Unigram";
  if (model.contains("continuing_subword_prefix") &&
      model.contains("max_input_chars_per_word"))
    return "WordPiece";
  return model.contains("unk_token") ? "WordLevel" : "";
}

ModelResult loadModel(const nlohmann::json &json, VocabularyData data) {
  if (!json.is_object())
    return badTokenizer("model", "not an object");
  FieldReader fields(json, "model");
  std::string type =
      fields.find("type") ? fields.string("type") : inferType(json, data);
  if (!fields.ok())
    return fields.takeStatus();
  if (type == "BPE")
    return loadBpe(fields, std::move(data));
  if (type == "WordPiece")
    return loadWordPiece(fields, std::move(data));
  if (type == "WordLevel")
    return loadWordLevel(fields, std::move(data));
  if (type == "Unigram")
    return loadUnigram(fields, std::move(data));
  if (type.empty())
    return badTokenizer("model", "type is missing and cannot be inferred");
  return badTokenizer("model", "unknown model '" + type + "'");
}

} // namespace llmc::text
