# SPDX-License-Identifier: Apache-2.0
"""Whole blocks of transformers in the spellings of exporters, and random graphs of many nodes."""
from graph import BOOL, F32, TensorProto, np
from families import family


class Block:
    """One layer on x [batch, seq, width]; every step picks one of its spellings."""

    def __init__(self, g, x, batch, seq, width, heads):
        self.g, self.x, self.batch, self.seq, self.width, self.heads = g, x, batch, seq, width, heads
        self.size = width // heads

    def number(self, value):
        return self.g.stored(np.float32(value))

    def ints(self, *values):
        return self.g.stored(np.array(values, np.int64))

    def mean(self, x):
        if self.g.opset < 18:
            return self.g.node("ReduceMean", [x], axes=[-1], keepdims=1)
        return self.g.node("ReduceMean", [x, self.ints(-1)], keepdims=1)

    def norm(self, x):
        g, weight = self.g, self.g.stored(self.g.floats((self.width,), low=0.5, high=1.5))
        kind = g.pick(["rms", "layer", "node"] if g.opset >= 17 else ["rms", "layer"])
        if kind == "node":
            return g.node("LayerNormalization", [x, weight, g.stored(g.floats((self.width,)))], axis=-1, epsilon=1e-5)
        y = x if kind == "rms" else g.node("Sub", [x, self.mean(x)])
        square = g.node("Pow", [y, self.number(2)]) if g.chance(0.7) else g.node("Mul", [y, y])
        root = g.node("Sqrt", [g.node("Add", [self.mean(square), self.number(1e-5)])])
        y = g.node("Div", [y, root]) if g.chance(0.5) else g.node("Mul", [y, g.node("Reciprocal", [root])])
        y = g.node("Mul", [weight, y] if g.chance(0.5) else [y, weight])
        return g.node("Add", [y, g.stored(g.floats((self.width,)))]) if kind == "layer" else y

    def linear(self, x, inputs, outputs):
        g = self.g
        y = g.node("MatMul", [x, g.stored(g.floats((inputs, outputs), scale=inputs**-0.5))])
        if self.biased:
            bias = g.stored(g.floats((outputs,), scale=0.3))
            y = g.node("Add", [bias, y] if g.chance(0.5) else [y, bias])
        return y

    def split(self, x):
        g = self.g
        y = g.node("Reshape", [x, self.ints(0, 0, self.heads, self.size) if g.chance(0.6) else
                               self.ints(self.batch, -1, self.heads, self.size)])
        return g.node("Transpose", [y], perm=[0, 2, 1, 3])

    def rotated(self, x):
        """Half the head turned by the other half."""
        g, half = self.g, self.size // 2
        if g.chance(0.5):
            first, second = g.node("Split", [x, self.ints(half, half)], 2, axis=-1)
        else:
            first = g.node("Slice", [x, self.ints(0), self.ints(half), self.ints(3), self.ints(1)])
            second = g.node("Slice", [x, self.ints(half), self.ints(2**63 - 1), self.ints(3), self.ints(1)])
        turned = g.node("Concat", [g.node("Neg", [second]), first], axis=-1)
        return g.node("Add", [g.node("Mul", [x, self.cos]), g.node("Mul", [turned, self.sin])])

    def masked(self, scores):
        g = self.g
        kind = g.pick(["none", "add", "where", "triangle"])
        causal = np.tril(np.ones((self.seq, self.seq), BOOL))
        if kind == "add":
            low = g.pick([-np.inf, -3.4028235e38, -10000.0])
            return g.node("Add", [scores, g.operand(np.where(causal, 0, low).astype(F32), 0.5)])
        if kind == "where":
            return g.node("Where", [g.operand(causal, 0.5), scores, self.number(g.pick([-np.inf, -1e9]))])
        if kind == "triangle" and g.opset >= 14:
            ones = g.stored(np.full((self.seq, self.seq), -np.inf, F32))
            return g.node("Add", [scores, g.node("Trilu", [ones, g.stored(np.array(1, np.int64))], upper=1)])
        return scores

    def attention(self, x):
        g = self.g
        q, k, v = (self.split(self.linear(x, self.width, self.width)) for _ in range(3))
        if g.chance(0.5):
            angles = g.floats((self.seq, self.size // 2), low=-3, high=3)
            angles = np.concatenate([angles, angles], -1)
            self.cos, self.sin = g.stored(np.cos(angles)), g.stored(np.sin(angles))
            q, k = self.rotated(q), self.rotated(k)
        scale = self.size**-0.5
        turned = g.node("Transpose", [k], perm=[0, 1, 3, 2])
        form = g.pick(["after", "divided", "both", "query"])
        if form == "both":
            q, turned = (g.node("Mul", [t, self.number(scale**0.5)]) for t in (q, turned))
        elif form == "query":
            q = g.node("Mul", [q, self.number(scale)])
        scores = g.node("MatMul", [q, turned])
        if form == "after":
            scores = g.node("Mul", [scores, self.number(scale)])
        elif form == "divided":
            scores = g.node("Div", [scores, self.number(1 / scale)])
        weights = g.node("Softmax", [self.masked(scores)], axis=-1)
        y = g.node("Transpose", [g.node("MatMul", [weights, v])], perm=[0, 2, 1, 3])
        y = g.node("Reshape", [y, self.ints(0, 0, self.width) if g.chance(0.6) else self.ints(self.batch, -1, self.width)])
        return self.linear(y, self.width, self.width)

    def gelu(self, x):
        g = self.g
        if g.chance(0.5):
            y = g.node("Add", [g.node("Erf", [g.node("Div", [x, self.number(2**0.5)])]), self.number(1)])
            if g.chance(0.5):
                return g.node("Mul", [g.node("Mul", [x, y]), self.number(0.5)])
            return g.node("Mul", [g.node("Mul", [x, self.number(0.5)]), y])
        cube = g.node("Pow", [x, self.number(3)])
        inner = g.node("Add", [x, g.node("Mul", [cube, self.number(0.044715)])])
        y = g.node("Tanh", [g.node("Mul", [inner, self.number(0.7978845608)])])
        return g.node("Mul", [g.node("Mul", [x, self.number(0.5)]), g.node("Add", [y, self.number(1)])])

    def mlp(self, x):
        g, inner = self.g, 2 * self.width
        kind = g.pick(["gelu", "relu", "silu", "swiglu"])
        y = self.linear(x, self.width, inner)
        if kind == "gelu":
            y = self.gelu(y)
        elif kind == "relu":
            y = g.node("Relu", [y])
        else:
            gate = y
            y = g.node("Mul", [gate, g.node("Sigmoid", [gate])])
            if kind == "swiglu":
                y = g.node("Mul", [y, self.linear(x, self.width, inner)])
        return self.linear(y, inner, self.width)

    def run(self):
        g = self.g
        self.biased = g.chance(0.5)
        before = g.chance(0.6)
        x = self.x
        for part in (self.attention, self.mlp):
            y = part(self.norm(x) if before else x)
            x = g.node("Add", [x, y] if g.chance(0.5) else [y, x])
            x = x if before else self.norm(x)
        return x


@family(14, 22, every=4)
def transformer_block(g):
    heads = g.int(1, 3)
    batch, seq, width = g.int(1, 2), g.int(1, 7), heads * g.pick([4, 8])
    x = g.input(g.floats((batch, seq, width)))
    g.resizable = False
    g.sums(40 * width + 200)
    g.result(Block(g, x, batch, seq, width, heads).run())


@family(14, 22, every=4)
def decoder_with_caches(g):
    """Keys and values grow by the new ones, as decoders with a past have it."""
    batch, heads, size, past, seq = g.int(1, 2), g.int(1, 2), g.pick([4, 8]), g.int(0, 5), g.int(1, 3)
    width = heads * size
    g.resizable = False
    g.sums(12 * width + 100)
    x = g.input(g.floats((batch, seq, width)))
    block = Block(g, x, batch, seq, width, heads)
    block.biased = g.chance(0.5)
    q, k, v = (block.split(block.linear(x, width, width)) for _ in range(3))
    k, v = (g.node("Concat", [g.input(g.floats((batch, heads, past, size))), new], axis=2) for new in (k, v))
    scores = g.node("MatMul", [q, g.node("Transpose", [k], perm=[0, 1, 3, 2])])
    scores = g.node("Mul", [scores, block.number(size**-0.5)])
    if g.chance(0.6):
        mask = np.where(np.tril(np.ones((seq, past + seq)), past) > 0, 0, g.pick([-np.inf, -1e4])).astype(F32)
        scores = g.node("Add", [scores, g.input(mask)])
    y = g.node("MatMul", [g.node("Softmax", [scores], axis=-1), v])
    y = g.node("Reshape", [g.node("Transpose", [y], perm=[0, 2, 1, 3]), block.ints(0, 0, -1)])
    g.result(block.linear(y, width, width), k, v)


@family(14, 22, every=4)
def encoder_head(g):
    """Embeddings, a mask of tokens, mean pooling."""
    batch, seq, width, words = g.int(1, 3), g.int(1, 7), g.pick([4, 8, 17]), g.int(4, 20)
    ids = g.input(g.integers((batch, seq), np.int64, 0, words - 1))
    table = g.floats((words, width))
    x = g.node("Gather", [g.stored(table), ids])
    if g.chance(0.6):
        places = g.node("Range", [g.stored(np.array(0, np.int64)),
                                  g.node("Gather", [g.node("Shape", [ids]), g.stored(np.array(1, np.int64))]),
                                  g.stored(np.array(1, np.int64))])
        x = g.node("Add", [x, g.node("Gather", [g.stored(g.floats((16, width))), places])])
    mask = np.ones((batch, seq), np.int64)
    mask[:, g.int(1, seq):] = 0
    mask = g.node("Cast", [g.node("Unsqueeze", [g.input(mask), g.stored(np.array([-1], np.int64))])], to=TensorProto.FLOAT)
    axes = g.stored(np.array([1], np.int64))
    total = g.node("ReduceSum", [g.node("Mul", [x, mask]), axes], keepdims=0)
    count = g.node("Clip", [g.node("ReduceSum", [mask, axes], keepdims=0), g.stored(np.float32(1e-9))])
    y = g.node("Div", [total, count])
    g.sums(2 * width + 64)
    if g.chance(0.5):
        y = g.node("LpNormalization", [y], axis=-1, p=2)
    elif g.chance(0.5):  # logits with the embedding's weights
        y = g.node("MatMul", [y, g.node("Transpose", [g.stored(table)], perm=[1, 0])])
    g.result(y)


def grown(g, values, dtype):
    """One more value of the same shape, or of another one of the list."""
    name, shape = g.pick(values)
    kind = g.pick(["unary", "binary", "binary", "reduce", "transpose", "slice", "concat", "matmul", "softmax", "reshape", "where"])
    rank = len(shape)
    if kind == "unary":
        return g.node(g.pick(["Tanh", "Sigmoid", "Abs", "Neg", "Relu", "Sin", "Cos", "Erf"]), [name]), shape
    if kind == "binary":
        same = [v for v in values if v[1] == shape]
        other = g.pick(same)[0] if g.chance(0.7) else g.operand(g.floats(g.narrowed(shape), dtype), 0.8)
        return g.node(g.pick(["Add", "Sub", "Mul", "Max", "Min"]), [name, other]), shape
    if kind == "where":
        return g.node("Where", [g.operand(g.booleans(g.narrowed(shape)), 0.7), name,
                                g.node("Neg", [name]) if g.chance(0.5) else g.stored(np.array(0.5, dtype))]), shape
    if rank == 0:
        return g.node("Abs", [name]), shape
    axis = g.int(0, rank - 1)
    if kind == "reduce":
        keep = g.int(0, 1)
        y = g.node(g.pick(["ReduceMean", "ReduceMax", "ReduceMin"]), [name, g.stored(np.array([axis], np.int64))], keepdims=keep)
        return y, [*shape[:axis], *([1] if keep else []), *shape[axis + 1:]]
    if kind == "transpose":
        perm = g.choices.sample(range(rank), rank)
        return g.node("Transpose", [name], perm=perm), [shape[p] for p in perm]
    if kind == "slice":
        size = g.int(1, shape[axis])
        start = g.int(0, shape[axis] - size)
        y = g.node("Slice", [name, *(g.stored(np.array([v], np.int64)) for v in (start, start + size, axis))])
        return y, [*shape[:axis], size, *shape[axis + 1:]]
    if kind == "concat" and np.prod(shape) < 300:
        return g.node("Concat", [name, name], axis=axis), [*shape[:axis], 2 * shape[axis], *shape[axis + 1:]]
    if kind == "matmul" and rank >= 2:
        out = g.int(1, 9)
        w = g.stored(g.floats((shape[-1], out), dtype, scale=shape[-1] ** -0.5))
        return g.node("MatMul", [name, w]), [*shape[:-1], out]
    if kind == "softmax":
        return g.node("Softmax", [name], axis=axis), shape
    flat = [int(np.prod(shape[:axis])), int(np.prod(shape[axis:]))]
    return g.node("Reshape", [name, g.stored(np.array(flat, np.int64))]), flat


@family(18, 22, every=4)
def random_graph(g):
    """Many nodes, values used by several, several results."""
    dtype = F32
    values = []
    for _ in range(g.int(1, 2)):
        shape = list(g.shape(1, 3, zero=0, most=200))
        values.append((g.input(g.floats(shape, dtype)), shape))
    for _ in range(g.int(3, 14)):
        values.append(grown(g, values, dtype))
    g.resizable = False
    g.sums(600)
    made = [n for n, _ in values if n not in g.feeds]
    g.result(*dict.fromkeys([made[-1], g.pick(made), g.pick(made)]))
