// SPDX-License-Identifier: Apache-2.0
// Session.run: tensors in and out without copies. A tensor is its bytes, an
// array of uint8, and its shape; a sequence is a list of such pairs, and None
// where an optional sequence is absent. The package makes them of arrays.
#include "bindings/python/native/Bindings.h"
#include <deque>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>

namespace llmc::python {

using InputBytes =
    nb::ndarray<const uint8_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

/// What the runtime reads during a call, and what keeps it alive.
class Inputs {
public:
  /// `given`: tuples of name, dtype and value.
  explicit Inputs(const nb::list &given) {
    for (nb::handle item : given) {
      auto [name, dtype, value] =
          nb::cast<std::tuple<std::string, int32_t, nb::object>>(item);
      names_.push_back(std::move(name));
      tensors_.push_back(
          {names_.back().c_str(), convert(dtype, std::move(value))});
    }
  }
  const std::vector<LlmcNamedTensor> &tensors() const { return tensors_; }

private:
  LlmcTensor convert(int32_t dtype, const nb::object &value) {
    if (value.is_none())
      return api::absentSequence(static_cast<LlmcDType>(dtype));
    if (!nb::isinstance<nb::list>(value))
      return tensor(dtype, value);
    std::vector<LlmcTensor> &items = sequences_.emplace_back();
    for (nb::handle item : nb::cast<nb::list>(value))
      items.push_back(tensor(dtype, item));
    return api::sequenceOf(items, static_cast<LlmcDType>(dtype));
  }

  LlmcTensor tensor(int32_t dtype, nb::handle value) {
    auto pair = nb::cast<nb::tuple>(value);
    auto bytes = nb::cast<InputBytes>(pair[0]);
    auto shape = nb::cast<nb::tuple>(pair[1]);
    LlmcTensor tensor = {const_cast<uint8_t *>(bytes.data()), dtype, 0, {}};
    tensor.rank = static_cast<int32_t>(shape.size());
    for (size_t d = 0; d < shape.size() && d < LLMC_MAX_RANK; ++d)
      tensor.dims[d] = nb::cast<int64_t>(shape[d]);
    kept_.push_back(std::move(bytes));
    return tensor;
  }

  std::deque<std::string> names_; // their addresses stay
  std::deque<std::vector<LlmcTensor>> sequences_;
  std::vector<InputBytes> kept_;
  std::vector<LlmcNamedTensor> tensors_;
};

/// The bits of an element by dtype.
using BitsOf = nb::dict;

/// A view of an output; `owner` lives as long as any.
static nb::object viewOf(const LlmcTensor &tensor, const BitsOf &bits,
                         nb::handle owner) {
  size_t count = 1;
  nb::list shape;
  for (int32_t d = 0; d < tensor.rank; ++d) {
    count *= static_cast<size_t>(tensor.dims[d]);
    shape.append(tensor.dims[d]);
  }
  size_t bytes =
      (count * nb::cast<size_t>(bits[nb::int_(tensor.dtype)]) + 7) / 8;
  nb::ndarray<nb::numpy, uint8_t, nb::ndim<1>> view(tensor.data, {bytes},
                                                    owner);
  return nb::make_tuple(view, nb::tuple(shape));
}

static nb::object valueOf(const LlmcTensor &tensor, const BitsOf &bits,
                          nb::handle owner) {
  if (tensor.rank != LLMC_SEQUENCE)
    return viewOf(tensor, bits, owner);
  if (tensor.dims[0] == LLMC_ABSENT)
    return nb::none();
  nb::list items;
  auto [data, size] = api::tensorsOf(tensor);
  for (size_t i = 0; i < size; ++i)
    items.append(viewOf(data[i], bits, owner));
  return items;
}

/// Tuples of name, dtype and value. The views keep `owner`, which keeps the
/// session from other calls.
static nb::list run(Session &session, const std::optional<std::string> &entry,
                    const nb::list &given, const BitsOf &bits,
                    nb::handle owner) {
  Inputs inputs(given);
  std::pair<const LlmcNamedTensor *, size_t> made;
  {
    nb::gil_scoped_release released;
    made =
        session.session.run(inputs.tensors(), entry ? entry->c_str() : nullptr);
  }
  nb::list outputs;
  for (size_t i = 0; i < made.second; ++i) {
    const LlmcNamedTensor &output = made.first[i];
    outputs.append(nb::make_tuple(output.name, output.tensor.dtype,
                                  valueOf(output.tensor, bits, owner)));
  }
  return outputs;
}

void bindRun(nb::class_<Session> &session) {
  session.def(
      "run", &run, nb::arg("entry").none(), nb::arg("inputs"), nb::arg("bits"),
      nb::arg("owner"),
      nb::sig("def run(self, entry: str | None, "
              "inputs: list[tuple[str, int, typing.Any]], bits: dict[int, int],"
              " owner: object) -> list[tuple[str, int, typing.Any]]"));
}

} // namespace llmc::python
