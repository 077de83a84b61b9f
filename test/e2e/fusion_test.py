# SPDX-License-Identifier: Apache-2.0
"""Every fusion against the same program without it: the same bits where the fused kernel does the same arithmetic, else
within what is rounded less often. On the reference target, and on each kind of vector code that this CPU runs."""
import concurrent.futures
import glob
import json
import os

import numpy as np
import onnx

import cases
import harness
from cases import node

GATED, MERGED = "llmc-recognise-match-gated-mlp", "llmc-recognise-merge-linears"
NORMED, TURNED = "llmc-fuse-fuse-rope-norms", "llmc-fuse-merge-ropes"
EPILOGUE, SUMMED = "llmc-fuse-fuse-epilogues", "llmc-fuse-fuse-add-norms"
ROUNDED, MAPS = "llmc-fuse-fuse-roundings", "llmc-fuse-fuse-maps"
# Layers of our own, by their types.
MADE = {"singles": np.float32, "halves": np.float16}
# What each model shows; neighbours run on different vector code.
SHOWN = {
    "opt_llama_gqa": [MERGED, TURNED],
    "opt_phi3": [GATED, TURNED],
    "opt_qwen3": [NORMED],
    "opt_gemma3": [NORMED, EPILOGUE],
    "opt_whisper_encoder": [EPILOGUE],
    "opt_bert_feat": [MERGED, EPILOGUE, MAPS],
    "q_llama_dyn_u8": [EPILOGUE, ROUNDED],
    "q_llama_nb4_sym128_acc4": [ROUNDED],
    "opt_gpt2": [SUMMED],
    "singles": [EPILOGUE, SUMMED, MAPS],
    "halves": [GATED, MERGED, EPILOGUE, SUMMED, MAPS],
}


def allowed(fusion, model, target):
    """How far outputs may be apart, as `distance` measures it; 0: the same bits."""
    if model == "halves" and fusion != SUMMED:  # one result or two are rounded less often, also where a product that is
        return 4                                # not merged takes an activation
    if fusion == EPILOGUE and (target == "ref" or model == "singles"):
        return 4  # the reference target sums in double, and rounds once instead of twice; a divisor becomes a factor
    if fusion == ROUNDED and target != "ref":  # exact sums of integers, not f32 ones
        return 32
    return 0


def layer(dtype):
    """A layer with capped logits that shows in any type what the exported models show in f32, with inputs for it."""
    rng = np.random.default_rng(5)

    def weight(name, *shape):
        return cases.initializer(name, rng.uniform(-0.3, 0.3, shape).astype(dtype))

    feeds = {"e": (2, 7, 64), "p": (2, 7, 64), "r": (2, 7, 48)}
    feeds = {name: rng.standard_normal(shape).astype(dtype) for name, shape in feeds.items()}
    nodes = [node("Add", ["e", "p"], ["x"]), node("LayerNormalization", ["x", "wn", "bn"], ["n"]),
             node("MatMul", ["n", "wa"], ["a0"]), node("Add", ["a0", "ba"], ["a"]), node("MatMul", ["n", "wb"], ["b"]),
             node("Tanh", ["a"], ["ta"]), node("Mul", ["ta", "b"], ["ab"]), node("Add", ["ab", "r"], ["y"]),
             node("MatMul", ["n", "wg"], ["g"]), node("Sigmoid", ["g"], ["s"]), node("Mul", ["g", "s"], ["silu"]),
             node("MatMul", ["n", "wu"], ["u"]), node("Mul", ["silu", "u"], ["h"]), node("MatMul", ["h", "wd"], ["d"]),
             node("Add", ["x", "d"], ["z0"]), node("MatMul", ["z0", "wz"], ["z1"]), node("Div", ["z1", "cap"], ["z2"]),
             node("Tanh", ["z2"], ["z3"]), node("Mul", ["z3", "cap"], ["z"])]
    stored = [weight("wn", 64), weight("bn", 64), weight("wa", 64, 48), weight("ba", 48), weight("wb", 64, 48),
              weight("wg", 64, 80), weight("wu", 64, 80), weight("wd", 80, 64), weight("wz", 64, 16),
              cases.initializer("cap", np.array(3, dtype))]
    kind = cases.onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    return cases.model(nodes, feeds, stored, [("y", kind), ("z", kind)]), feeds


