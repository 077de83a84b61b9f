# SPDX-License-Identifier: Apache-2.0
"""Branches, loops and scans with values of the graph around them, and sequences of tensors."""
import contextlib

from graph import BOOL, F32, element_type, helper, np
from families import family


class Body:
    """A subgraph while it is drawn: nodes of the graph go into it."""

    def __init__(self, g):
        self.g, self.inputs, self.outputs = g, [], []

    def input(self, dtype, shape=None):
        name = self.g.name("b")
        self.inputs.append(helper.make_tensor_value_info(name, element_type(dtype), shape))
        return name

    def output(self, name, dtype=F32):
        # A result has to be one of the body's own values.
        name = self.g.node("Identity", [name])
        self.outputs.append(helper.make_tensor_value_info(name, element_type(dtype), None))

    def proto(self):
        return helper.make_graph(self.nodes, self.g.name("body"), self.inputs, self.outputs, self.initializers)


@contextlib.contextmanager
def body(g):
    outer = g.nodes, g.initializers
    g.nodes, g.initializers = [], []
    inner = Body(g)
    yield inner
    inner.nodes, inner.initializers = g.nodes, g.initializers
    g.nodes, g.initializers = outer


def step(g, names):
    """A value of the same shape; bounded, as loops repeat it."""
    kind = g.pick(["unary", "binary", "binary", "mixed"])
    if kind == "unary":
        return g.node(g.pick(["Tanh", "Sigmoid", "Sin", "Neg", "Abs"]), [g.pick(names)])
    y = g.node(g.pick(["Add", "Sub", "Mul", "Max"]), [g.pick(names), g.pick(names)])
    if kind == "mixed":
        y = g.node("Mul", [y, g.stored(g.floats((), low=-1, high=1))])
    return g.node("Tanh", [y])


def steps(g, names, most=3):
    y = None
    for _ in range(g.int(1, most)):
        y = step(g, [*names, y] if y else names)
    return y


def condition(g, x):
    if g.chance(0.5):
        return g.input(g.booleans(()))
    total = g.node("ReduceSum", [x], keepdims=0)
    return g.node("Greater", [total, g.stored(np.float32(0))])


def branch(g, x, names):
    with body(g) as inner:
        y = steps(g, names)
        if g.chance(0.3):
            y = g.node("Concat", [y, x], axis=0)
        elif g.chance(0.2):
            y = g.node("Slice", [y, g.stored(np.array([1], np.int64)), g.stored(np.array([9], np.int64))])
        inner.output(y)
    return inner.proto()


@family(14, 22)
def branches(g):
    shape = g.shape(1, 3, zero=0, most=200)
    x = g.input(g.floats(shape))
    names = [x, steps(g, [x])]
    y = g.node("If", [condition(g, x)], then_branch=branch(g, x, names), else_branch=branch(g, x, names))
    g.sums(200)
    g.result(g.node(g.pick(["Neg", "Abs", "Sin"]), [y]) if g.chance(0.5) else y)


def loop(g, x, nested=False):
    shape_kept = g.chance(0.8)
    with body(g) as inner:
        number = inner.input(np.int64, [])
        inner.input(BOOL, [])
        state = inner.input(F32)
        limit = g.int(0, 6)
        go = g.node("Less", [number, g.stored(np.array(limit, np.int64))])
        inner.output(go, BOOL)
        count = g.node("Cast", [number], to=1)
        y = g.node("Tanh", [g.node("Add", [state, count])]) if g.chance(0.4) else steps(g, [state, x] if shape_kept else [state])
        if nested:
            sign = g.node("Greater", [g.node("ReduceSum", [y], keepdims=0), g.stored(np.float32(0))])
            y = g.node("If", [sign], then_branch=branch_of(g, y), else_branch=branch_of(g, y))
        if not shape_kept:
            y = g.node("Concat", [y, x], axis=0)
        inner.output(y)
        inner.output(g.node("ReduceSum", [y], keepdims=0))
        if shape_kept:
            inner.output(y)
    trips = g.operand(np.array(g.int(1, 5), np.int64), 0.4) if g.chance(0.8) else None
    go = g.operand(np.array(True), 0.5) if trips is None or g.chance(0.3) else None
    return g.node("Loop", [trips, go, x], 3 if shape_kept else 2, body=inner.proto())


def branch_of(g, y):
    with body(g) as inner:
        inner.output(steps(g, [y]))
    return inner.proto()


