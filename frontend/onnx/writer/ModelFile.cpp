// SPDX-License-Identifier: Apache-2.0
// Field numbers are those of onnx.proto.
#include "frontend/onnx/writer/ModelFile.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <set>

namespace llmc::onnx {
namespace {

/// The first that has the opset; 21 is the exporter's own.
int64_t irVersionOf(int64_t opset) {
  return opset <= 22 ? 10 : opset == 23 ? 11 : opset == 24 ? 12 : 13;
}

/// A message that is being written, field by field.
class Message {
public:
  void integer(uint32_t field, int64_t value) {
    write([&](Stream &out) {
      out.WriteTag(field << 3);
      out.WriteVarint64(static_cast<uint64_t>(value));
    });
  }
  void real(uint32_t field, float value) {
    uint32_t bits;
    static_assert(sizeof(bits) == sizeof(value));
    __builtin_memcpy(&bits, &value, sizeof(bits));
    write([&](Stream &out) {
      out.WriteTag(field << 3 | 5);
      out.WriteLittleEndian32(bits);
    });
  }
  void text(uint32_t field, const std::string &value) {
    write([&](Stream &out) {
      out.WriteTag(field << 3 | 2);
      out.WriteVarint64(value.size());
      out.WriteRaw(value.data(), static_cast<int>(value.size()));
    });
  }
  void message(uint32_t field, const Message &value) {
    text(field, value.bytes);
  }
  std::string bytes;

private:
  using Stream = google::protobuf::io::CodedOutputStream;
  template <typename Write> void write(Write fields) {
    google::protobuf::io::StringOutputStream sink(&bytes);
    Stream out(&sink);
    fields(out);
  }
};

Message typeMessage(const WrittenType &t) {
  Message shape;
  for (const auto &d : t.dims) {
    Message dim;
    if (auto *fixed = std::get_if<int64_t>(&d))
      dim.integer(1, *fixed);
    else if (auto &name = std::get<std::string>(d); !name.empty())
      dim.text(2, name);
    shape.message(1, dim);
  }
  Message tensorType, type;
  tensorType.integer(1, t.dataType);
  if (t.hasRank)
    tensorType.message(2, shape);
  type.message(1, tensorType);
  auto wrap = [&](uint32_t field) { // the type becomes another's element type
    Message outer, whole;
    outer.message(1, type), whole.message(field, outer);
    type = whole;
  };
  if (t.kind == ValueKind::Sequence || t.kind == ValueKind::OptionalSequence)
    wrap(4);
  if (t.kind == ValueKind::Optional || t.kind == ValueKind::OptionalSequence)
    wrap(9);
  return type;
}

Message graphMessage(const WrittenGraph &);

Message attribute(const WrittenAttribute &a) {
  Message m;
  m.text(1, a.name);
  if (auto *i = std::get_if<int64_t>(&a.value)) {
    m.integer(3, *i), m.integer(20, 2);
  } else if (auto *f = std::get_if<float>(&a.value)) {
    m.real(2, *f), m.integer(20, 1);
  } else if (auto *s = std::get_if<std::string>(&a.value)) {
    m.text(4, *s), m.integer(20, 3);
  } else if (auto *t = std::get_if<WrittenType>(&a.value)) {
    m.message(14, typeMessage(*t)), m.integer(20, 13);
  } else if (auto *g =
                 std::get_if<std::shared_ptr<const WrittenGraph>>(&a.value)) {
    m.message(6, graphMessage(**g)), m.integer(20, 5);
  } else if (auto *floats = std::get_if<std::vector<float>>(&a.value)) {
    for (float f : *floats)
      m.real(7, f);
    m.integer(20, 6);
  } else if (auto *texts = std::get_if<std::vector<std::string>>(&a.value)) {
    for (const std::string &s : *texts)
      m.text(9, s);
    m.integer(20, 8);
  } else {
    for (int64_t i : std::get<std::vector<int64_t>>(a.value))
      m.integer(8, i);
    m.integer(20, 7);
  }
  return m;
}

Message node(const WrittenNode &n) {
  Message m;
  for (const std::string &input : n.inputs)
    m.text(1, input);
  for (const std::string &output : n.outputs)
    m.text(2, output);
  if (!n.name.empty())
    m.text(3, n.name);
  m.text(4, n.op);
  for (const WrittenAttribute &a : n.attributes)
    m.message(5, attribute(a));
  if (!n.domain.empty())
    m.text(7, n.domain);
  return m;
}

Message entry(const std::string &key, const std::string &value) {
  Message m;
  m.text(1, key), m.text(2, value);
  return m;
}

Message tensor(const WrittenTensor &t) {
  Message m;
  for (int64_t d : t.dims)
    m.integer(1, d);
  m.integer(2, t.dataType);
  m.text(8, t.name);
  if (t.location.empty()) {
    m.text(9, t.raw);
    return m;
  }
  m.message(13, entry("location", t.location));
  m.message(13, entry("offset", std::to_string(t.offset)));
  m.message(13, entry("length", std::to_string(t.length)));
  m.integer(14, 1); // EXTERNAL
  return m;
}

Message value(const WrittenValue &v) {
  Message m;
  m.text(1, v.name), m.message(2, typeMessage(v.type));
  return m;
}

Message graphMessage(const WrittenGraph &g) {
  Message graph;
  for (const WrittenNode &n : g.nodes)
    graph.message(1, node(n));
  graph.text(2, "graph");
  for (const WrittenTensor &t : g.initializers)
    graph.message(5, tensor(t));
  for (const WrittenValue &v : g.inputs)
    graph.message(11, value(v));
  for (const WrittenValue &v : g.outputs)
    graph.message(12, value(v));
  return graph;
}

using Names = std::set<std::string, std::less<>>;

/// What a node reads, its bodies included.
void addReads(const WrittenNode &n, Names &names) {
  names.insert(n.inputs.begin(), n.inputs.end());
  for (const WrittenAttribute &a : n.attributes)
    if (auto *body =
            std::get_if<std::shared_ptr<const WrittenGraph>>(&a.value)) {
      for (const WrittenNode &inner : (*body)->nodes)
        addReads(inner, names);
      for (const WrittenValue &output : (*body)->outputs)
        names.insert(output.name);
    }
}

} // namespace

void removeUnused(WrittenGraph &graph) {
  Names used;
  for (const WrittenValue &output : graph.outputs)
    used.insert(output.name);
  std::vector<WrittenNode> kept;
  for (size_t i = graph.nodes.size(); i-- > 0;) {
    WrittenNode &n = graph.nodes[i];
    bool isUsed =
        std::any_of(n.outputs.begin(), n.outputs.end(),
                    [&](const std::string &o) { return used.count(o); });
    if (!isUsed)
      continue;
    addReads(n, used);
    kept.push_back(std::move(n));
  }
  std::reverse(kept.begin(), kept.end());
  graph.nodes = std::move(kept);
  std::erase_if(graph.initializers,
                [&](const WrittenTensor &t) { return !used.count(t.name); });
}

std::string WrittenModel::serialize() const {
  Message model;
  model.integer(1, irVersionOf(opsets.at("")));
  model.text(2, "llmc");
  model.message(7, graphMessage(graph));
  for (const auto &[domain, version] : opsets) {
    Message opset;
    opset.text(1, domain), opset.integer(2, version);
    model.message(8, opset);
  }
  return model.bytes;
}

} // namespace llmc::onnx