def vectors(folder):
    """The inputs of every test vector, by name."""
    for data in sorted(glob.glob(os.path.join(folder, "test_data_set_*"))):
        tensors = {}
        for path in glob.glob(os.path.join(data, "input_*.pb")):
            with open(path, "rb") as file:
                proto = onnx.TensorProto.FromString(file.read())
            tensors[proto.name] = np.ascontiguousarray(onnx.numpy_helper.to_array(proto))
        yield tensors


def distance(x, y):
    """The largest difference, in units in the last place of the largest number; 0 for the same bits alone."""
    if x.tobytes() == y.tobytes():
        return 0
    wide, other = x.astype(float), y.astype(float)
    unit = np.spacing(np.abs(x).max()).astype(float)
    return max(np.abs(wide - other).max() / unit, np.finfo(float).tiny)


class Fusion(harness.Case):
    @classmethod
    def setUpClass(cls):
        cls.library = harness.library()

    def runnable(self, path):
        """The names of the vector targets whose code this CPU runs."""
        probe = self.compile(path, "probe.llmc", "--target", "x86-64-v3", "--target", "x86-64-v4", "--passes", "cse")
        code = json.loads(self.llmc("inspect", probe, "--json").stdout)["code"]
        return [c["target"] for c in code if not c["missing"]] or ["host"]

    def model(self, name):
        if name not in MADE:
            folder = os.path.join(harness.MODELS, name)
            return os.path.join(folder, "model.onnx"), list(vectors(folder))
        proto, feeds = layer(MADE[name])
        onnx.save(proto, self.path(f"{name}.onnx"))
        return self.path(f"{name}.onnx"), [feeds]

    def numbers(self, artifact, sets):
        code = json.loads(self.llmc("inspect", artifact, "--json").stdout)["code"]
        for target in (c["target"] for c in code):
            session = self.library.open(artifact, isa=target).session()
            yield target, [session.run(inputs, "raw") for inputs in sets]

    def program(self, path, name, target, without=None):
        """The artifact, and what the passes made of the model."""
        passes = self.llmc("compile", path, "--emit", "passes").stdout.splitlines()
        # One entry is enough: all run the same kernels.
        rest = [p for p in passes if p.split("{")[0] not in ("llmc-recognise-make-entries", without)]
        options = ["--passes", ",".join(rest)]
        return (self.compile(path, f"{name}.llmc", *options, "--target", "ref", "--target", target),
                self.llmc("compile", path, *options, "--emit", "fuse").stdout)

    def check(self, name, target):
        path, sets = self.model(name)
        artifact, ir = self.program(path, f"{name}.whole", target)
        want = dict(self.numbers(artifact, sets))
        for fusion in SHOWN[name]:
            artifact, apart = self.program(path, f"{name}.{fusion}", target, fusion)
            self.assertTrue(ir != apart, f"{fusion} does nothing in {name}")
            for at, got in self.numbers(artifact, sets):
                far = max(distance(x[o], y[o]) for x, y in zip(want[at], got) for o in x)
                self.assertLessEqual(far, allowed(fusion, name, at), f"{name} without {fusion} on {at}")

    def test_all_are_shown(self):
        """But the one that only gives gated layers their two kernels."""
        path = os.path.join(harness.MODELS, "opt_vit", "model.onnx")
        passes = self.llmc("compile", path, "--emit", "passes").stdout.splitlines()
        fusions = {p.split("{")[0] for p in passes if p.startswith("llmc-fuse-")} - {"llmc-fuse-split-gated-mlps"}
        self.assertEqual({f for fs in SHOWN.values() for f in fs}, fusions | {GATED, MERGED})

    def test_off_and_on(self):
        targets = self.runnable(os.path.join(harness.MODELS, "opt_vit", "model.onnx"))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            runs = {name: pool.submit(self.check, name, targets[i % len(targets)]) for i, name in enumerate(SHOWN)}
        for name, run in runs.items():
            with self.subTest(model=name):
                run.result()


harness.main()
