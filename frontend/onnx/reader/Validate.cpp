// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/reader/Validate.h"

#include "frontend/onnx/reader/Schema.h"
#include "frontend/onnx/reader/Validator.h"

#include <fmt/format.h>

namespace llmc::onnx {

int64_t importedVersion(std::span<const OpsetImport> opsets,
                        std::string_view domain) {
  for (const OpsetImport &import : opsets)
    if (import.domain == domain)
      return import.version;
  return 0;
}

void failLongName(std::string_view name, const std::string &where) {
  throw InputError(where,
                   fmt::format("a name has {} bytes, more than 65536: {}",
                               name.size(), inQuotes(name)));
}

std::string Scope::where() const {
  std::string out = parent ? parent->where() : "";
  std::string own;
  if (owner)
    own = describeNode(*owner) + " " + escaped(ownerAttribute);
  else if (function)
    own = describeFunction(*function);
  return out.empty() ? own : own.empty() ? out : out + ": " + own;
}

std::string Scope::where(const std::string &inner) const {
  std::string outer = where();
  return outer.empty() ? inner : outer + ": " + inner;
}

void Validator::checkHeader() {
  if (model.irVersion == 0)
    throw InputError("", "ir_version is missing or 0: not an ONNX model");
  if (model.irVersion > newestIr)
    throw InputError("", fmt::format("IR {} is newer than supported {}",
                                     model.irVersion, newestIr));
  if (model.irVersion < oldestIr)
    throw InputError("", fmt::format("IR {} is older than supported {}",
                                     model.irVersion, oldestIr));
  if (!model.graph)
    throw InputError("", "the model has no graph");
  if (model.opsets.empty())
    throw InputError("", "the model has no opset import");
  checkOpsets(model.opsets, "");
}

void Validator::checkOpsets(std::span<const OpsetImport> opsets,
                            const std::string &where) {
  // Looked through for every node.
  constexpr size_t maxImports = 256;
  if (opsets.size() > maxImports)
    throw InputError(where, fmt::format("{} opset imports, more than {}",
                                        opsets.size(), maxImports));
  std::map<std::string_view, int64_t> seen;
  for (const OpsetImport &import : opsets) {
    auto [known, isNew] = seen.emplace(import.domain, import.version);
    if (!isNew && known->second != import.version)
      throw InputError(
          where, fmt::format("domain {} is imported twice (opsets {} and {})",
                             inQuotes(domainName(import.domain)), known->second,
                             import.version));
    int64_t newest = import.domain.empty() ? newestOpset : INT64_MAX;
    if (import.domain == "com.microsoft")
      newest = 1;
    if (import.version < 1 || import.version > newest)
      throw InputError(
          where,
          fmt::format("opset {} of domain '{}' is unsupported ({})",
                      import.version, domainName(import.domain),
                      newest == INT64_MAX ? "from 1 on"
                                          : fmt::format("1-{}", newest)));
  }
}

void validate(ModelProto &model, ExternalFiles &external, Remarks &remarks,
              const ValidateOptions &options) {
  Validator validator{model, external, remarks, options, FunctionTable(model)};
  validator.checkHeader();
  validator.checkFunctions();
  Scope scope;
  scope.opsets = model.opsets;
  validator.checkGraph(*model.graph, scope);
  validator.checkExpansion();
  if (validator.old.empty())
    return;
  const char *plural = validator.old.size() == 1 ? " is" : "s are";
  throw InputError(
      "", fmt::format("{} node{} not supported", validator.old.size(), plural),
      "convert the model to opset 13 or newer (onnx.version_converter)",
      ExitCode::Unsupported)
      .withNodes(std::move(validator.old));
}

ValidModel loadModel(const std::string &path, Remarks &remarks,
                     const ValidateOptions &options) {
  ValidModel out;
  out.file = openModel(path);
  out.external = std::make_unique<ExternalFiles>(out.file.folder(), &remarks);
  validate(out.file.model, *out.external, remarks, options);
  return out;
}

} // namespace llmc::onnx
