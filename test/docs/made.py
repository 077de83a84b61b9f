# SPDX-License-Identifier: Apache-2.0
"""What documents that scripts make share: written anew, or compared with what is stored."""
import difflib
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def finish(document, made, update):
    """Writes the document, or shows how the stored one differs; the exit code."""
    path = os.path.join(ROOT, document)
    if update:
        with open(path, "w", encoding="utf-8") as file:
            file.write(made)
        return 0
    stored = ""
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            stored = file.read()
    sys.stdout.writelines(difflib.unified_diff(stored.splitlines(True), made.splitlines(True), document, "made"))
    return 0 if made == stored else 1
