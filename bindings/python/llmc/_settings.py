# SPDX-License-Identifier: Apache-2.0
"""The settings of a generation, as the native module takes them."""
from __future__ import annotations

import json
from typing import Any, Mapping

from llmc._error import Code, Error

_EARLY_STOPPING = {None: -1, False: 0, True: 1, "never": 2}
#: What proposes tokens.
SPECULATION = ("lookup", "draft", "speculate_tokens")


def choose(choices: Mapping[Any, int], value: Any, what: str) -> int:
    """The number of a choice, or an error that names all of them."""
    if value not in choices:
        names = ", ".join(repr(name) for name in choices if name is not None)
        raise Error(Code.BAD_INPUT, f"{what} is {value!r}, must be one of {names}")
    return choices[value]


def to_native(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Those that are given, in the types of their fields."""
    given = {name: value for name, value in settings.items() if value is not None}
    if "logit_bias" in given:
        given["logit_bias"] = list(dict(given["logit_bias"]).items())
    if not isinstance(given.get("json_schema", ""), str):
        given["json_schema"] = json.dumps(given["json_schema"])
    if isinstance(given.get("stop"), str):
        given["stop"] = [given["stop"]]
    for name in ("stop", "stop_tokens"):
        if name in given:
            given[name] = list(given[name])
    if "early_stopping" in given:
        given["early_stopping"] = choose(_EARLY_STOPPING, given["early_stopping"], "early_stopping")
    return given
