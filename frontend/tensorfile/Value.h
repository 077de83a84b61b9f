// SPDX-License-Identifier: Apache-2.0
// What a model takes and gives, in files: tensors, sequences of them and
// optional values; and folders of such. Used by `run --inputs --outputs` and
// `verify`. All functions throw InputError and may be called from any thread.
#ifndef LLMC_FRONTEND_TENSORFILE_VALUE_H
#define LLMC_FRONTEND_TENSORFILE_VALUE_H

#include "frontend/tensorfile/TensorFile.h"
#include "runtime/core/ValueKind.h"

namespace llmc {

/// An input or output of a model, as far as files of it depend on that.
struct ValueSlot {
  std::string name;
  ValueKind kind = ValueKind::Tensor;
  int32_t dtype = 0; // TensorProto.DataType
};

struct HostValue {
  std::string name; // may be empty
  ValueKind kind = ValueKind::Tensor;
  int32_t dtype = 0;               // of all its tensors
  std::vector<HostTensor> tensors; // one, if it is a tensor itself
  bool isAbsent = false;           // an optional sequence that is not there

  HostValue() = default;
  explicit HostValue(HostTensor tensor);
};

/// A TensorProto, SequenceProto or OptionalProto, as the slot says.
HostValue loadValuePb(const std::string &path, const ValueSlot &slot);
/// Writes a temporary file beside the path and renames it.
void saveValuePb(const std::string &path, const HostValue &value);

/// adoptType() for all its tensors.
void adoptType(HostValue &value, int32_t expected);

/// A loaded value and its slot.
struct MatchedValue {
  size_t index = 0;
  std::string file; // for messages
  HostValue value;
};

/// `<prefix>_0.pb`, `<prefix>_1.pb`, ... of a test_data_set folder (prefix is
/// input or output). They match by their stored names where all are present,
/// different and known, else by position.
std::vector<MatchedValue> loadTestVectors(const std::string &folder,
                                          std::string_view prefix,
                                          std::span<const ValueSlot> slots);

/// The values for the slots out of a folder or an .npz file, as `run --inputs`
/// takes them: a file by the percent-encoded name or input_<i>, .npy or .pb; an
/// archive by its keys. The tensors of a sequence or an optional value are
/// `name[0]`, `name[1]`, ...; in an archive none of them is a sequence without
/// tensors or an absent value. A folder's signature.json gives files and types
/// where there is one. All names must be there; the result is in their order.
std::vector<HostValue> loadInputs(const std::string &path,
                                  std::span<const ValueSlot> slots);

/// Writes each value under its name (tensors as .npy where that holds the type,
/// all else as .pb) and signature.json into folder, which is made if need be.
void saveOutputs(const std::string &folder, std::span<const HostValue> values);

} // namespace llmc

#endif // LLMC_FRONTEND_TENSORFILE_VALUE_H
