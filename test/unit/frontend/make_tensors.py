#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tensors of every element type, once in typed fields and once in raw_data, and NumPy files.

    make_tensors.py DIR

The test reads NAME.typed.pb and NAME.raw.pb, which must give the same bytes.
"""
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

DIR = pathlib.Path(sys.argv[1])
DIR.mkdir(parents=True, exist_ok=True)
VALUES = [0, 1, 2, 3, 1, 0, 2]
SIGNED = [0, 1, -2, -1, 1, 0, -2]


def main():
    for name, number in TensorProto.DataType.items():
        if name in ("UNDEFINED", "STRING"):
            continue
        values = [0, 1, 1, 0, 1, 0, 1] if name == "BOOL" else SIGNED if name.startswith(("INT", "FLOAT", "DOUBLE")) else VALUES
        if name == "FLOAT8E8M0":
            values = [1, 2, 4, 8, 1, 0.5, 2]
        typed = helper.make_tensor(name.lower(), number, [7], values)
        array = numpy_helper.to_array(typed)
        raw = numpy_helper.from_array(array, name.lower())
        assert raw.data_type == number and raw.HasField("raw_data")
        if typed.HasField("raw_data") or name.startswith("FLOAT6"):  # the typed form of these is not packed
            continue
        (DIR / f"{name}.typed.pb").write_bytes(typed.SerializeToString())
        (DIR / f"{name}.raw.pb").write_bytes(raw.SerializeToString())
    np.savez(DIR / "stored.npz", x=np.arange(6, dtype="f4").reshape(2, 3))
    np.savez_compressed(DIR / "packed.npz", x=np.arange(6, dtype="f4").reshape(2, 3))
    grid = np.arange(24, dtype="i4").reshape(2, 3, 4)
    np.save(DIR / "c.npy", grid)
    np.save(DIR / "fortran.npy", np.asfortranarray(grid))
    np.save(DIR / "big.npy", grid.astype(">i4"))


main()
