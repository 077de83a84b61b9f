# SPDX-License-Identifier: Apache-2.0
"""Models with the shapes of well-known ones and random weights: make(NAME, FOLDER) writes FOLDER/model.onnx. A NAME
with -f16 or -bf16 behind it is the same model in that precision, its caches too, as exporters write it; with -int4, as
onnxruntime's quantizer does.

    models.py NAME FOLDER
"""
import json
import os
import sys
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper

from graph import PRECISIONS, Graph


@dataclass(frozen=True)
class Encoder:
    vocabulary: int
    hidden: int
    layers: int
    heads: int
    inner: int
    positions: int = 512

    def weights(self):
        """Elements that a product reads for every token."""
        return self.layers * (4 * self.hidden ** 2 + 2 * self.hidden * self.inner)

    def flops(self, batch, length):
        """Of the products, with attention."""
        return batch * length * (2 * self.weights() + self.layers * 4 * length * self.hidden)


@dataclass(frozen=True)
class Decoder:
    vocabulary: int
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    inner: int
    rope_base: float

    @property
    def head(self):
        return self.hidden // self.heads

    def weights(self):
        """Elements that a product reads for every token, without the LM head's."""
        attention = 2 * self.hidden * (self.heads + self.kv_heads) * self.head
        return self.layers * (attention + 3 * self.hidden * self.inner)

    def head_weights(self):
        return self.vocabulary * self.hidden

    def cache(self, length):
        """Elements of the keys and values of as many positions."""
        return self.layers * 2 * self.kv_heads * self.head * length

    def flops(self, length):
        """Of the products and the causal attention that the last position's logits need: of the last layer that is its
        keys and values, and one row of the rest."""
        keys = 2 * self.hidden * self.kv_heads * self.head
        products = length * (self.weights() - self.weights() // self.layers + keys)
        products += self.weights() // self.layers - keys + self.head_weights()
        pairs = (self.layers - 1) * length * (length + 1) // 2 + length
        return 2 * products + 4 * self.heads * self.head * pairs


SHAPES = {
    "bert": Encoder(30522, 768, 12, 12, 3072),            # BERT-base
    "minilm": Encoder(30522, 384, 6, 12, 1536),           # all-MiniLM-L6-v2
    "smollm": Decoder(49152, 576, 30, 9, 3, 1536, 1e5),   # SmolLM2-135M
    "qwen": Decoder(151936, 896, 24, 14, 2, 4864, 1e6),   # Qwen2.5-0.5B, without the biases of its projections
    "large": Decoder(36000, 2048, 5, 16, 4, 5632, 1e4),   # 1.5 GB, to compile
    "tiny-encoder": Encoder(320, 64, 2, 4, 96, 64),       # for trying this out
    "tiny-decoder": Decoder(320, 64, 2, 4, 2, 96, 1e4),
}


def layer_norm(g, x, name, hidden):
    scale, bias = g.weight(name + ".weight", np.ones(hidden)), g.weight(name + ".bias", np.zeros(hidden))
    return g.op("LayerNormalization", x, scale, bias, axis=-1, epsilon=1e-12)


def attend(g, q, k, v, mask, head):
    """softmax(q k^T / sqrt(head) + mask) v; q, v: [batch, heads, seq, head], k: [batch, heads, head, seq]."""
    root = g.number(head ** -0.25)  # the exporter scales both sides
    scores = g.op("MatMul", g.op("Mul", q, root), g.op("Mul", k, root))
    return g.op("MatMul", g.op("Softmax", g.op("Add", scores, mask), axis=-1), v)


def encoder(shape, precision):
    g = Graph(precision)
    hidden, head = shape.hidden, shape.hidden // shape.heads
    dims = ["batch_size", "sequence_length"]
    ids, attention, types = (g.input(n, dims) for n in ("input_ids", "attention_mask", "token_type_ids"))
    batch, length = g.size(ids, 0), g.size(ids, 1)

    positions = g.op("Slice", g.row(shape.positions), g.ints(0), g.op("Unsqueeze", length, g.ints(0)), g.ints(1),
                     g.ints(1))
    words = g.op("Gather", g.weight("embeddings.word", g.normal(shape.vocabulary, hidden)), ids)
    kinds = g.op("Gather", g.weight("embeddings.type", g.normal(2, hidden)), types)
    places = g.op("Gather", g.weight("embeddings.position", g.normal(shape.positions, hidden)), positions)
    x = layer_norm(g, g.op("Add", g.op("Add", words, kinds), places), "embeddings.norm", hidden)

    # 0 where a token is, the lowest float where padding is: [batch, 1, 1, seq]
    seen = g.op("Unsqueeze", g.op("Unsqueeze", attention, g.ints(1)), g.ints(2))
    hidden_part = g.op("Sub", g.number(1), g.op("Cast", seen, to=g.type))
    mask = g.op("Where", g.op("Cast", hidden_part, to=TensorProto.BOOL), g.number(g.lowest()), hidden_part)

    split = g.dims(batch, -1, shape.heads, head)
    for i in range(shape.layers):
        name = f"layer.{i}"
        q, k, v = (g.op("Reshape", g.linear(x, f"{name}.{part}", hidden, hidden, True), split) for part in "qkv")
        out = attend(g, g.op("Transpose", q, perm=[0, 2, 1, 3]), g.op("Transpose", k, perm=[0, 2, 3, 1]),
                     g.op("Transpose", v, perm=[0, 2, 1, 3]), mask, head)
        out = g.op("Reshape", g.op("Transpose", out, perm=[0, 2, 1, 3]), g.dims(batch, length, hidden))
        x = layer_norm(g, g.op("Add", g.linear(out, name + ".out", hidden, hidden, True), x), name + ".norm1", hidden)
        up = g.linear(x, name + ".up", hidden, shape.inner, True)
        erf = g.op("Erf", g.op("Div", up, g.number(np.sqrt(2))))
        gelu = g.op("Mul", g.op("Mul", up, g.op("Add", erf, g.number(1))), g.number(0.5))
        x = g.op("Add", g.linear(gelu, name + ".down", shape.inner, hidden, True), x)
        x = layer_norm(g, x, name + ".norm2", hidden)
    g.op("Identity", x, name="last_hidden_state")
    g.output("last_hidden_state", dims + [hidden])
    return g


def rms_norm(g, x, name, hidden):
    x = g.wide(x)
    mean = g.op("ReduceMean", g.op("Pow", x, g.scalar(2, np.float32)), g.ints(-1), keepdims=1)
    root = g.op("Sqrt", g.op("Add", mean, g.scalar(1e-5, np.float32)))
    scaled = g.op("Mul", x, g.op("Div", g.scalar(1, np.float32), root))
    return g.op("Mul", g.weight(name, np.ones(hidden)), g.narrow(scaled))


def rope_tables(g, position_ids, shape):
    """cos and sin, [batch, 1, seq, head]"""
    steps = shape.rope_base ** (-np.arange(0, shape.head, 2, dtype=np.float32) / shape.head)
    where = g.op("Cast", g.op("Unsqueeze", position_ids, g.ints(1)), to=TensorProto.FLOAT)  # [batch, 1, seq]
    angles = g.op("Transpose", g.op("MatMul", g.constant(steps.reshape(1, -1, 1)), where), perm=[0, 2, 1])
    angles = g.op("Concat", angles, angles, axis=-1)
    return [g.op("Unsqueeze", g.narrow(g.op(f, angles)), g.ints(1)) for f in ("Cos", "Sin")]


def rope(g, x, tables, head):
    first = g.op("Slice", x, g.ints(0), g.ints(head // 2), g.ints(3), g.ints(1))
    second = g.op("Slice", x, g.ints(head // 2), g.ints(2 ** 63 - 1), g.ints(3), g.ints(1))
    turned = g.op("Concat", g.op("Neg", second), first, axis=-1)
    return g.op("Add", g.op("Mul", x, tables[0]), g.op("Mul", turned, tables[1]))


def repeat_heads(g, x, batch, total, shape):
    """[batch, kv heads, total, head] -> [batch, heads, total, head]"""
    groups = shape.heads // shape.kv_heads
    wide = g.op("Expand", g.op("Unsqueeze", x, g.ints(2)), g.dims(batch, shape.kv_heads, groups, total, shape.head))
    return g.op("Reshape", wide, g.dims(batch, shape.heads, total, shape.head))


def causal_mask(g, attention, past, length, total):
    """0 where a query sees a key, -inf elsewhere: [batch, 1, seq, total]"""
    keys = g.op("Range", g.scalar(0), total, g.scalar(1))
    queries = g.op("Range", past, g.op("Add", past, length), g.scalar(1))
    for axis in (0, 1, 2):
        keys = g.op("Unsqueeze", keys, g.ints(axis))
    for axis in (0, 1, 3):
        queries = g.op("Unsqueeze", queries, g.ints(axis))
    present = g.op("Unsqueeze", g.op("Unsqueeze", g.op("Cast", attention, to=TensorProto.BOOL), g.ints(1)), g.ints(2))
    seen = g.op("And", g.op("LessOrEqual", keys, queries), present)
    return g.op("Where", seen, g.floats([0]), g.floats([-np.inf]))


def decoder(shape, precision):
    g = Graph(precision)
    hidden, head = shape.hidden, shape.head
    batch_dim, now, before = "batch_size", "sequence_length", "past_sequence_length"
    ids = g.input("input_ids", [batch_dim, now])
    attention = g.input("attention_mask", [batch_dim, f"{before} + {now}"])
    position_ids = g.input("position_ids", [batch_dim, now])
    caches = [[g.input(f"past_key_values.{i}.{part}", [batch_dim, shape.kv_heads, before, head], g.type)
               for part in ("key", "value")] for i in range(shape.layers)]

    table = g.normal(shape.vocabulary, hidden)
    x = g.op("Gather", g.weight("embed_tokens.weight", table), ids)
    batch, length, past = g.size(ids, 0), g.size(ids, 1), g.size(caches[0][0], 2)
    total = g.op("Add", past, length)
    mask = causal_mask(g, attention, past, length, total)
    tables = rope_tables(g, position_ids, shape)
    for i in range(shape.layers):
        name = f"layers.{i}"
        y = rms_norm(g, x, name + ".input_norm", hidden)
        heads = []
        for part, count in (("q", shape.heads), ("k", shape.kv_heads), ("v", shape.kv_heads)):
            flat = g.linear(y, f"{name}.{part}_proj", hidden, count * head, False)
            heads.append(g.op("Transpose", g.op("Reshape", flat, g.dims(batch, length, -1, head)), perm=[0, 2, 1, 3]))
        q, k = rope(g, heads[0], tables, head), rope(g, heads[1], tables, head)
        k = g.op("Concat", caches[i][0], k, axis=-2, name=f"present.{i}.key")
        v = g.op("Concat", caches[i][1], heads[2], axis=-2, name=f"present.{i}.value")
        k, v = (repeat_heads(g, cache, batch, total, shape) for cache in (k, v))
        out = attend(g, q, g.op("Transpose", k, perm=[0, 1, 3, 2]), v, mask, head)
        out = g.op("Reshape", g.op("Transpose", out, perm=[0, 2, 1, 3]), g.dims(batch, length, -1))
        x = g.op("Add", x, g.linear(out, name + ".o_proj", hidden, hidden, False))
        y = rms_norm(g, x, name + ".post_norm", hidden)
        gate = g.linear(y, name + ".gate_proj", hidden, shape.inner, False)
        up = g.linear(y, name + ".up_proj", hidden, shape.inner, False)
        inner = g.op("Mul", g.op("Mul", gate, g.op("Sigmoid", gate)), up)
        x = g.op("Add", x, g.linear(inner, name + ".down_proj", shape.inner, hidden, False))
    x = rms_norm(g, x, "norm", hidden)
    g.product(x, "lm_head.weight", table.T, name="logits")  # tied, stored a second time
    g.output("logits", [batch_dim, now, shape.vocabulary])
    for i in range(shape.layers):
        for part in ("key", "value"):
            g.output(f"present.{i}.{part}", [batch_dim, shape.kv_heads, f"{before} + {now}", head])
    return g


def last_only(model, path):
    """The decoder with logits of the last position alone, beside it: what runtimes for generation compute. It shares the
    file of the weights."""
    m = onnx.load(model, load_external_data=False)
    head = next(n for n in m.graph.node if "logits" in n.output)
    for name, value in (("last_from", -1), ("last_to", 2 ** 63 - 1), ("last_axis", 1)):
        m.graph.initializer.append(helper.make_tensor(name, TensorProto.INT64, [1], [value]))
    at = list(m.graph.node).index(head)
    m.graph.node.insert(at, helper.make_node("Slice", [head.input[0], "last_from", "last_to", "last_axis"], ["last"]))
    head.input[0] = "last"
    output = next(o for o in m.graph.output if o.name == "logits")
    output.type.tensor_type.shape.dim[1].ClearField("dim_param")
    output.type.tensor_type.shape.dim[1].dim_value = 1
    onnx.save(m, path)


def quantize(source, path):
    """What onnxruntime's dynamic quantization makes of a model: weights of 8 bits, activations rounded as they come."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    os.makedirs(os.path.dirname(path), exist_ok=True)
    quantize_dynamic(source, path, weight_type=QuantType.QInt8, use_external_data_format=True)


def tokenizer(vocabulary, seed=0):
    """A tokenizer.json: byte pairs that merge at random, digits alone."""
    printable = [c for r in ((33, 127), (161, 173), (174, 256)) for c in map(chr, range(*r))]
    tokens = printable + [chr(256 + i) for i in range(256 - len(printable))]
    known, merges, random = set(tokens), [], np.random.default_rng(seed)
    while len(tokens) < vocabulary:
        a, b = (tokens[int(i)] for i in random.integers(0, min(len(tokens), 4096), 2))
        if a + b not in known and len(a + b) <= 16:
            known.add(a + b), tokens.append(a + b), merges.append([a, b])
    split = [{"type": "Digits", "individual_digits": True},
             {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}]
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": split}, "post_processor": None,
            "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                      "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
                      "vocab": {t: i for i, t in enumerate(tokens)}, "merges": merges}}


def parse(name):
    """The shape and the precision that a name means."""
    base, _, precision = name.rpartition("-")
    return (SHAPES[base], precision) if precision in PRECISIONS else (SHAPES[name], "f32")


def make(name, folder, inline=False):
    """inline: the weights stand in the .onnx file itself."""
    shape, precision = parse(name)
    path = os.path.join(folder, "model.onnx")
    graph = decoder(shape, precision) if isinstance(shape, Decoder) else encoder(shape, precision)
    graph.save(path, name, inline)
    if isinstance(shape, Decoder) and not inline:
        last_only(path, os.path.join(folder, "last.onnx"))
        with open(os.path.join(folder, "tokenizer.json"), "w", encoding="utf-8") as file:
            json.dump(tokenizer(shape.vocabulary), file)
    return path


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1].rpartition("-")[0] not in SHAPES and sys.argv[1] not in SHAPES:
        sys.exit(f"usage: models.py {{{','.join(SHAPES)}}}[-f16|-bf16|-int4] FOLDER")
    print(make(sys.argv[1], sys.argv[2]))
