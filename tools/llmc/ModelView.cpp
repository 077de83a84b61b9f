// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/ModelView.h"
#include "runtime/core/DType.h"
#include "runtime/core/Escape.h"
#include "tools/llmc/Format.h"
#include <fmt/format.h>

namespace llmc::cli {

using nlohmann::json;

static json tensorToJson(const TensorInfo &tensor) {
  return {{"name", tensor.name},
          {"kind", valueKindName(tensor.kind)},
          {"dtype", dtypeName(tensor.dtype)},
          {"dims", tensor.hasRank ? dimsToJson(tensor.dims) : json()},
          {"role", tensor.role}};
}

static json entryToJson(const EntryInfo &entry) {
  json inputs = json::array(), outputs = json::array(), states = json::array();
  for (const TensorInfo &tensor : entry.inputs)
    inputs.push_back(tensorToJson(tensor));
  for (const TensorInfo &tensor : entry.outputs)
    outputs.push_back(tensorToJson(tensor));
  for (const StateInfo &state : entry.states)
    states.push_back({{"input", state.input},
                      {"output", state.output},
                      {"dtype", dtypeName(state.dtype)},
                      {"dims", dimsToJson(state.dims)},
                      {"axis", state.axis}});
  return {{"name", entry.name},       {"inputs", inputs},
          {"outputs", outputs},       {"states", states},
          {"scratch", entry.scratch}, {"sites", entry.sites.size()}};
}

static double bitsPerElement(int64_t bits, int64_t elements) {
  return elements ? static_cast<double>(bits) / static_cast<double>(elements)
                  : 0;
}

static json weightTypesToJson(const std::vector<WeightTypeInfo> &types) {
  json list = json::array();
  for (const WeightTypeInfo &w : types)
    list.push_back({{"type", w.type},
                    {"count", w.count},
                    {"elements", w.elements},
                    {"bits", w.bits},
                    {"bits_per_weight", bitsPerElement(w.bits, w.elements)}});
  return list;
}

/// The types of weights with their share, and the mean of all.
static void printWeightTypes(const std::vector<WeightTypeInfo> &types) {
  double bits = 0, elements = 0;
  for (const WeightTypeInfo &w : types) {
    fmt::print("    weights  {}: {} of {} elements, {:.3f} bits each\n",
               escapeText(w.type, 100), w.count, w.elements,
               bitsPerElement(w.bits, w.elements));
    bits += static_cast<double>(w.bits);
    elements += static_cast<double>(w.elements);
  }
  if (types.size() > 1)
    fmt::print("    weights  all: {:.3f} bits each\n",
               elements ? bits / elements : 0);
}

json modelToJson(const ModelInfo &model, bool ops) {
  json entries = json::array(), layers = json::array();
  for (const EntryInfo &entry : model.entries)
    entries.push_back(entryToJson(entry));
  for (const LayerOps &layer : model.layers)
    layers.push_back({{"layer", layer.layer}, {"ops", layer.ops}});
  json object = {
      {"name", model.name}, {"role", model.role}, {"entries", entries}};
  if (ops) {
    object["layers"] = layers;
    object["weight_types"] = weightTypesToJson(model.weightTypes);
  }
  return object;
}

static void printTensors(const char *title,
                         const std::vector<TensorInfo> &tensors) {
  for (const TensorInfo &tensor : tensors)
    fmt::print("      {:<7} {}  {}{}\n", title, escapeText(tensor.name, 100),
               formatType(tensor),
               tensor.role.empty() ? "" : "  (" + tensor.role + ")");
}

void printModel(const ModelInfo &model, bool ops) {
  fmt::print("  {} ({})\n", escapeText(model.name, 100),
             escapeText(model.role, 100));
  for (const EntryInfo &entry : model.entries) {
    fmt::print("    entry {}\n", escapeText(entry.name, 100));
    printTensors("input", entry.inputs);
    printTensors("output", entry.outputs);
    for (const StateInfo &state : entry.states)
      fmt::print("      state   {} -> {}  {}\n", escapeText(state.input, 100),
                 escapeText(state.output, 100),
                 formatType(state.dtype, state.dims));
  }
  for (const LayerOps &layer : model.layers) {
    if (!ops)
      break;
    std::string line;
    for (const std::string &op : layer.ops)
      line += " " + escapeText(op, 100);
    fmt::print("    {}:{}\n", escapeText(layer.layer, 100), line);
  }
  if (ops)
    printWeightTypes(model.weightTypes);
}

} // namespace llmc::cli
