# SPDX-License-Identifier: Apache-2.0
"""llama.cpp through its llama-bench, for models that a GGUF file is given of."""
import json
import subprocess

from engines import Engine


class Peer(Engine):
    name = "llama.cpp"

    def __init__(self, program, files):
        self.program, self.files, self.version = program, files, "?"

    def takes(self, row, model):
        return model.name in self.files and row.kind in ("prefill", "decode")

    def sample(self, row, model, threads):
        work = (["-p", str(row.length), "-n", "0"] if row.kind == "prefill"
                else ["-p", "0", "-n", str(row.tokens), "-d", str(row.length)])

        def run():
            command = [self.program, "-m", self.files[model.name], "-t", str(threads), "-r", "1", "-o", "json", *work]
            out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            result = json.loads(out[out.index("["):])[-1]
            self.version = str(result.get("build_commit", "?"))
            return result["avg_ts"]
        return run
