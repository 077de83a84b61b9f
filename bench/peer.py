# SPDX-License-Identifier: Apache-2.0
"""onnxruntime as the benchmarks use it: all optimizations, inputs and caches bound, so that nothing is copied between
steps."""
import numpy as np
import onnxruntime

VERSION = onnxruntime.__version__


def open_session(path, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


class Encoder:
    def __init__(self, path, threads):
        self.session = open_session(path, threads)

    def run(self, inputs):
        return self.session.run(None, inputs)[0]

    def prepare(self, inputs):
        return lambda: self.session.run(None, inputs)


class Decoder:
    """A decoder with past_key_values.* inputs and present.* outputs."""

    def __init__(self, path, threads):
        self.session = open_session(path, threads)
        inputs = {i.name: i for i in self.session.get_inputs()}
        self.pasts = {n: n.replace("past_key_values", "present") for n in inputs if n.startswith("past_key_values")}
        shape = inputs[next(iter(self.pasts))].shape
        empty = np.zeros((1, shape[1], 0, shape[3]), np.float32)
        # The caches after each length that rewind() may go back to.
        self.kept = {0: {n: onnxruntime.OrtValue.ortvalue_from_numpy(empty) for n in self.pasts}}
        self.length, self.caches = 0, self.kept[0]

    def rewind(self, length):
        self.length, self.caches = length, self.kept[length]

    def append(self, tokens):
        """Logits of the last token."""
        ids = np.asarray(tokens, np.int64).reshape(1, -1)
        total = self.length + ids.shape[1]
        binding = self.session.io_binding()
        binding.bind_cpu_input("input_ids", ids)
        binding.bind_cpu_input("attention_mask", np.ones((1, total), np.int64))
        binding.bind_cpu_input("position_ids", np.arange(self.length, total, dtype=np.int64)[None])
        for name, value in self.caches.items():
            binding.bind_ortvalue_input(name, value)
        names = [o.name for o in self.session.get_outputs()]
        for name in names:
            binding.bind_output(name, "cpu")
        self.session.run_with_iobinding(binding)
        outputs = dict(zip(names, binding.get_outputs()))
        self.caches = {name: outputs[present] for name, present in self.pasts.items()}
        self.length = total
        if ids.shape[1] > 1:
            self.kept[total] = self.caches
        return outputs["logits"].numpy()[0, -1]
