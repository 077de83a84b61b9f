// SPDX-License-Identifier: Apache-2.0
#include "frontend/tensorfile/Npy.h"

#include "frontend/InputError.h"
#include "frontend/onnx/reader/Tensor.h"
#include "frontend/tensorfile/WriteFile.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fmt/format.h>

namespace llmc {

using onnx::asText;
using onnx::Bytes;
using onnx::ElementType;

namespace {

constexpr std::string_view magic = "\x93NUMPY";

struct TypeName {
  const char *npy; // kind and width
  ElementType type;
};
constexpr TypeName typeNames[] = {
    {"f4", ElementType::Float},
    {"f8", ElementType::Double},
    {"f2", ElementType::Float16},
    {"i1", ElementType::Int8},
    {"i2", ElementType::Int16},
    {"i4", ElementType::Int32},
    {"i8", ElementType::Int64},
    {"u1", ElementType::Uint8},
    {"u2", ElementType::Uint16},
    {"u4", ElementType::Uint32},
    {"u8", ElementType::Uint64},
    {"b1", ElementType::Bool},
    {"c8", ElementType::Complex64},
    {"c16", ElementType::Complex128},
    // What NumPy writes for types of extension packages, such as bfloat16.
    {"V1", ElementType::Uint8},
    {"V2", ElementType::Uint16},
};

/// The header is a Python dictionary of three entries.
class HeaderParser {
public:
  HeaderParser(std::string_view text, const std::string &where)
      : rest(text), where(where) {}

