# SPDX-License-Identifier: Apache-2.0
"""ONNX's own backend tests: conformance_test.py CASES [--update]

Every test passes or stands in expected.tsv with its exit code and the reason. One that stands there and passes is named,
so that its line can go; --update writes the list anew.
"""
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("LLMC_BUILD", os.path.join(HERE, "..", "..", "build", "release"))
LIST = os.path.join(HERE, "expected.tsv")
HEADER = "# Tests of ONNX that don't pass: name, exit code, reason. Sorted; conformance_test.py --update writes this.\n"


def run(cases):
    command = [os.path.join(BUILD, "bin", "llmc"), "verify", cases, "--jobs", str(os.cpu_count() or 1), "--json"]
    r = subprocess.run(command, capture_output=True, text=True, timeout=3000)
    return {os.path.basename(c["name"]): (c["code"], reason(c["message"], cases)) for c in json.loads(r.stdout)["cases"]}


def reason(message, cases):
    """The error line without the folder."""
    message = re.sub(re.escape(cases) + r"\S*?(model\.onnx|test_data_set_\d+): ", "", message)
    return re.sub(r"\s+", " ", message)


def read_list():
    with open(LIST, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    return {name: (int(code), why) for name, code, why in rows}


def main(cases, update=False):
    results = run(cases)
    failing = {name: r for name, r in results.items() if r[0] != 0}
    print(f"{len(results) - len(failing)} of {len(results)} tests pass")
    if update:
        with open(LIST, "w", encoding="utf-8") as file:
            file.write(HEADER)
            file.writelines(f"{name}\t{code}\t{why}\n" for name, (code, why) in sorted(failing.items()))
        return 0
    known = read_list()
    # What is listed may also be refused as not supported.
    broken = sorted(name for name, (code, _) in failing.items() if name not in known or code not in (3, known[name][0]))
    for name in broken:
        print(f"FAIL {name}: exit {failing[name][0]}, expected {known.get(name, (0,))[0]}: {failing[name][1]}")
    for name in sorted(set(known) - set(failing)):
        print(f"{name} {'passes now' if name in results else 'does not exist'}: drop it from expected.tsv")
    return 1 if broken else 0


sys.exit(main(os.path.abspath(sys.argv[1]), "--update" in sys.argv))
