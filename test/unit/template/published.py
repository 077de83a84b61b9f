#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Renders the chat templates that published packages ship, here and with Jinja2, over conversations of every shape.

Fetches the packages (without what they need, some MB) and is thus no test of its own:
  .venv/bin/python test/unit/template/published.py --program build/release/bin/render-templates"""
import argparse
import os
import subprocess
import sys
import tempfile
import zipfile

import conversations
import jinja2_test
import oracle

PACKAGES = ("axolotl==0.19.0", "trl==1.16.0")


def fetch(folder):
    """(name, source) of each template in the packages."""
    subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps", "-d", folder,
                    *PACKAGES], check=True)
    for wheel in sorted(os.listdir(folder)):
        with zipfile.ZipFile(os.path.join(folder, wheel)) as archive:
            for name in sorted(archive.namelist()):
                if name.endswith(".jinja"):
                    yield name, archive.read(name).decode()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, nargs="+", help="render-templates")
    args = parser.parse_args()
    program = oracle.Program(args.program)
    comparison = jinja2_test.Comparison(program)
    templates = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, source in fetch(folder):
            before = comparison.texts
            for conversation, variables in conversations.variables():
                comparison.check(f"{name} on {conversation}", source, variables)
            templates += 1
            if comparison.texts == before:
                print(f"{name}: Jinja2 renders nothing with it", file=sys.stderr)
    program.close()
    for problem in comparison.problems[:20]:
        print(problem, file=sys.stderr)
    print(f"{templates} templates, {comparison.count} renderings, {comparison.texts} of them to a text, {comparison.skipped} "
          f"that only Jinja2 takes, {len(comparison.problems)} differences")
    sys.exit(0 if templates and not comparison.problems and not comparison.skipped else 1)


if __name__ == "__main__":
    main()
