# SPDX-License-Identifier: Apache-2.0
"""Texts of the bundled model under the schemas of the grammar's tests: all that are complete must be valid. The test
draws a few; a long run:

  LLMC_BUILD=build/release .venv/bin/python test/e2e/constrained.py 10000
"""
import json
import os
import sys

import harness

sys.path.insert(0, os.path.join(harness.ROOT, "test", "unit", "grammar"))
import schemas  # noqa: E402

PROMPT = "Here is what the king wrote down about the old woman and her goose: "
# Drawn without much thought, so that strings end and numbers are not one digit for ever.
SETTINGS = dict(temperature=1.5, max_tokens=300)


def draw(session, count, seed=1):
    """Draws so many texts of each schema in turn, and returns how many were valid and how many were cut."""
    valid = cut = 0
    for name, schema in schemas.load().items():
        texts = session.generate(PROMPT, json_schema=json.dumps(schema), sequences=count, seed=seed, **SETTINGS)
        for text in texts:
            if text.finish == "length":
                cut += 1
                continue
            assert text.finish == "end_token", f"{name}: {text.finish}: {text.text}"
            problem = schemas.problem(schema, text.text)
            assert problem is None, f"{name}: {text.text}: {problem}"
            valid += 1
    return valid, cut


def main(wanted):
    session = harness.library().open(harness.TALES_ARTIFACT, 2).session()
    valid = cut = seed = 0
    while valid < wanted:
        more = draw(session, 20, seed)
        valid, cut, seed = valid + more[0], cut + more[1], seed + 1
        print(f"{valid} texts are valid, {cut} were cut at {SETTINGS['max_tokens']} tokens", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
