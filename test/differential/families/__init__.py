# SPDX-License-Identifier: Apache-2.0
"""The families of random graphs, by name: functions that draw one graph each, of opsets in a range."""
import importlib
import itertools
import pkgutil

FAMILIES = {}


class Family:
    def __init__(self, draw, opsets, refuses, every):
        self.draw, self.opsets, self.refuses, self.every = draw, opsets, refuses, every


def family(low=13, high=24, refuses=None, every=1):
    """`refuses` is a pattern of the messages with which llmc may refuse some of these graphs; `every` counts rounds:
    kernels of products take ten times as long to compile as others."""
    def register(draw):
        name = draw.__name__.rstrip("_")
        assert name not in FAMILIES
        FAMILIES[name] = Family(draw, (low, high), refuses, every)
        return draw
    return register


def schedule(names):
    """(family, number) of all graphs in their order, without an end."""
    for round_ in itertools.count():
        for place, name in enumerate(names):
            if (round_ + place) % FAMILIES[name].every == 0:
                yield name, round_


def load():
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return FAMILIES
