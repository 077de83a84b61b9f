# SPDX-License-Identifier: Apache-2.0
"""Cases in folders, and llmc on them: graphs with equal opsets and tolerances share a model, which is compiled once; where
one fails, its halves are tried."""
import json
import os
import re
import shutil
import subprocess

import numpy as np
from onnx import numpy_helper

from graph import element_type, make_model

PER_MODEL = 24


class Drawn:
    """A graph with its expected results for one or more sets of feeds."""

    def __init__(self, family, index, graph, sets, tolerance):
        self.family, self.index, self.graph, self.sets, self.tolerance = family, index, graph, sets, tolerance
        self.code, self.message = 0, ""

    @property
    def name(self):
        return f"{self.family}-{self.index}"


def write_case(folder, drawn):
    """One model of several drawn graphs."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    types = {n: element_type(a.dtype) for d in drawn for n, a in d.sets[0][1].items()}
    with open(os.path.join(folder, "model.onnx"), "wb") as file:
        file.write(make_model([d.graph for d in drawn], types).SerializeToString())
    with open(os.path.join(folder, "data.json"), "w", encoding="utf-8") as file:
        # The least tolerance of all: what needs more passes alone.
        tolerances = [d.tolerance for d in drawn if max(d.tolerance) > 0] or [(0.0, 0.0)]
        json.dump({"rtol": min(t[0] for t in tolerances), "atol": min(t[1] for t in tolerances)}, file)
    for number in range(max(len(d.sets) for d in drawn)):
        data = os.path.join(folder, f"test_data_set_{number}")
        os.makedirs(data)
        for kind, which in (("input", 0), ("output", 1)):
            arrays = {n: a for d in drawn for n, a in d.sets[min(number, len(d.sets) - 1)][which].items()}
            for i, (name, array) in enumerate(arrays.items()):
                with open(os.path.join(data, f"{kind}_{i}.pb"), "wb") as file:
                    file.write(numpy_helper.from_array(np.asarray(array, order="C"), name).SerializeToString())


def models_of(drawn):
    """Groups of graphs for one model each, of similar tolerances; integers, which are exact under all, join any."""
    models = []
    for opset in dict.fromkeys(d.graph.opset for d in drawn):
        same = sorted((d for d in drawn if d.graph.opset == opset), key=lambda d: (d.tolerance, d.name))
        exact, rest = ([d for d in same if (max(d.tolerance) == 0) == zero] for zero in (True, False))
        group = []
        for d in rest:
            if group and (len(group) == PER_MODEL or max(d.tolerance) > 64 * max(group[0].tolerance)):
                models.append(group)
                group = []
            group.append(d)
        rooms = [*models, group] if group else models
        for place, d in enumerate(exact):
            if place < len(rooms) * PER_MODEL // 2:
                rooms[place % len(rooms)].append(d)
        late = exact[len(rooms) * PER_MODEL // 2:]
        models += ([group] if group else []) + [late[i:i + PER_MODEL] for i in range(0, len(late), PER_MODEL)]
    return models


class Llmc:
    def __init__(self, program, work, jobs, targets):
        self.program, self.work, self.jobs, self.targets = program, work, jobs, targets

    def verify(self, folder):
        """(exit code, message) by case."""
        command = [self.program, "verify", folder, "--jobs", str(self.jobs), "--json", "--timeout", "600"]
        for target in self.targets:
            command += ["--target", target]
        if self.jobs > 1:
            command += ["--threads", "1"]
        run = subprocess.run(command, capture_output=True, text=True, timeout=3000, check=False)
        document = json.loads(run.stdout)
        if "cases" not in document:
            raise RuntimeError(run.stdout + run.stderr)
        return {os.path.basename(c["name"]): (c["code"], self.reason(c["message"])) for c in document["cases"]}

    def reason(self, message):
        message = re.sub(r"\S*?(model\.onnx|test_data_set_\d+): ", "", message)
        return re.sub(r"\s+", " ", message)

    def verify_groups(self, groups, name):
        folder = os.path.join(self.work, name)
        shutil.rmtree(folder, ignore_errors=True)
        for i, group in enumerate(groups):
            write_case(os.path.join(folder, f"m{i}"), group)
        codes = self.verify(folder) if groups else {}
        shutil.rmtree(folder, ignore_errors=True)
        return [codes[f"m{i}"] for i in range(len(groups))]

    def check(self, drawn):
        """Sets each one's exit code and message."""
        groups = models_of(drawn)
        while groups:
            halves = []
            for group, (code, message) in zip(groups, self.verify_groups(groups, "models")):
                if code and len(group) > 1:
                    halves += [group[:len(group) // 2], group[len(group) // 2:]]
                    continue
                for d in group:
                    d.code, d.message = code, message
            groups = halves
        for d in drawn:
            if d.code == 3:
                d.message = self.notes(d) or d.message

    def notes(self, drawn):
        """Which nodes are not supported, and why."""
        folder = os.path.join(self.work, "notes")
        write_case(folder, [drawn])
        model = os.path.join(folder, "model.onnx")
        run = subprocess.run([self.program, "check", model], capture_output=True, text=True, timeout=120, check=False)
        return "; ".join(re.findall(r"^note: .*: (.*)$", run.stderr, re.MULTILINE))

    def outputs(self, drawn):
        """What llmc computes for the first feeds, by name; None if it does not."""
        folder = os.path.join(self.work, "run")
        write_case(folder, [drawn])
        artifact = os.path.join(self.work, "run.llmc")
        compile_ = [self.program, "compile", "-q", os.path.join(folder, "model.onnx"), "-o", artifact]
        for target in self.targets:
            compile_ += ["--target", target]
        out = os.path.join(self.work, "out")
        shutil.rmtree(out, ignore_errors=True)
        run = [self.program, "run", artifact, "--inputs", os.path.join(folder, "test_data_set_0"), "--outputs", out]
        for command in (compile_, run):
            if subprocess.run(command, capture_output=True, timeout=120, check=False).returncode:
                return None
        with open(os.path.join(out, "signature.json"), encoding="utf-8") as file:
            signature = json.load(file)
        arrays = {}
        for o in signature["tensors"]:
            array = np.load(os.path.join(out, o["file"])) if o["file"].endswith(".npy") else None
            want = drawn.sets[0][1][o["name"]]
            arrays[o["name"]] = array.view(want.dtype) if array is not None and array.dtype != want.dtype else array
        return arrays
