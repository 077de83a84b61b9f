# SPDX-License-Identifier: Apache-2.0
"""llama.cpp, or a program derived from it, through its llama-bench, for models that a GGUF file is given of."""
import json
import shlex
import subprocess

from engines import Engine


class Peer(Engine):
    def __init__(self, command, files):
        """command: [NAME=]PROGRAM [ARGUMENTS]"""
        first, *arguments = shlex.split(command)
        self.name, _, program = first.rpartition("=")
        self.name = self.name or "llama.cpp"
        self.command, self.files, self.version = [program, *arguments], files, "?"
        text = subprocess.run([program, "--help"], capture_output=True, text=True).stdout
        self.has_depth = "--n-depth" in text

    def takes(self, row, model):
        return model.name in self.files and row.kind in ("prefill", "decode")

    def sample(self, row, model, threads):
        if row.kind == "prefill":
            work = ["-p", str(row.length), "-n", "0"]
        elif self.has_depth:
            work = ["-p", "0", "-n", str(row.tokens), "-d", str(row.length)]
        else:
            work = ["-p", "0", "-n", "0", "-gp", f"{row.length},{row.tokens}"]

        def run():
            command = [*self.command, "-m", self.files[model.name], "-t", str(threads), "-r", "1", "-o", "json", *work]
            out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            result = json.loads(out[out.index("["):])[-1]
            self.version = str(result.get("build_commit", "?"))
            return result["avg_ts"]
        return run
