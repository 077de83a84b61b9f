# SPDX-License-Identifier: Apache-2.0
"""Artifacts: the same bytes whatever the circumstances, several CPUs in one, and refused when anything is wrong."""
import json
import os
import shutil
import struct

import numpy as np

import harness

MODEL = os.path.join(harness.MODELS, "opt_llama_gqa")
RUN = ("--prompt", "a", "--max-tokens", "2")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def cpu_has_avx512():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        flags = next(line for line in file if line.startswith("flags")).split()
    return {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"} <= set(flags)


class Same(harness.Case):
    def test_jobs_and_place_do_not_matter(self):
        copy = self.path("elsewhere/deep")
        shutil.copytree(MODEL, copy)
        first = self.compile(MODEL, "a.llmc", "--jobs", "1")
        second = self.compile(copy, "b.llmc", "--jobs", "2")
        self.assertEqual(read(first), read(second))


class Targets(harness.Case):
    def test_two_in_one(self):
        artifact = self.compile(MODEL, "two.llmc", "--target", "x86-64-v3", "--target", "x86-64-v4")
        document = json.loads(self.llmc("inspect", artifact, "--json").stdout)
        self.assertEqual([c["target"] for c in document["code"]], ["x86-64-v3", "x86-64-v4"])
        one = self.compile(MODEL, "one.llmc", "--target", "x86-64-v3")
        weights = json.loads(self.llmc("inspect", one, "--json").stdout)["weights"]
        self.assertEqual(document["weights"], weights)  # shared by both
        for target in ["x86-64-v3"] + ["x86-64-v4"] * cpu_has_avx512():
            self.llmc("verify", artifact, "--data", MODEL, "--isa", target, "--rtol", "1e-3", "--atol", "1e-3")
        self.assertIn("aarch64", self.llmc("run", artifact, *RUN, "--isa", "aarch64", code=2).error)

    def test_another_machine(self):
        artifact = self.compile(MODEL, "arm.llmc", "--target", "aarch64")
        self.llmc("run", artifact, *RUN, code=6)

    def test_ref_agrees(self):
        library = harness.library()
        outputs = []
        for target in ("host", "ref"):
            session = library.open(self.compile(MODEL, target + ".llmc", "--target", target)).session()
            outputs.append(session.append([3, 5, 7, 11, 13]).copy())
        self.assertLess(float(np.abs(outputs[0] - outputs[1]).max()), 1e-4)


class Damaged(harness.Case):
    def setUp(self):
        super().setUp()
        self.artifact = self.compile(MODEL)
        self.bytes = read(self.artifact)

    def damaged(self, data):
        path = self.path("damaged.llmc")
        with open(path, "wb") as file:
            file.write(data)
        return path

    def sweep(self):
        """(place, exit code of opening) for a changed byte at places all over the file."""
        found = []
        for at in range(0, len(self.bytes), max(1, len(self.bytes) // 64)):
            changed = bytearray(self.bytes)
            changed[at] ^= 1
            found.append((at, self.status(self.damaged(changed))))
        return found

    def status(self, path, check_weights=False):
        try:
            harness.library().open(path, check_weights=check_weights)
            return 0
        except harness.llmc.Failure as failure:
            return failure.code

    def test_cut_short(self):
        for size in (0, 7, 64, 4096, len(self.bytes) // 2, len(self.bytes) - 1):
            error = self.llmc("run", self.damaged(self.bytes[:size]), *RUN, code=6).error
            self.assertIn("damaged.llmc", error)

    def test_not_an_artifact(self):
        self.llmc("run", self.damaged(b"PK\x03\x04" + bytes(8192)), *RUN, code=6)
        self.assertIn("nothere", self.llmc("run", self.path("nothere"), *RUN, code=2).error)

    def test_another_version(self):
        changed = bytearray(self.bytes)
        changed[8] ^= 0x40  # the format's version follows the magic
        self.llmc("run", self.damaged(changed), *RUN, code=6)

    def test_one_changed_byte(self):
        found = self.sweep()
        self.assertTrue(all(code in (0, 6) for _, code in found), found)
        quiet = [at for at, code in found if code == 0]  # weights, and padding between sections
        self.assertTrue(any(code == 6 for _, code in found) and quiet)
        for at in quiet:
            changed = bytearray(self.bytes)
            changed[at] ^= 1
            self.assertEqual(self.status(self.damaged(changed), check_weights=True), 6, f"byte {at}")

    def regions(self):
        """(what, first byte, end) of everything in the file, by runtime/model/Format.h."""
        count, size, table = struct.unpack_from("<IQQ", self.bytes, 12)
        yield "header", 0, 64
        yield "signature", 64, 4096
        yield "section table", table, size
        end = 4096
        for at in range(table, size, 56):
            kind, offset, length = struct.unpack_from("<I4xQQ", self.bytes, at)
            yield "padding", end, offset
            yield {1: "manifest", 2: "code", 3: "file", 4: "weights", 5: "chunks"}[kind], offset, offset + length
            end = offset + length
        yield "padding", end, table

    def test_every_region(self):
        seen = set()
        for what, first, end in self.regions():
            for at in sorted({first, (first + end) // 2, end - 1} if first < end else ()):
                changed = bytearray(self.bytes)
                changed[at] ^= 0x10
                path = self.damaged(changed)
                opened = self.status(path)
                self.assertEqual(opened, 0 if what == "weights" else 6, f"{what}, byte {at}")
                if what == "weights":
                    self.assertEqual(self.status(path, check_weights=True), 6, f"byte {at}")
                seen.add(what)
        self.assertEqual(seen, {"header", "signature", "section table", "manifest", "code", "file", "weights", "chunks",
                                "padding"})

    def test_verify_checks_weights(self):
        what, first, end = next(r for r in self.regions() if r[0] == "weights")
        changed = bytearray(self.bytes)
        changed[(first + end) // 2] ^= 1
        self.llmc("verify", self.damaged(changed), "--data", MODEL, code=6)

    def test_full_check(self):
        self.llmc("run", self.artifact, *RUN, "--check", "full")
        quiet = [at for at, code in self.sweep() if code == 0]
        changed = bytearray(self.bytes)
        changed[quiet[len(quiet) // 2]] ^= 1
        path = self.damaged(changed)
        self.llmc("inspect", path, "--check", code=6)
        self.llmc("run", path, *RUN, "--check", "full", code=6)


harness.main()
