# SPDX-License-Identifier: Apache-2.0
"""Folders of an encoder and a decoder, out of test/models, and what onnxruntime makes of them without caches."""
import json
import os
import shutil

import numpy as np
import onnx
from onnx import helper
from tokenizers import Tokenizer, models, pre_tokenizers

import harness
from exported import session

VOCABULARY = 320
FILES = {"encoder": "encoder_model", "decoder": "decoder_model", "decoder_with_past": "decoder_with_past_model"}


def write_json(folder, name, value):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        json.dump(value, file)


def write_tokenizer(folder, names=()):
    """Words w0, w1, ..., some of which have other names; those in <> are special."""
    names = dict(names)
    vocabulary = {names.get(i, f"w{i}"): i for i in range(VOCABULARY)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="w0"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.add_special_tokens([name for name in names.values() if name.startswith("<")])
    tokenizer.save(os.path.join(folder, "tokenizer.json"))


def write_folder(folder, family, config, merged=False, names=()):
    os.mkdir(folder)
    for part, name in FILES.items():
        shutil.copy(os.path.join(harness.MODELS, f"opt_{family}_{part}", "model.onnx"), os.path.join(folder, name + ".onnx"))
    if merged:
        merge(folder)
    write_json(folder, "config.json", config)
    write_tokenizer(folder, names)


def branch(graph, prefix, outputs):
    """The graph as a body without inputs: its own names get a prefix, and what it lacks of `outputs` is empty."""
    captured = {value.name for value in graph.input}
    rename = {}
    for node in graph.node:
        rename.update({name: prefix + name for name in node.output if name})
    for tensor in graph.initializer:
        rename[tensor.name] = prefix + tensor.name
    assert not captured & set(rename)
    for node in graph.node:
        node.input[:] = [rename.get(name, name) for name in node.input]
        node.output[:] = [rename.get(name, name) for name in node.output]
    for tensor in graph.initializer:
        tensor.name = rename[tensor.name]
    made, nodes = {value.name for value in graph.output}, list(graph.node)
    for output in outputs:
        if output.name not in made:
            empty = np.zeros([0] + [d.dim_value or 1 for d in output.type.tensor_type.shape.dim][1:], np.float32)
            nodes.append(helper.make_node("Constant", [], [prefix + output.name], value=onnx.numpy_helper.from_array(empty)))
    results = [helper.make_tensor_value_info(prefix + o.name, o.type.tensor_type.elem_type, None) for o in outputs]
    return helper.make_graph(nodes, prefix, [], results, list(graph.initializer))


def merge(folder):
    """The two files of a decoder as the branches of one If, as exporters write it."""
    first, later = (onnx.load(os.path.join(folder, FILES[part] + ".onnx")) for part in ("decoder", "decoder_with_past"))
    inputs = {value.name: value for graph in (first.graph, later.graph) for value in graph.input}
    outputs = list(first.graph.output)
    choice = helper.make_tensor_value_info("use_cache_branch", onnx.TensorProto.BOOL, [1])
    node = helper.make_node("If", ["use_cache_branch"], [o.name for o in outputs],
                            then_branch=branch(later.graph, "later/", outputs), else_branch=branch(first.graph, "first/", outputs))
    graph = helper.make_graph([node], "merged", [*inputs.values(), choice], outputs)
    onnx.save(helper.make_model(graph, opset_imports=first.opset_import, ir_version=first.ir_version),
              os.path.join(folder, "decoder_model_merged.onnx"))
    for part in ("decoder", "decoder_with_past"):
        os.remove(os.path.join(folder, FILES[part] + ".onnx"))


class Oracle:
    """Log probabilities of the next token by the decoder's first step, over all tokens each time."""

    def __init__(self, family):
        self.encoder, self.decoder = (session(os.path.join(harness.MODELS, f"opt_{family}_{part}", "model.onnx"))
                                      for part in ("encoder", "decoder"))

    def read(self, **inputs):
        self.hidden = self.encoder.run(["last_hidden_state"], inputs)[0]
        return self

    def logits(self, tokens):
        feeds = {"input_ids": np.array([tokens], np.int64), "encoder_hidden_states": self.hidden}
        if "encoder_attention_mask" in [i.name for i in self.decoder.get_inputs()]:
            feeds["encoder_attention_mask"] = np.ones(self.hidden.shape[:2], np.int64)
        return self.decoder.run(["logits"], feeds)[0][0, -1].astype(np.float64)

    def logprobs(self, tokens):
        logits = self.logits(tokens)
        logits -= logits.max()
        return logits - np.log(np.exp(logits).sum())
