# SPDX-License-Identifier: Apache-2.0
"""What the package's tests share: the package `llmc` of PYTHONPATH, and the harness of the end-to-end tests. The package
is imported first, because benchmarks have a module of that name, which the harness takes otherwise."""
import os
import sys

import llmc

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "e2e"))
import harness  # noqa: E402


class Case(harness.Case):
    def fails(self, code, pattern):
        """A context whose body raises llmc.Error of this code."""
        case = self

        class Raises:
            def __enter__(self):
                return self

            def __exit__(self, kind, error, trace):
                case.assertIsInstance(error, llmc.Error)
                case.assertEqual(error.code, code)
                case.assertRegex(str(error), pattern)
                return True

        return Raises()


__all__ = ["Case", "harness", "llmc"]
