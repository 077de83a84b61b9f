// SPDX-License-Identifier: Apache-2.0
// Tensors in files: ONNX's TensorProto (.pb), NumPy's .npy and .npz. Value.h
// has what else models take, and folders. All functions throw InputError and
// may be called from any thread.
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

} // namespace llmc

#endif // LLMC_FRONTEND_TENSORFILE_TENSORFILE_H
