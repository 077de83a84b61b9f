// SPDX-License-Identifier: Apache-2.0
// Untrusted JSON files: bounded in size and depth, with errors that name the
// file, the line and the key.
#ifndef LLMC_FRONTEND_PACKAGE_JSON_H
#define LLMC_FRONTEND_PACKAGE_JSON_H

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace llmc {

/// At most 256 MB and 64 levels deep. Throws InputError.
nlohmann::json loadJson(const std::string &path);
/// The same of text in memory; path is for messages.
nlohmann::json parseJson(std::string_view text, const std::string &path);
/// A text file of at most 256 MB.
std::string loadText(const std::string &path);

/// One object of a JSON file, read key by key. A key that is absent or null
/// gives nothing; a wrong type or range throws InputError. Refers to the JSON
/// and the path.
class JsonObject {
public:
  /// prefix is the path of keys that leads here, for messages
  /// ("model.decoder.").
  JsonObject(const nlohmann::json &json, const std::string &path,
             std::string prefix = "");

  std::optional<std::string> string(const char *key) const;
  std::optional<bool> boolean(const char *key) const;
  std::optional<int64_t> integer(const char *key, int64_t least,
                                 int64_t most) const;
  std::optional<double> number(const char *key, double least,
                               double most) const;
  /// One integer, or a list of them.
  std::vector<int64_t> integers(const char *key, int64_t least,
                                int64_t most) const;
  /// An inner object; none if the key is absent.
  std::optional<JsonObject> object(const char *key) const;
  /// The first of several keys that is there.
  std::optional<int64_t> firstInteger(std::initializer_list<const char *> keys,
                                      int64_t least, int64_t most) const;
  /// The raw value; null if absent.
  const nlohmann::json *find(const char *key) const;
  [[noreturn]] void fail(const char *key, const std::string &what) const;

private:
  int64_t integerOf(const char *key, const nlohmann::json &value, int64_t least,
                    int64_t most) const;

  const nlohmann::json *json;
  const std::string *path;
  std::string prefix;
};

} // namespace llmc

#endif // LLMC_FRONTEND_PACKAGE_JSON_H