@family(14, 22)
def loops(g):
    x = g.input(g.floats(g.shape(1, 2, zero=0, most=60)))
    g.sums(2000)
    g.resizable = False
    g.result(*loop(g, x))


@family(14, 22)
def branches_in_loops(g):
    x = g.input(g.floats(g.shape(1, 2, zero=0, most=60)))
    g.sums(2000)
    g.resizable = False
    g.result(*loop(g, x, nested=True))


@family(14, 22)
def scans(g):
    shape, turns = list(g.shape(0, 2, zero=0, most=40)), g.int(1, 5)
    axes = [g.int(0, len(shape)) for _ in range(g.int(1, 2))]
    parts = [g.input(g.floats([*shape[:a], turns, *shape[a:]])) for a in axes]
    state = g.input(g.floats(shape), fixed=True)
    outer = g.stored(g.floats(shape))
    with body(g) as inner:
        before = inner.input(F32, shape)
        pieces = [inner.input(F32, shape) for _ in axes]
        after = g.node("Tanh", [g.node("Add", [before, g.pick(pieces)])])
        inner.output(after)
        inner.output(steps(g, [after, before, *pieces, outer]))
    attributes = {}
    if g.chance(0.5):
        attributes["scan_input_directions"] = [g.int(0, 1) for _ in axes]
    if any(axes) or g.chance(0.3):
        attributes["scan_input_axes"] = axes
    if g.chance(0.3):
        attributes["scan_output_directions"] = [g.int(0, 1)]
    if g.chance(0.3):
        attributes["scan_output_axes"] = [g.int(0, len(shape))]
    g.sums(500)
    g.resizable = False
    g.result(*g.node("Scan", [state, *parts], 2, body=inner.proto(), num_scan_inputs=len(axes), **attributes))


@family(13, 22)
def sequences(g):
    shape = list(g.shape(1, 3, zero=0, most=200))
    axis = g.int(0, len(shape) - 1)
    kind = g.pick(["split", "made", "edited"])
    g.resizable = False
    if kind == "split":
        shape[axis] = max(2, shape[axis])
        cut = g.int(1, shape[axis] - 1)
        parts = g.stored(np.array([cut, shape[axis] - cut] if g.chance(0.6) else 1, np.int64))
        s = g.node("SplitToSequence", [g.input(g.floats(shape)), parts], axis=axis)
        if g.chance(0.5):
            return g.result(g.node("SequenceAt", [s, g.operand(np.array(g.pick([0, 1, -1]), np.int64))]))
        return g.result(g.node("ConcatFromSequence", [s], axis=axis))
    s = g.node("SequenceConstruct", [g.input(g.floats(shape)) for _ in range(g.int(1, 3))])
    if kind == "edited":
        s = g.node("SequenceInsert", [s, g.input(g.floats(shape)), g.stored(np.array(0, np.int64)) if g.chance(0.5) else None])
        if g.chance(0.5):
            s = g.node("SequenceErase", [s, g.stored(np.array(g.pick([0, -1]), np.int64))])
        g.result(g.node("SequenceLength", [s]))
    new = g.int(0, 1)
    g.result(g.node("ConcatFromSequence", [s], axis=g.int(0, len(shape) - 1 + new), new_axis=new))


@family(16, 22)
def optional_values(g):
    s = g.node("Optional", [g.input(g.floats(g.shape(1, 2, zero=0)))])
    g.result(g.node("OptionalGetElement", [s]), g.node("OptionalHasElement", [s]))


@family(17, 22)
def mapped_sequences(g):
    shape = g.shape(1, 2, zero=0)
    outer = g.stored(g.floats(shape))
    s = g.node("SequenceConstruct", [g.input(g.floats(shape)) for _ in range(g.int(1, 3))])
    if g.chance(0.3):
        s = g.node("SequenceInsert", [g.node("SequenceEmpty", [], dtype=1), g.input(g.floats(shape))])
    with body(g) as inner:
        x = inner.input(F32)
        inner.output(steps(g, [x, outer]))
    g.sums(200)
    g.resizable = False
    g.result(g.node("ConcatFromSequence", [g.node("SequenceMap", [s], body=inner.proto())], axis=0))


@family(13)
def dropped_out(g):
    """Inference passes everything on."""
    x = g.input(g.floats(g.shape()))
    y = g.node("Dropout", [x, g.stored(np.float32(0.5)) if g.chance(0.5) else None], [True, g.chance(0.5)])
    g.result(g.node("Neg", [y[0]]), y[1])
