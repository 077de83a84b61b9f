# SPDX-License-Identifier: Apache-2.0
"""onnxruntime as a program would use it: all optimizations, inputs and caches bound, so that nothing is copied between
steps."""
import numpy as np
import onnxruntime

from engines import Engine

TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16}


class Peer(Engine):
    name, version = "onnxruntime", onnxruntime.__version__

    def __init__(self):
        self.sessions = {}

    def takes(self, row, model):
        return model.precision != "bf16" or model.rounds  # its CPU kernels lack bf16

    def open(self, path, threads):
        if (path, threads) not in self.sessions:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
            options.log_severity_level = 3
            session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
            self.sessions[path, threads] = session
        return self.sessions[path, threads]

    def encoder(self, model, threads):
        return Encoder(self.open(model.onnx, threads))

    def decoder(self, model, threads, capacity):
        return Decoder(self.open(model.last, threads))

    def close(self):
        self.sessions.clear()


class Encoder:
    def __init__(self, session):
        self.session = session

    def run(self, inputs):
        return self.session.run(None, inputs)[0]

    def prepare(self, inputs):
        return lambda: self.session.run(None, inputs)


class Decoder:
    """A decoder with past_key_values.* inputs and present.* outputs."""

    def __init__(self, session):
        self.session = session
        inputs = {i.name: i for i in session.get_inputs()}
        self.pasts = {n: n.replace("past_key_values", "present") for n in inputs if n.startswith("past_key_values")}
        self.names = [o.name for o in session.get_outputs()]
        first = inputs[next(iter(self.pasts))]
        empty = np.zeros((1, first.shape[1], 0, first.shape[3]), TYPES[first.type])
        self.empty = {n: onnxruntime.OrtValue.ortvalue_from_numpy(empty) for n in self.pasts}
        self.clear()

    def clear(self):
        self.length, self.caches = 0, self.empty

    def keep(self):
        self.kept = self.length, self.caches

    def rewind(self):
        self.length, self.caches = self.kept

    def append(self, tokens):
        ids = np.asarray(tokens, np.int64).reshape(1, -1)
        total = self.length + ids.shape[1]
        binding = self.session.io_binding()
        binding.bind_cpu_input("input_ids", ids)
        binding.bind_cpu_input("attention_mask", np.ones((1, total), np.int64))
        binding.bind_cpu_input("position_ids", np.arange(self.length, total, dtype=np.int64)[None])
        for name, value in self.caches.items():
            binding.bind_ortvalue_input(name, value)
        for name in self.names:
            binding.bind_output(name, "cpu")
        self.session.run_with_iobinding(binding)
        outputs = dict(zip(self.names, binding.get_outputs()))
        self.caches = {name: outputs[present] for name, present in self.pasts.items()}
        self.length = total
        return outputs["logits"].numpy()[0, -1]
