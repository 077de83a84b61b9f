# SPDX-License-Identifier: Apache-2.0
"""The schemas of schemas.json, and what jsonschema says of texts."""
import datetime
import json
import os

import jsonschema

HERE = os.path.dirname(os.path.abspath(__file__))


def load():
    with open(os.path.join(HERE, "schemas.json"), encoding="utf-8") as file:
        return json.load(file)


def formats():
    """What jsonschema checks by itself, and times by Python."""
    checker = jsonschema.FormatChecker(["date", "uuid", "email", "ipv4"])
    checker.checks("time", raises=ValueError)(lambda text: datetime.time.fromisoformat(text).tzinfo is not None)
    checker.checks("date-time", raises=ValueError)(lambda text: datetime.datetime.fromisoformat(text).tzinfo is not None)
    return checker


CHECKER = formats()


def problem(schema, text):
    """What is wrong with a text, or None."""
    validator = jsonschema.Draft202012Validator(schema, format_checker=CHECKER)
    try:
        error = next(validator.iter_errors(json.loads(text)), None)
    except json.JSONDecodeError as wrong:
        return str(wrong)
    return error.message if error else None
