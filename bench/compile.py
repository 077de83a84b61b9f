# SPDX-License-Identifier: Apache-2.0
"""Time and memory of compiling.

    compile.py                   a 1.5 GB model, with its weights beside the .onnx file and inline; whether both, and 1 or 2
                                 jobs, give the same bytes. Needs 10 GB of disk under build/.
    compile.py --shapes NAME...  shapes of bench/models.py
    compile.py --folders DIR...  .onnx files in these folders, and in theirs
"""
import argparse
import glob
import hashlib
import os
import subprocess
import sys
import time

import models

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WORK = os.path.join(ROOT, "build", "bench", "large")
LLMC = os.path.join(ROOT, "build", "release", "bin", "llmc")


def memory(pid):
    """RssAnon, what is not a mapping of a file, and VmHWM, the most that was resident with mappings, in bytes."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            kb = {key: int(rest.split()[0]) for key, rest in (line.split(":", 1) for line in file) if rest.endswith("kB\n")}
        return kb.get("RssAnon", 0) * 1024, kb.get("VmHWM", 0) * 1024
    except OSError:
        return 0, 0


def compile_model(model, artifact, jobs):
    """Seconds, and the peaks of RssAnon and of all resident memory."""
    start, anonymous, resident = time.time(), 0, 0
    process = subprocess.Popen([LLMC, "compile", "-q", model, "-o", artifact, "--jobs", str(jobs)])
    while process.poll() is None:
        now = memory(process.pid)
        anonymous, resident = max(anonymous, now[0]), max(resident, now[1])
        time.sleep(0.002)
    if process.returncode:
        raise RuntimeError(f"{model}: exit code {process.returncode}")
    return time.time() - start, anonymous, resident


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def weigh(folder):
    return sum(os.path.getsize(path) for path in glob.glob(os.path.join(folder, "*.onnx*")))


def large():
    """Whether all ways give the same bytes."""
    digests = set()
    for layout in ("external", "inline"):
        folder = os.path.join(WORK, layout)
        model = os.path.join(folder, "model.onnx")
        if not os.path.exists(model):
            print(f"making {model}", file=sys.stderr)
            models.make("large", folder, inline=layout == "inline")
        for jobs in (1, 2):
            artifact = os.path.join(folder, "out.llmc")
            seconds, anonymous, _ = compile_model(model, artifact, jobs)
            digests.add(digest(artifact))
            print(f"{layout:9} {weigh(folder) / 1e9:.2f} GB, {jobs} jobs: {seconds:5.1f} s, "
                  f"RssAnon at most {anonymous >> 20} MiB", flush=True)
            os.remove(artifact)
    print("the same bytes" if len(digests) == 1 else f"{len(digests)} different artifacts")
    return len(digests) == 1


def table(named):
    """A row for each (name, .onnx file); whether all compile."""
    artifact = os.path.join(WORK, "row.llmc")
    failures = 0
    print(f"{'model':<40}{'MB':>9}{'s':>8}{'RssAnon MiB':>13}{'resident MiB':>14}")
    for name, model in named:
        try:
            seconds, anonymous, resident = compile_model(model, artifact, 2)
        except RuntimeError as e:
            failures += 1
            print(f"{name:<40}{e}")
            continue
        print(f"{name:<40}{weigh(os.path.dirname(model)) / 1e6:>9.1f}{seconds:>8.2f}{anonymous >> 20:>13}{resident >> 20:>14}",
              flush=True)
        os.remove(artifact)
    return not failures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shapes", nargs="*", default=[], choices=models.SHAPES)
    parser.add_argument("--folders", nargs="*", default=[])
    options = parser.parse_args()
    os.makedirs(WORK, exist_ok=True)
    named = []
    for shape in options.shapes:
        folder = os.path.join(WORK, shape)
        if not os.path.exists(os.path.join(folder, "model.onnx")):
            models.make(shape, folder)
        named.append((shape, os.path.join(folder, "model.onnx")))
    for folder in options.folders:
        for model in sorted(glob.glob(os.path.join(folder, "**", "*.onnx"), recursive=True)):
            named.append((os.path.relpath(model, folder), model))
    sys.exit(not (table(named) if named else large()))


if __name__ == "__main__":
    main()
