# SPDX-License-Identifier: Apache-2.0
"""Small models of texts that look their outputs up in tables, so that NumPy tells what is right."""
import json
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers, processors

WORDS = "[UNK] [CLS] [SEP] [MASK] ann bob lives in par ##is new york , . the city of ##s and works".split()
IDS = {word: i for i, word in enumerate(WORDS)}
LABELS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
RNG = np.random.default_rng(5)


def draw(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def write(folder, tables, nodes, config=(), types=False):
    """A model of token ids (and types) whose tables are gathered by `nodes`."""
    os.makedirs(folder, exist_ok=True)
    inputs = ["input_ids"] + ["token_type_ids"] * types
    outputs = [node.output[0] for node in nodes if node.name == "output"]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info(i, TensorProto.INT64, ["batch", "n"]) for i in inputs],
                              [helper.make_tensor_value_info(o, TensorProto.FLOAT, None) for o in outputs],
                              [numpy_helper.from_array(array, name) for name, array in tables.items()])
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    onnx.save(onnx.shape_inference.infer_shapes(proto), os.path.join(folder, "model.onnx"))
    with open(os.path.join(folder, "config.json"), "w", encoding="utf-8") as file:
        json.dump(dict(config), file)
    tokenizer = Tokenizer(models.WordPiece(IDS, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 1), ("[SEP]", 2)])
    tokenizer.add_special_tokens(["[CLS]", "[SEP]", "[MASK]"])
    tokenizer.save(os.path.join(folder, "tokenizer.json"))
    return tokenizer


def gather(table, output, name="output"):
    return helper.make_node("Gather", [table, "input_ids"], [output], name=name)
