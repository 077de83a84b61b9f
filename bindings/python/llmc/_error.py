# SPDX-License-Identifier: Apache-2.0
"""The package's exception."""
from __future__ import annotations

import enum


class Code(enum.IntEnum):
    """Kinds of failures; the exit codes of the program `llmc`."""

    INTERNAL = 1  #: a bug of llmc
    BAD_INPUT = 2  #: a file, a value or a use that is wrong
    UNSUPPORTED = 3  #: valid, but nothing that this installation or artifact can do
    BUDGET = 4  #: a budget of `compile` is not kept
    RESOURCE = 5  #: out of memory, of context or of time, or cancelled
    INTEGRITY = 6  #: a damaged file, or one for another machine or version


class Error(Exception):
    """What a call failed with, in one line of text."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(code, message)
        self.code = Code(code)
        self.message = message

    def __str__(self) -> str:
        return self.message
