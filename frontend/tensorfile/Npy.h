// SPDX-License-Identifier: Apache-2.0
// NumPy's .npy format over bytes in memory; the file functions are in
// TensorFile.h.
#ifndef LLMC_FRONTEND_TENSORFILE_NPY_H
#define LLMC_FRONTEND_TENSORFILE_NPY_H

#include "frontend/onnx/reader/Mapping.h"
#include "frontend/tensorfile/TensorFile.h"

namespace llmc {

/// Reads one array; C and Fortran order, either byte order. where names the
/// file or the archive's entry.
HostTensor parseNpy(onnx::Bytes file, const std::string &where);

/// The magic and the header in front of the data of a C-ordered array.
std::string npyHeader(const HostTensor &tensor);

} // namespace llmc

#endif // LLMC_FRONTEND_TENSORFILE_NPY_H
