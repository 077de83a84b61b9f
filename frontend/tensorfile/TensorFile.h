// SPDX-License-Identifier: Apache-2.0
// Tensors in files: ONNX's TensorProto (.pb), NumPy's .npy and .npz, and
// folders of them. Used by `run --inputs
// --outputs` and `verify`. All functions throw InputError and may be called
// from any thread.
#ifndef LLMC_FRONTEND_TENSORFILE_TENSORFILE_H
#define LLMC_FRONTEND_TENSORFILE_TENSORFILE_H

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace llmc {

/// A tensor in memory that owns its data.
struct HostTensor {
  std::string name;                 // may be empty
  int32_t dtype = 0;                // TensorProto.DataType
  std::vector<int64_t> dims;        // checked: not negative, the product fits
  std::vector<std::byte> data;      // dense, little-endian; sub-byte elements
                                    // packed, first in the low bits
  std::vector<std::string> strings; // of dtype string, instead of data

  uint64_t elementCount() const;
};

HostTensor loadTensorPb(const std::string &path);
HostTensor loadNpy(const std::string &path);
/// One tensor per key, named by it, in the archive's order.
std::vector<HostTensor> loadNpz(const std::string &path);
/// By the file's ending, .pb or .npy.
HostTensor loadTensorFile(const std::string &path);

/// Both write a temporary file beside the path and rename it.
void saveTensorPb(const std::string &path, const HostTensor &tensor);
/// bf16 is written as u2 and fp8 as u1, to be read back with the type of
/// signature.json. Strings and sub-byte types throw: they only fit a .pb.
void saveNpy(const std::string &path, const HostTensor &tensor);
bool fitsNpy(int32_t dtype);

/// Relabels unsigned integers that stand for a type NumPy lacks: u16 as bf16,
/// u8 as fp8. No effect otherwise.
void adoptType(HostTensor &tensor, int32_t expected);

/// A tensor's file name without ending: every byte outside [A-Za-z0-9._-] as
/// %XX; `<prefix>_<index>` for an empty or very long name.
std::string tensorFileStem(std::string_view name, std::string_view prefix,
                           size_t index);

/// A loaded tensor and the position of its name among those asked for.
struct MatchedTensor {
  size_t index = 0;
  std::string file; // for messages
  HostTensor tensor;
};

/// `<prefix>_0.pb`, `<prefix>_1.pb`, ... of a test_data_set folder (prefix is
/// input or output). They match by their stored names where all are present,
/// different and known, else by position.
std::vector<MatchedTensor> loadTestVectors(const std::string &folder,
                                           std::string_view prefix,
                                           std::span<const std::string> names);

/// The tensors for names out of a folder or an .npz file, as `run --inputs`
/// takes them: a file by the percent-encoded name or input_<i>, .npy or .pb; an
/// archive by its keys. A folder's signature.json gives files and types where
/// there is one. All names must be there; the result is in their order.
std::vector<HostTensor> loadInputs(const std::string &path,
                                   std::span<const std::string> names);

/// Writes each tensor under its name (.npy where that holds the type, else .pb)
/// and signature.json into folder, which is made if need be.
void saveOutputs(const std::string &folder,
                 std::span<const HostTensor> tensors);

} // namespace llmc

#endif // LLMC_FRONTEND_TENSORFILE_TENSORFILE_H
