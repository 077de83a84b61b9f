# SPDX-License-Identifier: Apache-2.0
"""Tensors as NumPy arrays. Types that NumPy has are themselves. bfloat16 and the floats of 8 bits are ml_dtypes' types
where that package is installed, else uint16 and uint8 with their bits. Elements below a byte (u4, i4, u2, i2, f4e2m1)
are ml_dtypes' types, else uint8 or int8 with their values (their bits, of f4e2m1); the runtime packs them, so that they
alone are copied."""
from __future__ import annotations

from typing import Any, Mapping, Sequence

import numpy as np

from llmc._error import Code, Error

try:
    import ml_dtypes
except ImportError:
    ml_dtypes = None

# Name in the manifest: number, bits, NumPy's type, ml_dtypes' name.
_ROWS: dict[str, tuple[int, int, str, str]] = {
    "f32": (1, 32, "float32", ""), "u8": (2, 8, "uint8", ""), "i8": (3, 8, "int8", ""), "u16": (4, 16, "uint16", ""),
    "i16": (5, 16, "int16", ""), "i32": (6, 32, "int32", ""), "i64": (7, 64, "int64", ""), "bool": (9, 8, "bool", ""),
    "f16": (10, 16, "float16", ""), "f64": (11, 64, "float64", ""), "u32": (12, 32, "uint32", ""),
    "u64": (13, 64, "uint64", ""), "c64": (14, 64, "complex64", ""), "c128": (15, 128, "complex128", ""),
    "bf16": (16, 16, "uint16", "bfloat16"), "f8e4m3fn": (17, 8, "uint8", "float8_e4m3fn"),
    "f8e4m3fnuz": (18, 8, "uint8", "float8_e4m3fnuz"), "f8e5m2": (19, 8, "uint8", "float8_e5m2"),
    "f8e5m2fnuz": (20, 8, "uint8", "float8_e5m2fnuz"), "u4": (21, 4, "uint8", "uint4"), "i4": (22, 4, "int8", "int4"),
    "f4e2m1": (23, 4, "uint8", "float4_e2m1fn"), "f8e8m0": (24, 8, "uint8", "float8_e8m0fnu"),
    "u2": (25, 2, "uint8", "uint2"), "i2": (26, 2, "int8", "int2"),
}
_NAMES = {number: name for name, (number, *_) in _ROWS.items()}
#: Bits of an element by the type's number.
BITS = {number: bits for number, bits, *_ in _ROWS.values()}


def dtype_of(name: str) -> np.dtype[Any]:
    """The NumPy type of arrays whose type in the manifest is `name`."""
    if name not in _ROWS:
        raise Error(Code.UNSUPPORTED, f"tensors of type {name} have no NumPy array")
    _, _, plain, special = _ROWS[name]
    return np.dtype(getattr(ml_dtypes, special, plain) if special else plain)


def _number_of(dtype: np.dtype[Any]) -> int:
    for name, (number, *_) in _ROWS.items():
        if dtype_of(name) == dtype:
            return number
    raise Error(Code.UNSUPPORTED, f"arrays of type {dtype} have no tensor")


def _pack(codes: np.ndarray, bits: int) -> np.ndarray:
    """The first element of a byte in its low bits."""
    each = 8 // bits
    padded = np.zeros(-(-codes.size // each) * each, np.uint8)
    padded[:codes.size] = codes & (2**bits - 1)
    shifts = np.arange(each, dtype=np.uint8) * np.uint8(bits)
    return np.bitwise_or.reduce(padded.reshape(-1, each) << shifts, axis=1, dtype=np.uint8)


def _unpack(packed: np.ndarray, bits: int, count: int, is_signed: bool) -> np.ndarray:
    shifts = np.arange(8 // bits, dtype=np.uint8) * np.uint8(bits)
    codes = ((packed[:, None] >> shifts) & np.uint8(2**bits - 1)).reshape(-1)[:count]
    if not is_signed:
        return codes
    lift = np.uint8(8 - bits)  # the sign's place is the highest of a byte
    return (codes << lift).view(np.int8) >> lift.astype(np.int8)


def _bytes_of(value: Any, name: str) -> tuple[int, tuple[np.ndarray, tuple[int, ...]]]:
    """The dtype's number, the bytes and the shape of an array that stands for a tensor of type `name`."""
    number, bits, plain, _ = _ROWS[name]
    wanted = dtype_of(name)
    array = value if isinstance(value, np.ndarray) else np.asarray(value, wanted)
    if array.dtype != wanted and array.dtype != np.dtype(plain):
        number = _number_of(array.dtype)  # the runtime says what is expected
        bits = BITS[number]
    shape = array.shape
    flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)  # of one byte or more each
    return number, (_pack(flat, bits) if bits < 8 else flat, shape)


def to_native(name: str, value: Any, info: Mapping[str, Any]) -> tuple[str, int, Any]:
    """An input as the native module takes it; a view where the array is contiguous. `info` is its row of the manifest."""
    dtype = info["dtype"]
    number = _ROWS[dtype][0] if dtype in _ROWS else 0
    if info.get("kind", "tensor") == "tensor":
        return name, *_bytes_of(value, dtype)
    if info["kind"] == "optional":
        value = [] if value is None else [value]
    if value is None:
        return name, number, None
    items = [_bytes_of(item, dtype) for item in value]
    return name, items[0][0] if items else number, [item for _, item in items]


def _array_of(number: int, view: tuple[np.ndarray, tuple[int, ...]]) -> np.ndarray:
    name, (data, shape) = _NAMES[number], view
    _, bits, plain, _ = _ROWS[name]
    if bits < 8:
        data = _unpack(data, bits, int(np.prod(shape, dtype=np.int64)), plain == "int8")
    return data.view(dtype_of(name)).reshape(shape)


def from_native(number: int, value: Any, kind: str) -> Any:
    """An output: an array; a list for a sequence; None for what is absent."""
    if kind == "tensor":
        return _array_of(number, value)
    if value is None:
        return None
    items: Sequence[np.ndarray] = [_array_of(number, item) for item in value]
    if kind == "optional":
        return items[0] if items else None
    return items