  void parse() {
    expect('{');
    while (!accept('}')) {
      std::string_view key = string();
      expect(':');
      if (key == "descr" && descr.empty())
        descr = string();
      else if (key == "fortran_order")
        isFortran = boolean();
      else if (key == "shape" && !hasShape)
        shape();
      else
        fail(fmt::format("unexpected key {}", inQuotes(key)));
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    if (descr.empty() || !hasShape)
      fail("descr or shape is missing");
  }

  std::string_view descr;
  bool isFortran = false;
  bool hasShape = false;
  std::vector<int64_t> dims;

private:
  [[noreturn]] void fail(const std::string &what) {
    throw InputError(where, "bad .npy header: " + what);
  }
  void skipSpace() {
    rest.remove_prefix(
        std::min(rest.find_first_not_of(" \t\n\r"), rest.size()));
  }
  bool accept(char c) {
    skipSpace();
    if (rest.empty() || rest[0] != c)
      return false;
    rest.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!accept(c))
      fail(fmt::format("'{}' expected", c));
  }
  std::string_view string() {
    skipSpace();
    if (rest.empty() || (rest[0] != '\'' && rest[0] != '"'))
      fail("a string is expected (records and objects are not supported)");
    size_t end = rest.find(rest[0], 1);
    if (end == std::string_view::npos)
      fail("a string has no end");
    std::string_view out = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    return out;
  }
  bool boolean() {
    skipSpace();
    for (std::string_view word : {"True", "False"}) {
      if (rest.starts_with(word)) {
        rest.remove_prefix(word.size());
        return word == "True";
      }
    }
    fail("True or False is expected");
  }
  void shape() {
    hasShape = true;
    expect('(');
    while (!accept(')')) {
      skipSpace();
      int64_t dim = 0;
      auto [end, error] =
          std::from_chars(rest.data(), rest.data() + rest.size(), dim);
      if (error != std::errc() || dim < 0)
        fail("a dimension is not a non-negative number");
      rest.remove_prefix(static_cast<size_t>(end - rest.data()));
      accept('L'); // written by Python 2
      dims.push_back(dim);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
  }

  std::string_view rest;
  const std::string &where;
};

void swapBytes(std::vector<std::byte> &data, size_t width) {
  for (size_t i = 0; i + width <= data.size(); i += width)
    std::reverse(data.begin() + i, data.begin() + i + width);
}

/// From Fortran order (first axis fastest) to C order.
std::vector<std::byte> toRowMajor(Bytes data, std::span<const int64_t> dims,
                                  size_t width) {
  std::vector<std::byte> out(data.size());
  std::vector<uint64_t> index(dims.size(), 0), strides(dims.size(), 1);
  for (size_t axis = 1; axis < dims.size(); ++axis)
    strides[axis] = strides[axis - 1] * static_cast<uint64_t>(dims[axis - 1]);
  for (size_t place = 0; place < data.size(); place += width) {
    uint64_t from = 0;
    for (size_t axis = 0; axis < dims.size(); ++axis)
      from += index[axis] * strides[axis];
    std::memcpy(out.data() + place, data.data() + from * width, width);
    for (size_t axis = dims.size(); axis-- > 0;) {
      if (++index[axis] < static_cast<uint64_t>(dims[axis]))
        break;
      index[axis] = 0;
    }
  }
  return out;
}

/// The header's text; rest becomes the data.
std::string_view splitHeader(Bytes file, Bytes &rest,
                             const std::string &where) {
  std::string_view text = asText(file);
  if (!text.starts_with(magic) || text.size() < 10)
    throw InputError(where, "not a .npy file");
  int major = text[6];
  if (major < 1 || major > 3)
    throw InputError(where,
                     fmt::format(".npy version {} is not supported", major));
  size_t lengthBytes = major == 1 ? 2 : 4;
  if (text.size() < 8 + lengthBytes)
    throw InputError(where, "the .npy header is truncated");
  size_t length = 0;
  for (size_t i = 0; i < lengthBytes; ++i)
    length |= static_cast<size_t>(static_cast<unsigned char>(text[8 + i]))
              << (8 * i);
  size_t start = 8 + lengthBytes;
  if (length > text.size() - start)
    throw InputError(where,
                     fmt::format("the .npy header claims {} bytes, {} remain",
                                 length, text.size() - start));
  rest = file.subspan(start + length);
  return text.substr(start, length);
}

const TypeName *typeOf(std::string_view descr) {
  for (const TypeName &entry : typeNames)
    if (descr.size() > 1 && descr.substr(1) == entry.npy)
      return &entry;
  return nullptr;
}

} // namespace

HostTensor parseNpy(Bytes file, const std::string &where) {
  Bytes data;
  HeaderParser header(splitHeader(file, data, where), where);
  header.parse();
  const TypeName *type = typeOf(header.descr);
  if (!type ||
      std::string_view("<>|=").find(header.descr[0]) == std::string_view::npos)
    throw InputError(where, fmt::format("element type {} is not supported",
                                        inQuotes(header.descr)));
  HostTensor out;
  out.dtype = static_cast<int32_t>(type->type);
  out.dims = std::move(header.dims);
  const onnx::ElementTypeInfo *info = onnx::findElementType(out.dtype);
  uint64_t bytes =
      onnx::denseBytes(onnx::countElements(out.dims, where), *info);
  if (data.size() != bytes)
    throw InputError(where, fmt::format("{} needs {} bytes, has {}",
                                        onnx::describeType(out.dtype, out.dims),
                                        bytes, data.size()));
  size_t width = info->bits / 8;
  if (header.isFortran && out.dims.size() > 1)
    out.data = toRowMajor(data, out.dims, width);
  else
    out.data.assign(data.begin(), data.end());
  if (header.descr[0] == '>') {
    bool isComplex = header.descr[1] == 'c';
    swapBytes(out.data, isComplex ? width / 2 : width);
  }
  return out;
}

HostTensor loadNpy(const std::string &path) {
  auto mapping = onnx::Mapping::open(path);
  try {
    return parseNpy(mapping->bytes(), "");
  } catch (InputError &error) {
    throw error.inFile(path);
  }
}

bool fitsNpy(int32_t dtype) {
  const onnx::ElementTypeInfo *info = onnx::findElementType(dtype);
  return info && info->bits >= 8;
}

std::string npyHeader(const HostTensor &tensor) {
  const char *name = nullptr;
  for (const TypeName &entry : typeNames)
    if (!name && static_cast<int32_t>(entry.type) == tensor.dtype)
      name = entry.npy;
  const onnx::ElementTypeInfo *info = onnx::findElementType(tensor.dtype);
  if (!name)
    name = info->bits == 16 ? "u2" : "u1";
  std::string shape;
  for (int64_t dim : tensor.dims)
    shape += fmt::format("{}{},", shape.empty() ? "" : " ", dim);
  if (tensor.dims.size() > 1)
    shape.pop_back();
  std::string text = fmt::format(
      "{{'descr': '{}{}', 'fortran_order': False, 'shape': ({}), }}",
      info->bits == 8 ? '|' : '<', name, shape);
  constexpr size_t prefix = 10, alignment = 64;
  text.append((alignment - (prefix + text.size() + 1) % alignment) % alignment,
              ' ');
  text += '\n';
  std::string out(magic);
  out += {'\1', '\0', static_cast<char>(text.size() & 0xff),
          static_cast<char>(text.size() >> 8)};
  return out + text;
}

void saveNpy(const std::string &path, const HostTensor &tensor) {
  if (!fitsNpy(tensor.dtype))
    throw InputError("",
                     fmt::format("{} doesn't fit a .npy file",
                                 onnx::elementTypeName(tensor.dtype)),
                     "use .pb")
        .inFile(path);
  std::string header = npyHeader(tensor);
  std::string_view pieces[] = {header, asText(tensor.data)};
  writeFile(path, pieces);
}

} // namespace llmc
