# SPDX-License-Identifier: Apache-2.0
"""OpenVINO on the same .onnx files, with the caches as states, as openvino.genai keeps them. Models of 16 bits are the
f32 model with that precision as a hint, which is how it runs them best."""
import numpy as np
import openvino
from openvino._offline_transformations import apply_make_stateful_transformation

from engines import Engine


class Peer(Engine):
    name, version = "openvino", openvino.__version__

    def __init__(self):
        self.core, self.compiled = openvino.Core(), {}

    def takes(self, row, model):
        return model.precision not in ("int8", "int4")  # int8 would need a calibration of its own

    def open(self, path, model, threads, prepare=None):
        key = path, model.precision, threads
        if key not in self.compiled:
            read = self.core.read_model(path)
            if prepare:
                prepare(read)
            self.compiled[key] = self.core.compile_model(read, "CPU", {
                "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY",
                "INFERENCE_PRECISION_HINT": model.precision, "KV_CACHE_PRECISION": model.precision})
        return self.compiled[key].create_infer_request()

    def encoder(self, model, threads):
        return Encoder(self.open(model.wide().onnx, model, threads))

    def decoder(self, model, threads, capacity):
        return Decoder(self.open(model.wide().last, model, threads, keep_caches))

    def close(self):
        self.compiled.clear()


def keep_caches(model):
    """past_key_values.* and present.* become states, of batch 1."""
    outputs = {o.get_any_name() for o in model.outputs}
    pairs, shapes = {}, {}
    for i in model.inputs:
        name, shape = i.get_any_name(), i.partial_shape
        shape[0] = 1
        shapes[name] = shape
        present = name.replace("past_key_values", "present")
        if present != name and present in outputs:
            pairs[name] = present
    model.reshape(shapes)
    apply_make_stateful_transformation(model, pairs)


class Encoder:
    def __init__(self, request):
        self.request = request

    def run(self, inputs):
        return np.array(self.request.infer(inputs)[0])

    def prepare(self, inputs):
        return lambda: self.request.infer(inputs, share_inputs=True, share_outputs=True)


class Decoder:
    def __init__(self, request):
        self.request = request
        self.clear()

    def clear(self):
        self.length = 0
        self.request.reset_state()

    def keep(self):
        self.kept = self.length, [np.array(s.state.data) for s in self.request.query_state()]

    def rewind(self):
        self.length, caches = self.kept
        for state, data in zip(self.request.query_state(), caches):
            state.state = openvino.Tensor(data)

    def append(self, tokens):
        ids = np.asarray(tokens, np.int64).reshape(1, -1)
        total = self.length + ids.shape[1]
        outputs = self.request.infer({"input_ids": ids, "attention_mask": np.ones((1, total), np.int64),
                                      "position_ids": np.arange(self.length, total, dtype=np.int64)[None]},
                                     share_inputs=True, share_outputs=True)
        self.length = total
        return outputs["logits"][0, -1]
