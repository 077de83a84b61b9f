# SPDX-License-Identifier: Apache-2.0
"""Makes a failing graph smaller: fewer nodes with onnxruntime's values between them, then smaller sizes."""
import copy

import numpy as np
from onnx import helper, numpy_helper

import oracle
from batch import Drawn
from graph import Redraw, element_type

TRIES = 60


class Shrinking:
    """`differs` tells whether a checked case counts as a failure."""

    def __init__(self, llmc, differs):
        self.llmc, self.differs = llmc, differs

    def fails(self, drawn):
        """As the original does?"""
        code = drawn.code
        self.llmc.check([drawn])
        same, drawn.code = drawn.code == code and self.differs(drawn), code
        return same


def rebuilt(drawn, graph):
    """The case of a changed graph, or None where it has no meaning."""
    try:
        wanted = oracle.results(graph)
        small = Drawn(drawn.family, drawn.index, graph, [(graph.feeds, wanted)], oracle.tolerance(graph, wanted))
    except (Redraw, ValueError, IndexError, KeyError, TypeError):
        return None
    small.code, small.message = drawn.code, drawn.message
    return small


def part(graph, nodes, values):
    """The graph of some of its nodes; what others compute is fed with values."""
    small = copy.copy(graph)
    small.nodes = nodes
    made = {o for n in nodes for o in n.output if o}
    needed = [i for n in nodes for i in n.input if i and i not in made]
    stored = {t.name for t in graph.initializers}
    small.initializers = [t for t in graph.initializers if t.name in needed]
    declared = {i.name: i for i in graph.inputs}
    small.inputs, small.feeds = [], {}
    for name in dict.fromkeys(needed):
        if name in stored:
            continue
        array = values[name]
        small.inputs.append(declared.get(name) or
                            helper.make_tensor_value_info(name, element_type(array.dtype), array.shape))
        small.feeds[name] = array
    used = {i for n in nodes for i in n.input}
    small.outputs = [o for n in nodes for o in n.output if o and (o not in used or o in graph.outputs)]
    return small


def all_values(graph):
    """What onnxruntime computes for every value."""
    full = copy.copy(graph)
    full.outputs = [o for n in graph.nodes for o in n.output if o]
    values = dict(zip(full.outputs, oracle.run(full.model(), graph.feeds), strict=True))
    values.update(graph.feeds)
    return values


def fewer_nodes(drawn, shrinking):
    graph = drawn.graph
    if graph.reference or len(graph.nodes) < 2:
        return drawn
    try:
        values = all_values(graph)
    except Redraw:
        return drawn
    constants = [n for n in graph.nodes if n.op_type == "Constant"]
    nodes = [n for n in graph.nodes if n.op_type != "Constant"]
    length, tries = 1, 0
    while length < len(nodes):
        for first in range(len(nodes) - length + 1):
            chosen = nodes[first:first + length]
            own = [c for c in constants if any(c.output[0] in n.input for n in chosen)]
            small = rebuilt(drawn, part(graph, own + chosen, values))
            tries += 1
            if small and shrinking.fails(small):
                return small
            if tries >= TRIES:
                return drawn
        length += 1 if length < 4 else length // 2
    return drawn


def cut(array, size, to):
    for axis, n in enumerate(array.shape):
        if n == size:
            array = np.take(array, range(to), axis=axis)
    return array


def with_size(graph, size, to):
    """Every dim of one size becomes another, smaller one."""
    small = copy.copy(graph)
    small.feeds = {n: cut(a, size, to) for n, a in graph.feeds.items()}
    small.inputs = []
    for info in graph.inputs:
        info = copy.deepcopy(info)
        for d in info.type.tensor_type.shape.dim:
            if not d.dim_param and d.dim_value == size:
                d.dim_value = to
        small.inputs.append(info)
    small.initializers = []
    for tensor in graph.initializers:
        array = numpy_helper.to_array(tensor)
        if size in array.shape and array.dtype.itemsize > 0:
            tensor = numpy_helper.from_array(np.ascontiguousarray(cut(array, size, to)), tensor.name)
        small.initializers.append(tensor)
    return small


def smaller_sizes(drawn, shrinking):
    tries = 0
    progress = True
    while progress and tries < TRIES:
        progress = False
        sizes = sorted({n for a in drawn.graph.feeds.values() for n in a.shape if n > 1}, reverse=True)
        for size in sizes:
            for to in dict.fromkeys([1, size // 2, size - 1]):
                small = rebuilt(drawn, with_size(drawn.graph, size, to))
                tries += 1
                if small and shrinking.fails(small):
                    drawn, progress = small, True
                    break
            if progress:
                break
    return drawn


def smaller(drawn, llmc, differs):
    """Of two sets of feeds, the one that fails; then fewer nodes, then smaller sizes."""
    shrinking = Shrinking(llmc, differs)
    for one in drawn.sets if len(drawn.sets) > 1 else []:
        graph = copy.copy(drawn.graph)
        graph.feeds = one[0]
        alone = Drawn(drawn.family, drawn.index, graph, [one], drawn.tolerance)
        alone.code, alone.message = drawn.code, drawn.message
        if shrinking.fails(alone):
            drawn = alone
            break
    if len(drawn.sets) > 1:
        return drawn
    return smaller_sizes(fewer_nodes(drawn, shrinking), shrinking)
