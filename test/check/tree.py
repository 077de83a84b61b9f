# SPDX-License-Identifier: Apache-2.0
"""The project's files, for the checks beside this one."""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def files(*endings):
    """Tracked files and new ones that are not ignored, relative to the root."""
    command = ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split("\0")
    return sorted(n for n in set(names)
                  if n and os.path.isfile(os.path.join(ROOT, n)) and (not endings or n.endswith(endings)))


def read(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return file.read()


def finish(problems):
    """Prints one problem a line and ends the check."""
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)
