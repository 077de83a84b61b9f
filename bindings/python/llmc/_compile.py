# SPDX-License-Identifier: Apache-2.0
"""Compiling from Python. The compiler is a library of its own, libllmc-compiler.so, which an installation may lack; it
runs in a child process, so that this one gets neither LLVM nor the memory that a model takes to compile."""
from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
import warnings
from typing import Any, Iterator, Optional, Union

from llmc._error import Code, Error

_LIBRARY = "libllmc-compiler.so"
# Calls llmc_compiler_main with the verb LLMC_COMPILER_COMPILE.
_CHILD = """
import ctypes, sys
try:
    library = ctypes.CDLL(sys.argv[1])
except OSError as problem:
    print("error: cannot load the compiler: %s" % problem, file=sys.stderr)
    sys.exit(3)
arguments = [argument.encode("utf-8", "surrogateescape") for argument in ["compile", *sys.argv[2:]]]
argv = (ctypes.c_char_p * (len(arguments) + 1))(*arguments, None)
sys.exit(library.llmc_compiler_main(0, len(arguments), argv))
"""


def _candidates() -> Iterator[pathlib.Path]:
    """Beside the package's files, and where the program `llmc` of the path looks for it."""
    yield pathlib.Path(__file__).parent
    program = shutil.which("llmc")
    if program:
        folder = pathlib.Path(program).resolve().parent
        yield folder
        yield folder.parent / "lib"


def _find(given: Optional[os.PathLike[str]]) -> pathlib.Path:
    if given is not None:
        return pathlib.Path(given)
    for folder in _candidates():
        if (folder / _LIBRARY).exists():
            return folder / _LIBRARY
    raise Error(Code.UNSUPPORTED, "this installation has no compiler: build the package with it, or install llmc with "
                                  f"{_LIBRARY} in the path; artifacts of elsewhere run here")


def _flags(options: dict[str, Any]) -> Iterator[str]:
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        if value is True:
            yield flag
        elif value is not None and value is not False:
            for item in value if isinstance(value, (list, tuple)) else [value]:
                yield f"{flag}={os.fspath(item) if isinstance(item, os.PathLike) else item}"


def _failure(status: int, output: bytes, messages: bytes) -> Error:
    """From the JSON document, or else from the line that starts with error."""
    try:
        told = json.loads(output)["error"]
        return Error(status, ": ".join(told[part] for part in ("file", "where", "what") if told.get(part)))
    except (ValueError, KeyError, TypeError):
        lines = messages.decode("utf-8", "replace").splitlines()
        errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
        known = status in list(Code)
        return Error(status if known else Code.INTERNAL, errors[0] if errors else f"the compiler ended with {status}")


def compile(model: Union[str, os.PathLike[str]], output: Union[str, os.PathLike[str]], *,
            compiler: Optional[os.PathLike[str]] = None, **options: Any) -> pathlib.Path:
    """Compiles an ONNX model, a file or a folder as exporters write it, and returns the artifact's path.

    compiler: the path of libllmc-compiler.so, where neither the package nor the program `llmc` has it.
    Options are those of `llmc compile`, with _ for -: target="x86-64-v3" or several in a list, math="bf16",
    quantize="int4", kv="int8", strict=True, ...
    """
    library = _find(compiler)
    command = [sys.executable, "-I", "-c", _CHILD, os.fspath(library), f"--output={os.fspath(output)}", "--json",
               *_flags(options), "--", os.fspath(model)]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode != 0:
        raise _failure(done.returncode, done.stdout, done.stderr)
    for line in done.stderr.decode("utf-8", "replace").splitlines():
        if line.startswith("warning: "):
            warnings.warn(line.removeprefix("warning: "), stacklevel=2)
    return pathlib.Path(output)
