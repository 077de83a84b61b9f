# SPDX-License-Identifier: Apache-2.0
"""Time and memory of compiling a 1.5 GB model, with its weights beside the .onnx file and inline; and whether both, and
1 or 2 jobs, give the same bytes. Needs 10 GB of disk under build/."""
import hashlib
import os
import subprocess
import sys
import time

import models

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WORK = os.path.join(ROOT, "build", "bench", "large")
LLMC = os.path.join(ROOT, "build", "release", "bin", "llmc")


def anonymous_memory(pid):
    """RssAnon in bytes: what is not a mapping of a file."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            return next((int(line.split()[1]) * 1024 for line in file if line.startswith("RssAnon")), 0)
    except OSError:
        return 0


def compile_model(model, artifact, jobs):
    start, peak = time.time(), 0
    process = subprocess.Popen([LLMC, "compile", "-q", model, "-o", artifact, "--jobs", str(jobs)])
    while process.poll() is None:
        peak = max(peak, anonymous_memory(process.pid))
        time.sleep(0.01)
    if process.returncode:
        sys.exit(process.returncode)
    return time.time() - start, peak


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main():
    digests = set()
    for layout in ("external", "inline"):
        folder = os.path.join(WORK, layout)
        model = os.path.join(folder, "model.onnx")
        if not os.path.exists(model):
            print(f"making {model}", file=sys.stderr)
            models.make("large", folder, inline=layout == "inline")
        size = sum(os.path.getsize(os.path.join(folder, f)) for f in os.listdir(folder) if f.startswith("model.onnx"))
        for jobs in (1, 2):
            artifact = os.path.join(folder, "out.llmc")
            seconds, peak = compile_model(model, artifact, jobs)
            digests.add(digest(artifact))
            print(f"{layout:9} {size / 1e9:.2f} GB, {jobs} jobs: {seconds:5.1f} s, RssAnon at most {peak >> 20} MiB",
                  flush=True)
            os.remove(artifact)
    print("the same bytes" if len(digests) == 1 else f"{len(digests)} different artifacts")
    sys.exit(len(digests) != 1)


main()
